"""Singular values: against plain SVD, small values kept, panels exact."""

import numpy as np
import pytest

from descriptor_sensitivity.descriptors.compression import triangle
from descriptor_sensitivity.environments import batch_from_vectors
from descriptor_sensitivity.singular import (
    condition_number,
    decompose,
    rotation_free_basis,
    singular_values,
)


@pytest.mark.parametrize("n_features", [5, 12, 300, 5000])
def test_decompose_is_the_svd(n_features):
    rng = np.random.default_rng(0)
    jacobian = rng.normal(size=(3, 12, n_features))
    values, left = decompose(jacobian)
    expected = np.linalg.svd(jacobian, compute_uv=False)
    assert values.shape == (3, 12)
    assert np.allclose(values[:, : expected.shape[1]], expected, rtol=1e-13)
    assert np.allclose(left.transpose(0, 2, 1) @ left, np.eye(12), atol=1e-13)
    rebuilt = np.linalg.norm(left.transpose(0, 2, 1) @ jacobian, axis=2)
    assert np.allclose(rebuilt, values, atol=1e-12)
    assert np.array_equal(singular_values(jacobian)[:, n_features:], values[:, n_features:])


def test_small_singular_values_keep_their_digits():
    """s_min = 1e-12 s_max survives a long Jacobian: squaring it would lose it altogether."""
    rng = np.random.default_rng(1)
    left = np.linalg.qr(rng.normal(size=(9, 9)))[0]
    right = np.linalg.qr(rng.normal(size=(3000, 9)))[0]
    wanted = np.logspace(0, -12, 9)
    jacobian = (left * wanted) @ right.T
    values, _ = decompose(jacobian[None])
    assert abs(values[0] - wanted).max() < 1e-15
    assert np.isclose(condition_number(values)[0], 1e12, rtol=1e-3)


def test_triangle_keeps_left_vectors():
    jacobian = np.random.default_rng(2).normal(size=(2, 6, 4000))
    short = triangle(jacobian)
    assert short.shape == (2, 6, 6)
    gram = jacobian @ jacobian.transpose(0, 2, 1)
    assert np.allclose(short @ short.transpose(0, 2, 1), gram, rtol=1e-12)


def test_infinite_condition_number_of_an_exact_zero():
    assert condition_number(np.array([[2.0, 1.0, 0.0]]))[0] == np.inf


def test_linear_environment_has_two_rotations():
    row = batch_from_vectors(np.array([[0, 0, 1.0], [0, 0, -1.5]]))
    assert rotation_free_basis(row.vectors).shape == (1, 6, 4)
    single = batch_from_vectors(np.array([[0, 0, 1.0]]))
    assert rotation_free_basis(single.vectors).shape == (1, 3, 1)
