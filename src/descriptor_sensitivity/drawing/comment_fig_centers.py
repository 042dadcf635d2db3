"""Singular values of methane seen from the carbon, the hydrogens, and all atoms."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from descriptor_sensitivity.drawing.style import COLORS, plt

STYLES = {"C": ("red", "o"), "H": ("blue", "s"), "all": ("black", "x")}
LABELS = {"C": "C only", "H": "H only", "all": "all centres"}

LOWEST = 1e-17
"""End of the axes; a distance that is zero is drawn there."""


def draw(values: pd.DataFrame, distances: pd.DataFrame) -> tuple[Figure, dict[str, pd.DataFrame]]:
    """Left: s_k / s_1 of six environments, by centres. Right: distances of the pairs."""
    figure, axes = plt.subplots(2, 4, figsize=(10, 5), sharey="col")
    for axis, name in zip(axes[:, :3].ravel(), values.environment.unique(), strict=True):
        for kind, (color, marker) in STYLES.items():
            part = values[(values.environment == name) & (values.centers == kind)]
            axis.semilogy(
                part.k, part.ratio, marker, ls=":", lw=0.7, ms=4, fillstyle="none",
                color=COLORS[color], label=LABELS[kind],
            )  # fmt: skip
        axis.set_title(f"{name[:-2]} $A^{name[-1]}$")
        axis.set(xticks=range(1, 10, 2), ylim=(LOWEST, 5))
    for axis in axes[:, 0]:
        axis.set_ylabel("$s_k / s_1$")
    for axis in axes[1, :3]:
        axis.set_xlabel("$k$")
    axes[0, 0].legend(fontsize=7, loc="lower left")
    for axis, (name, part) in zip(axes[:, 3], distances.groupby("pair", sort=False), strict=True):
        colors = [COLORS[STYLES[kind][0]] for kind in part.centers]
        axis.bar(part.centers, np.maximum(part.distance, LOWEST), color=colors)
        axis.set(yscale="log", ylim=(LOWEST, 5))
        axis.set_title(f"{name}: $A^+$ from $A^-$")
        axis.set_ylabel("relative distance")
    axes[1, 3].set_xlabel("centres")
    return figure, {"singular_values": values, "distances": distances}
