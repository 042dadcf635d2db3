"""Figure 4 of paper 1: mean condition number of the expansion coefficients (nu = 1)."""

import pandas as pd
from matplotlib.figure import Figure

from descriptor_sensitivity.drawing.style import SEQUENCE, beyond_the_axis, heat_map, plt
from descriptor_sensitivity.report.cells import condition_text

SIGMA = 0.1
BASES = {"optimal": "optimal", "gto": "GTO", "dvr": "DVR"}
TOP = 1e5
"""End of the axis; means beyond it are written out, so that the other bases stay readable."""


def draw(points: pd.DataFrame) -> tuple[Figure, dict[str, pd.DataFrame]]:
    """Size of the optimal basis; kinds of basis against n_max; smearing."""
    points = points.query("nu == 1")
    sharp = points[points.sigma == SIGMA]
    optimal = sharp[sharp.radial_basis == "optimal"]
    compared = sharp.groupby(["n_max", "l_max"]).radial_basis.nunique()
    compared = sorted({l_max for (_, l_max), count in compared.items() if count > 1})
    center = sharp[sharp.l_max.isin(compared)]
    right = points[points.radial_basis == "optimal"]
    right = right[right.groupby(["n_max", "l_max"]).sigma.transform("nunique") > 2]
    # The heat map is the full grid: values of n_max that occur with every l_max.
    columns = optimal.groupby("n_max").l_max.nunique()
    left = optimal[optimal.n_max.isin(columns[columns == columns.max()].index)]

    figure, axes = plt.subplots(1, 3, figsize=(10.5, 3.2))
    heat_map(axes[0], left, r"mean CN, $\nu=1$")
    axes[0].set_title(rf"optimal basis, $\sigma={SIGMA:g}$ Å")

    styles = dict(zip(compared, ["--", "-", ":", "-."], strict=False))
    for (basis, label), color in zip(BASES.items(), SEQUENCE, strict=False):
        for l_max, style in styles.items():
            curve = center[(center.radial_basis == basis) & (center.l_max == l_max)]
            curve = curve.sort_values("n_max")
            axes[1].errorbar(
                curve.n_max,
                curve["mean"],
                curve.mean_error,
                color=color,
                ls=style,
                marker="o",
                ms=3,
                label=rf"{label}, $l_\mathrm{{max}}={l_max}$",
            )
    axes[1].set(
        xlabel=r"$n_\mathrm{max}$", ylabel="mean CN", yscale="log", title=rf"$\sigma={SIGMA:g}$ Å"
    )
    axes[1].set_ylim(1, TOP)
    axes[1].legend(fontsize=6, handlelength=3, loc="upper right", bbox_to_anchor=(1, 0.86))
    beyond = center[center["mean"] > TOP].sort_values(["n_max", "l_max"])
    lines = [
        rf"{BASES[row.radial_basis]}, $n_\mathrm{{max}}={row.n_max}$: "
        + condition_text(row.mean, ".0e")
        for row in beyond[beyond.l_max == max(compared, default=0)].itertuples()
    ]
    beyond_the_axis(axes[1], lines, 1.0, va="top")

    groups = right.groupby(["n_max", "l_max"])
    for ((n_max, l_max), curve), color in zip(groups, SEQUENCE, strict=False):
        curve = curve.sort_values("sigma")
        axes[2].errorbar(
            curve.sigma,
            curve["mean"],
            curve.mean_error,
            color=color,
            marker="o",
            ms=3,
            label=f"({n_max}, {l_max})",
        )
    axes[2].set(xlabel=r"$\sigma$ / Å", ylabel="mean CN", yscale="log", title="optimal basis")
    axes[2].legend(title=r"$(n_\mathrm{max}, l_\mathrm{max})$", fontsize=7, title_fontsize=7)
    return figure, {"left": left, "center": center, "right": right}
