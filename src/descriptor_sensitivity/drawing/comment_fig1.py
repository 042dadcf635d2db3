"""Figure 1 of the Comment: orbits, the pairs that meet at A0, and condition numbers along them."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from descriptor_sensitivity.drawing.style import COLORS, plt

FULL, DASHED = 0.1, 0.5
"""Widths of the Gaussians (Å) of the full and of the dashed lines."""

SHADES = [COLORS[name] for name in ("blue", "sky", "green", "orange", "red", "purple")]
PAIRS = {"A+": (COLORS["black"], "-"), "A-": (COLORS["grey"], "--")}

ORBIT = r"sigma(?P<sigma>[\d.]+)_c(?P<c>[\d.]+)"
"""Name of an orbit among the curves of the plane."""


def draw(plane: pd.DataFrame, points: pd.DataFrame) -> tuple[Figure, dict[str, pd.DataFrame]]:
    """(a) Orbits and pairs projected on a plane. (b) Condition numbers along the orbits."""
    shown = points[points.sigma.isin([FULL, DASHED])]
    colors = dict(zip(sorted(shown.c.unique()), SHADES, strict=False))
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.5, 4.8), width_ratios=[1, 1.1])
    draw_plane(left, plane, colors)
    left.set(xlabel="along the null vector of $A^0$ / Å", ylabel="across it / Å", title="(a)")
    left.annotate(
        "$A^0$", (0, 0), xytext=(0.14, -0.2), va="center",
        arrowprops={"arrowstyle": "-", "lw": 0.7, "shrinkB": 3},
    )  # fmt: skip
    left.legend(fontsize=7, loc="lower left")
    low, high = left.get_ylim()
    left.set_ylim(low, high + 0.7 * (high - low))  # room for the inset
    nearest = plane.curve.str.extract(ORBIT).c.astype(float).eq(min(colors))
    if nearest.any():
        enlarge(left, plane, plane[nearest], colors)
    for sigma, style in ((FULL, "-"), (DASHED, "--")):
        for c, curve in shown[shown.sigma == sigma].groupby("c"):
            label = f"$c = {c:g}$" if sigma == FULL else None
            right.semilogy(
                curve.arc, curve.condition_number, style, color=colors[c], lw=1, label=label
            )
    for sigma, style in ((FULL, "-"), (DASHED, "--")):
        right.plot([], [], style, color="black", lw=1, label=rf"$\sigma = {sigma:g}$ Å")
    right.legend(fontsize=7, ncols=2, loc="upper right")
    low, high = right.get_ylim()
    right.set_ylim(low, 6 * high)  # room for the legend
    right.set(xlabel="arc length / Å", ylabel="condition number", title="(b)")
    return figure, {"a": plane, "b": shown}


def draw_plane(axis: Axes, plane: pd.DataFrame, colors: dict[float, str]) -> None:
    """Pairs and orbits; A0 is the origin."""
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
    axis.set_aspect("equal", adjustable="box")


def enlarge(
    axis: Axes, plane: pd.DataFrame, nearest: pd.DataFrame, colors: dict[float, str]
) -> None:
    """The surroundings of A0, to hold the orbits that start nearest to it."""
    inset = axis.inset_axes((0.55, 0.59, 0.45, 0.39))
    draw_plane(inset, plane, colors)
    reach = 1.15 * max(nearest.null.abs().max(), nearest.second.abs().max())
    inset.set(xlim=(-reach, reach), ylim=(-reach, reach))
    inset.locator_params(nbins=3)
    inset.tick_params(labelsize=6, length=2)
    for spine in inset.spines.values():
        spine.set(visible=True, color="0.6", linewidth=0.7)
    axis.indicate_inset_zoom(inset, edgecolor="0.6")
