"""The error of a potential's forces against the reference force along what it sees least."""

import pandas as pd
from matplotlib.figure import Figure

from descriptor_sensitivity.drawing.style import COLORS, plt


def draw_forces(table: pd.DataFrame, singular: float) -> Figure:
    """Structures of one descriptor as points, and the line that blind ones cannot lie below.

    Args:
        table: rows of `audit.forces.compared`.
        singular: CN from which all atoms together are blind.
    """
    figure, axes = plt.subplots(figsize=(4.6, 3.2), layout="constrained")
    blind = table["sensitivity"] <= 1 / singular
    for rows, color, label in (
        (table[~blind], COLORS["blue"], "seen by some centre"),
        (table[blind], COLORS["red"], "all centres blind"),
    ):
        if len(rows):
            axes.scatter(rows["reference_force"], rows["error"], 14, color, lw=0, label=label)
    ends = [table["reference_force"].min(), table["reference_force"].max()]
    axes.plot(ends, ends, color="0.6", lw=0.8, zorder=0)
    axes.set(xlabel="reference force along the move (eV/Å)", ylabel="error of the forces (eV/Å)")
    for scale, column in ((axes.set_xscale, "reference_force"), (axes.set_yscale, "error")):
        if (table[column] > 0).all():
            scale("log")
    axes.legend(fontsize=7)
    return figure
