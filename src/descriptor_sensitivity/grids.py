"""The three manifolds of methane that the first paper looks at (section 2)."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from descriptor_sensitivity.descriptors.density import Density
from descriptor_sensitivity.descriptors.radial import RadialBasis, dvr_basis
from descriptor_sensitivity.environments import batch_from_vectors
from descriptor_sensitivity.manifolds import Manifold, square_grid
from descriptor_sensitivity.singular import sensitivity
from descriptor_sensitivity.theory.displacements import (
    breathing,
    fixed_sign,
    mirror_null,
    two_up_two_down,
)
from descriptor_sensitivity.theory.families import distorted, mirror_singular, tetrahedral


def singular_directions(vectors: np.ndarray, basis: RadialBasis) -> np.ndarray:
    """Displacements (2, N, 3) with the largest and the smallest singular value at nu = 2.

    They are the first and last left singular vectors; their signs follow `fixed_sign`.
    """
    _, left = sensitivity(Density(2, basis), batch_from_vectors(vectors))
    return np.stack([fixed_sign(left[0, :, k].reshape(-1, 3)) for k in (0, -1)])


def asymmetric(
    bond_length: float,
    distortion: float,
    seed: int,
    length: float,
    deltas: np.ndarray,
    basis: RadialBasis,
) -> Manifold:
    """Methane with every H moved by `distortion` (Å) at random, along its most and its least
    visible displacement at nu = 2."""
    vectors = distorted(tetrahedral(bond_length), distortion, seed)
    return Manifold(vectors, singular_directions(vectors, basis), length, deltas)


def symmetric(bond_length: float, length: float, deltas: np.ndarray) -> Manifold:
    """Tetrahedral methane, along its breathing mode and with two bonds stretched, two shrunk."""
    vectors = tetrahedral(bond_length)
    patterns = np.stack([breathing(vectors), two_up_two_down(vectors)])
    return Manifold(vectors, patterns, length, deltas)


def degenerate(
    length: float, deltas: np.ndarray, basis: RadialBasis, **parameters: float
) -> Manifold:
    """A0 of the mirror family, along its most visible displacement and its null vector at nu = 2.

    `parameters` are those of `families.mirror_singular`.
    """
    vectors = mirror_singular(**parameters)
    patterns = np.stack([singular_directions(vectors, basis)[0], mirror_null(vectors)])
    return Manifold(vectors, patterns, length, deltas)


def build(
    name: str,
    settings: Mapping[str, Any],
    n_points: int,
    bond_length: float,
    directions: Mapping[str, Any],
) -> Manifold:
    """One of the three, from its settings.

    Args:
        name: asymmetric, symmetric or degenerate.
        settings: `length` of Delta = 1 (Å), and `distortion` (Å) and `seed` of the first, `mirror`,
            parameters of the last.
        n_points: along each direction.
        bond_length: of equilibrium methane, Å.
        directions: n_max, l_max, sigma, cutoff of the DVR basis behind the displacements.
    """
    length, deltas = settings["length"], square_grid(n_points)
    if name == "symmetric":
        return symmetric(bond_length, length, deltas)
    basis = dvr_basis(**directions)
    if name == "degenerate":
        return degenerate(length, deltas, basis, **settings["mirror"])
    distortion, seed = settings["distortion"], settings["seed"]
    return asymmetric(bond_length, distortion, seed, length, deltas, basis)
