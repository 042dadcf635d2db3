"""Each diagnosis on an environment constructed to deserve it, and on its neighbours."""

import numpy as np
import pytest

from descriptor_sensitivity.audit.case import Companions
from descriptor_sensitivity.audit.diagnosis import diagnose as findings
from descriptor_sensitivity.audit.evidence import best_symmetry, loss, without_orientation
from descriptor_sensitivity.audit.thresholds import Thresholds
from descriptor_sensitivity.descriptors.density import Density
from descriptor_sensitivity.descriptors.radial import gto_basis
from descriptor_sensitivity.descriptors.registry import build_descriptor
from descriptor_sensitivity.environments import batch_from_vectors
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.singular import condition_number, sensitivity
from descriptor_sensitivity.structures.methane import random_methane
from descriptor_sensitivity.theory import displacements, families
from descriptor_sensitivity.theory.symmetry import symmetry_operations, totally_symmetric

DENSITY = {
    "kind": "density",
    "nu": 2,
    "radial_basis": "gto",
    "n_max": 8,
    "l_max": 8,
    "sigma": 0.3,
    "cutoff": 4.0,
}
# Medians of random methane with these settings; the tests below do not hang on their digits.
MEDIANS = {"C": 30.0}, {"C": 7.0}, {"C": 18.0}


def diagnose(vectors, thresholds=None, **settings):
    """The finding for one environment of H atoms around C."""
    density = {**DENSITY, **settings}
    batch = batch_from_vectors(vectors)
    representation = build_descriptor("audited", density)
    thresholds = thresholds or Thresholds(*MEDIANS)
    (finding,) = findings(representation, batch, thresholds, Companions(density))
    displacement = finding.displacement.reshape(-1)
    assert np.linalg.norm(displacement) == pytest.approx(1)
    rotations = np.cross(np.eye(3)[:, None], batch.vectors[0]).reshape(3, -1)
    if representation.invariant:
        assert np.abs(rotations @ displacement).max() < 1e-10
    return finding


SQUARE = np.array([[1.0, 0, 0], [0, 1, 0], [-1, 0, 0], [0, -1, 0]])
BENT_PLANE = np.array([[1.1, 0.1, 0], [0.2, 1.4, 0], [-0.9, 0.5, 0], [0.1, -1.6, 0]])

CORRUGATED = BENT_PLANE + 0.01 * np.outer([1, -1, 1, -1], [0, 0, 1])
NEAR_MIRROR = families.distorted(families.mirror_singular(), 0.01, 0)
SHELLS = np.random.default_rng(0).standard_normal((6, 3))
SHELLS *= np.array([[1.0, 1.35, 1.8, 2.2, 2.6, 3.0]]).T / np.linalg.norm(SHELLS, axis=1)[:, None]


@pytest.mark.parametrize("nu", [2, 3])
@pytest.mark.parametrize(
    "vectors",
    [families.tetrahedral(1.09), families.pyramid(), SQUARE, BENT_PLANE],
    ids=["Td", "C3v", "D4h", "planar"],
)
def test_symmetric(vectors, nu):
    finding = diagnose(vectors, nu=nu)
    assert finding.diagnosis == "symmetric"
    assert "exactly" in finding.because
    assert finding.because.endswith("reverses the one shown)")


def test_nearly_symmetric_by_the_operation_of_eq_17():
    """A slightly corrugated plane: sigma reverses the out-of-plane displacement."""
    finding = diagnose(CORRUGATED)
    assert finding.diagnosis == "symmetric"
    assert finding.because.startswith("sigma, off by 0.0")
    assert np.abs(finding.displacement[:, 2]).max() > 0.3
    # Beyond the tolerance the operation is not found, and symmetry is not claimed.
    narrow = Thresholds(*MEDIANS, symmetry=0.001, coincidence=1e-4)
    assert diagnose(CORRUGATED, narrow).diagnosis != "symmetric"


@pytest.mark.parametrize(
    ("vectors", "nu", "null"),
    [
        (families.mirror_singular(), 2, displacements.mirror_null),
        (families.ring(), 2, displacements.ring_null),
        (families.double_ring_singular(), 3, displacements.double_ring_null),
    ],
    ids=["mirror", "ring", "double ring"],
)
def test_degenerate_exactly(vectors, nu, null):
    finding = diagnose(vectors, nu=nu, sigma=0.3)
    assert finding.diagnosis == "degenerate"
    assert "exactly" in finding.because
    overlap = np.sum(finding.displacement * null(vectors).reshape(-1, 3))
    assert abs(overlap) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_degenerate_nearby_because_nu3_sees_it(seed):
    vectors = families.distorted(families.mirror_singular(), 0.01, seed)
    finding = diagnose(vectors, Thresholds(*MEDIANS, coincidence=1e-7))  # no help from theory
    assert finding.diagnosis == "degenerate"
    assert finding.because.startswith("nu = 3 sees it")


def test_the_pair_of_nu3_is_degenerate_for_nu2_only():
    vectors = families.double_ring(1)
    assert diagnose(vectors, nu=2).diagnosis == "degenerate"


def test_too_few_features():
    finding = diagnose(random_methane(1, seed=1), n_max=2, l_max=1)
    assert finding.diagnosis == "too few features"
    assert finding.because == "6 features cannot follow 9 displacements"


def test_an_unresolved_pair():
    vectors = np.array([[1.0, 0, 0], [1.0, 0.1, 0.02], [-0.4, 1.2, 0.3], [-0.5, -0.9, 1.0]])
    finding = diagnose(vectors)
    assert finding.diagnosis == "unresolved pair"
    assert finding.because.startswith("neighbours 0 and 1 are 0.102 Å apart")
    assert np.linalg.norm(finding.displacement[:2]) ** 2 > 0.5
    # with a narrower Gaussian the pair is resolved; what remains is for the basis to answer
    assert diagnose(vectors, sigma=0.05).diagnosis != "unresolved pair"


@pytest.mark.parametrize(
    ("settings", "moved"),
    [
        ({"l_max": 1, "sigma": 0.3}, "l_max from 1 to 2"),
        ({"radial_basis": "dvr", "n_max": 12, "sigma": 0.05}, "n_max from 12 to 18"),
        ({"radial_basis": "dvr", "n_max": 12, "sigma": 0.08}, "sigma from 0.08 to 0.12"),
    ],
)
def test_truncation_says_what_to_move(settings, moved):
    finding = diagnose(SHELLS, **settings)
    assert finding.diagnosis == "truncation"
    assert f"move {moved}" in finding.because


def test_truncation_by_the_cutoff_function():
    vectors = np.array([[1.0, 0, 0], [0, 1.3, 0.2], [-0.4, -1.2, 0.8], [0.3, -0.2, 3.98]])
    finding = diagnose(vectors, cutoff_width=1.0)
    assert finding.diagnosis == "truncation"
    assert "raise cutoff" in finding.because


def test_nu1_is_only_ever_truncated():
    assert diagnose(random_methane(1, seed=2), nu=1, l_max=2).diagnosis == "truncation"


def test_what_is_not_a_density_is_compared_with_one():
    """OMFP sees the mirror singularity; where it is blind, symmetry is to blame."""
    representation = build_descriptor("omfp", {"kind": "omfp", "cutoff": 6.0})
    batch = batch_from_vectors(families.tetrahedral(1.09))
    companions = Companions(DENSITY, own=False)
    (finding,) = findings(representation, batch, Thresholds(*MEDIANS), companions)
    assert finding.diagnosis == "symmetric"


@pytest.mark.parametrize("distortion", [0, 0.01], ids=["exact", "nearby"])
def test_what_is_not_a_density_is_never_called_degenerate(distortion):
    vectors = families.distorted(families.mirror_singular(), distortion, 0)
    batch = batch_from_vectors(vectors)
    blind = build_descriptor("blind", DENSITY)  # singular here, as the theory of nu = 2 says
    for own, diagnosis in ((True, "degenerate"), (False, "unexplained")):
        companions = Companions(DENSITY, own=own)
        (finding,) = findings(blind, batch, Thresholds(*MEDIANS), companions)
        assert finding.diagnosis == diagnosis


def medians(median=30.0, nu1=7.0, nu3=18.0, **more):
    """Thresholds of a data set of carbon environments with these medians."""
    return Thresholds({"C": median}, {"C": nu1}, {"C": nu3}, **more)


@pytest.mark.parametrize(
    ("vectors", "thresholds", "settings", "diagnosis", "words"),
    [
        pytest.param(
            NEAR_MIRROR,
            medians(nu1=1e-3),
            {},
            "truncation",
            "no single move of n_max, l_max, sigma",
            id="nu = 1 sees it badly for this data set alone",
        ),
        pytest.param(
            NEAR_MIRROR,
            medians(median=1e6),
            {},
            "truncation",
            "no single move",
            id="nu = 1 sees it badly for it is blind by little",
        ),
        pytest.param(
            SHELLS,
            medians(nu1=1e6),
            {"l_max": 1},
            "truncation",
            "move l_max",
            id="nu = 1 sees it badly by itself alone",
        ),
        pytest.param(
            random_methane(1, seed=2),
            medians(),
            {"nu": 1, "n_max": 16, "l_max": 0},
            "truncation",
            "nu = 1 does not see the displacement, and no single move",
            id="infinite losses leave nothing to advise",
        ),
        pytest.param(
            CORRUGATED,
            medians(1.0, 1.0, 50.0),
            {},
            "symmetric",
            "nu = 3 sees it",
            id="nu = 3 sees it less than twice as well",
        ),
        pytest.param(
            CORRUGATED,
            medians(),
            {"nu": 3},
            "symmetric",
            "nu = 4 was not evaluated",
            id="nu = 3 is no evidence about itself",
        ),
        pytest.param(
            families.distorted(families.pyramid(), 0.119, 8954),
            medians(nu3=1e-6, coincidence=1e-7),
            {},
            "symmetric",
            "the point group hides 66 %",
            id="the group hides what no operation reverses",
        ),
        pytest.param(
            families.distorted(families.two_pairs(), 0.15, 8),
            medians(nu3=1e-6, coincidence=1e-7),
            {},
            "unexplained",
            "no symmetry found",
            id="the operation reverses less than half",
        ),
        pytest.param(
            random_methane(1, seed=1),
            medians(nu3=1e-6, singular=1.0),
            {},
            "unexplained",
            "no symmetry found",
            id="no theory of a singular environment",
        ),
        pytest.param(
            random_methane(1, seed=1),
            medians(nu3=1e-6, factor=1e3),
            {},
            "unexplained",
            "no symmetry found",
            id="nothing above the threshold",
        ),
        pytest.param(
            [[1.0, 0, 0], [1.0, 0.28, 0.02], [-0.4, -1.2, 0.8], [0.3, -0.2, 3.98]],
            medians(),
            {"cutoff_width": 1.0},
            "truncation",
            "edge of the cutoff",
            id="a close pair that carries little of it",
        ),
    ],
)
def test_one_condition_decides(vectors, thresholds, settings, diagnosis, words):
    finding = diagnose(vectors, thresholds, **settings)
    assert finding.diagnosis == diagnosis
    assert words in finding.because


def test_the_whole_blind_space_is_asked_for_a_degeneracy():
    """What is seen worst is hidden by C2v and from nu = 3 too; another blind one is not."""
    singular = families.double_ring_singular(azimuths=(0.0, 140.0, -140.0), phi=180.0)
    even = totally_symmetric(singular).sum(axis=1).reshape(-1, 3)
    vectors = families.distorted(singular + 0.005 * even, 1e-4, 0)
    finding = diagnose(vectors, medians(coincidence=1e-7))
    assert finding.diagnosis == "degenerate"
    batch = batch_from_vectors(vectors)
    worst = sensitivity(build_descriptor("audited", DENSITY), batch)[1][0, :, -1]
    assert abs(worst @ finding.displacement.ravel()) < 0.1
    assert best_symmetry(vectors, batch.species, worst, 0.01)[1] > 0.9


@pytest.mark.parametrize("nothing", [{}, {"C": None}], ids=["no such element", "no environment"])
def test_without_a_median_the_usual_condition_number_is_one(nothing):
    finding = diagnose(CORRUGATED, Thresholds(nothing, nothing, nothing))
    expected = diagnose(CORRUGATED, medians(1.0, 1.0, 1.0))
    assert (finding.diagnosis, finding.because) == (expected.diagnosis, expected.because)


def test_theory_is_not_asked_about_too_many_tuples():
    """A spiral of 101 neighbours in a plane, 10201 pairs: its mirror plane answers."""
    turn = 2.4 * np.arange(101)
    radius = 1 + 0.025 * np.arange(101)
    vectors = np.stack([radius * np.cos(turn), radius * np.sin(turn), 0 * turn], axis=1)
    finding = diagnose(vectors, n_max=12, l_max=10, sigma=0.1)
    assert finding.diagnosis == "symmetric"
    assert finding.because.endswith("too many neighbours to evaluate nu = 3")


def test_many_neighbours_fall_back_on_theory():
    few = Thresholds(*MEDIANS, nu3_neighbors=3)
    assert diagnose(families.mirror_singular(), few).diagnosis == "degenerate"
    nearby = families.distorted(families.mirror_singular(), 0.005, 0)
    finding = diagnose(nearby, few)
    assert finding.diagnosis == "degenerate"
    assert "coincident pairs within 0.05" in finding.because


def test_other_species_do_not_coincide():
    """The mirror needs b- and b+ alike; with different species there is nothing to diagnose."""
    vectors = families.mirror_singular()
    representation = build_descriptor("audited", DENSITY)
    for species, low in (([1, 1, 1, 1], True), ([1, 1, 9, 1], False)):
        values, _ = sensitivity(representation, batch_from_vectors(vectors, species=species))
        assert (condition_number(values)[0] > 150) == low


def test_rotations_say_nothing_about_the_shape():
    """A lone far atom moving sideways is a rotation of all the others, which nu = 1 does see."""
    vectors = random_methane(1, seed=5)
    rotation = np.cross([[0.3, -0.2, 0.9]], vectors[0]).reshape(1, 12)
    jacobian = np.random.default_rng(0).standard_normal((1, 12, 40))
    shape = without_orientation(jacobian, vectors)
    assert np.abs(np.einsum("eif,ei->ef", shape, rotation)).max() < 1e-12
    other = np.random.default_rng(1).standard_normal((1, 12))
    moved = [np.linalg.norm(jacobian[0].T @ (other[0] + t * rotation[0])) for t in (-1, 0, 1)]
    assert np.linalg.norm(shape[0].T @ other[0]) <= min(moved)


def test_loss_is_one_along_the_best_displacement_and_infinite_where_nothing_changes():
    jacobian = np.diag([3.0, 2.0, 0.0])[None]
    assert loss(jacobian, np.eye(3)[None, 0], np.array([3.0]))[0] == 1
    assert loss(jacobian, np.eye(3)[None, 1], np.array([3.0]))[0] == 1.5
    assert np.isinf(loss(jacobian, np.eye(3)[None, 2], np.array([3.0]))[0])


def test_best_symmetry_of_a_generic_environment_is_none():
    vectors = random_methane(1, seed=11)[0]
    assert best_symmetry(vectors, np.ones(4), np.ones(12) / np.sqrt(12), 1e-3) is None


@pytest.mark.parametrize(
    "displacement",
    [[1, 0, 0, -1, 0, 0, 0, 0, 0, 0, 0, 0.5], [0, 0, 1, 0, 0, -1, 0, 0, 1, 0, 0, -1]],
    ids=["one reverses most", "several reverse all"],
)
def test_best_symmetry_reverses_most_and_of_equals_fits_best(displacement):
    """A square, one bond of which is longer: sigma fits, C4, S4 and i do not."""
    vectors = SQUARE * np.array([[1.1, 1, 1, 1]]).T
    displacement = np.array(displacement) / np.linalg.norm(displacement)
    found = []
    for operation in symmetry_operations(vectors, np.ones(4), 0.2):
        odd = (displacement - operation.displacement_matrix() @ displacement) / 2
        off = np.linalg.norm(vectors @ operation.matrix.T - vectors[operation.permutation], axis=1)
        found.append((round(odd @ odd, 6), -off.max()))
    _, odd, off = best_symmetry(vectors, np.ones(4), displacement, 0.2)
    assert (odd, -off) == pytest.approx(max(found), abs=1e-6)
    assert found[-1] < max(found)  # not by being found last


def test_diagnose_needs_no_more_than_a_descriptor_and_a_batch():
    """As a person asks in a notebook: the structures whose cause is known without any data set."""
    nu2, omfp = (
        build_descriptor(name, settings)
        for name, settings in (("nu2", DENSITY), ("omfp", {"kind": "omfp", "cutoff": 4.0}))
    )
    causes = {"degenerate": families.mirror_singular(), "symmetric": families.tetrahedral(1.09)}
    for expected, vectors in causes.items():
        (finding,) = findings(nu2, batch_from_vectors(vectors))
        assert finding.diagnosis == expected
    (finding,) = findings(omfp, batch_from_vectors(families.tetrahedral(1.09)))
    assert finding.diagnosis == "symmetric"
    by_hand = Density(2, gto_basis(8, 6, 0.3, 4.0))
    with pytest.raises(InputError, match="does not know its settings"):
        findings(by_hand, batch_from_vectors(vectors))
