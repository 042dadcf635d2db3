"""Singular values of a Jacobian: how much the features answer to each displacement.

A Jacobian J is (3N, n_features). J = U diag(s) V^T (paper 1, section 2): the columns of U are
displacement patterns of the neighbours, s their sensitivities.

The exact way is the QR and singular value decomposition of J: squaring halves the digits, and the
zeros are the point. It is needed where s spans many orders of magnitude. Elsewhere J J^T, which
needs no features, has enough digits, and says so itself (see `gram.certified`).
"""

from collections.abc import Iterator

import numpy as np

from descriptor_sensitivity.descriptors.base import Descriptor
from descriptor_sensitivity.descriptors.compression import triangle
from descriptor_sensitivity.environments import Batch, infinitesimal_rotations, rotation_rank
from descriptor_sensitivity.gram.certified import ACCURACY, certified_patterns, certified_values
from descriptor_sensitivity.mixture import compositions


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
    rotations = infinitesimal_rotations(vectors)
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


FEW = 10
"""Up to this many neighbours patterns are taken from J, which then costs little."""


def sensitivities(descriptor: Descriptor, batch: Batch) -> np.ndarray:
    """Singular values of every environment, (n_env, k) descending as from `singular_values`.

    Read from J J^T where that is the cheaper and the smallest is certain to 1e-9 relative, from J
    otherwise. The environments may differ in their species, and the numbers of one do not depend
    on which others are in the batch.
    """
    values = np.empty((len(batch), _n_values(descriptor, batch)))
    bound = np.full(len(batch), np.inf)
    tried = np.flatnonzero(descriptor.gram_pays(batch))
    for block, gram in descriptor.local_grams(batch[tried]) or ():
        mine = tried[block]
        values[mine], bound[mine] = certified_values(gram, _n_rotations(descriptor, batch))
    for mine, part in _blocks(descriptor, batch, np.flatnonzero(bound > ACCURACY)):
        vectors = part.vectors if descriptor.invariant else None
        values[mine] = singular_values(descriptor.reduced_jacobian(part), vectors)
    return values


def sensitivity(descriptor: Descriptor, batch: Batch) -> tuple[np.ndarray, np.ndarray]:
    """`decompose` of a descriptor's Jacobian for every environment of a batch, in blocks.

    For more than `FEW` neighbours read from J J^T where values and patterns are certain, as in
    `sensitivities`.
    """
    shape = (len(batch), 3 * batch.n_neighbors, _n_values(descriptor, batch))
    values, left = np.empty((shape[0], shape[2])), np.empty(shape)
    bound = np.full(len(batch), np.inf)
    tried = np.flatnonzero(descriptor.gram_pays(batch) & (batch.n_neighbors > FEW))
    for block, gram in descriptor.local_grams(batch[tried]) or ():
        mine = tried[block]
        values[mine], left[mine], bound[mine] = certified_patterns(
            gram, _n_rotations(descriptor, batch)
        )
    for mine, part in _blocks(descriptor, batch, np.flatnonzero(bound > ACCURACY)):
        vectors = part.vectors if descriptor.invariant else None
        values[mine], left[mine] = decompose(descriptor.reduced_jacobian(part), vectors)
    return values, left


def _n_rotations(descriptor: Descriptor, batch: Batch) -> int:
    return rotation_rank(batch.vectors[0]) if descriptor.invariant and len(batch) else 0


def _n_values(descriptor: Descriptor, batch: Batch) -> int:
    return 3 * batch.n_neighbors - _n_rotations(descriptor, batch)


def _blocks(
    descriptor: Descriptor, batch: Batch, chosen: np.ndarray
) -> Iterator[tuple[np.ndarray, Batch]]:
    """The chosen environments of a batch in blocks of one composition, with their indices."""
    for mine, part in compositions(batch[chosen]):
        step = descriptor.block_size(part)
        for start in range(0, len(part), step):
            block = slice(start, start + step)
            yield chosen[mine[block]], part[block]
