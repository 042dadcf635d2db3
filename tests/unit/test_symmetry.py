"""Point groups of environments against the character of the textbook groups."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ortho_group

from descriptor_sensitivity.theory import displacements, families
from descriptor_sensitivity.theory.symmetry import (
    congruent,
    odd_displacements,
    symmetric_null_space,
    symmetry_operations,
    totally_symmetric,
)


def in_plane(radii, azimuths):
    a = np.deg2rad(azimuths)
    return np.stack([radii * np.cos(a), radii * np.sin(a), np.zeros(len(a))], axis=1)


def polygon(n):
    return in_plane(np.ones(n), 360 / n * np.arange(n))


GOLDEN = (1 + 5**0.5) / 2
QUARTER = np.array([[0, a, b * GOLDEN] for a in (1, -1) for b in (1, -1)])
ICOSAHEDRON = np.vstack([QUARTER, QUARTER[:, [2, 0, 1]], QUARTER[:, [1, 2, 0]]])
PRISM = np.vstack([polygon(3) + [0, 0, 0.8], polygon(3) - [0, 0, 0.8]])

# name: (vectors, operations, number of totally symmetric rotation-free displacements)
GROUPS = {
    "C1": (families.distorted(families.tetrahedral(1.1), 0.3, 0), {"E": 1}, 9),
    "Cs": (
        in_plane(np.array([1, 1.1, 1.2, 1.3]), np.array([10, 100, 170, 280])),
        {"E": 1, "sigma": 1},
        7,
    ),
    "C2v": (families.two_pairs(), {"E": 1, "C2": 1, "sigma": 2}, 4),
    "C3v": (families.pyramid(), {"E": 1, "C3": 2, "sigma": 3}, 3),
    "Td": (families.tetrahedral(1.1), {"E": 1, "C3": 8, "C2": 3, "S4": 6, "sigma": 6}, 1),
    "Oh": (
        np.vstack([np.eye(3), -np.eye(3)]),
        {"E": 1, "C3": 8, "C2": 9, "C4": 6, "i": 1, "S4": 6, "S6": 8, "sigma": 9},
        1,
    ),
    "D4h": (polygon(4), {"E": 1, "C4": 2, "C2": 5, "i": 1, "S4": 2, "sigma": 5}, 1),
    "D3h": (PRISM, {"E": 1, "C3": 2, "C2": 3, "sigma": 4, "S3": 2}, 2),
    "D7h": (polygon(7), {"E": 1, "C7": 6, "C2": 7, "sigma": 8, "S7": 6}, 1),
    "Ih": (
        ICOSAHEDRON,
        {"E": 1, "C5": 24, "C3": 20, "C2": 15, "i": 1, "S10": 24, "S6": 20, "sigma": 15},
        1,
    ),
    # Lines: the finite group that stands for the infinite one.
    "Cinfv": (np.array([[0, 0, 1.0], [0, 0, -1.2]]), {"E": 1, "C2": 1, "sigma": 2}, 2),
    "Dinfh": (
        np.array([[0, 0, 1.0], [0, 0, -1.0]]),
        {"E": 1, "C2": 3, "i": 1, "sigma": 3},
        1,
    ),
}


@pytest.mark.parametrize("name", GROUPS)
def test_point_group(name):
    vectors, expected, n_symmetric = GROUPS[name]
    turned = vectors @ ortho_group.rvs(3, random_state=1).T
    operations = symmetry_operations(turned)
    assert Counter(operation.name for operation in operations) == expected
    for operation in operations:
        np.testing.assert_allclose(
            turned @ operation.matrix.T, turned[operation.permutation], atol=1e-13
        )
    matrices = np.array([operation.matrix for operation in operations])
    products = np.einsum("aij,bjk->abik", matrices, matrices).reshape(-1, 9)
    distance = np.abs(products[:, None] - matrices.reshape(-1, 9)).max(axis=2)
    assert np.all(distance.min(axis=1) < 1e-12), "not closed under multiplication"
    assert totally_symmetric(turned).shape[1] == n_symmetric


def test_species_break_symmetry():
    vectors = families.tetrahedral(1.1)
    names = [o.name for o in symmetry_operations(vectors, np.array([1, 1, 1, 9]))]
    assert Counter(names) == {"E": 1, "C3": 2, "sigma": 3}
    names = [o.name for o in symmetry_operations(vectors, np.array([1, 1, 9, 9]))]
    assert Counter(names) == {"E": 1, "C2": 1, "sigma": 2}


def test_every_atom_must_land_on_its_own_species():
    x, y, z = 0.3, 1.0, 0.5
    vectors = np.array(
        [[1, 0, -z], [-1, 0, -z], [x, y, z], [x, -y, z], [-x, -y, z], [-x, y, z]], dtype=float
    )
    assert len(symmetry_operations(vectors)) == 4
    species = np.array([1, 1, 6, 6, 7, 7])
    assert [o.name for o in symmetry_operations(vectors, species)] == ["E", "sigma"]


def test_tolerance_decides_whether_noise_breaks_symmetry():
    noisy = families.distorted(families.tetrahedral(1.1), 1e-3, 0)
    assert len(symmetry_operations(noisy)) == 1
    operations = symmetry_operations(noisy, tolerance=5e-3)
    assert Counter(o.name for o in operations) == GROUPS["Td"][1]


@pytest.mark.parametrize("name", GROUPS)
def test_symmetric_null_space_complements_the_totally_symmetric_displacements(name):
    vectors = GROUPS[name][0]
    kept, null = totally_symmetric(vectors), symmetric_null_space(vectors)
    both = np.hstack([kept, null])
    np.testing.assert_allclose(both.T @ both, np.eye(both.shape[1]), atol=1e-13)
    for operation in symmetry_operations(vectors):
        np.testing.assert_allclose(operation.displacement_matrix() @ kept, kept, atol=1e-12)
        # Eq. (17): what an operation turns into its opposite is null.
        odd = odd_displacements(vectors, operation)
        np.testing.assert_allclose(operation.displacement_matrix() @ odd, -odd, atol=1e-12)
        np.testing.assert_allclose(kept.T @ odd, 0, atol=1e-12)


def test_deformations_of_the_two_pairs_are_odd_under_a_mirror_plane():
    vectors = families.two_pairs()
    mirrors = [o for o in symmetry_operations(vectors) if o.name == "sigma"]
    for pattern in displacements.two_pairs_deformations(vectors):
        flat = pattern.ravel()
        odd = [np.allclose(o.displacement_matrix() @ flat, -flat, atol=1e-12) for o in mirrors]
        assert any(odd)
        # Moving forth and back gives the same environment up to a reflection.
        assert congruent(vectors + 0.1 * pattern, vectors - 0.1 * pattern)


def test_breathing_out_and_in_are_not_congruent():
    vectors = families.tetrahedral(1.1)
    step = displacements.breathing(vectors)
    assert not congruent(vectors + 0.1 * step, vectors - 0.1 * step)


@given(seed=st.integers(0, 10**6), n=st.integers(1, 8))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_congruence_finds_any_rotation_and_exchange(seed, n):
    rng = np.random.default_rng(seed)
    vectors, species = rng.normal(size=(n, 3)), np.sort(rng.integers(1, 3, n))
    order = np.lexsort((rng.random(n), species))
    other = vectors[order] @ ortho_group.rvs(3, random_state=seed).T
    assert congruent(vectors, other, species)
    if n > 2:
        other[0] *= -1
        assert not congruent(vectors, other, species)
