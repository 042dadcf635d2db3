"""Figure 5 of paper 1: mean condition number of nu = 2 and nu = 3 features."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from descriptor_sensitivity.drawing.style import (
    SEQUENCE,
    beyond_the_axis,
    curve,
    heat_map,
    plt,
    written,
)

SIGMA = 0.1
TOP = 2e3
"""End of the axis; means beyond it are written out, so that the other bases stay readable."""

ORDERS = {2: "--", 3: "-"}
"""Line of each order."""


def draw(points: pd.DataFrame) -> tuple[Figure, dict[str, pd.DataFrame]]:
    """nu = 2 over the size of the basis; nu = 2 and 3 against l_max and against the smearing.

    Against l_max twice: without and with the density of the centre itself.
    """
    points = points[points.nu.isin(list(ORDERS))]
    sharp = points[points.sigma == SIGMA]
    alone = sharp[sharp.center_weight == 0]
    left = alone[(alone.nu == 2) & (alone.radial_basis == "optimal")]
    shown = sorted(alone[(alone.nu == 3) & (alone.radial_basis == "optimal")].n_max.unique())
    right = alone[alone.n_max.isin(shown) | (alone.radial_basis == "complete")]
    center = sharp[sharp.center_weight > 0]
    smearing = points[(points.radial_basis == "optimal") & (points.center_weight == 0)]
    swept = smearing.groupby(["nu", "n_max", "l_max"]).sigma.transform("nunique")
    smearing = smearing[swept > 2]

    figure, axes = plt.subplots(2, 2, figsize=(8.2, 6.6))
    heat_map(axes[0, 0], left, r"mean CN, $\nu=2$")
    axes[0, 0].set_title(rf"optimal basis, $\sigma={SIGMA:g}$ Å")
    colors = dict(zip(shown, SEQUENCE, strict=False))
    against_l_max(axes[0, 1], right, colors)
    axes[0, 1].set_title("neighbours alone")
    against_l_max(axes[1, 0], center, colors)
    axes[1, 0].set_title("with the density of the centre")

    sizes = sorted({(row.n_max, row.l_max) for row in smearing.itertuples()})
    for (n_max, l_max), color in zip(sizes, SEQUENCE, strict=False):
        for nu, style in ORDERS.items():
            rows = smearing.query("nu == @nu and n_max == @n_max and l_max == @l_max")
            label = rf"$\nu={nu}$, $({n_max}, {l_max})$"
            curve(axes[1, 1], rows, "sigma", color=color, ls=style, label=label)
    axes[1, 1].set(xlabel=r"$\sigma$ / Å", ylabel="mean CN", yscale="log")
    axes[1, 1].set_title("neighbours alone")
    axes[1, 1].legend(fontsize=7, handlelength=3)
    return figure, {"left": left, "right": right, "center": center, "smearing": smearing}


def against_l_max(axis: Axes, points: pd.DataFrame, colors: dict[int, str]) -> None:
    """A curve for each order and n_max, and for the complete radial basis."""
    for n_max, color in colors.items():
        for nu, style in ORDERS.items():
            rows = points[(points.nu == nu) & (points.n_max == n_max)]
            if len(rows):
                label = rf"$\nu={nu}$, $n_\mathrm{{max}}={n_max}$"
                curve(axis, rows, "l_max", color=color, ls=style, label=label)
    complete = points[points.radial_basis == "complete"]
    for nu, rows in complete.groupby("nu"):
        label = rf"$\nu={nu}$, complete"
        curve(axis, rows, "l_max", color="black", ls=ORDERS[nu], lw=1, ms=2, label=label)
    beyond = points[points["mean"] > TOP].astype({"n_max": object}).fillna({"n_max": "complete"})
    lines = [
        rf"$\nu={row.nu}$, ({row.n_max}, {row.l_max}): {written(row.mean)}"
        for row in beyond.itertuples()
    ]
    beyond_the_axis(axis, lines, 0.5)
    axis.axhline(10, color="0.6", lw=0.8, zorder=0)
    axis.set(xlabel=r"$l_\mathrm{max}$", ylabel="mean CN", yscale="log", ylim=(3, TOP))
    axis.legend(fontsize=7, handlelength=3, ncols=2)
