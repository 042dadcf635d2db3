"""Where zeros among the singular values of a Jacobian come from: examples with four neighbours.

A symmetric environment, whose zeros no invariant feature escapes, and a degenerate one, where two
branches of structures that a correlation order cannot tell apart meet (paper 1, section 2).
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from descriptor_sensitivity.descriptors.density import Density
from descriptor_sensitivity.descriptors.radial import gto_basis
from descriptor_sensitivity.environments import batch_from_vectors
from descriptor_sensitivity.singular import decompose
from descriptor_sensitivity.theory.displacements import mirror_null, two_pairs_deformations
from descriptor_sensitivity.theory.families import mirror, mirror_singular, two_pairs
from descriptor_sensitivity.tolerances import NO_RESPONSE

SIGMA, CUTOFF = 0.3, 2.5
"""Smearing and cutoff of the features, Å."""

SHOWN = (2, 4)
"""(n_max, l_max) of the Jacobian that is shown entry by entry."""
SIZES = (3, 6, 10)
"""n_max = l_max of the bases whose singular values are compared."""
LARGE = (6, 6)
"""(n_max, l_max) of all other features."""

OPENING = 36.0
"""Angle of c from the mirror plane where the branches are widest apart, degrees."""
OPENINGS = np.linspace(0, OPENING, 10)
STRETCHES = np.linspace(-0.04, 0.04, 5)
"""Changes of |c|, Å: they lead along A0."""


def decomposition(vectors: np.ndarray) -> dict[str, np.ndarray]:
    """J = U diag(s) V^T of nu = 2 at an environment (N, 3), Å, in a small basis.

    Returns vectors, jacobian (3N, n_features), left (3N, k), values (k,), right (k, n_features).
    """
    power_spectrum = Density(2, gto_basis(*SHOWN, SIGMA, CUTOFF))
    jacobian = power_spectrum.jacobian(batch_from_vectors(vectors))[1][0]
    values, left = (x[0] for x in decompose(jacobian[None], vectors[None]))
    right = (left / values).T @ jacobian
    parts = {"jacobian": jacobian, "left": left, "values": values, "right": right}
    return {"vectors": vectors} | parts


def values_by_size(vectors: np.ndarray) -> pd.DataFrame:
    """Singular values of nu = 2 in larger bases: n_max_and_l_max, k, singular_value."""
    rows = []
    for size in SIZES:
        larger = Density(2, gto_basis(size, size, SIGMA, CUTOFF))
        jacobian = larger.reduced_jacobian(batch_from_vectors(vectors))
        values = decompose(jacobian, vectors[None])[0][0]
        rows += [(size, k + 1, value) for k, value in enumerate(values)]
    return pd.DataFrame(rows, columns=["n_max_and_l_max", "k", "singular_value"])


def symmetric_slopes() -> tuple[np.ndarray, np.ndarray, pd.DataFrame]:
    """A symmetric environment and two deformations that a mirror plane reverses.

    Returns:
        its vectors (4, 3), Å; the deformations (2, 4, 3); and |J^T u| over the largest singular
        value for each of them, columns deformation, slope (nu = 3).
    """
    vectors = two_pairs()
    patterns = two_pairs_deformations(vectors)
    bispectrum = Density(3, gto_basis(*LARGE, SIGMA, CUTOFF))
    jacobian = bispectrum.reduced_jacobian(batch_from_vectors(vectors))[0]
    largest = np.linalg.norm(jacobian, 2)
    rows = [
        (k, float(np.linalg.norm(pattern.ravel() @ jacobian) / largest))
        for k, pattern in enumerate(patterns, start=1)
    ]
    return vectors, patterns, pd.DataFrame(rows, columns=["deformation", "slope"])


def orthonormal(rows: np.ndarray) -> np.ndarray:
    """Gram-Schmidt in the order given; rows that vanish stay zero."""
    out = np.zeros_like(rows)
    for k, row in enumerate(rows):
        left = row - out.T @ (out @ row)
        if np.linalg.norm(left) > NO_RESPONSE * np.abs(rows).max():
            out[k] = left / np.linalg.norm(left)
    return out


def branches(parameters: Mapping[str, float]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The two branches of the mirror family in three directions of nu = 3 and nu = 2 features.

    The directions: the way along A0, the mean of the branches where they are widest apart, and
    half their difference, which nu = 2 does not have.

    Args:
        parameters: of A0, see `families.mirror_singular`.

    Returns:
        Points: nu, branch (+ or -), stretch (Å), opening_degrees, along, even, odd.
        Slopes of the features at A0, of unit length or zero: nu, move (along or across A0), along,
        even, odd.
    """
    grid = [
        mirror(sign, **{**parameters, "r_c": parameters["r_c"] + dr, "q": 180.0 - opening})
        for sign in (1, -1)
        for dr in STRETCHES
        for opening in OPENINGS
    ]
    batch = batch_from_vectors(np.array(grid))
    middle = batch_from_vectors(mirror_singular(**parameters))
    stretch = np.zeros((4, 3))
    stretch[3] = middle.vectors[0, 3] / parameters["r_c"]
    moves = {"along": stretch, "across": mirror_null(middle.vectors[0])}
    points, slopes = [], []
    for nu in (3, 2):
        correlations = Density(nu, gto_basis(*LARGE, SIGMA, CUTOFF))
        features = np.concatenate(
            [correlations.features(batch[i : i + 10]) for i in range(0, len(batch), 10)]
        )
        origin, jacobian = correlations.jacobian(middle)
        largest = decompose(jacobian, middle.vectors)[0][0, 0]
        shape = 2, len(STRETCHES), len(OPENINGS), -1
        plus, minus = (features - origin).reshape(shape)
        along = stretch.ravel() @ jacobian[0]
        mean = (plus + minus)[len(STRETCHES) // 2, -1] / 2
        odd = (plus - minus)[len(STRETCHES) // 2, -1] / 2
        frame = orthonormal(np.stack([along, mean, odd]))
        for sheet, name in ((plus, "+"), (minus, "-")):
            points += [
                (nu, name, dr, opening, *point)
                for dr, line in zip(STRETCHES, sheet @ frame.T, strict=True)
                for opening, point in zip(OPENINGS, line, strict=True)
            ]
        for name, pattern in moves.items():
            slope = pattern.ravel() @ jacobian[0]
            length = np.linalg.norm(slope)
            seen = length > NO_RESPONSE * largest
            slopes.append((nu, name, *(frame @ slope / length if seen else np.zeros(3))))
    directions = ["along", "even", "odd"]
    return (
        pd.DataFrame(points, columns=["nu", "branch", "stretch", "opening_degrees", *directions]),
        pd.DataFrame(slopes, columns=["nu", "move", *directions]),
    )


def construction(parameters: Mapping[str, float]) -> tuple[pd.DataFrame, np.ndarray]:
    """A+, A0 and A- of the mirror family, and the null vector (4, 3) of A0 at nu = 2.

    Returns columns structure, h (index of the hydrogen), x, y, z (Å).
    """
    singular = mirror_singular(**parameters)
    opened = {sign: mirror(sign, **parameters, q=180.0 - OPENING) for sign in (1, -1)}
    rows = [
        (name, j, *vector)
        for name, vectors in (("A^+", opened[1]), ("A^0", singular), ("A^-", opened[-1]))
        for j, vector in enumerate(vectors)
    ]
    return pd.DataFrame(rows, columns=["structure", "h", "x", "y", "z"]), mirror_null(singular)
