"""The singular point next to an environment of low sensitivity."""

from copy import copy
from dataclasses import replace

import numpy as np
import pytest

from descriptor_sensitivity import build_descriptor
from descriptor_sensitivity.audit import diagnosis, nearby
from descriptor_sensitivity.audit.case import Case, Companions
from descriptor_sensitivity.audit.nearby import NearSingular
from descriptor_sensitivity.audit.thresholds import Thresholds
from descriptor_sensitivity.descriptors.base import Cost
from descriptor_sensitivity.environments import batch_from_vectors
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.search import SingularPoint, singular_points
from descriptor_sensitivity.singular import sensitivity
from descriptor_sensitivity.structures.methane import random_methane
from descriptor_sensitivity.theory import families

DENSITY = {"kind": "density", "nu": 2, "radial_basis": "gto", "n_max": 8, "l_max": 6}
DENSITY |= {"sigma": 0.3, "cutoff": 4.0}
SOAP = build_descriptor("soap", DENSITY)


def next_to(vectors, search=False):
    one = batch_from_vectors(vectors)
    return nearby.nearby(SOAP, one, sensitivity(SOAP, one)[1][0, :, -1], search)


@pytest.mark.parametrize("distance", [0.0, 0.02])
def test_the_point_that_an_environment_was_moved_from_explains_it(distance):
    near = next_to(families.distorted(families.mirror_singular(), distance, 1))
    assert near.name == "degenerate: mirror" and near.explains
    assert near.point.distance <= distance * np.sqrt(4) + 1e-9
    itself = str(near) == "it is a degenerate point itself of the mirror family"
    assert itself == (distance == 0)


@pytest.mark.parametrize(
    ("kind", "what", "said"),
    [
        ("degenerate", "mirror", "a degenerate point of the mirror family lies 0.28 Å away"),
        ("degenerate", "flat_pair", "point of the mirror family at p = 0 lies"),
        ("degenerate", "no named family", "a degenerate point (no named family) lies"),
        ("symmetric", "planar", "a symmetric point (planar) lies"),
        ("truncation", "", "a truncation point lies"),
    ],
)
def test_a_sentence_names_the_family(kind, what, said):
    near = next_to(families.distorted(families.mirror_singular(), 0.02, 1))
    point = replace(near.point, kind=kind, what=what, distance=0.28)
    assert said in str(replace(near, point=point))


def test_a_point_that_hides_another_displacement_is_passed_over(monkeypatch):
    """The nearest point of this molecule is one of the mirror family; it hides 1 % of the worst."""
    monkeypatch.setattr(nearby, "CLOSE", 0.5)
    vectors = random_methane(60, seed=3)[44]
    one = batch_from_vectors(vectors)
    points = list(singular_points(SOAP, one, search=False))
    assert [point.distance for point in points] == sorted(point.distance for point in points)
    assert points[0].what == "mirror"
    near = next_to(vectors)
    assert near.name == "symmetric: sigma" and near.part > 0.5
    assert near.point.distance > 1.5 * points[0].distance
    monkeypatch.setattr(nearby, "CLOSE", 0.3)
    assert next_to(vectors).name == "degenerate: mirror"  # none explains it: the nearest


def test_sensitivity_has_to_fall_towards_the_point(monkeypatch):
    """The ring-like molecule next to a far planar one."""
    vectors = families.distorted(families.mirror_singular(), 0.02, 1)
    one = batch_from_vectors(vectors)
    worst = sensitivity(SOAP, one)[1][0, :, -1]
    (point, *_) = singular_points(SOAP, one, search=False)
    assert nearby._judged(SOAP, one, point, worst).falls
    detour = SingularPoint(**{**vars(point), "displacement": 20 * point.displacement})
    assert not nearby._judged(SOAP, one, detour, worst).falls


def test_too_many_neighbours_and_coarse_derivatives_are_left_out():
    rng = np.random.default_rng(0)
    many = rng.normal(size=(21, 3))
    many *= (1 + 2 * rng.random((21, 1))) / np.linalg.norm(many, axis=1, keepdims=True)
    assert next_to(many, search=True) is None
    assert next_to(many[:9]) is None

    one = batch_from_vectors(families.mirror_singular())
    worst = sensitivity(SOAP, one)[1][0, :, -1]
    coarse = copy(SOAP)
    coarse.derivatives = "differences"
    assert nearby.nearby(coarse, one, worst) is None
    assert nearby.nearby(SOAP, batch_from_vectors(np.array([[1.0, 0, 0]])), np.eye(3)[0]) is None
    with pytest.raises(InputError, match="single neighbour"):
        list(singular_points(SOAP, batch_from_vectors(np.array([[1.0, 0, 0]]))))


@pytest.mark.parametrize(("seconds", "followed"), [(10 / 121, True), (10 / 119, False)])
def test_features_that_take_long_are_not_followed(seconds, followed, monkeypatch):
    """A search takes 120 Jacobians, and may take 10 s."""
    one = batch_from_vectors(random_methane(60, seed=3)[0])
    asked = []

    def points(descriptor, one, search):
        asked.append(search)
        return []

    monkeypatch.setattr(nearby, "singular_points", points)
    slow = copy(SOAP)
    monkeypatch.setattr(slow, "cost", lambda settings, n, kinds: Cost(0.0, seconds))
    nearby.nearby(slow, one, sensitivity(SOAP, one)[1][0, :, -1], search=True)
    last = diagnosis.unexplained(Case(one, slow, Companions(DENSITY), Thresholds({}, {}, {})))
    assert asked == [followed, followed]
    assert ("to follow the features to one would take too long" in last.because) is not followed


POINT = SingularPoint(np.eye(3), np.eye(3), 0.2, "degenerate", "mirror", 1e-16, "search", "")
SYMMETRIC = SingularPoint(np.eye(3), np.eye(3), 0.2, "symmetric", "planar", 1e-16, "search", "")
FAR = SingularPoint(np.eye(3), np.eye(3), 0.31, "degenerate", "mirror", 1e-16, "search", "")
UNKNOWN = SingularPoint(np.eye(3), np.eye(3), 0.2, "unknown", "", 1e-16, "search", "")


@pytest.mark.parametrize(
    ("near", "own", "said"),
    [
        (NearSingular(POINT, 0.6, True), True, "degenerate"),
        (NearSingular(SYMMETRIC, 0.6, True), False, "symmetric"),
        (NearSingular(POINT, 0.6, True), False, None),  # of a density, not of this descriptor
        (NearSingular(POINT, 0.4, True), True, None),
        (NearSingular(POINT, 0.6, False), True, None),
        (NearSingular(UNKNOWN, 0.6, True), True, None),
        (NearSingular(FAR, 0.9, True), True, None),
        (None, True, None),
    ],
)
def test_what_makes_it_the_diagnosis(near, own, said):
    vectors = random_methane(1, seed=0)[0]
    case = Case(
        batch_from_vectors(vectors), SOAP, Companions(DENSITY, own=own), Thresholds({}, {}, {})
    )
    case.__dict__["searched"] = near
    finding = diagnosis.near_singular(case)
    assert (finding.diagnosis if finding else None) == said
    last = diagnosis.unexplained(case)
    told = str(near) if near else "no singular point was found near it"
    assert last.diagnosis == "unexplained" and told in last.because and last.singular == near
