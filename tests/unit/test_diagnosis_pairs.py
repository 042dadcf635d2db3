"""Each diagnosis, and what nearly is: over radial bases, species and numbers of neighbours."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from descriptor_sensitivity.audit.case import Companions
from descriptor_sensitivity.audit.diagnosis import diagnose
from descriptor_sensitivity.audit.thresholds import Thresholds
from descriptor_sensitivity.descriptors.registry import build_descriptor
from descriptor_sensitivity.environments import batch_from_vectors
from descriptor_sensitivity.theory import families
from descriptor_sensitivity.theory.symmetry import symmetry_operations
from diagnosing import DENSITY, MEDIANS, SHELLS

BASES = ["gto", "dvr", "complete"]
OCTAHEDRON = 1.56 * np.concatenate([np.eye(3), -np.eye(3)])
GOLDEN = (1 + np.sqrt(5)) / 2
ICOSAHEDRON = 1.1 * np.array(
    [p for s in (1, -1) for t in (GOLDEN, -GOLDEN) for p in ((0, s, t), (s, t, 0), (t, 0, s))]
)


def found(vectors, species=1, **settings):
    """The finding for one environment about carbon."""
    density = {**DENSITY, **settings}
    if density["radial_basis"] == "complete":
        del density["n_max"]
    built = build_descriptor("audited", density)
    batch = batch_from_vectors(vectors, species)
    return diagnose(built, batch, Thresholds(*MEDIANS), Companions(density))[0]


def scattered(n, seed=3):
    """n neighbours without symmetry, none near another."""
    random, points = np.random.default_rng(seed), []
    while len(points) < n:
        point = random.uniform(-2.6, 2.6, 3)
        apart = [np.linalg.norm(point - other) > 1.2 for other in points]
        if 1.0 < np.linalg.norm(point) < 2.7 and all(apart):
            points.append(point)
    return np.array(points)


@pytest.mark.parametrize("basis", BASES)
@pytest.mark.parametrize(
    ("vectors", "species", "hidden"),
    [
        (families.tetrahedral(1.09), 1, 8),
        (families.tetrahedral(1.09), [1, 1, 1, 9], 6),
        (OCTAHEDRON, 9, 14),
        (OCTAHEDRON, [17, 9, 9, 17, 9, 9], 13),
        (ICOSAHEDRON, 1, 32),
    ],
    ids=["tetrahedron", "CH3F", "octahedron", "two species", "icosahedron"],
)
def test_symmetric(vectors, species, hidden, basis):
    """All modes but the totally symmetric ones; near it the word `exactly` is not said."""
    finding = found(vectors, species, radial_basis=basis)
    assert finding.diagnosis == "symmetric"
    assert f"exactly: the point group hides {hidden} displacements" in finding.because
    near = found(families.distorted(vectors, 0.02, 1), species, radial_basis=basis)
    assert near.diagnosis in ("symmetric", "degenerate") and "exactly" not in near.because
    far = families.distorted(vectors, 0.8, 4)
    numbers = np.broadcast_to(species, len(vectors))
    assert len(symmetry_operations(far, numbers, 0.3)) == 1
    assert found(far, species, radial_basis=basis).diagnosis != "symmetric"


@pytest.mark.parametrize("basis", BASES)
@pytest.mark.parametrize("axis", [(1, 2, 3), (3, 1, 0), (0, 0, 1)])
def test_zeros_of_two_kinds_are_degenerate_in_every_orientation(axis, basis):
    """Of cis SX4Y2 the point group hides nine displacements and coincident pairs one more.

    Any basis of the ten is as good as another, and the diagnosis is that of all ten.
    """
    turned = Rotation.from_rotvec(axis).apply(OCTAHEDRON)
    finding = found(turned, [9, 9, 17, 9, 17, 9], radial_basis=basis)
    assert finding.diagnosis == "degenerate"
    assert "point group hides 9 displacements, coincident pairs 1 more" in finding.because


@pytest.mark.parametrize("basis", BASES)
@pytest.mark.parametrize("more", [0, 1], ids=["four", "five"])
def test_degenerate(basis, more):
    """Pairs of one element coincide; those of other elements do not, nor do those elsewhere."""
    vectors = families.mirror_singular()
    species = np.ones(4, dtype=int)
    if more:
        vectors, species = with_spectator(vectors)
    finding = found(vectors, species, radial_basis=basis)
    assert finding.diagnosis == "degenerate"
    assert "exactly: the point group hides 0 displacements, coincident pairs 1" in finding.because
    other = [1, 9, 7, 8, 17][: len(vectors)]
    assert "exactly" not in found(vectors, other, radial_basis=basis).because
    near = found(families.distorted(vectors, 0.01, 1), species, radial_basis=basis)
    assert near.diagnosis == "degenerate" and "exactly" not in near.because


@pytest.mark.parametrize("basis", BASES)
@pytest.mark.parametrize("mixed", [False, True])
@pytest.mark.parametrize("n", [5, 9])
def test_unresolved_pair(n, mixed, basis):
    """0.2 Å apart at sigma = 0.3 Å; not where it is 0.35 Å, nor of two elements."""
    vectors, species = scattered(n), [1] * (n - 2) + ([8, 9] if mixed else [1, 1])
    vectors[1] = vectors[0] + 0.2 * np.array([0, 0.6, 0.8])
    finding = found(vectors, species, radial_basis=basis)
    assert finding.diagnosis == "unresolved pair" and "neighbours 0 and 1" in finding.because
    apart = vectors.copy()
    apart[1] = apart[0] + 0.35 * np.array([0, 0.6, 0.8])
    assert found(apart, species, radial_basis=basis).diagnosis != "unresolved pair"
    species = [1, 6] + species[2:]
    assert found(vectors, species, radial_basis=basis).diagnosis != "unresolved pair"


@pytest.mark.parametrize("basis", BASES)
@pytest.mark.parametrize("vectors", [SHELLS, scattered(9)], ids=["six", "nine"])
@pytest.mark.parametrize("mixed", [False, True])
def test_truncation(vectors, mixed, basis):
    """l_max = 1 cannot follow angles; l_max = 10 can."""
    n = len(vectors)
    species = [1] * (n - 2) + ([8, 9] if mixed else [1, 1])
    finding = found(vectors, species, radial_basis=basis, l_max=1)
    assert finding.diagnosis == "truncation" and "l_max from 1 to 2" in finding.because
    large = found(vectors, species, radial_basis=basis, l_max=10, n_max=12)
    assert large.diagnosis != "truncation"


@pytest.mark.parametrize(("n", "mixed"), [(4, False), (4, True), (9, False)])
def test_too_few_features(n, mixed):
    """One below the number of displacements that are no rotations, and one that is enough."""
    vectors = scattered(n)
    species = [1] * (n - 1) + [9 if mixed else 1]
    for l_max in range(9):
        n_features = found_features(vectors, species, l_max)
        finding = found(vectors, species, radial_basis="gto", n_max=1, l_max=l_max)
        assert (finding.diagnosis == "too few features") == (n_features < 3 * n - 3)


@pytest.mark.parametrize("basis", ["gto", "dvr"])
@pytest.mark.parametrize(("distance", "edge"), [(3.98, True), (2.9, False)])
def test_a_neighbour_at_the_edge_of_the_cutoff(distance, edge, basis):
    vectors = np.array([[1.0, 0, 0], [0, 1.3, 0.2], [-0.4, -1.2, 0.8], [0.3, -0.2, distance]])
    finding = found(vectors, radial_basis=basis, cutoff_width=1.0)
    assert ("raise cutoff" in finding.because) == edge


def found_features(vectors, species, l_max):
    settings = {**DENSITY, "n_max": 1, "l_max": l_max}
    built = build_descriptor("audited", settings)
    return built.features(batch_from_vectors(vectors, species)).shape[1]


def with_spectator(vectors):
    """A fifth atom of another element where no symmetry and no coincidence is lost or won."""
    for place in ([0, 0, 2.5], [0, 2.5, 0], [2.5, 0, 0]):
        both = np.vstack([vectors, place])
        species = np.array([1, 1, 1, 1, 9])
        finding = found(both, species, radial_basis="gto")
        if "coincident pairs 1" in finding.because:
            return both, species
    raise AssertionError("no such place")
