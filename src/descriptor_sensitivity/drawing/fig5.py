"""Figure 5 of paper 1: mean condition number of nu = 2 and nu = 3 features."""

import pandas as pd
from matplotlib.figure import Figure

from descriptor_sensitivity.drawing.style import SEQUENCE, beyond_the_axis, heat_map, plt
from descriptor_sensitivity.report.cells import condition_text

TOP = 2e3
"""End of the axis; means beyond it are written out, so that the other bases stay readable."""


def draw(points: pd.DataFrame) -> tuple[Figure, dict[str, pd.DataFrame]]:
    """Left: nu = 2 over the size of the basis. Right: nu = 2 and 3 against l_max."""
    left = points[points.nu == 2]
    shown = sorted(points[points.nu == 3].n_max.unique())
    right = points[points.n_max.isin(shown)]

    figure, axes = plt.subplots(1, 2, figsize=(7.5, 3.2))
    heat_map(axes[0], left, r"mean CN, $\nu=2$")
    axes[0].set_title(rf"optimal basis, $\sigma={left.sigma.iloc[0]:g}$ Å")
    for n_max, color in zip(shown, SEQUENCE, strict=False):
        for nu, style in ((2, "--"), (3, "-")):
            curve = right[(right.nu == nu) & (right.n_max == n_max)].sort_values("l_max")
            axes[1].errorbar(
                curve.l_max,
                curve["mean"],
                curve.mean_error,
                color=color,
                ls=style,
                marker="o",
                ms=3,
                label=rf"$\nu={nu}$, $n_\mathrm{{max}}={n_max}$",
            )
    lines = [
        rf"$\nu={row.nu}$, ({row.n_max}, {row.l_max}): " + condition_text(row.mean, ".0e")
        for row in right[right["mean"] > TOP].itertuples()
    ]
    beyond_the_axis(axes[1], lines, 0.52)
    axes[1].axhline(10, color="0.6", lw=0.8, zorder=0)
    axes[1].set(xlabel=r"$l_\mathrm{max}$", ylabel="mean CN", yscale="log", ylim=(3, TOP))
    axes[1].legend(fontsize=7, handlelength=3)
    return figure, {"left": left, "right": right}
