"""The way down to a singular point, led by the descriptor's derivatives."""

import numpy as np
import pytest

from descriptor_sensitivity import nearest_singular
from descriptor_sensitivity.descent import SINGULAR, descend
from descriptor_sensitivity.descriptors.density import Density
from descriptor_sensitivity.descriptors.radial import gto_basis
from descriptor_sensitivity.environments import Batch, batch_from_vectors, nearest_distance
from descriptor_sensitivity.structures.methane import random_methane

NU2 = Density(2, gto_basis(8, 6, 0.3, 5.0))


def test_the_search_alone_converges_for_nine_of_ten_random_methane_molecules():
    batch = batch_from_vectors(random_methane(60, 11))
    points, ratios = descend(NU2, batch)
    apart = nearest_distance(points) > 0.5 * nearest_distance(batch.vectors)
    assert np.mean((ratios < SINGULAR) & apart) >= 0.9


def test_neighbours_that_leave_the_cutoff_end_a_search_only():
    inside = Density(2, gto_basis(6, 4, 0.3, 3.01))
    batch = batch_from_vectors(random_methane(12, 2))
    for point in nearest_singular(inside, batch):
        assert point.ratio < SINGULAR
        assert np.linalg.norm(point.vectors, axis=1).max() <= 3.01


def test_a_search_of_two_neighbours_may_end_on_a_line():
    # where they lie on one line with the centre they have a rotation less than the others
    pairs = np.random.default_rng(0).normal(size=(8, 2, 3))
    pairs[5] = [[1.2, 0.1, 0], [-0.9, 0.15, 0.1]]
    points = nearest_singular(NU2, batch_from_vectors(pairs, species=[1, 8]))
    assert points[5].ratio < SINGULAR and points[5].kind == "symmetric"
    assert np.linalg.svd(points[5].vectors, compute_uv=False)[1] < 1e-8
    for point, start in zip(points, pairs, strict=True):
        alone = nearest_singular(NU2, batch_from_vectors(start, species=[1, 8]))[0]
        assert (alone.ratio < SINGULAR) == (point.ratio < SINGULAR)


def test_neighbours_on_a_line_do_not_count_the_rotations_of_others():
    """Two rotations are left out for those on a line, three for the rest, in whatever order."""
    line = [[1.2, 0, 0], [-0.9, 0, 0]]
    bent = [[1.2, 0.1, 0], [-0.9, 0.35, 0.1]]
    found, ratio = descend(NU2, batch_from_vectors(np.array([bent]), species=[1, 8]), np.ones(1))
    mixed = Batch(np.array([line, bent]), np.array([1, 8]), 6, np.zeros(2, int), np.zeros(2, int))
    points, ratios = descend(NU2, mixed, np.ones(1))
    assert ratios[0] < SINGULAR and np.array_equal(points[0], line)
    assert ratios[1] == pytest.approx(ratio[0], rel=1e-6) and ratio[0] > 1e-3
    np.testing.assert_allclose(points[1], found[0], atol=1e-9)
