"""Figure 6 of paper 1: condition numbers of nu = 1, 2, 3 structure by structure."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from descriptor_sensitivity.drawing.style import SEQUENCE, plt

TYPICAL, BEST = (8, 6), (4, 16)
"""(n_max, l_max) of the dashed and of the full lines; the parity plots use the latter."""

ORDERS = (1, 2, 3)


def draw(values: pd.DataFrame, structures: pd.DataFrame) -> tuple[Figure, dict[str, pd.DataFrame]]:
    """Left: histograms of CN. Middle and right: the orders against each other.

    Above without, below with the density of the centre itself (`center_weight`).
    """
    best = (structures.n_max == BEST[0]) & (structures.l_max == BEST[1])
    scatter = structures[best]
    weights = sorted(scatter.center_weight.unique())
    finite = values.condition_number[np.isfinite(values.condition_number)]
    edges = np.logspace(0, np.log10(finite.max()), 41)
    edges[-1] = finite.max()  # whose power of ten may be rounded down
    high = 1.3 * scatter[["nu1", "nu2", "nu3"]].max().max()

    shape = (len(weights), 3)
    size = (10.5, 3.2 * len(weights))
    figure, axes = plt.subplots(*shape, figsize=size, squeeze=False, layout="constrained")
    histograms = []
    for row, weight in zip(axes, weights, strict=True):
        histograms += histogram(row[0], values, edges, weight)
        parity(row[1:], scatter[scatter.center_weight == weight], high)
        row[0].set_title("with the density of the centre" if weight else "neighbours alone")
    columns = ["center_weight", "structure", "nu1", "nu2", "nu3"]
    return figure, {
        "left": pd.concat(histograms),
        "center": scatter[columns],
        "right": scatter[[name for name in columns if name != "nu1"]],
    }


def histogram(
    axis: Axes, values: pd.DataFrame, edges: np.ndarray, weight: float
) -> list[pd.DataFrame]:
    """Density per decade of CN, of each order in two bases and in the complete radial one.

    The centre's own density does not move, so that nu = 1 is the same with and without it.
    """
    degree = TYPICAL[1]
    bases: list[tuple[dict[str, Any], str, str]] = [
        ({"n_max": n_max, "l_max": l_max}, str((n_max, l_max)), style)
        for (n_max, l_max), style in ((TYPICAL, "--"), (BEST, "-"))
    ]
    if not weight:
        bases.append(({"radial_basis": "complete", "l_max": degree}, f"complete, {degree}", ":"))
    found = []
    for where, name, style in bases:
        for nu, color in zip(ORDERS, SEQUENCE, strict=False):
            chosen = values[(values.nu == nu) & (values.center_weight == (weight if nu > 1 else 0))]
            for column, wanted in where.items():
                chosen = chosen[(chosen[column] == wanted).fillna(False)]
            if chosen.empty:
                continue
            counts, _ = np.histogram(chosen.condition_number, edges)
            density = counts / counts.sum() / np.diff(np.log10(edges))
            width = 1.0 if style == ":" else 1.3
            label = rf"$\nu={nu}$, {name}"
            axis.stairs(density, edges, color=color, ls=style, lw=width, label=label)
            table = pd.DataFrame({"low": edges[:-1], "high": edges[1:], "count": counts})
            found.append(table.assign(nu=nu, center_weight=weight, **where))
    axis.set(xlabel="CN", ylabel=r"density per decade", xscale="log")
    axis.legend(fontsize=6)
    return found


def parity(axes: np.ndarray, scatter: pd.DataFrame, high: float) -> None:
    """nu = 2, 3 against nu = 1; nu = 3 against nu = 2."""
    for nu, color, marker in ((2, SEQUENCE[1], "o"), (3, SEQUENCE[2], "^")):
        label = rf"$\nu={nu}$"
        axes[0].scatter(scatter.nu1, scatter[f"nu{nu}"], 10, color, marker=marker, label=label)
    axes[0].set(xlabel=r"CN, $\nu=1$", ylabel=r"CN, $\nu=2, 3$")
    axes[0].legend(fontsize=7)
    axes[1].scatter(scatter.nu2, scatter.nu3, 10, SEQUENCE[0])
    axes[1].set(xlabel=r"CN, $\nu=2$", ylabel=r"CN, $\nu=3$")
    for axis in axes:
        axis.set(xscale="log", yscale="log", xlim=(1, high), ylim=(1, high), aspect="equal")
        axis.xaxis.set_minor_formatter(NullFormatter())
        axis.yaxis.set_minor_formatter(NullFormatter())
        axis.set_title(rf"$(n_\mathrm{{max}}, l_\mathrm{{max}}) = {BEST}$")
        axis.plot([1, high], [1, high], color="0.6", lw=0.8, zorder=0)
