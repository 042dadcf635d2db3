"""Structure from features: from where it succeeds, how fast, and where twins are found."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from descriptor_sensitivity.drawing.style import COLORS, plt

ORDER_COLORS = {2: COLORS["blue"], 3: COLORS["green"]}
POINT_STYLES = {"regular": "-", "mirror A0": "--"}
RANDOM = 4.0
"""Where on the axis of distances random starts are drawn."""


def draw(
    success: pd.DataFrame, steps: pd.DataFrame, twins: pd.DataFrame, summary: pd.DataFrame
) -> tuple[Figure, dict[str, pd.DataFrame]]:
    """(a) Success against start; (b) residuals; (c) ends of searches for A+."""
    figure, (starts, residuals, ends) = plt.subplots(1, 3, figsize=(10, 3.2))
    published = summary[summary["quantity"].str.startswith("found from one of")]
    draw_success(starts, success, published["expected"].iloc[0])
    draw_steps(residuals, steps)
    draw_twins(ends, twins)
    return figure, {"success": success, "steps": steps, "twins": twins}


def draw_success(axis: Axes, success: pd.DataFrame, published: float) -> None:
    """Fractions found; random starts at the right."""
    for nu, color in ORDER_COLORS.items():
        mine = success[success["nu"] == nu]
        near, random = mine[mine["start"] == "near"], mine[mine["start"] == "random"]
        axis.plot(near["distance"], near["found"], "o-", ms=3, color=color, label=rf"$\nu={nu}$")
        axis.plot([RANDOM], random["found"], "o", ms=5, color=color)
        axis.plot([RANDOM], random["any_start"], "o", ms=5, color=color, mfc="none")
    axis.axhline(published, ls=":", lw=1, color=COLORS["grey"])
    axis.text(0.009, published - 0.02, "MILAD", fontsize=7, va="top", color=COLORS["grey"])
    axis.set_xscale("log")
    axis.set_xlim(0.008, 6)
    axis.set_ylim(0, 1.05)
    axis.set_xticks([0.01, 0.1, 1, RANDOM], ["0.01", "0.1", "1", "random"])
    axis.minorticks_off()
    axis.set(xlabel="distance of the start (Å)", ylabel="found again")
    axis.legend(loc="lower left")
    axis.set_title("(a) random methane", loc="left")


def draw_steps(axis: Axes, steps: pd.DataFrame) -> None:
    """One line for each start."""
    for (nu, point, _), path in steps.groupby(["nu", "point", "start"]):
        color, style = ORDER_COLORS[nu], POINT_STYLES[point]
        axis.plot(path["step"], path["residual"], lw=0.6, alpha=0.7, color=color, ls=style)
    handles = [
        Line2D([], [], color=color, ls=style, label=rf"$\nu={nu}$, {point}")
        for nu, color in ORDER_COLORS.items()
        for point, style in POINT_STYLES.items()
    ]
    axis.set_yscale("log")
    axis.set(xlabel="step", ylabel=r"$|\xi-\xi^*|\,/\,|\xi^*|$")
    axis.legend(handles=handles, loc="upper right", fontsize=8)
    axis.set_title("(b) from 0.05 Å away", loc="left")


def draw_twins(axis: Axes, twins: pd.DataFrame) -> None:
    """Shares of the searches that end in A+ (full lines) and in A- (dashed)."""
    for nu, color in ORDER_COLORS.items():
        mine = twins[twins["nu"] == nu]
        for name, style, label in (("plus", "o-", "A^+"), ("minus", "s--", "A^-")):
            share = mine[name] / mine["searches"]
            text = rf"$\nu={nu}$, ${label}$"
            axis.plot(mine["distance"], share, style, ms=3, color=color, label=text)
    axis.axvline(twins["apart"].iloc[0], ls=":", lw=1, color=COLORS["grey"])
    axis.set_ylim(-0.03, 1.05)
    axis.set(xlabel="distance of the start from $A^+$ (Å)", ylabel="share of searches")
    axis.legend(loc="center right", bbox_to_anchor=(1.0, 0.73), fontsize=8)
    axis.set_title("(c) searches for $A^+$", loc="left")
