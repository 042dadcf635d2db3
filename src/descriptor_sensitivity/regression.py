"""Kernel ridge regression on a grid of structures (paper 1, section 3)."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import scipy.linalg
from scipy.spatial.distance import cdist

from descriptor_sensitivity.errors import InputError


def rotated(panels: Iterable[tuple[np.ndarray, np.ndarray]], origin: int) -> np.ndarray:
    """Feature differences and derivatives after an orthogonal transformation to few columns.

    Nearly equal feature vectors lose their digits in |x|^2 + |y|^2 - 2 x.y. So the features of row
    `origin` are subtracted first, and D = P C with orthonormal P (n_rows, k) that spans the columns
    of D; then C^T = Q R gives D = (P R^T) Q^T, of which P R^T is returned: distances, norms and
    scalar products of rows stay as they are and nothing is squared. P grows until what it misses of
    a panel is below the rounding of the features themselves. Structures on a smooth manifold need
    few columns, which is what makes it fast.

    Args:
        panels: features (n_env, any) and derivatives (n_dir, any), in panels of any width.
        origin: index of the environment whose features are subtracted.

    Returns:
        (n_env + n_dir, k), the differences and then the derivatives.
    """
    basis: np.ndarray | None = None
    triangle = np.zeros((0, 0))
    square = 0.0
    for features, slopes in panels:
        block = np.concatenate([features - features[origin], slopes])
        if basis is None:
            basis = np.zeros((len(block), 0))
        square += np.sum(features**2)
        rounding = 1e-30 * square
        inside = basis.T @ block
        outside = block - basis @ inside
        while np.sum(outside**2) > rounding and basis.shape[1] < len(block):
            # P needs to span, no more: the directions to add may come from a squared matrix
            values, vectors = np.linalg.eigh(outside @ outside.T)
            wanted = vectors[:, values > max(1e-12 * values[-1], rounding / len(block))]
            wanted = wanted[:, -(len(block) - basis.shape[1]) :]
            basis, r = np.linalg.qr(np.concatenate([basis, wanted], axis=1))
            basis *= np.sign(np.diag(r))  # the columns that were there stay as they were
            inside = basis.T @ block
            outside = block - basis @ inside
        padded = np.pad(triangle, ((0, 0), (0, basis.shape[1] - triangle.shape[1])))
        triangle = np.asarray(np.linalg.qr(np.concatenate([padded, inside.T]), mode="r"))
    if basis is None:
        raise InputError("There are no features to learn from.")
    return basis @ triangle.T


@dataclass(frozen=True)
class Fit:
    """A kernel ridge regression with its hyperparameters.

    Attributes:
        gamma: of the kernel, 1 / feature unit squared.
        sigma2: regularisation.
        rmse: root mean square error over the test points, in units of the targets.
        prediction: (n_env,) for every structure, training points included.
    """

    gamma: float
    sigma2: float
    rmse: float
    prediction: np.ndarray


def kernel_ridge(
    features: np.ndarray,
    targets: np.ndarray,
    train: np.ndarray,
    gammas: np.ndarray,
    sigma2s: np.ndarray,
) -> Fit:
    """Best kernel ridge regression over a grid of hyperparameters.

        K_ii' = exp(-gamma |xi_i - xi_i'|^2),  E(A) = sum_i k(A, A_i) b_i,  b = (K + sigma^2 1)^-1 E

    (paper 1, Eqs. 18-19), with the mean of the training targets taken off E and added back. gamma
    is tried in units of 1 / the largest squared distance. As in the paper, the pair (gamma,
    sigma^2) with the smallest error on the *test* points is kept: this leaks the test set by
    design, so that errors can be compared with one another and with no real prediction.

    Args:
        features: (n_env, k) from `rotated`.
        targets: (n_env,); structures with NaN are left out of training and test.
        train: indices of the training structures.
        gammas: (n_gamma,) dimensionless values of gamma to try.
        sigma2s: (n_sigma,) values of sigma^2 to try.
    """
    known = np.isfinite(targets)
    train = train[known[train]]
    test = np.setdiff1d(np.flatnonzero(known), train)
    if len(train) < 2 or len(test) == 0:
        raise InputError(
            f"A regression needs at least 2 training and 1 test energies, not {len(train)} and"
            f" {len(test)}; see which SCF calculations did not converge."
        )
    distances = cdist(features, features[train], "sqeuclidean")
    unit = distances.max()
    if not unit > 0:
        raise InputError("All structures have the same features: there is nothing to learn from.")
    mean = targets[train].mean()
    best = Fit(np.nan, np.nan, np.inf, np.full(len(targets), np.nan))
    for gamma in np.asarray(gammas) / unit:
        kernel = np.exp(-gamma * distances)
        values, vectors = scipy.linalg.eigh(kernel[train])
        projected = kernel @ vectors
        seen = vectors.T @ (targets[train] - mean)
        # one column of weights for each sigma^2
        weights = seen[:, None] / (np.maximum(values, 0)[:, None] + sigma2s)
        predictions = mean + projected @ weights
        errors = np.sqrt(np.mean((predictions[test] - targets[test, None]) ** 2, axis=0))
        index = int(np.argmin(errors))
        if errors[index] < best.rmse:
            best = Fit(
                float(gamma), float(sigma2s[index]), float(errors[index]), predictions[:, index]
            )
    return best
