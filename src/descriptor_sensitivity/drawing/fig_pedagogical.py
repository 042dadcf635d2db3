"""One particle on a line (paper 1, section 1.7): the features x^2 and cos x, and what they fit."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from descriptor_sensitivity.drawing.style import COLORS, plt
from descriptor_sensitivity.theory.pedagogical import target

COLOR = {"x^2": COLORS["blue"], "cos x": COLORS["red"]}
LABEL = {"x^2": r"$\xi = x^2$", "cos x": r"$\xi = \cos  x$"}


def draw(curves: pd.DataFrame, errors: pd.DataFrame) -> tuple[Figure, dict[str, pd.DataFrame]]:
    """(a) The features; (b) the property over each of them; (c) the fits; (d) their errors."""
    figure, ((features, relation), (fits, convergence)) = plt.subplots(2, 2, figsize=(8, 6))
    draw_features(features, relation, curves)
    draw_fits(fits, curves)
    fits.set_title(f"(c) polynomials of degree {errors['degree'].iloc[-1]}", loc="left")
    for name, color in COLOR.items():
        rmse = errors[f"rmse in {name}"]
        convergence.semilogy(errors["degree"], rmse, "o-", ms=3, color=color, label=LABEL[name])
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
    return figure, {"curves": curves, "errors": errors}


def draw_features(features: Axes, relation: Axes, curves: pd.DataFrame) -> None:
    """Both features over x, and y over both; circles and squares mark where their slope is zero."""
    x = curves["x"] / np.pi
    half = x >= 0
    for name, color in COLOR.items():
        scaled = curves[f"xi = {name}"] / curves[f"xi = {name}"].max()
        features.plot(x, scaled, color=color, label=LABEL[name])
        relation.plot(scaled[half], curves["y"][half], color=color, label=LABEL[name])
    top, meeting = target(np.array([0.0, np.pi]))
    marks = (("x^2", 0, 0, top, "o"), ("cos x", 0, 1, top, "o"), ("cos x", 1, -1, meeting, "s"))
    for name, place, xi, y, marker in marks:
        style: dict[str, Any] = {
            "marker": marker,
            "color": COLOR[name],
            "mec": "black",
            "ls": "none",
        }
        features.plot(sorted({-place, place}), [xi] * (1 + place), **style)
        relation.plot(xi, y, **style)
    features.set(xlabel=r"$x / \pi$", ylabel=r"$\xi / \xi_\mathrm{max}$")
    features.set_title("(a) circles: symmetric, squares: degenerate", loc="left")
    features.legend(loc="lower center")
    relation.set(xlabel=r"$\xi / \xi_\mathrm{max}$", ylabel=r"$y$")
    relation.set_title(r"(b) $y$ is no function of $\cos x$", loc="left")


def draw_fits(axis: Axes, curves: pd.DataFrame) -> None:
    """The property, its even part about pi, and the fits."""
    x = curves["x"] / np.pi
    for name, color in COLOR.items():
        axis.plot(x, curves[f"fit in {name}"], color=color, label=f"fit in {LABEL[name]}")
    axis.plot(x, curves["y"], color="black", ls=(0, (1, 2)), label="$y(x)$")
    axis.plot(
        x, curves["even part about pi"], color="black", lw=0.8, ls="--", label=r"even about $\pi$"
    )
    for point in (-1, 1):
        axis.axvline(point, ymax=0.8, color=COLORS["grey"], lw=0.5)
    axis.set(xlabel=r"$x / \pi$", ylabel="$y$", ylim=(None, 1.75))
    axis.legend(ncols=2, loc="upper center", fontsize=8)
