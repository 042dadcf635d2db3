"""Null spaces of families of environments: predicted without a basis, and found in features."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from descriptor_sensitivity.drawing.style import COLORS, plt
from descriptor_sensitivity.tolerances import NO_RESPONSE

ORDER_COLORS = {2: COLORS["blue"], 3: COLORS["green"], 4: COLORS["purple"]}
SYMMETRIC, DEGENERATE = "#C8C8C8", COLORS["orange"]
FLOOR = 1e-18
"""Smaller values are drawn here."""


def draw(null_spaces: pd.DataFrame) -> tuple[Figure, dict[str, pd.DataFrame]]:
    """(a) Dimensions; (b) singular values outside and inside; (c) angles."""
    figure, (counts, values, angles) = plt.subplots(
        1, 3, figsize=(10, 5.6), sharey=True, width_ratios=[1.15, 1, 0.8]
    )
    labels = list(dict.fromkeys(null_spaces["environment"]))
    rng = np.random.default_rng(0)
    for row, label in enumerate(labels):
        for k, (order, color) in enumerate(ORDER_COLORS.items()):
            y = row + 0.27 * (k - 1)
            mine = (null_spaces["environment"] == label) & (null_spaces["nu"] == order)
            some = null_spaces[mine]
            draw_counts(counts, some, y, color)
            jitter = y + rng.uniform(-0.07, 0.07, len(some))
            style = {"ls": "none", "color": color, "ms": 3}
            values.plot(some["smallest_seen"], jitter, "o", **style)
            values.plot(some["largest_null"].clip(lower=FLOOR), jitter, "x", **style)
            null = (some["predicted"] > 0).to_numpy()
            angles.plot(some["angle"].clip(lower=FLOOR)[null], jitter[null], "x", **style)
    counts.set_yticks(range(len(labels)), labels)
    counts.set_ylim(len(labels) - 0.5, -0.5)
    for axes in (counts, values, angles):
        for row in range(1, len(labels)):
            axes.axhline(row - 0.5, color="#DDDDDD", lw=0.5, zorder=0)
        axes.tick_params(axis="y", length=0)
    counts.set_xlabel("null singular values")
    counts.set_xlim(-0.4, 15)
    counts.set_title("(a) bars: predicted, circles: found", loc="left")
    values.set_xscale("log")
    values.set_xlim(1e-19, 3)
    values.axvline(NO_RESPONSE, color=COLORS["grey"], lw=0.8, ls=":")
    values.set_xlabel(r"$s / s_\mathrm{max}$")
    values.set_title("(b) last value seen, first null", loc="left")
    angles.set_xscale("log")
    angles.set_xlim(1e-17, 1)
    angles.set_xlabel("largest angle (rad)")
    angles.set_title("(c) predicted against found", loc="left")
    figure.legend(handles=legend(), loc="outside lower center", ncols=7)
    return figure, {"": null_spaces}


def draw_counts(axis: Axes, some: pd.DataFrame, y: float, color: str) -> None:
    """Predicted dimensions as bars, those found as circles."""
    first = some.iloc[0]
    axis.barh(y, first["symmetric"], 0.2, color=SYMMETRIC)
    axis.barh(y, first["degenerate"], 0.2, first["symmetric"], color=DEGENERATE)
    for found in sorted(set(some["found"])):
        axis.plot(found, y, "o", ms=4, mfc="none", color=color, zorder=3)


def legend() -> list[Patch | Line2D]:
    """One handle for each kind of mark."""
    patches = [
        Patch(color=SYMMETRIC, label="predicted: symmetric"),
        Patch(color=DEGENERATE, label="predicted: degenerate"),
    ]
    circles = [
        Line2D([], [], ls="none", marker="o", mfc="none", ms=4, color=color, label=rf"$\nu={nu}$")
        for nu, color in ORDER_COLORS.items()
    ]
    marks = [
        Line2D([], [], ls="none", marker="o", ms=3, color="black", label="smallest seen"),
        Line2D([], [], ls="none", marker="x", ms=3, color="black", label="null space"),
    ]
    return [*patches, *circles, *marks]
