"""Figure 1 of the Comment: orbits, the pairs that meet at A0, and condition numbers along them."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from descriptor_sensitivity.drawing.style import COLORS, plt

FULL, DASHED = 0.1, 0.5
"""Widths of the Gaussians (Å) of the full and of the dashed lines."""

SHADES = [COLORS[name] for name in ("blue", "sky", "green", "orange", "red", "purple")]
PAIRS = {"A+": (COLORS["black"], "-"), "A-": (COLORS["grey"], "--")}


def draw(plane: pd.DataFrame, points: pd.DataFrame) -> tuple[Figure, dict[str, pd.DataFrame]]:
    """(a) Orbits and pairs projected on a plane. (b) Condition numbers along the orbits."""
    shown = points[points.sigma.isin([FULL, DASHED])]
    colors = dict(zip(sorted(shown.c.unique()), SHADES, strict=False))
    figure = plt.figure(figsize=(9.5, 4.3))
    left, right = figure.subfigures(1, 2, width_ratios=[1, 1.2])  # type: ignore[misc]
    draw_plane(left.subplots(), plane, colors)
    axes = right.subplots(2, 1, sharex=True)
    for axis, sigma, style in ((axes[0], DASHED, "--"), (axes[1], FULL, "-")):
        for c, curve in shown[shown.sigma == sigma].groupby("c"):
            axis.semilogy(curve.arc, curve.condition_number, style, color=colors[c], lw=1)
        axis.set_ylabel("condition number")
        axis.set_title(rf"$\sigma = {sigma:g}$ Å", loc="right", fontsize=8)
    axes[0].set_title("(b)")
    axes[1].set_xlabel("arc length / Å")
    return figure, {"a": plane, "b": shown}


def draw_plane(axis: Axes, plane: pd.DataFrame, colors: dict[float, str]) -> None:
    for name, curve in plane.groupby("curve", sort=False):
        if name in PAIRS:
            color, style = PAIRS[name]
            axis.plot(curve.null, curve.second, style, color=color, label=f"$A^{name[1]}$")
            continue
        sigma, c = (float(part) for part in name.removeprefix("sigma").split("_c"))
        style = "-" if sigma == FULL else "--"
        label = f"$c = {c:g}$" if sigma == FULL else None
        axis.plot(curve.null, curve.second, style, color=colors[c], lw=1, label=label)
    axis.plot(0, 0, "o", color="black", ms=5, zorder=5)
    axis.annotate(
        "$A^0$", (0, 0), xytext=(0.1, -0.3), va="center",
        arrowprops={"arrowstyle": "-", "lw": 0.7, "shrinkB": 3},
    )  # fmt: skip
    axis.set(xlabel="along the null vector of $A^0$ / Å", ylabel="across it / Å", title="(a)")
    axis.set_aspect("equal", adjustable="datalim")
    axis.legend(fontsize=7, loc="lower left")
