"""Figure 4 of paper 1: mean condition number of the expansion coefficients (nu = 1)."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator

from descriptor_sensitivity.drawing.style import SEQUENCE, curve, full_grid, heat_map, plt

SIGMA = 0.1
BASES = {"optimal": "optimal", "gto": "GTO", "dvr": "DVR"}
TOP = 1e12
"""End of the axis: the DVR functions of n_max = 4, which the text names, are on it; means beyond it
are marked where they leave it."""


def draw(points: pd.DataFrame) -> tuple[Figure, dict[str, pd.DataFrame]]:
    """Size of the optimal basis; kinds of basis against n_max; smearing; very large l_max."""
    points = points.query("nu == 1")
    sharp = points[points.sigma == SIGMA]
    optimal = sharp[sharp.radial_basis == "optimal"]
    complete = sharp[sharp.radial_basis == "complete"]
    left = full_grid(optimal)
    compared = sharp[sharp.radial_basis != "complete"].groupby(["n_max", "l_max"])
    compared = compared.radial_basis.nunique()
    compared = sorted({l_max for (_, l_max), count in compared.items() if count > 1})
    center = sharp[sharp.l_max.isin(compared)]
    right = points[points.radial_basis == "optimal"]
    right = right[right.groupby(["n_max", "l_max"]).sigma.transform("nunique") > 2]
    far = optimal[optimal.l_max > left.l_max.max()].n_max
    large = optimal[optimal.n_max.isin(far if len(far) else left.n_max)]
    large = pd.concat([large, complete])

    figure, axes = plt.subplots(2, 2, figsize=(8.2, 6.2))
    heat_map(axes[0, 0], left, r"mean CN, $\nu=1$")
    axes[0, 0].set_title(rf"optimal basis, $\sigma={SIGMA:g}$ Å")
    by_basis(axes[0, 1], center, compared)

    groups = right.groupby(["n_max", "l_max"])
    for ((n_max, l_max), rows), color in zip(groups, SEQUENCE, strict=False):
        curve(axes[1, 0], rows, "sigma", color=color, label=f"({n_max}, {l_max})")
    axes[1, 0].set(xlabel=r"$\sigma$ / Å", ylabel="mean CN", yscale="log", title="optimal basis")
    axes[1, 0].legend(title=r"$(n_\mathrm{max}, l_\mathrm{max})$", fontsize=7, title_fontsize=7)

    for (n_max, rows), color in zip(large.groupby("n_max"), SEQUENCE, strict=False):
        label = rf"optimal, $n_\mathrm{{max}}={n_max}$"
        curve(axes[1, 1], rows, "l_max", color=color, label=label)
    if len(complete):
        curve(axes[1, 1], complete, "l_max", color="black", ls=":", label="complete")
    axes[1, 1].axhline(1, color="0.6", lw=0.8, zorder=0)
    axes[1, 1].set(xlabel=r"$l_\mathrm{max}$", ylabel="mean CN", yscale="log")
    axes[1, 1].set_title(rf"optimal and complete radial basis, $\sigma={SIGMA:g}$ Å")
    axes[1, 1].legend(fontsize=7)
    return figure, {"left": left, "center": center, "right": right, "large": large}


def by_basis(axis: Axes, points: pd.DataFrame, degrees: list[int]) -> None:
    """Mean CN against n_max, a colour for each radial basis; an inset shows the low ones."""
    inset = axis.inset_axes((0.41, 0.37, 0.57, 0.36))
    for target in (axis, inset):
        curves_by_basis(target, points, dict(zip(degrees, ["--", "-", ":", "-."], strict=False)))
    low = points[points.radial_basis != "dvr"]["mean"]
    inset.set_ylim(0.8 * low.min(), 1.25 * low.max())
    inset.set_yticks([3, 10], ["3", "10"])
    inset.tick_params(labelsize=6)
    inset.minorticks_off()
    axis.set(xlabel=r"$n_\mathrm{max}$", ylabel="mean CN", ylim=(1, TOP))
    axis.set_title(rf"$\sigma={SIGMA:g}$ Å")
    axis.legend(fontsize=6, handlelength=2.5, ncols=2, columnspacing=1, loc="upper right")


def curves_by_basis(axis: Axes, points: pd.DataFrame, styles: dict[int, str]) -> None:
    """A curve for each radial basis and l_max; the complete ones as lines."""
    for (basis, label), color in zip(BASES.items(), SEQUENCE, strict=False):
        for l_max, style in styles.items():
            rows = points[(points.radial_basis == basis) & (points.l_max == l_max)]
            text = rf"{label}, $l_\mathrm{{max}}={l_max}$"
            curve(axis, rows, "n_max", color=color, ls=style, label=text)
            for n_max in rows[rows["mean"] > TOP].n_max:
                axis.plot(n_max, 0.8 * TOP, "^", color=color, ms=5)
    for row in points[points.radial_basis == "complete"].itertuples():
        text = rf"complete, $l_\mathrm{{max}}={row.l_max}$"
        axis.axhline(row.mean, color="0.5", ls=styles[row.l_max], lw=1, zorder=0, label=text)
    axis.set_yscale("log")
    axis.xaxis.set_major_locator(MultipleLocator(4))
