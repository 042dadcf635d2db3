"""Kernel ridge regression, exactly rotated features, and the training sub-grids."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.kernel_ridge import KernelRidge

from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.manifolds import square_grid, training_line, training_points
from descriptor_sensitivity.regression import kernel_ridge, rotated

GAMMAS, SIGMA2S = 10.0 ** np.arange(-4, 2), 10.0 ** np.arange(-12, 1)


def curves(offset: float) -> np.ndarray:
    """Smooth features (30, 400) of one parameter on a constant offset."""
    x = np.linspace(-1, 1, 30)[:, None]
    rng = np.random.default_rng(0)
    return offset + 1e-3 * np.sin(x * rng.normal(size=400) + rng.normal(size=400))


def test_rotation_keeps_distances_and_scalar_products():
    features, slopes = curves(1.0), np.random.default_rng(1).normal(size=(2, 400))
    pieces = [slice(0, 5), slice(5, 160), slice(160, 400)]  # P has to grow
    rows = rotated(((features[:, piece], slopes[:, piece]) for piece in pieces), origin=7)
    whole = np.concatenate([features - features[7], slopes])
    assert rows.shape[1] <= 32
    np.testing.assert_allclose(rows @ rows.T, whole @ whole.T, rtol=1e-9, atol=1e-12)


def test_rotated_distances_keep_the_digits_that_the_dot_product_loses():
    features = curves(1e3)
    exact = cdist(features.astype(np.longdouble), features.astype(np.longdouble), "sqeuclidean")
    rows = rotated([(features, np.zeros((0, 400)))], origin=0)
    ours = cdist(rows, rows, "sqeuclidean")
    squares = np.sum(features**2, axis=1)
    naive = squares[:, None] + squares[None] - 2 * features @ features.T
    neighbours = np.eye(30, k=1, dtype=bool)
    assert np.abs(ours - exact)[neighbours].max() < 1e-6 * exact[neighbours].min()
    assert np.abs(naive - exact)[neighbours].max() > 1e-2 * exact[neighbours].max()


def test_a_basis_of_all_rows_is_not_extended():
    """Slopes beside which features are small leave more than the rounding of the features."""
    rng = np.random.default_rng(0)
    features, slopes = rng.normal(size=(4, 50)), 1e6 * rng.normal(size=(2, 50))
    rows = rotated([(features, slopes)], origin=0)
    whole = np.concatenate([features - features[0], slopes])
    np.testing.assert_allclose(rows @ rows.T, whole @ whole.T, atol=1e-12 * (whole**2).sum())


def test_no_features_are_refused():
    with pytest.raises(InputError, match="no features"):
        rotated([], 0)


def test_kernel_ridge_is_equations_18_and_19():
    """Against scikit-learn at the hyperparameters found."""
    x = np.linspace(-1, 1, 21)
    features, targets = np.stack([x, x**2], axis=1), np.sin(3 * x)
    train = np.arange(0, 21, 5)
    fit = kernel_ridge(features, targets, train, GAMMAS, SIGMA2S)
    model = KernelRidge(alpha=fit.sigma2, kernel="rbf", gamma=fit.gamma)
    mean = targets[train].mean()
    model.fit(features[train], targets[train] - mean)
    np.testing.assert_allclose(fit.prediction, mean + model.predict(features), atol=1e-6)
    test = np.setdiff1d(np.arange(21), train)
    assert fit.rmse == pytest.approx(np.sqrt(np.mean((fit.prediction - targets)[test] ** 2)))


def test_gamma_is_in_units_of_the_largest_squared_distance_and_the_mean_is_not_regularised():
    x = np.linspace(-1, 1, 21)
    features, train = np.stack([x, x**2], axis=1), np.arange(0, 21, 5)
    one = np.array([1.0])
    fit = kernel_ridge(features, np.sin(3 * x), train, one, one)
    scaled = kernel_ridge(1e3 * features, np.sin(3 * x), train, one, one)
    np.testing.assert_allclose(scaled.prediction, fit.prediction, atol=1e-12)
    unit = cdist(features, features[train], "sqeuclidean").max()
    assert scaled.gamma == pytest.approx(1e-6 / unit) and fit.gamma == pytest.approx(1 / unit)
    shifted = kernel_ridge(features, 100 + np.sin(3 * x), train, one, one)
    np.testing.assert_allclose(shifted.prediction, 100 + fit.prediction, atol=1e-10)


def test_hyperparameters_are_the_best_of_the_grid_on_the_test_points():
    x = np.linspace(-1, 1, 21)
    features, targets = x[:, None], np.exp(x)
    train = np.arange(0, 21, 4)
    best = kernel_ridge(features, targets, train, GAMMAS, SIGMA2S).rmse
    single = [
        kernel_ridge(features, targets, train, np.array([g]), np.array([s])).rmse
        for g in GAMMAS
        for s in SIGMA2S
    ]
    assert best == pytest.approx(min(single), rel=1e-9)


def test_structures_without_energy_are_left_out():
    x = np.linspace(-1, 1, 21)
    features, targets = x[:, None], np.exp(x)
    targets[[3, 10]] = np.nan
    fit = kernel_ridge(features, targets, np.array([0, 5, 10, 15, 20]), GAMMAS, SIGMA2S)
    assert np.isfinite(fit.rmse) and np.isfinite(fit.prediction).all()
    with pytest.raises(InputError, match="not converge"):
        kernel_ridge(features, np.full(21, np.nan), np.arange(5), GAMMAS, SIGMA2S)
    for few in (np.array([0]), np.arange(21)):  # one to learn from, none to test on
        with pytest.raises(InputError, match="at least 2 training and 1 test"):
            kernel_ridge(features, np.exp(x), few, GAMMAS, SIGMA2S)
    with pytest.raises(InputError, match="same features"):
        kernel_ridge(np.ones((21, 2)), np.exp(x), np.arange(5), GAMMAS, SIGMA2S)


def test_features_that_cannot_tell_structures_apart_predict_their_mean():
    x = np.linspace(-1, 1, 21)
    targets = 1 + x + x**2  # the features are even, the odd part is out of reach
    fit = kernel_ridge(x[:, None] ** 2, targets, np.arange(0, 21, 5), GAMMAS, SIGMA2S)
    np.testing.assert_allclose(fit.prediction, 1 + x**2, atol=1e-3)
    assert fit.rmse == pytest.approx(np.sqrt(np.mean(np.delete(x, np.arange(0, 21, 5)) ** 2)), 1e-3)


def test_training_grids_of_the_paper():
    assert training_line(21, 3).tolist() == [0, 10, 20]
    assert training_line(21, 7).tolist() == [1, 4, 7, 10, 13, 16, 19]
    points = training_points(21, 3)
    assert points.tolist() == [0, 10, 20, 210, 220, 230, 420, 430, 440]


@pytest.mark.parametrize("n_points, n_train, word", [(5, 7, "no sub-grid"), (21, 4, "evenly")])
def test_impossible_training_grids(n_points, n_train, word):
    with pytest.raises(InputError, match=word):
        training_line(n_points, n_train)


@pytest.mark.parametrize("n_points", [1, 2, 20])
def test_grids_need_a_middle(n_points):
    with pytest.raises(InputError, match="odd"):
        square_grid(n_points)
