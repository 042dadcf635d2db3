"""A whole molecule seen from several centres, the Comment's last argument."""

from collections.abc import Sequence

import numpy as np
import scipy.linalg

from descriptor_sensitivity.descriptors.base import Descriptor
from descriptor_sensitivity.environments import Batch
from descriptor_sensitivity.errors import InputError


def centered_environment(positions: np.ndarray, numbers: np.ndarray, center: int) -> Batch:
    """All other atoms of a molecule around atom `center`, neighbours by species, then by index."""
    others = np.delete(np.arange(len(numbers)), center)
    others = others[np.argsort(numbers[others], kind="stable")]
    return Batch(
        (positions[others] - positions[center])[None],
        numbers[others],
        int(numbers[center]),
        np.zeros(1, dtype=int),
        np.array([center]),
    )


def molecule_jacobian(
    representation: Descriptor,
    positions: np.ndarray,
    numbers: np.ndarray,
    centers: Sequence[int],
) -> np.ndarray:
    """Jacobian (3 n_atoms, n_features) of the features of all `centers` with respect to all atoms.

    The features of the centres stand side by side. An atom k seen from centre i contributes the
    rows d xi_i / d r_ki; moving the centre itself is moving all others the opposite way. Every atom
    counts as a neighbour of every other, so the cutoff must reach across the molecule.
    """
    if len(centers) == 0:
        raise InputError("Name at least one centre of the molecule.")
    parts = []
    for center in centers:
        batch = centered_environment(positions, numbers, center)
        seen = representation.reduced_jacobian(batch)[0]
        others = np.delete(np.arange(len(numbers)), center)
        others = others[np.argsort(numbers[others], kind="stable")]
        rows = np.zeros((len(numbers), 3, seen.shape[1]))
        rows[others] = seen.reshape(len(others), 3, -1)
        rows[center] = -rows.sum(axis=0)
        parts.append(rows.reshape(3 * len(numbers), -1))
    return np.concatenate(parts, axis=1)


def internal_singular_values(jacobian: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """Singular values, descending, over the displacements without translation and rotation.

    (3n - 6,) for a non-linear molecule of n atoms.
    """
    n_atoms = len(positions)
    translations = np.tile(np.eye(3), n_atoms)
    rotations = np.cross(np.eye(3)[:, None], positions - positions.mean(axis=0)).reshape(3, -1)
    internal = scipy.linalg.null_space(np.concatenate([translations, rotations]))
    triangle = np.linalg.qr((internal.T @ jacobian).T, mode="r")
    return np.linalg.svd(triangle, compute_uv=False)
