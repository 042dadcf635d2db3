"""Orbits, singular environments and pair manifolds against what defines them."""

import numpy as np
import pytest

from descriptor_sensitivity import orbits, search
from descriptor_sensitivity.descriptors.density import Density
from descriptor_sensitivity.descriptors.radial import gto_basis
from descriptor_sensitivity.environments import batch_from_vectors
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.orbit_checks import aligned
from descriptor_sensitivity.orbits import follow, follow_euler, kept_arc_lengths
from descriptor_sensitivity.search import singular_point
from descriptor_sensitivity.singular import sensitivity
from descriptor_sensitivity.theory.displacements import ring_null, without_rotation
from descriptor_sensitivity.theory.families import COMMENT_SINGULAR, tetrahedral
from descriptor_sensitivity.theory.pairs import closest_ring, pair_manifolds

NU2 = Density(2, gto_basis(6, 6, 0.3, 2.5))
NU3 = Density(3, gto_basis(4, 4, 0.3, 2.5))
NEAR = COMMENT_SINGULAR + 0.03 * np.sin(np.arange(12)).reshape(4, 3)


def relative_minimum(vectors: np.ndarray) -> np.ndarray:
    values = sensitivity(NU2, batch_from_vectors(vectors))[0]
    return values[:, -1] / values[:, 0]


def test_kept_arc_lengths_are_those_of_the_published_frames():
    np.testing.assert_allclose(kept_arc_lengths(4, 1e-4, 100), [0, 1e-4, 101e-4, 201e-4])


def test_adaptive_method_follows_the_curve_of_the_euler_steps():
    arc = kept_arc_lengths(6, 1e-3, 20)
    start = batch_from_vectors(NEAR)
    euler = follow_euler(NU2, start, 1e-3, arc)[0]
    modified = follow(NU2, start, arc, 1e-3, 1e-8)
    exact = follow(NU2, start, arc, 0.0, 1e-8)
    drift = np.abs(exact.vectors - euler.vectors).max()
    assert drift > 1e-4
    assert np.abs(modified.vectors - euler.vectors).max() < 0.05 * drift
    # The exact orbit is what smaller steps come to, with the first power of the step.
    small = follow_euler(NU2, start, 2.5e-4, arc)[0]
    assert np.isclose(np.abs(exact.vectors - small.vectors).max() / drift, 0.25, rtol=0.2)


def test_sharp_turns_are_stepped_literally(monkeypatch):
    start = batch_from_vectors(COMMENT_SINGULAR + 0.2 * (NEAR - COMMENT_SINGULAR))
    arc = kept_arc_lengths(8, 3e-3, 20)
    euler = follow_euler(NU2, start, 3e-3, arc)[0]
    literal = follow(NU2, start, arc, 3e-3, 1e-8)
    monkeypatch.setattr(orbits, "TURN", 10.0)
    smooth = follow(NU2, start, arc, 3e-3, 1e-8)
    deviations = [np.abs(orbit.vectors - euler.vectors).max() for orbit in (literal, smooth)]
    assert deviations[0] < 0.6 * deviations[1]
    assert literal.evaluations < 0.6 * smooth.evaluations


def test_an_orbit_moves_along_the_least_sensitive_direction_without_rotating():
    orbit = follow(NU2, batch_from_vectors(NEAR), np.linspace(0, 0.01, 11), 0.0, 1e-9)
    moves = (orbit.vectors[2:] - orbit.vectors[:-2]).reshape(9, 12) / 0.002
    batch = batch_from_vectors(orbit.vectors[1:-1])
    left = sensitivity(NU2, batch)[1][:, :, -1]
    np.testing.assert_allclose(np.abs((moves * left).sum(axis=1)), 1, atol=2e-3)
    turning = np.cross(batch.vectors, moves.reshape(9, 4, 3)).sum(axis=1)
    assert np.abs(turning).max() < 1e-3
    assert moves[0, 0] > 0  # the first neighbour sets out towards +x


def test_orbits_advance_together_as_they_do_alone():
    arc = kept_arc_lengths(3, 1e-3, 3)
    starts = batch_from_vectors(
        np.array([NEAR, COMMENT_SINGULAR + 0.5 * (NEAR - COMMENT_SINGULAR)])
    )
    together = follow_euler(NU2, starts, 1e-3, arc)
    for index, orbit in enumerate(together):
        alone = follow_euler(NU2, starts[index : index + 1], 1e-3, arc)[0]
        np.testing.assert_allclose(orbit.vectors, alone.vectors, atol=1e-12)


@pytest.mark.parametrize("method", ["euler", "modified"])
def test_a_symmetric_point_stops_an_orbit_and_is_named(method):
    start = batch_from_vectors(tetrahedral(1.09))
    arc = kept_arc_lengths(4, 1e-3, 2)
    if method == "euler":
        orbit = follow_euler(NU2, start, 1e-3, arc)[0]
    else:
        orbit = follow(NU2, start, arc, 1e-3)
    assert len(orbit.vectors) == 1
    assert "symmetric point" in orbit.stopped
    assert "arc length of 0.0000 Å" in orbit.stopped
    assert "neighbours at" in orbit.stopped


def test_singular_values_that_are_nearly_equal_give_no_direction():
    apart = [1.0, 0.1, 0.099]
    values = np.array([apart, [1.0, 0.1, 0.09995], [1.0, 1e-11, 1e-14], [1.0, 1e-9, 1e-14]])
    fine, meet, flat, near = orbits._lost_direction(values)
    assert fine == near == ""
    assert "two smallest singular values meet" in meet
    assert "symmetric point" in flat


@pytest.mark.parametrize("method", ["euler", "modified", "exact"])
def test_meeting_singular_values_stop_an_orbit_where_they_meet(method, monkeypatch):
    start, arc, step = batch_from_vectors(NEAR), kept_arc_lengths(16, 1e-3, 10), 1e-3

    def orbit():
        if method == "euler":
            return follow_euler(NU2, start, step, arc)[0]
        return follow(NU2, start, arc, step if method == "modified" else 0.0)

    whole = orbit()
    gaps = 1 - whole.singular_values[:, -1] / whole.singular_values[:, -2]
    limit = (gaps[0] + gaps.min()) / 2
    last = np.flatnonzero(gaps < limit)[0]
    assert not whole.stopped and 1 < last < 15
    monkeypatch.setattr(orbits, "GAP", limit)
    stopped = orbit()
    assert last <= len(stopped.vectors) <= last + 3  # seen at the end of a step
    assert "two smallest singular values meet" in stopped.stopped
    np.testing.assert_allclose(stopped.vectors, whole.vectors[: len(stopped.vectors)], atol=1e-6)


def test_search_finds_a_singular_environment_and_the_closed_form_is_one():
    found = singular_point(NU2, batch_from_vectors(NEAR))
    ring, apex = closest_ring(NEAR)
    assert relative_minimum(NEAR)[0] > 1e-4
    assert relative_minimum(found)[0] < 1e-12
    assert relative_minimum(ring)[0] < 1e-14
    assert apex == 2
    distances = [np.linalg.norm(x - NEAR) for x in (found, ring, COMMENT_SINGULAR)]
    assert distances[0] < 1.001 * min(distances[1:])
    radii = np.sort(np.linalg.norm(found, axis=1))
    assert min(np.ptp(radii[:3]), np.ptp(radii[1:])) < 1e-6


def test_search_far_from_any_singular_environment_says_so(monkeypatch):
    monkeypatch.setattr(search, "rotation_free_basis", lambda vectors: np.zeros((1, 12, 9)))
    with pytest.raises(InputError, match="No singular environment was found"):
        singular_point(NU2, batch_from_vectors(NEAR))


def test_pairs_are_degenerate_for_nu2_and_not_for_nu3_and_meet_at_a0():
    ring, apex = closest_ring(COMMENT_SINGULAR)
    distances = np.array([-0.3, -0.1, 0.0, 0.1, 0.3])
    pairs = pair_manifolds(ring, apex, distances)
    for representation, same in ((NU2, True), (NU3, False)):
        plus, minus = (representation.features(batch_from_vectors(x)) for x in pairs)
        apart = np.linalg.norm(plus - minus, axis=1) / np.linalg.norm(plus, axis=1)
        assert apart[2] < 1e-13
        if same:
            assert apart.max() < 1e-13
        else:
            assert np.delete(apart, 2).min() > 1e-3
    smallest = np.array([relative_minimum(branch) for branch in pairs])
    assert smallest[:, 2].max() < 1e-13
    assert np.delete(smallest, 2, axis=1).min() > 1e-4
    # The difference of the branches at A0 is the null vector.
    close = pair_manifolds(ring, apex, np.array([1e-5]))[:, 0]
    difference = (close[0] - close[1]).ravel() / np.linalg.norm(close[0] - close[1])
    null = ring_null(ring, apex).ravel()
    whole = np.zeros(12).reshape(4, 3)
    whole[apex] = difference.reshape(4, 3)[apex]
    assert np.isclose(abs(without_rotation(ring, whole).ravel() @ null), 1, atol=1e-6)
    with pytest.raises(InputError, match="no degenerate pair 3 Å"):
        pair_manifolds(ring, apex, np.array([3.0]))


def test_alignment_undoes_rotations_and_only_rotations():
    rotation = np.linalg.qr(np.random.default_rng(0).normal(size=(3, 3)))[0]
    rotation *= np.sign(np.linalg.det(rotation))
    back = aligned(np.array([NEAR @ rotation, NEAR @ -rotation]), NEAR)
    np.testing.assert_allclose(back[0], NEAR, atol=1e-13)
    assert np.abs(back[1] - NEAR).max() > 0.1
