"""The nearest singular point: closed forms against brute force, the search, and their guards."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.spatial.transform import Rotation
from scipy.stats import ortho_group

from descriptor_sensitivity import nearest_singular
from descriptor_sensitivity.descent import SINGULAR
from descriptor_sensitivity.descriptors.base import Descriptor
from descriptor_sensitivity.descriptors.density import Density
from descriptor_sensitivity.descriptors.radial import gto_basis
from descriptor_sensitivity.environments import Batch, batch_from_vectors, nearest_distance
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.singular import sensitivities
from descriptor_sensitivity.structures.methane import random_methane
from descriptor_sensitivity.theory import families, nearest
from descriptor_sensitivity.theory.equal_angles import (
    equal_angles,
    equal_angles_singular,
    is_equal_angles,
)
from descriptor_sensitivity.theory.nullspace import null_space, random_invariants
from descriptor_sensitivity.theory.recognise import is_double_ring, singular_kind
from descriptor_sensitivity.theory.symmetry import congruent, symmetry_operations

NU2 = Density(2, gto_basis(8, 6, 0.3, 5.0))
METHANE = random_methane(40, 7)


def rotations(count, seed):
    """Unit vectors (count, 3)."""
    axes = np.random.default_rng(seed).normal(size=(count, 3))
    return axes / np.linalg.norm(axes, axis=1, keepdims=True)


@pytest.mark.parametrize(("name", "sign"), [("mirror plane", -1.0), ("twofold axis", 1.0)])
def test_symmetric_points_are_the_nearest(name, sign):
    axes = rotations(30000, 0)
    for vectors in METHANE[:3]:
        point = next(p for p in nearest.symmetric_points(vectors) if p.name == name)
        assert len(symmetry_operations(point.vectors)) > 1
        tried = []
        for exchange in nearest._exchanges((0,) * 4)[1:]:
            others = vectors[exchange]
            images = sign * (2 * np.einsum("nj,nx->njx", axes @ others.T, axes) - others)
            tried.append(np.sqrt(np.sum((vectors - images) ** 2, axis=(1, 2)).min()) / 2)
        assert point.distance <= min(tried)
        assert point.distance == pytest.approx(min(tried), rel=0.02)


def test_the_identity_is_the_first_exchange():
    exchanges = nearest._exchanges((0,) * 4)
    assert len(exchanges) == 10 and exchanges[0].tolist() == [0, 1, 2, 3]


def test_unlike_neighbours_are_not_exchanged():
    mirror_image = np.array([[0.9, 0.8, 0.1], [-0.9, 0.8, 0.1], [0, 0.3, 1.2]])
    like = nearest.symmetric_points(mirror_image, np.array([1, 1, 8]))
    unlike = nearest.symmetric_points(mirror_image, np.array([1, 9, 8]))
    assert min(p.distance for p in like) < 1e-12
    assert min(p.distance for p in unlike) > 0.1


def test_an_arrangement_that_hides_nothing_is_not_offered():
    two = np.array([[1.0, 0.2, 0.1], [-0.4, 1.2, 0.3]])  # always planar, seen where radii differ
    assert [p.name for p in nearest.symmetric_points(two)] == ["mirror plane", "twofold axis"]
    assert nearest.symmetric_points(two, np.array([1, 8])) == []
    three = nearest.symmetric_points(METHANE[0][:3], np.array([1, 8, 9]))
    assert [p.name for p in three] == ["planar"]  # on an axis all three would be on one line


def test_a_large_environment_is_brought_back_to_its_mirror_plane():
    half = rotations(6, 3) * np.linspace(1.0, 2.0, 6)[:, None] + [1.0, 0, 0]
    whole = np.concatenate([half, half * [-1, 1, 1]])
    moved = whole + 1e-3 * rotations(12, 4)
    point = next(p for p in nearest.symmetric_points(moved) if p.name == "mirror plane")
    assert point.distance <= np.linalg.norm(moved - whole)
    assert len(symmetry_operations(point.vectors)) == 2


MEMBERS = {
    "mirror": families.mirror_singular(1.0, 1.15, 1.3),
    "flat_pair": families.flat_pair(1.0, 1.15, 1.3, 30.0, 40.0, 130.0),
    "ring": families.ring(1.0, 1.15),
}


@pytest.mark.parametrize("name", MEMBERS)
@pytest.mark.parametrize("amplitude", [0.0, 0.02])
def test_a_near_miss_is_brought_back_to_its_family(name, amplitude):
    missed = MEMBERS[name] + amplitude * rotations(4, 5)
    point = next(p for p in nearest.degenerate_points(missed) if p.name == name)
    assert point.distance <= 2 * amplitude + 1e-12
    assert null_space(point.vectors, 2, tolerance=1e-9).degenerate.shape[1] == 1


def test_the_flat_pair_is_the_nearest_of_its_family():
    vectors = METHANE[1]
    found = next(p for p in nearest.degenerate_points(vectors) if p.name == "flat_pair")

    def error(turn, a, b, c):
        """Squared distance to the family in one frame, b the two of the pair."""
        e1, e2, e3 = Rotation.from_rotvec(turn).as_matrix()
        m, d = vectors[b[1]] + vectors[b[0]], vectors[b[1]] - vectors[b[0]]
        in_plane = (m @ m - (e1 @ m) ** 2 + d @ d - (e2 @ d) ** 2) / 2
        return in_plane + (e2 @ vectors[c]) ** 2 + (e3 @ vectors[a]) ** 2

    best = min(
        minimize(error, turn, args=(a, (one, two), c)).fun
        for a, one, two, c in nearest._roles()
        for turn in np.random.default_rng(0).normal(size=(4, 3))
    )
    assert found.distance == pytest.approx(np.sqrt(best), rel=1e-6)


def test_every_random_methane_has_a_certified_point():
    batch = batch_from_vectors(METHANE)
    points = nearest_singular(NU2, batch)
    values = sensitivities(NU2, batch.moved(np.array([p.vectors for p in points])))
    assert np.all(values[:, -1] < SINGULAR * values[:, 0])
    for point, start in zip(points, METHANE, strict=True):
        assert point.reason == "" and point.kind in ("degenerate", "symmetric")
        assert point.distance == pytest.approx(np.linalg.norm(point.vectors - start))
        np.testing.assert_allclose(point.vectors - start, point.displacement)
        # turning the point any further only takes it away from the start
        torque = np.cross(point.vectors, start).sum(axis=0)
        assert np.linalg.norm(torque) < 1e-9
    closed = nearest_singular(NU2, batch, search=False)
    assert all(a.distance <= b.distance for a, b in zip(points, closed, strict=True))
    assert any(p.found_by == "search" for p in points)
    assert all(p.found_by == "closed form" for p in closed)


@given(seed=st.integers(0, 1000))
@settings(max_examples=8, deadline=None, derandomize=True)
def test_distance_does_not_change_with_rotation_and_exchange(seed):
    rng = np.random.default_rng(seed)
    vectors = METHANE[seed % len(METHANE)]
    turned = vectors[rng.permutation(4)] @ ortho_group.rvs(3, random_state=rng)
    one, other = (nearest_singular(NU2, batch_from_vectors(v))[0] for v in (vectors, turned))
    assert one.distance == pytest.approx(other.distance, rel=1e-4)
    assert (one.kind, one.found_by) == (other.kind, other.found_by)


def test_order_three_and_two_species():
    nu3 = Density(3, gto_basis(4, 4, 0.3, 5.0))
    batch = batch_from_vectors(METHANE[:2], species=[1, 1, 8, 8])
    for descriptor in (NU2, nu3):
        for point in nearest_singular(descriptor, batch):
            assert point.ratio < SINGULAR
            hidden = null_space(point.vectors, descriptor.nu, batch.species)
            assert hidden.dimension > 0
            assert (point.kind == "degenerate") == (hidden.degenerate.shape[1] > 0)


def test_atoms_do_not_merge():
    close = np.array([[1.0, 0.1, 0.2], [1.1, 0.15, 0.3], [-0.9, 1.3, 0.2], [0.3, -0.8, 1.4]])
    batch = batch_from_vectors(close)
    merged = 0.5 * np.linalg.norm(close[0] - close[1])
    point = nearest_singular(NU2, batch)[0]
    assert nearest_distance(point.vectors[None])[0] >= merged
    assert point.ratio < SINGULAR


def test_a_singular_start_is_its_own_nearest_point():
    point = nearest_singular(NU2, batch_from_vectors(families.ring()))[0]
    assert (point.distance, point.found_by) == (0, "start")
    assert (point.kind, point.what) == ("degenerate", "ring")


def test_a_small_basis_is_told_from_its_limit():
    small = Density(2, gto_basis(2, 1, 0.5, 5.0))  # 6 features for 9 displacements
    point = nearest_singular(small, batch_from_vectors(METHANE[:1]))[0]
    assert (point.kind, point.found_by, point.distance) == ("truncation", "start", 0.0)


ANOTHER_DOUBLE_RING = families.double_ring_singular(1.1, (10.0, 95.0, 200.0), 33.0, 0.7)


@pytest.mark.parametrize(
    ("vectors", "order", "expected"),
    [
        (families.double_ring_singular(), 3, ("degenerate", "double_ring")),
        (ANOTHER_DOUBLE_RING, 3, ("degenerate", "double_ring")),
        (equal_angles_singular(), 2, ("degenerate", "equal_angles")),
        (families.mirror_singular(), 2, ("degenerate", "mirror")),
        (families.COMMENT_SINGULAR, 2, ("degenerate", "ring")),
        (families.flat_pair(), 2, ("degenerate", "flat_pair")),
        (families.pyramid(), 2, ("symmetric", "C3 sigma")),
        (np.array([[1.0, 0, 0], [0, 1.1, 0], [-0.7, -1, 0]]), 2, ("symmetric", "planar")),
        (METHANE[0], 2, ("truncation", "")),
    ],
)  # fmt: skip
def test_kinds_are_recognised_in_any_orientation(vectors, order, expected):
    turned = vectors[::-1] @ ortho_group.rvs(3, random_state=2)
    assert singular_kind(turned, None, order) == expected


def test_near_relatives_of_a_family_are_not_of_it():
    a = np.array([[0.8, 0.6, 0], [0.8, -0.6, 0]])
    b = np.array([[0.5, 0.3, 0], [0.65, -0.1, 0]])  # a.b = a'.b', with another angle
    b[:, 2] = np.sqrt(1.44 - np.sum(b**2, axis=1))
    assert not is_equal_angles(np.vstack([a, b]), 1e-6)
    assert is_equal_angles(equal_angles_singular(), 1e-6)
    assert not is_equal_angles(equal_angles(1), 1e-6)
    ring = families.double_ring_singular()
    assert is_double_ring(ring)
    longer, raised, turned = ring.copy(), ring.copy(), ring.copy()
    longer[0] *= 1.01
    raised[[0, 1, 2], 2], raised[[3, 4, 5], 2] = 0.02, -0.02
    turned[0, :2] = turned[0, :2] @ [[0.9998, 0.02], [-0.02, 0.9998]]
    turned[0] /= np.linalg.norm(turned[0])
    assert not any(map(is_double_ring, (longer, raised, turned, ring[:6])))


def test_what_is_of_no_named_family_is_described():
    # |a| = |a'|, |b| = |b'| and three of the four distances between the pairs alike
    rng = np.random.default_rng(0)
    for _ in range(20):
        batch = batch_from_vectors(random_methane(60, int(rng.integers(1e6))))
        found = [p for p in nearest_singular(NU2, batch) if p.what.startswith("no named")]
        if found:
            break
    assert " = " in found[0].what and found[0].kind == "degenerate"


def test_equal_angles_are_a_pair_for_two_neighbours_and_not_for_three():
    rng = np.random.default_rng(3)
    for theta in rng.uniform(80, 130, 5):
        plus, minus = (equal_angles(sign, n_x=0.5, n_y=0.4, theta=theta) for sign in (1, -1))
        one, two = ([random_invariants(v, order)[0] for order in (1, 2, 3)] for v in (plus, minus))
        assert max(np.abs(a - b).max() for a, b in zip(one[:2], two[:2], strict=True)) < 1e-12
        assert np.abs(one[2] - two[2]).max() > 0.1
        assert not congruent(plus, minus, tolerance=0.01)
    assert [null_space(equal_angles_singular(), k).dimension for k in (2, 3)] == [1, 0]
    assert len(symmetry_operations(equal_angles_singular())) == 1


class Coarse(Descriptor):
    """Features whose derivatives are good to 1e-6, as differences can be."""

    name, derivatives = "coarse", "central differences"

    def jacobian(self, batch):
        features, jacobian = NU2.jacobian(batch)
        noise = np.random.default_rng(0).normal(size=jacobian.shape)
        return features, jacobian + 1e-6 * np.abs(jacobian).max() * noise


def test_coarse_derivatives_give_a_reason_and_no_certificate():
    point = nearest_singular(Coarse(), batch_from_vectors(METHANE[:1]))[0]
    assert point.ratio > SINGULAR and point.kind == "unknown"
    assert "Jacobian by differences" in point.reason


class Orderless(Descriptor):
    """Features of no known order, as those of a potential: the first so many of nu = 2."""

    name = "orderless"

    def __init__(self, n_features):
        self.n_features = n_features

    def jacobian(self, batch):
        features, jacobian = NU2.jacobian(batch)
        return features[:, : self.n_features], jacobian[:, :, : self.n_features]


def test_fewer_features_than_displacements_are_the_reason():
    one = batch_from_vectors(METHANE[:1])
    few = nearest_singular(Orderless(8), one)[0]
    assert (few.found_by, few.distance, few.kind) == ("start", 0, "truncation")
    assert few.what == "8 features for 9 displacements"
    found = nearest_singular(Orderless(200), one)[0]
    assert found.distance > 0 and "features for" not in found.what


def test_bad_input_is_one_sentence():
    with pytest.raises(InputError, match="choose invariant features"):
        nearest_singular(Density(1, gto_basis(4, 2, 0.3, 5.0)), batch_from_vectors(METHANE[0]))
    with pytest.raises(InputError, match="single neighbour"):
        nearest_singular(NU2, batch_from_vectors(METHANE[0][:1]))
    twice = np.array([[1.0, 0, 0], [1.0, 0, 0], [0, 1, 0]])
    batch = Batch(twice[None], np.ones(3, int), 6, np.zeros(1, int), np.zeros(1, int))
    with pytest.raises(InputError, match="Two atoms of environment 0 coincide"):
        nearest_singular(NU2, batch)
    with pytest.raises(InputError, match="unit axis"):
        equal_angles(1, n_x=0.9, n_y=0.9)
