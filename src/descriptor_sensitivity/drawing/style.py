"""The look of every figure: colours that survive colour-blindness, files that do not change."""

from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from descriptor_sensitivity.report.cells import condition_text

COLORS = {
    "blue": "#0072B2",
    "orange": "#E69F00",
    "green": "#009E73",
    "red": "#D55E00",
    "purple": "#CC79A7",
    "sky": "#56B4E9",
    "yellow": "#F0E442",
    "black": "#000000",
    "grey": "#7F7F7F",
}
"""Okabe and Ito's palette, by name."""

SEQUENCE = [COLORS[name] for name in ("blue", "red", "green", "orange", "purple", "sky", "black")]
"""The order in which unnamed curves take their colours."""

LABELS = {
    "nu2": r"$\nu = 2$",
    "nu3": r"$\nu = 3$",
    "omfp": "OMFP",
    "s-omfp": "smooth OMFP",
    "energy": "energy / meV",
}
"""Descriptors, and the energy, as panels and legends call them."""


def use_style() -> None:
    """Set the project's matplotlib defaults."""
    plt.rcdefaults()
    plt.rcParams.update(
        {
            "figure.constrained_layout.use": True,
            "figure.dpi": 100,
            "savefig.dpi": 200,
            "font.size": 9,
            "axes.titlesize": 10,
            "axes.prop_cycle": cycler(color=SEQUENCE),
            "axes.spines.top": False,
            "axes.spines.right": False,
            "image.cmap": "cividis",
            "legend.frameon": False,
            "lines.linewidth": 1.5,
            "pdf.fonttype": 42,
            "svg.hashsalt": "descriptor-sensitivity",
        }
    )


SCALE = 100
"""A heat map spans at most this factor, so that one singular point does not use up its colours."""


def written(value: float) -> str:
    """A condition number in few characters."""
    return condition_text(value, ".1f" if value < 99.5 else ".0f" if value < 9999 else ".0e")


def heat_map(axis: Axes, points: pd.DataFrame, label: str) -> None:
    """Mean condition number over n_max (up) and l_max (right), each cell with its number."""
    grid = points.pivot(index="n_max", columns="l_max", values="mean")
    low, high = max(grid.min().min(), 1.0), grid.max().max()
    norm = LogNorm(low, min(high, SCALE * low), clip=True)
    image = axis.pcolormesh(grid.to_numpy(), norm=norm, rasterized=True)
    for (row, column), value in np.ndenumerate(grid.to_numpy()):
        color = "black" if norm(value) > 0.6 else "white"
        text = written(value)
        axis.text(column + 0.5, row + 0.5, text, ha="center", va="center", fontsize=6, color=color)
    axis.set_xticks(np.arange(grid.shape[1]) + 0.5, grid.columns)
    axis.set_yticks(np.arange(grid.shape[0]) + 0.5, grid.index)
    axis.set(xlabel=r"$l_\mathrm{max}$", ylabel=r"$n_\mathrm{max}$")
    extend = "max" if high > SCALE * low else "neither"
    axis.figure.colorbar(image, ax=axis, label=label, extend=extend)


def full_grid(points: pd.DataFrame) -> pd.DataFrame:
    """The largest full grid: every l_max of some n_max, with all n_max that have them too."""
    degrees = {n_max: set(rows.l_max) for n_max, rows in points.groupby("n_max")}
    best = points.iloc[:0]
    for columns in degrees.values():
        sizes = [n_max for n_max, found in degrees.items() if columns <= found]
        grid = points[points.n_max.isin(sizes) & points.l_max.isin(columns)]
        best = grid if len(grid) > len(best) else best
    return best


def curve(axis: Axes, points: pd.DataFrame, against: str, **style: Any) -> None:
    """Mean condition numbers with the errors of the means."""
    points = points.sort_values(against)
    x = points[against].astype(float)
    look: dict[str, Any] = {"marker": "o", "ms": 3} | style
    axis.errorbar(x, points["mean"], points.mean_error, **look)


def beyond_the_axis(axis: Axes, lines: list[str], height: float, va: str = "baseline") -> None:
    """Write out, at the right, what does not fit on an axis."""
    text = "\n".join(["beyond the axis:", *lines]) if lines else ""
    axis.text(0.98, height, text, transform=axis.transAxes, ha="right", va=va, fontsize=6)


def save(figure: Figure, stem: str | Path) -> None:
    """Write `stem.pdf` and `stem.png` without dates, so that the same data give the same bytes."""
    stem = Path(stem)
    stem.parent.mkdir(parents=True, exist_ok=True)
    undated = {"Creator": None, "Producer": None, "CreationDate": None}
    figure.savefig(stem.with_name(stem.name + ".pdf"), metadata=undated)
    figure.savefig(stem.with_name(stem.name + ".png"), metadata={"Software": None})
    plt.close(figure)
