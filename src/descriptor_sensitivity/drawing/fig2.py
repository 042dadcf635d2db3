"""Figure 2 of paper 1: features and energy of methane along two displacements of each structure."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from descriptor_sensitivity.drawing.molecules import draw_molecule
from descriptor_sensitivity.drawing.style import COLORS, LABELS, plt

PAIR = COLORS["red"], COLORS["blue"]
VIEWS = {"asymmetric": (75, 18), "symmetric": (65, 12), "degenerate": (115, 25)}


def draw(manifolds: pd.DataFrame, changes: pd.DataFrame) -> tuple[Figure, dict[str, pd.DataFrame]]:
    """A column for each structure: the molecule, a row for each descriptor, the energy."""
    structures = list(dict.fromkeys(changes.structure))
    names = list(dict.fromkeys(changes.row))
    figure, axes = plt.subplots(
        1 + len(names),
        len(structures),
        figsize=(7.5, 9.6),
        height_ratios=[1.75] + [1.0] * len(names),
        squeeze=False,
    )
    for column, name in enumerate(structures):
        draw_structure(axes[0, column], manifolds[manifolds.structure == name], name)
        for row, kind in enumerate(names, start=1):
            ax = axes[row, column]
            draw_panel(ax, changes[(changes.structure == name) & (changes.row == kind)], kind)
            if column == 0:
                ax.set_ylabel(LABELS.get(kind, kind))
            if row == len(names):
                ax.set_xlabel(r"$\Delta_k$")
            else:
                ax.tick_params(labelbottom=False)
    handles, labels = axes[1, 0].get_legend_handles_labels()
    axes[1, 0].legend(handles, labels, loc="upper left")
    figure.align_ylabels(axes[1:, 0])
    return figure, {"": changes}


def draw_structure(ax: Axes, parts: pd.DataFrame, name: str) -> None:
    """The reference with both displacements."""
    vectors = {what: part[["x", "y", "z"]].to_numpy() for what, part in parts.groupby("what")}
    arrows = [(vectors[f"u_{k}"], color) for k, color in enumerate(PAIR, start=1)]
    draw_molecule(ax, vectors["reference"], arrows, VIEWS.get(name, (60, 20)))
    ax.set_title(f"{name}\n" + rf"$\Delta = 1$: {parts.length.iloc[0]:g} Å")


def draw_panel(ax: Axes, mine: pd.DataFrame, kind: str) -> None:
    """Both displacements; the second one enlarged where the first one hides it."""
    for k, color in enumerate(PAIR, start=1):
        curve = mine[mine.direction == k]
        ax.plot(curve.delta, curve.change, color=color, label=rf"$u_{k}$")
    failed = mine.change.isna().sum()
    if failed:
        text = f"SCF not converged at {failed} of these points"
        ax.text(0.5, 0.97, text, transform=ax.transAxes, ha="center", va="top", fontsize=6)
    ax.axhline(0, color="0.8", lw=0.6, zorder=0)
    ax.axvline(0, color="0.8", lw=0.6, zorder=0)
    ax.set_xlim(-1, 1)
    ax.ticklabel_format(axis="y", style="sci", scilimits=(-2, 3), useMathText=True)
    spans = mine.groupby("direction").change.agg(np.ptp)
    if kind != "energy" and spans[2] < 0.3 * spans[1]:
        enlarge(ax, mine[mine.direction == 2])


def enlarge(ax: Axes, curve: pd.DataFrame) -> None:
    """The curve along u_2 alone, on its own scale, in the free corner of a panel."""
    inset = ax.inset_axes((0.66, 0.1, 0.33, 0.36))
    inset.plot(curve.delta, curve.change, color=PAIR[1], lw=1.2)
    inset.axhline(0, color="0.8", lw=0.5, zorder=0)
    inset.axvline(0, color="0.8", lw=0.5, zorder=0)
    inset.set(xlim=(-1, 1), xticks=[])
    largest = curve.change.abs().max()
    inset.set_yticks([largest if curve.change.max() == largest else -largest])
    inset.yaxis.set_major_formatter(lambda value, _: f"{value:.2g}")
    inset.tick_params(axis="y", labelsize=6, pad=1, length=2, colors=PAIR[1])
    for spine in inset.spines.values():
        spine.set(visible=True, color="0.7", linewidth=0.6)
