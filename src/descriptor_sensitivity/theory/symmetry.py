"""Point symmetry of an environment, and the displacements it hides from every invariant feature.

An operation S is an orthogonal 3x3 matrix about the centre with a permutation of like neighbours:
S r_j = r_{p(j)}. On displacements it acts as D(S): (D u)_{p(j)} = S u_j. A smooth feature that is
invariant under rotation, reflection and permutation answers to first order only to the totally
symmetric displacements, D(S) u = u for all S (paper 1, section 2).
"""

from dataclasses import dataclass

import numpy as np

from descriptor_sensitivity.singular import rotation_free_basis
from descriptor_sensitivity.tolerances import COORDINATES


@dataclass(frozen=True)
class Operation:
    """One operation: `matrix` (3, 3) takes neighbour j to neighbour `permutation[j]`."""

    matrix: np.ndarray
    permutation: np.ndarray

    @property
    def name(self) -> str:
        """E, Cn, sigma, i or Sn: the smallest n that names the rotation angle, 2 pi k / n."""
        proper = np.linalg.det(self.matrix) > 0
        cosine = (np.trace(self.matrix) - 1) / 2 if proper else (np.trace(self.matrix) + 1) / 2
        turn = np.arccos(np.clip(cosine, -1, 1)) / (2 * np.pi)
        orders = np.arange(1, 41)
        order = orders[np.argmax(np.abs(orders * turn - np.round(orders * turn)) < 0.01)]
        if proper:
            return "E" if order == 1 else f"C{order}"
        return {1: "sigma", 2: "i"}.get(int(order), f"S{order}")

    def displacement_matrix(self) -> np.ndarray:
        """D(S), (3N, 3N)."""
        n = len(self.permutation)
        matrix = np.zeros((n, 3, n, 3))
        matrix[self.permutation, :, np.arange(n), :] = self.matrix
        return matrix.reshape(3 * n, 3 * n)


def isometries(
    vectors: np.ndarray,
    other: np.ndarray,
    species: np.ndarray | None = None,
    tolerance: float = COORDINATES,
) -> list[Operation]:
    """Every operation of O(3) that lays `vectors` (N, 3) on `other` (N, 3), like atoms on like.

    Two neighbours a, b that do not lie on one line with the centre must go to two of the same
    species, radii and distance; this leaves one rotation and one rotation-reflection each, which
    are tried on all atoms, and refined by the least-squares fit of the matched atoms. Neighbours
    that do lie on one line have infinitely many operations; those of the group D2h that hold
    are returned, which leave the same displacements totally symmetric as all of them.

    Args:
        vectors, other: neighbour positions, Å.
        species: (N,) atomic numbers shared by both; alike if not given.
        tolerance: largest distance (Å) between an image and the atom it falls on.
    """
    n = len(vectors)
    species = np.zeros(n, dtype=int) if species is None else np.asarray(species)
    r, r_other = np.linalg.norm(vectors, axis=1), np.linalg.norm(other, axis=1)
    if np.any(np.abs(_sorted_radii(r, species) - _sorted_radii(r_other, species)) > tolerance):
        return []
    extent = np.linalg.svd(vectors, compute_uv=False)
    linear = len(extent) < 2 or extent[1] <= tolerance
    if linear:
        candidates, slack = _line_candidates(vectors, other), tolerance
    else:
        candidates, slack = _pair_candidates(vectors, other, species, r, r_other, tolerance)
    found = []
    for start in range(0, len(candidates), 256):
        chunk = candidates[start : start + 256]
        images = vectors @ chunk.transpose(0, 2, 1)
        distances = np.linalg.norm(images[:, :, None] - other, axis=-1)
        distances[:, species[:, None] != species] = np.inf
        nearest = distances.argmin(axis=2)
        hit = (distances.min(axis=2) <= slack).all(axis=1)
        hit &= (np.sort(nearest, axis=1) == np.arange(n)).all(axis=1)
        matrices, permutations = chunk[hit], nearest[hit]
        if not linear:
            matrices = _fit(vectors, other[permutations], np.linalg.det(matrices))
        errors = vectors @ matrices.transpose(0, 2, 1) - other[permutations]
        good = np.linalg.norm(errors, axis=-1).max(axis=1) <= tolerance
        found += [Operation(m, p) for m, p in zip(matrices[good], permutations[good], strict=True)]
    return found


def symmetry_operations(
    vectors: np.ndarray, species: np.ndarray | None = None, tolerance: float = COORDINATES
) -> list[Operation]:
    """The point group of an environment as a list of operations, the identity among them."""
    return isometries(vectors, vectors, species, tolerance)


def totally_symmetric(
    vectors: np.ndarray, species: np.ndarray | None = None, tolerance: float = COORDINATES
) -> np.ndarray:
    """Orthonormal rotation-free displacements that keep the whole point group, (3N, k).

    They are the range of the projector P = (1/|G|) sum_S D(S), within the rotation-free
    displacements. All smooth invariant features together are blind to the other
    3N - 3 - k displacements, and to no other.
    """
    basis = rotation_free_basis(vectors[None])[0]
    operations = symmetry_operations(vectors, species, tolerance)
    projector = np.mean([operation.displacement_matrix() for operation in operations], axis=0)
    values, states = np.linalg.eigh(_symmetrised(basis.T @ projector @ basis))
    return basis @ states[:, values > 0.5]


def symmetric_null_space(
    vectors: np.ndarray, species: np.ndarray | None = None, tolerance: float = COORDINATES
) -> np.ndarray:
    """Orthonormal rotation-free displacements that symmetry hides, (3N, 3N - 3 - k).

    The orthogonal complement of `totally_symmetric`: null at every correlation order.
    """
    basis = rotation_free_basis(vectors[None])[0]
    inside = basis.T @ totally_symmetric(vectors, species, tolerance)
    full = np.linalg.qr(inside, mode="complete")[0] if inside.size else np.eye(basis.shape[1])
    return basis @ full[:, inside.shape[1] :]


def odd_displacements(vectors: np.ndarray, operation: Operation) -> np.ndarray:
    """Rotation-free displacements that one operation turns into their opposites, (3N, d).

    These are the solutions of S du_j = -du_{Sj}, Eq. (17) of paper 1: the eigenvectors of D(S) of
    eigenvalue -1.
    """
    basis = rotation_free_basis(vectors[None])[0]
    matrix = basis.T @ operation.displacement_matrix() @ basis
    values, states = np.linalg.eigh(_symmetrised(matrix))
    return basis @ states[:, values < -1 + 1e-6]


def congruent(
    vectors: np.ndarray,
    other: np.ndarray,
    species: np.ndarray | None = None,
    tolerance: float = COORDINATES,
) -> bool:
    """Whether rotation, reflection and exchange of like atoms make the two environments one."""
    return bool(isometries(vectors, other, species, tolerance))


def matching(
    images: np.ndarray, vectors: np.ndarray, species: np.ndarray, tolerance: float
) -> np.ndarray | None:
    """The atom of `vectors` (N, 3) on which each of `images` (N, 3) falls, like on like: (N,).

    None where one of them falls on none within `tolerance` (Å), or two on the same.
    """
    distances = np.linalg.norm(images[:, None] - vectors, axis=-1)
    distances[species[:, None] != species] = np.inf
    nearest = distances.argmin(axis=1)
    each = np.arange(len(vectors))
    if (distances[each, nearest] > tolerance).any() or len(np.unique(nearest)) < len(vectors):
        return None
    return nearest


def _symmetrised(matrix: np.ndarray) -> np.ndarray:
    return (matrix + matrix.T) / 2


def _sorted_radii(radii: np.ndarray, species: np.ndarray) -> np.ndarray:
    return radii[np.lexsort((radii, species))]


def _line_candidates(vectors: np.ndarray, other: np.ndarray) -> np.ndarray:
    """The eight operations of D2h about the line, after a rotation that lays line on line."""
    frames = []
    for points in (vectors, other):
        axis = np.linalg.svd(points)[2][0]
        frames.append(np.linalg.qr(np.column_stack([axis, np.eye(3)]))[0])
    signs = np.array(np.meshgrid([1, -1], [1, -1], [1, -1])).reshape(3, 8).T
    return np.einsum("ia,ca,ja->cij", frames[1], signs, frames[0])


def _pair_candidates(
    vectors: np.ndarray,
    other: np.ndarray,
    species: np.ndarray,
    r: np.ndarray,
    r_other: np.ndarray,
    tolerance: float,
) -> tuple[np.ndarray, float]:
    """Matrices that take one well-chosen pair to each like pair of `other`, and their slack (Å).

    The pair is the one with the fewest partners among those that open an angle well away from
    0 and 180 degrees. The slack is how far the tolerance on the pair can move another atom.
    """
    alike = (species[:, None] == species) & (np.abs(r[:, None] - r_other) <= tolerance)
    area = np.linalg.norm(np.cross(vectors[:, None], vectors), axis=-1)
    sine = area / np.outer(r, r)
    cost = np.outer(alike.sum(axis=1), alike.sum(axis=1)).astype(float)
    cost[sine < 0.5 * min(1.0, sine.max())] = np.inf
    a, b = np.unravel_index(cost.argmin(), cost.shape)
    between = np.linalg.norm(vectors[a] - vectors[b])
    distances = np.linalg.norm(other[:, None] - other, axis=-1)
    match = alike[a][:, None] & alike[b] & (np.abs(distances - between) <= 2 * tolerance)
    first, second = np.nonzero(match)
    source = _frame(vectors[a][None], vectors[b][None])[0]
    target = _frame(other[first], other[second])
    flip = np.array([1.0, 1.0, -1.0])
    proper = np.einsum("cia,ja->cij", target, source)
    improper = np.einsum("cia,a,ja->cij", target, flip, source)
    slack = 8 * tolerance * r.max() / (min(r[a], r[b]) * sine[a, b])
    return np.concatenate([proper, improper]), slack


def _frame(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Orthonormal frames (n, 3, 3), columns: along a, towards b, a x b."""
    x = a / np.linalg.norm(a, axis=1, keepdims=True)
    z = np.cross(a, b)
    with np.errstate(invalid="ignore"):  # of a pair on one line, which opens no frame
        z /= np.linalg.norm(z, axis=1, keepdims=True)
    return np.stack([x, np.cross(z, x), z], axis=2)


def _fit(vectors: np.ndarray, images: np.ndarray, determinants: np.ndarray) -> np.ndarray:
    """Orthogonal matrices (n, 3, 3) of given handedness that best take `vectors` to `images`.

    Least squares (Kabsch): U diag(1, 1, +-1) V^T from the singular vectors of sum_j r'_j r_j^T,
    for images (n, N, 3) and determinants (n,).
    """
    u, _, vt = np.linalg.svd(images.transpose(0, 2, 1) @ vectors)
    signs = np.ones((len(images), 1, 3))
    signs[:, 0, 2] = np.sign(determinants) * np.sign(np.linalg.det(u @ vt))
    return (u * signs) @ vt
