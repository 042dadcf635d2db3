"""Figure 3 of paper 1: errors of energy models along the two displacements of each structure."""

from itertools import cycle

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from descriptor_sensitivity.drawing.style import COLORS, LABELS, plt

STYLES = [
    (COLORS["blue"], "-"),
    (COLORS["red"], (0, (5, 1.5))),
    (COLORS["orange"], (0, (1, 1))),
    (COLORS["green"], (0, (4, 1.2, 1, 1.2))),
]
HIDDEN = 0.02
"""Curves that stay below this part of the largest error of a panel are drawn in an inset."""
UNIT_BELOW = 1000.0
"""Panels whose errors stay below this (ueV) are drawn in ueV, the others in meV."""


def draw(errors: pd.DataFrame) -> tuple[Figure, dict[str, pd.DataFrame]]:
    """A column for each structure, a row for each displacement; the first training grid."""
    shown = errors[errors.grid == errors.grid.iloc[0]].drop(columns="grid")
    structures = list(dict.fromkeys(shown.structure))
    styles = dict(zip(dict.fromkeys(shown.representation), cycle(STYLES), strict=False))
    figure, axes = plt.subplots(2, len(structures), figsize=(7.5, 4.6), sharex=True, squeeze=False)
    for column, name in enumerate(structures):
        for k in (1, 2):
            ax = axes[k - 1, column]
            draw_panel(ax, shown[(shown.structure == name) & (shown.direction == k)], styles)
            ax.text(0.5, 0.98, rf"along $u_{k}$", transform=ax.transAxes, ha="center", va="top")
        axes[0, column].set_title(name)
        axes[1, column].set_xlabel(r"$\Delta$")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels))
    return figure, {"": shown}


def draw_panel(ax: Axes, mine: pd.DataFrame, styles: dict) -> None:
    """Errors of every model along one displacement, dots at the trained points."""
    small = mine.error_uev.abs().max() < UNIT_BELOW
    for representation, (color, dash) in styles.items():
        curve = mine[mine.representation == representation]
        error = curve.error_uev * (1 if small else 1e-3)
        label = LABELS.get(representation, representation)
        ax.plot(curve.delta, error, color=color, ls=dash, label=label)
        ax.plot(curve.delta[curve.trained], error[curve.trained], "o", color=color, ms=3)
    peaks = mine.groupby("representation").error_uev.agg(lambda errors: errors.abs().max())
    hidden = [name for name in styles if peaks[name] < HIDDEN * peaks.max()]
    if hidden:
        enlarge(ax, mine, hidden, styles)
    ax.axhline(0, color="0.8", lw=0.6, zorder=0)
    ax.set_xlim(-1.05, 1.05)
    ax.set_ylabel(f"error / {'µeV' if small else 'meV'}")
    low, high = ax.get_ylim()
    ax.set_ylim(low, high + 0.12 * (high - low))


def enlarge(ax: Axes, mine: pd.DataFrame, hidden: list[str], styles: dict) -> None:
    """The curves that the largest one hides, in µeV, in the free corner of a panel."""
    inset = ax.inset_axes((0.14, 0.56, 0.3, 0.28))
    for representation in hidden:
        color, dash = styles[representation]
        curve = mine[mine.representation == representation]
        inset.plot(curve.delta, curve.error_uev, color=color, ls=dash, lw=1.0)
    inset.axhline(0, color="0.8", lw=0.5, zorder=0)
    inset.set(xlim=(-1, 1), xticks=[])
    inset.set_title("the others / µeV", fontsize=6, pad=2)
    inset.tick_params(axis="y", labelsize=6, pad=1, length=2)
    inset.locator_params(axis="y", nbins=3)
    for spine in inset.spines.values():
        spine.set(visible=True, color="0.7", linewidth=0.6)
