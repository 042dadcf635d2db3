"""A whole molecule seen from several centres, the Comment's last argument."""

import itertools
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import scipy.linalg

from descriptor_sensitivity.descriptors.base import Descriptor
from descriptor_sensitivity.environments import Batch, infinitesimal_rotations
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.theory.families import COMMENT_SINGULAR, mirror, mirror_singular
from descriptor_sensitivity.theory.pairs import closest_ring, pair_manifolds

METHANE = np.array([6, 1, 1, 1, 1])
"""Atomic numbers, the carbon first."""

CENTERS = {"C": [0], "H": [1, 2, 3, 4], "all": [0, 1, 2, 3, 4]}
"""The atoms of methane whose features are put side by side."""

OFFSET = 0.2
"""Distance (Å) of the pair of the ring family from A0."""


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
    rotations = infinitesimal_rotations((positions - positions.mean(axis=0))[None])[0]
    internal = scipy.linalg.null_space(np.concatenate([translations, rotations]))
    triangle = np.linalg.qr((internal.T @ jacobian).T, mode="r")
    return np.linalg.svd(triangle, compute_uv=False)


def methane(vectors: np.ndarray) -> np.ndarray:
    """Positions (5, 3) of CH4 with the carbon at the origin, from those of its hydrogens (4, 3)."""
    return np.concatenate([np.zeros((1, 3)), vectors])


def singular_methanes() -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Hydrogens of both kinds of A0 with a pair of the family through each, and of the pairs.

    Returns:
        (4, 3) Å by name, such as "ring A+"; (2, 4, 3) Å by family, A+ and A-.
    """
    ring, apex = closest_ring(COMMENT_SINGULAR)
    singular = {"mirror": mirror_singular(), "ring": ring}
    pairs = {
        "mirror": np.array([mirror(1), mirror(-1)]),
        "ring": pair_manifolds(ring, apex, np.array([OFFSET]))[:, 0],
    }
    environments = {
        f"{name} {which}": vectors
        for name, pair in pairs.items()
        for which, vectors in (("A0", singular[name]), ("A+", pair[0]), ("A-", pair[1]))
    }
    return environments, pairs


def values_by_centers(
    representation: Descriptor, environments: Mapping[str, np.ndarray]
) -> pd.DataFrame:
    """Singular values of methane's whole Jacobian, by environment and centres.

    Columns: environment, centers, k from 1, value s_k, ratio s_k / s_1.
    """
    rows = []
    for (name, vectors), (kind, centers) in itertools.product(
        environments.items(), CENTERS.items()
    ):
        positions = methane(vectors)
        jacobian = molecule_jacobian(representation, positions, METHANE, centers)
        values = internal_singular_values(jacobian, positions)
        rows += [
            {"environment": name, "centers": kind, "k": k, "value": s, "ratio": s / values[0]}
            for k, s in enumerate(values, start=1)
        ]
    return pd.DataFrame(rows)


def pair_distances(representation: Descriptor, pairs: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Relative distance of the features of A+ and A-, by pair and centres."""
    return pd.DataFrame(
        {"pair": name, "centers": kind, "distance": distance(representation, pair, centers)}
        for name, pair in pairs.items()
        for kind, centers in CENTERS.items()
    )


def distance(representation: Descriptor, pair: np.ndarray, centers: Sequence[int]) -> float:
    """Relative distance of two methanes' centre features, the hydrogens matched at best."""
    features = [
        np.concatenate(
            [
                representation.features(centered_environment(methane(vectors), METHANE, center))
                for center in centers
            ]
        )
        for vectors in pair
    ]
    carbon = [center for center in centers if center == 0]
    hydrogens = range(len(carbon), len(centers))
    squares = ((features[0][:, None] - features[1][None]) ** 2).sum(axis=-1)
    fixed = squares[0, 0] if carbon else 0.0
    best = min(
        sum(squares[i, j] for i, j in zip(hydrogens, order, strict=True))
        for order in itertools.permutations(hydrogens)
    )
    return float(np.sqrt((fixed + best) / (features[0] ** 2).sum()))
