"""Symmetric molecules whose coordinates were rounded in a file stay symmetric."""

import numpy as np
import pytest
from ase.build import molecule
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from descriptor_sensitivity.audit import rounding
from descriptor_sensitivity.audit.case import Companions
from descriptor_sensitivity.audit.diagnosis import diagnose
from descriptor_sensitivity.audit.thresholds import Thresholds
from descriptor_sensitivity.descriptors.registry import build_descriptor
from descriptor_sensitivity.environments import batch_from_vectors
from descriptor_sensitivity.theory import families

DENSITY = {
    "kind": "density",
    "nu": 2,
    "radial_basis": "gto",
    "n_max": 8,
    "l_max": 6,
    "sigma": 0.3,
    "cutoff": 4.0,
}
THRESHOLDS = Thresholds({"C": 30.0}, {"C": 7.0}, {"C": 18.0})
COMPANIONS = Companions(DENSITY)
NU2 = build_descriptor("soap", DENSITY)


def corners(*patterns) -> np.ndarray:
    """All even permutations and signs of some points."""
    signs = np.array(np.meshgrid([1, -1], [1, -1], [1, -1])).reshape(3, 8).T
    points = [np.roll(p, k) * s for p in patterns for k in range(3) for s in signs]
    return np.unique(np.round(points, 12), axis=0)


GOLDEN = (1 + np.sqrt(5)) / 2
FULLERENE = 0.71 * corners(
    (0, 1, 3 * GOLDEN), (1, 2 + GOLDEN, 2 * GOLDEN), (GOLDEN, 2, 2 * GOLDEN + 1)
)
CUBE = corners((1.0, 1.0, 1.0))
HEXAGON = np.stack([np.cos(a := np.arange(6) * np.pi / 3), np.sin(a), 0 * a], axis=1)


def around(first: np.ndarray, cutoff: float, *others: tuple[np.ndarray, int]):
    """Neighbours of the first atom of a molecule, and their species."""
    points = np.concatenate([first, *(points for points, _ in others)])
    species = np.concatenate([np.full(len(p), z) for p, z in ((first, 6), *others)])
    vectors = points[1:] - points[0]
    near = np.linalg.norm(vectors, axis=1) < cutoff
    return vectors[near], species[1:][near]


ethane = molecule("C2H6")
MOLECULES = {
    "methane": (families.tetrahedral(1.09), np.full(4, 1), 8),
    "SF6": (1.56 * corners((1.0, 0, 0)), np.full(6, 9), 14),
    "benzene": (*around(1.39 * HEXAGON, 4.0, (2.48 * HEXAGON, 1)), 19),
    "ethane": (ethane.positions[1:] - ethane.positions[0], ethane.numbers[1:], 13),
    "cubane": (*around(0.785 * CUBE, 4.0, (1.42 * CUBE, 1)), 31),
    "fullerene": (*around(FULLERENE, 3.0), 14),
}


def finding(vectors, species):
    batch = batch_from_vectors(vectors, species)
    return diagnose(NU2, batch, THRESHOLDS, COMPANIONS)[0]


@pytest.mark.parametrize("name", MOLECULES)
@given(turn=st.integers(0, 1000), decimals=st.integers(3, 8))
@settings(max_examples=4, deadline=None)
def test_what_symmetry_hides_depends_on_neither_decimals_nor_orientation(name, turn, decimals):
    vectors, species, hidden = MOLECULES[name]
    origin = np.array([0.0123456789, 1.23456789, -0.3456789])
    turned = vectors @ Rotation.random(random_state=turn).as_matrix().T + origin
    rounded = np.round(turned, decimals) - np.round(origin, decimals)
    found = finding(rounded, species)
    assert found.diagnosis == "symmetric", found.because
    assert f"the point group hides {hidden} displacements, coincident pairs 0" in found.because
    assert found.because.startswith("within ")


@pytest.mark.parametrize("name", sorted(set(MOLECULES) - {"ethane"}))
def test_exactly_is_said_of_exact_coordinates(name):
    """The table that ethane comes from has six decimals."""
    vectors, species, hidden = MOLECULES[name]
    found = finding(vectors @ Rotation.random(random_state=3).as_matrix().T, species)
    assert found.because.startswith(f"exactly: the point group hides {hidden} ")


def test_a_plane_of_rounded_coordinates_is_not_half_exact():
    """In its own plane benzene's out-of-plane zeros are exact, and the others are not."""
    vectors, species, hidden = MOLECULES["benzene"]
    turned = vectors @ Rotation.from_rotvec([0, 0, 0.3]).as_matrix().T
    found = finding(np.round(turned, 4), species)
    assert found.because.startswith("within 0.0005 Å, the accuracy of the coordinates: the point")
    assert f"hides {hidden} " in found.because


@pytest.mark.parametrize("decimals", [4, 6])
def test_degenerate_structures_stay_degenerate(decimals):
    for vectors in (families.mirror_singular(), families.ring()):
        turned = vectors @ Rotation.random(random_state=5).as_matrix().T
        found = finding(np.round(turned, decimals), np.full(4, 1))
        assert found.diagnosis == "degenerate"
        assert found.because.startswith("within ")
        assert finding(turned, np.full(4, 1)).because.startswith("exactly")


def test_the_last_digit_is_that_of_the_file():
    random = np.random.default_rng(0).normal(size=(5, 7, 3))
    for decimals in range(3, 9):
        units = rounding.last_digit(np.round(random, decimals))
        np.testing.assert_allclose(units, 10.0**-decimals)
    assert not rounding.last_digit(random).any()
    assert (rounding.last_digit(np.round(random, 1)) == 1e-3).all()  # three at least


def test_nearly_equal_lengths_show_what_digits_do_not():
    vectors, species, _ = MOLECULES["SF6"]
    noise = np.random.default_rng(1).normal(size=vectors.shape)
    for scale in (1e-7, 1e-5, 1e-3):
        found = rounding.nearly_equal(vectors + scale * noise, species)
        assert scale / 10 < found < 5 * scale
    # nothing is nearly equal here, or everything is as far apart as anything else
    assert rounding.nearly_equal(families.distorted(vectors, 0.3, 1), species) == 0
    # lengths of different kinds are not compared
    apart = np.array([[1.0, 0, 0], [0, 1.0001, 0], [0, 0, 1.7]])
    assert rounding.nearly_equal(apart, np.array([1, 1, 8])) == pytest.approx(1e-4, rel=1e-6)
    assert rounding.nearly_equal(apart, np.array([1, 8, 9])) == 0


def test_what_cannot_be_told_from_singular():
    limits = rounding.singular_from(1e6, np.array([0.0, 1e-8, 1e-4, 1e-3]))
    np.testing.assert_allclose(limits, [1e6, 1e6, 3000, 300])
