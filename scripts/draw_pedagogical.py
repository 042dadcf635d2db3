"""One particle on a line (paper 1, section 1.7): the features x^2 and cos x, and what they can fit.

The property y(x) = exp(-x^2 / 16) + 0.15 cos(2 x) is even in x, as symmetry asks, but only its
second term is even about x = pi too. It is fitted by polynomials of each feature xi, by least
squares.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.polynomial import chebyshev

from command import run
from descriptor_sensitivity.drawing.style import COLORS, plt, save, use_style
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.files import write_csv

FEATURES = {"x^2": np.square, "cos x": np.cos}
COLOR = {"x^2": COLORS["blue"], "cos x": COLORS["red"]}


def parse(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=400, help="evenly in -2 pi < x < 2 pi")
    parser.add_argument("--degree", type=int, default=20, help="largest degree of the polynomials")
    parser.add_argument("--figures", type=Path, required=True, help="folder of the figure")
    return parser.parse_args(argv)


def target(x: np.ndarray) -> np.ndarray:
    return np.exp(-(x**2) / 16) + 0.15 * np.cos(2 * x)


def fit(xi: np.ndarray, y: np.ndarray, degree: int) -> np.ndarray:
    """Least-squares polynomial of `degree` in xi, at the points themselves."""
    scaled = 2 * (xi - xi.min()) / (xi.max() - xi.min()) - 1
    design = chebyshev.chebvander(scaled, degree)
    return design @ np.linalg.lstsq(design, y, rcond=None)[0]


def compute(n_points: int, max_degree: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Curves over x, and the error of each feature by degree.

    The points come in pairs x, 2 pi - x, so that no side of pi weighs more than the other.
    """
    if n_points <= 4 * max_degree:
        raise InputError(
            f"{n_points} points are too few for a polynomial of degree {max_degree}; give more"
            f" than {4 * max_degree} with `--points`."
        )
    if n_points % 4:
        raise InputError(f"`--points` must be a multiple of 4, not {n_points}.")
    x = 4 * np.pi * ((np.arange(n_points) + 0.5) / n_points - 0.5)
    y = target(x)
    # cos x is the same at x and 2 pi - |x|: the best it can do is the mean of y over both.
    even = (y + target(2 * np.pi - np.abs(x))) / 2
    curves = {"x": x, "y": y, "even part about pi": even}
    errors = {"degree": np.arange(max_degree + 1)}
    for name, feature in FEATURES.items():
        fits = [fit(feature(x), y, degree) for degree in range(max_degree + 1)]
        curves[f"xi = {name}"], curves[f"fit in {name}"] = feature(x), fits[-1]
        errors[f"rmse in {name}"] = np.array([np.sqrt(np.mean((f - y) ** 2)) for f in fits])
    errors["odd part about pi"] = np.full(max_degree + 1, np.sqrt(np.mean((y - even) ** 2)))
    return pd.DataFrame(curves), pd.DataFrame(errors)


def draw(curves: pd.DataFrame, errors: pd.DataFrame, stem: Path) -> None:
    use_style()
    figure, ((features, relation), (fits, convergence)) = plt.subplots(2, 2, figsize=(8, 6))
    x = curves["x"] / np.pi
    for name in FEATURES:
        xi, label = curves[f"xi = {name}"], rf"$\xi = {name.replace('cos', chr(92) + 'cos ')}$"
        scaled = xi / xi.max()
        features.plot(x, scaled, color=COLOR[name], label=label)
        half = x >= 0
        relation.plot(scaled[half], curves["y"][half], color=COLOR[name], label=label)
        fits.plot(x, curves[f"fit in {name}"], color=COLOR[name], label=f"fit in {label}")
        convergence.semilogy(
            errors["degree"], errors[f"rmse in {name}"], "o-", ms=3, color=COLOR[name], label=label
        )
    top, meeting = target(np.array([0.0, np.pi]))
    marks = (("x^2", 0, 0, top, "o"), ("cos x", 0, 1, top, "o"), ("cos x", 1, -1, meeting, "s"))
    for name, place, xi, y, marker in marks:
        style = {"marker": marker, "color": COLOR[name], "mec": "black", "ls": "none"}
        features.plot(sorted({-place, place}), [xi] * (1 + place), **style)
        relation.plot(xi, y, **style)
    features.set(xlabel=r"$x / \pi$", ylabel=r"$\xi / \xi_\mathrm{max}$")
    features.set_title("(a) circles: symmetric, squares: degenerate", loc="left")
    features.legend(loc="lower center")
    relation.set(xlabel=r"$\xi / \xi_\mathrm{max}$", ylabel=r"$y$")
    relation.set_title(r"(b) $y$ is no function of $\cos x$", loc="left")
    fits.plot(x, curves["y"], color="black", ls=(0, (1, 2)), label="$y(x)$")
    fits.plot(
        x, curves["even part about pi"], color="black", lw=0.8, ls="--", label=r"even about $\pi$"
    )
    for point in (-1, 1):
        fits.axvline(point, ymax=0.8, color=COLORS["grey"], lw=0.5)
    fits.set(xlabel=r"$x / \pi$", ylabel="$y$", ylim=(None, 1.75))
    fits.set_title(f"(c) polynomials of degree {errors['degree'].iloc[-1]}", loc="left")
    fits.legend(ncols=2, loc="upper center", fontsize=8)
    convergence.axhline(
        errors["odd part about pi"].iloc[0],
        color="black",
        lw=0.8,
        ls="--",
        label=r"odd about $\pi$",
    )
    convergence.set(xlabel=r"degree of the polynomial in $\xi$", ylabel="RMSE")
    convergence.set_title("(d) error of the fit", loc="left")
    convergence.legend()
    save(figure, stem)


def main(argv: list[str] | None = None) -> None:
    options = parse(argv)
    curves, errors = compute(options.points, options.degree)
    write_csv(curves, options.figures / "data" / "fig_pedagogical_curves.csv")
    write_csv(errors, options.figures / "data" / "fig_pedagogical_errors.csv")
    draw(curves, errors, options.figures / "fig_pedagogical")


if __name__ == "__main__":
    run(main)
