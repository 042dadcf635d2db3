"""Singular values of a Jacobian: how much the features answer to each displacement.

A Jacobian J is (3N, n_features). J = U diag(s) V^T (paper 1, section 2): the columns of U are
displacement patterns of the neighbours, s their sensitivities. J J^T is never formed: squaring
halves the digits, and the zeros are the point.
"""

import numpy as np

from descriptor_sensitivity.descriptors.base import Descriptor
from descriptor_sensitivity.descriptors.compression import triangle
from descriptor_sensitivity.environments import Batch, rotation_rank


def rotation_free_basis(vectors: np.ndarray) -> np.ndarray:
    """Orthonormal displacements orthogonal to every infinitesimal rotation about the centre.

    Args:
        vectors: (n_env, N, 3) neighbour positions relative to the centre, Å; as in a `Batch`,
            either all or none of the environments have their neighbours on one line.

    Returns:
        (n_env, 3N, 3N - 3), or (n_env, 3N, 3N - 2) for neighbours on one line (paper 1, section 2).
    """
    n_env, n_neighbors, _ = vectors.shape
    if n_env == 0:
        return np.zeros((0, 3 * n_neighbors, max(3 * n_neighbors - 3, 0)))
    rotations = np.cross(np.eye(3)[None, :, None, :], vectors[:, None]).reshape(n_env, 3, -1)
    rank = rotation_rank(vectors[0])
    if rank == 3:
        return np.linalg.qr(rotations.transpose(0, 2, 1), mode="complete")[0][:, :, 3:]
    left = np.linalg.svd(rotations.transpose(0, 2, 1), full_matrices=True)[0]
    return left[:, :, rank:]


def decompose(
    jacobian: np.ndarray, vectors: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Singular values and Cartesian left singular vectors of a batch of Jacobians.

    Args:
        jacobian: (n_env, 3N, n_features).
        vectors: (n_env, N, 3), given when the features are invariant: the Jacobian is then
            projected on the rotation-free displacements first, and the left vectors are turned
            back to 3N components (paper 1, section 2).

    Returns:
        s: (n_env, k) descending, k = 3N - 3 (or 3N without projection). When there are fewer
            features than k the missing singular values are exact zeros.
        U: (n_env, 3N, k), orthonormal columns.
    """
    if vectors is None:
        return _decompose(jacobian)
    basis = rotation_free_basis(vectors)
    values, left = _decompose(basis.transpose(0, 2, 1) @ jacobian)
    return values, basis @ left


def singular_values(jacobian: np.ndarray, vectors: np.ndarray | None = None) -> np.ndarray:
    """The singular values of `decompose` alone, (n_env, k) descending."""
    if vectors is not None:
        jacobian = rotation_free_basis(vectors).transpose(0, 2, 1) @ jacobian
    values = np.linalg.svd(triangle(jacobian), compute_uv=False)
    missing = jacobian.shape[1] - values.shape[1]
    return np.pad(values, ((0, 0), (0, missing)))


def _decompose(jacobian: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    left, values, _ = np.linalg.svd(triangle(jacobian), full_matrices=True)
    missing = jacobian.shape[1] - values.shape[1]
    return np.pad(values, ((0, 0), (0, missing))), left


def condition_number(values: np.ndarray) -> np.ndarray:
    """CN = s_max / s_min of singular values (..., k), infinite when s_min is zero."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return values[..., 0] / values[..., -1]


def sensitivity(representation: Descriptor, batch: Batch) -> tuple[np.ndarray, np.ndarray]:
    """`decompose` of a representation's Jacobian for every environment of a batch, in blocks."""
    step = representation.block_size(batch)
    parts = []
    for start in range(0, len(batch), step):
        block = batch[start : start + step]
        jacobian = representation.reduced_jacobian(block)
        parts.append(decompose(jacobian, block.vectors if representation.invariant else None))
    values, left = zip(*parts, strict=True)
    return np.concatenate(values), np.concatenate(left)
