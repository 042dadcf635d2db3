"""Overlap-matrix fingerprints: the overlaps themselves, derivatives and invariances."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.polynomial.hermite import hermgauss
from scipy.spatial.transform import Rotation

from descriptor_sensitivity.descriptors.omfp import (
    OMFP,
    SmoothOMFP,
    cutoff_function,
    pair_overlaps,
)
from descriptor_sensitivity.environments import batch_from_vectors
from descriptor_sensitivity.singular import sensitivity

TETRAHEDRON = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]]) * 1.1061 / np.sqrt(3)
REPRESENTATIONS = [OMFP(), SmoothOMFP()]


def distorted(seed: int, size: float = 0.3) -> np.ndarray:
    return TETRAHEDRON + np.random.default_rng(seed).uniform(-size, size, (4, 3))


def orbitals(points: np.ndarray, origin: np.ndarray, width: float) -> np.ndarray:
    """Normalised s, px, py, pz Gaussians written as a textbook does, (4, n_points)."""
    alpha = 1 / (2 * width**2)
    x = points - origin
    radial = (2 * alpha / np.pi) ** 0.75 * np.exp(-alpha * np.sum(x**2, axis=1))
    return np.stack([radial, *(2 * np.sqrt(alpha) * x.T * radial)])


@pytest.mark.parametrize("widths", [(0.37, 0.37), (0.37, 0.77), (0.77, 0.37)])
def test_overlaps_are_the_integrals_they_claim_to_be(widths):
    r_i, r_j = np.array([0.3, -0.2, 0.5]), np.array([-0.4, 0.1, 1.1])
    line = np.linspace(-6, 6, 121)  # the trapezium rule is exact to rounding for Gaussians
    points = np.stack(np.meshgrid(line, line, line, indexing="ij"), axis=-1).reshape(-1, 3)
    cell = (line[1] - line[0]) ** 3
    numerical = orbitals(points, r_i, widths[0]) @ orbitals(points, r_j, widths[1]).T * cell
    overlaps, _ = pair_overlaps(r_i - r_j, *map(np.array, widths))
    np.testing.assert_allclose(overlaps, numerical, atol=1e-13)


def test_overlaps_by_gauss_hermite_quadrature():
    """The product of two Gaussians is one Gaussian, so the quadrature is exact."""
    rng = np.random.default_rng(1)
    nodes, weights = hermgauss(8)
    grid = np.stack(np.meshgrid(nodes, nodes, nodes, indexing="ij"), axis=-1).reshape(-1, 3)
    weight = np.einsum("i,j,k->ijk", weights, weights, weights).ravel()
    for _ in range(10):
        r_i, r_j = rng.normal(size=(2, 3))
        w_i, w_j = rng.uniform(0.3, 1.0, 2)
        total = 0.5 / w_i**2 + 0.5 / w_j**2
        centre = (r_i * 0.5 / w_i**2 + r_j * 0.5 / w_j**2) / total
        points = centre + grid / np.sqrt(total)
        flat = np.exp(np.sum(grid**2, axis=1)) * weight / total**1.5
        numerical = (orbitals(points, r_i, w_i) * flat) @ orbitals(points, r_j, w_j).T
        overlaps, _ = pair_overlaps(r_i - r_j, np.array(w_i), np.array(w_j))
        np.testing.assert_allclose(overlaps, numerical, atol=1e-13)


def test_gradients_of_overlaps_and_cutoff_against_central_differences():
    d, step = np.array([0.3, -0.7, 0.4]), 1e-5
    widths = np.array(0.37), np.array(0.77)
    _, gradients = pair_overlaps(d, *widths)
    for axis in range(3):
        shift = step * np.eye(3)[axis]
        numerical = pair_overlaps(d + shift, *widths)[0] - pair_overlaps(d - shift, *widths)[0]
        np.testing.assert_allclose(gradients[axis], numerical / (2 * step), atol=1e-9)
    radii = np.linspace(0.1, 6.5, 14)  # not the joint itself
    numerical = cutoff_function(radii + step, 6.0)[0] - cutoff_function(radii - step, 6.0)[0]
    np.testing.assert_allclose(cutoff_function(radii, 6.0)[1], numerical / (2 * step), atol=1e-9)
    assert cutoff_function(np.array([0.0, 6.0, 7.0]), 6.0)[0].tolist() == [1, 0, 0]


@pytest.mark.parametrize("representation", REPRESENTATIONS, ids=lambda r: r.name)
@pytest.mark.parametrize("species", [1, [1, 1, 1, 8]])
def test_jacobian_against_central_differences(representation, species):
    vectors = np.stack([distorted(seed) for seed in range(3)])
    batch = batch_from_vectors(vectors, species)
    features, jacobian = representation.jacobian(batch)
    np.testing.assert_allclose(features, representation.features(batch), atol=1e-13)
    step = 1e-5
    for row, shift in enumerate(step * np.eye(12).reshape(12, 4, 3)):
        forward = representation.features(batch.moved(batch.vectors + shift))
        back = representation.features(batch.moved(batch.vectors - shift))
        numerical = (forward - back) / (2 * step)
        np.testing.assert_allclose(jacobian[:, row], numerical, atol=2e-8)


def test_spectrum_has_as_many_values_as_orbitals_and_keeps_the_trace():
    vectors = distorted(0)
    values = OMFP(cutoff=6.0).features(batch_from_vectors(vectors))[0]
    damping = cutoff_function(np.linalg.norm(vectors, axis=1), 6.0)[0]
    assert values.shape == (20,)
    assert np.all(np.diff(values) <= 0) and values[-1] > 0
    assert values.sum() == pytest.approx(4 * (1 + np.sum(damping**2)), rel=1e-14)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.permutations(range(4)), st.booleans())
def test_features_do_not_change_with_rotation_reflection_and_permutation(seed, order, mirror):
    vectors = distorted(seed)
    turn = Rotation.random(rng=np.random.default_rng(seed)).as_matrix() * (-1 if mirror else 1)
    same = batch_from_vectors(np.stack([vectors, (vectors @ turn.T)[order]]))
    for representation in REPRESENTATIONS:
        first, second = representation.features(same)
        np.testing.assert_allclose(first, second, atol=1e-12)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_rigid_rotations_are_the_only_blind_directions_of_a_generic_environment(seed):
    vectors = distorted(seed)
    for representation in REPRESENTATIONS:
        _, jacobian = representation.jacobian(batch_from_vectors(vectors))
        rotations = np.cross(np.eye(3)[:, None], vectors).reshape(3, 12)
        assert np.abs(rotations @ jacobian[0]).max() < 1e-12
    singular, _ = sensitivity(OMFP(), batch_from_vectors(vectors))
    assert singular.shape == (1, 9) and singular[0, -1] > 1e-4 * singular[0, 0]


def test_the_sorted_spectrum_has_a_cusp_at_a_symmetric_point_and_its_sums_have_none():
    """Two up, two down: a symmetric displacement (paper 1, Eq. 17), so all slopes should vanish."""
    stretch = TETRAHEDRON * np.array([1, 1, -1, -1])[:, None]
    steps = np.array([-1e-4, -1e-5, 0, 1e-5, 1e-4])
    batch = batch_from_vectors(TETRAHEDRON + steps[:, None, None] * stretch)
    sorted_changes, smooth_changes = (
        np.linalg.norm(r.features(batch) - r.features(batch)[2], axis=1) for r in REPRESENTATIONS
    )
    # linear on both sides against quadratic
    assert sorted_changes[4] == pytest.approx(10 * sorted_changes[3], rel=1e-3)
    assert sorted_changes[4] == pytest.approx(sorted_changes[0], rel=1e-9)
    assert smooth_changes[4] == pytest.approx(100 * smooth_changes[3], rel=1e-3)
    for representation in REPRESENTATIONS:  # the mean of equal eigenvalues has a slope, and it is 0
        _, jacobian = representation.jacobian(batch)
        assert np.abs(stretch.ravel() @ jacobian[2]).max() < 1e-12


def test_neighbours_beyond_the_cutoff_are_not_seen():
    vectors = np.concatenate([distorted(3), [[0, 0, 2.5]]])
    near = OMFP(cutoff=2.0)
    features, jacobian = near.jacobian(batch_from_vectors(vectors))
    without = near.features(batch_from_vectors(vectors[:4]))
    np.testing.assert_allclose(features[0, :20], without[0], atol=1e-14)
    assert np.all(features[0, 20:] == 0) and np.all(jacobian[0, 12:] == 0)
