"""Each condition of a diagnosis decides somewhere, and the evidence it rests on."""

import numpy as np
import pytest

from descriptor_sensitivity.audit import case
from descriptor_sensitivity.audit.evidence import best_symmetry, loss, without_orientation
from descriptor_sensitivity.audit.thresholds import Thresholds
from descriptor_sensitivity.descriptors.registry import build_descriptor
from descriptor_sensitivity.environments import batch_from_vectors
from descriptor_sensitivity.singular import condition_number, sensitivity, singular_values
from descriptor_sensitivity.structures.methane import random_methane
from descriptor_sensitivity.theory import families
from descriptor_sensitivity.theory.symmetry import symmetry_operations, totally_symmetric
from diagnosing import (
    CORRUGATED,
    DENSITY,
    MEDIANS,
    NEAR_MIRROR,
    SHELLS,
    SQUARE,
    diagnose,
)


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
def test_one_condition_decides(vectors, thresholds, settings, diagnosis, words, monkeypatch):
    monkeypatch.setattr(case, "nearby", lambda *a, **k: None)  # singular points are asked last
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


def crowd(n=12, seed=3, **settings):
    """A case of `n` neighbours at random places of a ball, and nu = 1 of its density."""
    vectors = np.random.default_rng(seed).uniform(-1.5, 1.5, (1, n, 3))
    return crowded(vectors, **settings)


def crowded(vectors, **settings):
    """The same of neighbours at `vectors` (1, N, 3)."""
    settings = {**DENSITY, **settings}
    audited = build_descriptor("audited", settings)
    companions = case.Companions(settings)
    return case.Case(batch_from_vectors(vectors), audited, companions, Thresholds({}, {}, {}))


def decomposed(asked, nu1):
    """The loss of nu = 1 with the largest singular value of its full decomposition."""
    jacobian = nu1.jacobian(asked.one)[1]
    if asked.descriptor.invariant:
        jacobian = without_orientation(jacobian, asked.one.vectors)
    return loss(jacobian, asked.worst[None], singular_values(jacobian)[:, 0])[0]


@pytest.mark.parametrize("nu", [1, 2])
@pytest.mark.parametrize("move", ["n_max", "l_max", "sigma"])
def test_a_loss_is_that_of_the_decomposed_jacobian(nu, move):
    asked = crowd(nu=nu)
    moved = asked.companions.moved(move)
    assert asked.loss_nu1(moved) == pytest.approx(decomposed(asked, moved), rel=1e-12)


@pytest.mark.parametrize("nu", [1, 2])
def test_a_loss_beyond_what_a_squared_jacobian_holds(nu):
    """An atom 1e-4 Å inside the cutoff function: its move is lost by more than 1e8, not wholly."""
    vectors = crowd().one.vectors.copy()
    vectors[0, 0] *= (DENSITY["cutoff"] - 1e-4) / np.linalg.norm(vectors[0, 0])
    asked = crowded(vectors, nu=nu, cutoff_width=1.0)
    lost = asked.loss_nu1(asked.companions.nu1)
    assert lost == pytest.approx(decomposed(asked, asked.companions.nu1), rel=1e-12)
    assert 1e8 < lost < np.inf


def test_a_loss_of_a_dozen_neighbours_near_one_line():
    line = np.arange(1, 13)[:, None] * np.array([0.1, 0.2, -0.1])
    asked = crowded(line[None] + 1e-7 * crowd().one.vectors)
    lost = asked.loss_nu1(asked.companions.nu1)
    assert lost == pytest.approx(decomposed(asked, asked.companions.nu1), rel=1e-12)
