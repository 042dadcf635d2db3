"""What one descriptor knows of another: two heat maps of reconstruction errors."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from descriptor_sensitivity.drawing.style import plt

LEAST = 1e-4
"""Smaller errors have the same colour."""


def draw(errors: pd.DataFrame) -> tuple[Figure, dict[str, pd.DataFrame]]:
    """Global errors at the left, local ones at the right; rows reconstruct columns."""
    names = list(dict.fromkeys([*errors["source"], *errors["target"]]))
    size = 1.6 + 0.55 * len(names)
    figure, panels = plt.subplots(1, 2, figsize=(2 * size + 0.8, size), sharey=True)
    for axis, column, title in zip(panels, ("gfre", "lfre"), ("global", "local"), strict=True):
        image = heat_map(axis, errors, column, names)
        axis.set_title(f"{title} error", loc="left")
        axis.set_xlabel("reconstructed")
    panels[0].set_ylabel("from")
    figure.colorbar(image, ax=panels, label="reconstruction error", extend="min")
    return figure, {}


def heat_map(axis: Axes, errors: pd.DataFrame, column: str, names: list[str]) -> AxesImage:
    """One cell for each pair, with its number."""
    grid = errors.pivot(index="source", columns="target", values=column)
    grid = grid.reindex(index=names, columns=names)
    norm = LogNorm(LEAST, 1, clip=True)
    image = axis.imshow(grid.to_numpy(), norm=norm)
    for (row, col), value in np.ndenumerate(grid.to_numpy()):
        if np.isfinite(value):
            color = "black" if norm(value) > 0.6 else "white"
            text = f"{value:.2f}" if value >= 0.01 else f"{value:.0e}"
            axis.text(col, row, text, ha="center", va="center", fontsize=7, color=color)
    axis.set_xticks(range(len(names)), names, rotation=45, ha="right")
    axis.set_yticks(range(len(names)), names)
    return image
