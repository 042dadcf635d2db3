"""The four-body target of the Comment: how the faces of a tetrahedron of neighbours are tilted."""

import itertools

import numpy as np

from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.tolerances import DIRECTION_LOST

FACES = np.array([[0, 1, 2], [0, 1, 3], [0, 2, 3], [1, 2, 3]])
"""The four triangles of neighbours."""

PAIRS = np.array(list(itertools.combinations(range(4), 2)))
"""The six pairs of faces."""


def four_body(vectors: np.ndarray) -> np.ndarray:
    """E = sum over the six pairs of faces (a, b) of (n_a . n_b)^2, n the faces' unit normals.

    Invariant to rotation, reflection, permutation, translation and scale: 2/3 for a regular
    tetrahedron, 6 for four coplanar neighbours (the Comment, after Parsaeifard and Goedecker).

    Args:
        vectors: (..., 4, 3) positions of the four neighbours, Å; the centre does not matter.

    Returns:
        (...,) dimensionless.

    Raises:
        InputError: three neighbours lie on one line, so that their face has no normal.
    """
    cosines = _cosines(_normals(np.asarray(vectors, dtype=float))[0])
    return (cosines**2).sum(axis=-1)


def four_body_gradient(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """E of `four_body` and dE/dr, (..., 4, 3) in 1/Å.

    With m = u x v the normal of a face (u, v its edges from the first corner) and n = m/|m|,
    dE/dm_a = (2/|m_a|) sum_b c_ab (n_b - c_ab n_a), dE/du = v x dE/dm, dE/dv = dE/dm x u.
    """
    vectors = np.asarray(vectors, dtype=float)
    normals, lengths, first, second = _normals(vectors)
    cosines = _cosines(normals)
    by_normal = np.zeros_like(normals)
    for (a, b), c in zip(PAIRS, np.moveaxis(cosines, -1, 0), strict=True):
        c = c[..., None]
        by_normal[..., a, :] += 2 * c * (normals[..., b, :] - c * normals[..., a, :])
        by_normal[..., b, :] += 2 * c * (normals[..., a, :] - c * normals[..., b, :])
    by_normal /= lengths
    by_first, by_second = np.cross(second, by_normal), np.cross(by_normal, first)
    gradient = np.zeros_like(vectors)
    for face, corners in enumerate(FACES):
        gradient[..., corners[1], :] += by_first[..., face, :]
        gradient[..., corners[2], :] += by_second[..., face, :]
        gradient[..., corners[0], :] -= by_first[..., face, :] + by_second[..., face, :]
    return (cosines**2).sum(axis=-1), gradient


def _normals(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    if vectors.shape[-2:] != (4, 3):
        raise InputError(
            f"The four-body target needs four neighbours, (..., 4, 3), not shape {vectors.shape}."
        )
    corners = vectors[..., FACES, :]
    first = corners[..., 1, :] - corners[..., 0, :]
    second = corners[..., 2, :] - corners[..., 0, :]
    normals = np.cross(first, second)
    lengths = np.linalg.norm(normals, axis=-1, keepdims=True)
    longest = np.maximum((first**2).sum(-1, keepdims=True), (second**2).sum(-1, keepdims=True))
    if np.any(flat := ~(lengths > DIRECTION_LOST * longest)):
        *where, face, _ = np.argwhere(flat)[0].tolist()
        raise InputError(
            f"Neighbours {', '.join(map(str, FACES[face]))} of structure"
            f" {where[0] if where else 0} lie on one line: their face has no normal, so the"
            " four-body target is undefined; leave this structure out."
        )
    return normals / lengths, lengths, first, second


def _cosines(normals: np.ndarray) -> np.ndarray:
    return np.einsum(
        "...fx,...fx->...f", normals[..., PAIRS[:, 0], :], normals[..., PAIRS[:, 1], :]
    )
