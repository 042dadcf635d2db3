"""One particle on a line (paper 1, section 1.7): the features x^2 and cos x, and what they can fit.

The property y(x) = exp(-x^2 / 16) + 0.15 cos(2 x) is even in x, as symmetry asks, but only its
second term is even about x = pi too. It is fitted by polynomials of each feature xi, by least
squares.
"""

import numpy as np
import pandas as pd
from numpy.polynomial import chebyshev

from descriptor_sensitivity.errors import InputError

FEATURES = {"x^2": np.square, "cos x": np.cos}

N_POINTS, MAX_DEGREE = 400, 20
"""Points, evenly in -2 pi < x < 2 pi, and the largest degree of the polynomials."""


def target(x: np.ndarray) -> np.ndarray:
    """y(x)."""
    return np.exp(-(x**2) / 16) + 0.15 * np.cos(2 * x)


def even_about_pi(x: np.ndarray) -> np.ndarray:
    """The best that a function of cos x can do: the mean of y over x and 2 pi - |x|."""
    return (target(x) + target(2 * np.pi - np.abs(x))) / 2


def fit(xi: np.ndarray, y: np.ndarray, degree: int) -> np.ndarray:
    """Least-squares polynomial of `degree` in xi, at the points themselves."""
    scaled = 2 * (xi - xi.min()) / (xi.max() - xi.min()) - 1
    design = chebyshev.chebvander(scaled, degree)
    return design @ np.linalg.lstsq(design, y, rcond=None)[0]


def curves_and_errors(
    n_points: int = N_POINTS, max_degree: int = MAX_DEGREE
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Curves over x, and the error of each feature by degree.

    The points come in pairs x, 2 pi - x, so that no side of pi weighs more than the other.

    Raises InputError for a number of points that does not allow this, or too few for the degree.
    """
    if n_points <= 4 * max_degree:
        raise InputError(
            f"{n_points} points are too few for a polynomial of degree {max_degree}; give more"
            f" than {4 * max_degree}."
        )
    if n_points % 4:
        raise InputError(f"The number of points must be a multiple of 4, not {n_points}.")
    x = 4 * np.pi * ((np.arange(n_points) + 0.5) / n_points - 0.5)
    y, even = target(x), even_about_pi(x)
    curves = {"x": x, "y": y, "even part about pi": even}
    errors = {"degree": np.arange(max_degree + 1)}
    for name, feature in FEATURES.items():
        fits = [fit(feature(x), y, degree) for degree in range(max_degree + 1)]
        curves[f"xi = {name}"], curves[f"fit in {name}"] = feature(x), fits[-1]
        errors[f"rmse in {name}"] = np.array([np.sqrt(np.mean((f - y) ** 2)) for f in fits])
    errors["odd part about pi"] = np.full(max_degree + 1, np.sqrt(np.mean((y - even) ** 2)))
    return pd.DataFrame(curves), pd.DataFrame(errors)
