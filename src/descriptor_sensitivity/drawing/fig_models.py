"""What the layers of machine-learned potentials see of singular and degenerate environments."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from descriptor_sensitivity.drawing.style import COLORS, plt

FLOOR = 1e-18
"""Exact zeros are drawn here."""

SINGLE = {
    "generic": ("o", "grey", False),
    "tetrahedral": ("x", "black", True),
    "p = 0": ("v", "blue", True),
    "mirror A0": ("o", "red", True),
    "ring A0": ("^", "orange", True),
    "7-neighbour A0": ("D", "purple", True),
}
"""Marker, colour and whether it is filled, of the environments."""

PAIRS = {"mirror pair": ("s", "red", True), "7-neighbour pair": ("D", "purple", True)}
"""The same of the pairs."""

ATOMS = {"center": "centre", "all": "all atoms", "sum": "sum over atoms"}


def draw(models: pd.DataFrame) -> tuple[Figure, dict[str, pd.DataFrame]]:
    """A row per model and layer: sensitivity, separation of pairs, energies."""
    layers = models[["model", "layer"]].drop_duplicates().reset_index(drop=True)
    counts = layers.groupby("model").layer.transform("size")
    names = [
        f"{model}, layer {layer:.0f}" if count > 1 else model
        for model, layer, count in zip(layers.model, layers.layer, counts, strict=True)
    ]
    rows = {key: row for row, key in enumerate(layers.itertuples(index=False, name=None))}
    figure, axes = plt.subplots(
        1, 5, figsize=(12.5, 1.1 + 0.21 * len(names)), sharey=True, width_ratios=[1, 1, 1, 0.8, 0.8]
    )
    for axis, (atoms, label) in zip(axes, ATOMS.items(), strict=False):
        symbols(axis, models[models.atoms == atoms], rows, SINGLE, "ratio")
        axis.set(xlabel=r"$s_\mathrm{min}/s_\mathrm{max}$", title=label)
    symbols(axes[3], models[models.atoms == "center"], rows, PAIRS, "separation")
    axes[3].set(xlabel=r"$|\xi(A^+)-\xi(A^-)|\,/\,|\xi(A^+)|$", title="centre, pairs")
    last = models[models.layer == models.groupby("model").layer.transform("max")]
    symbols(axes[4], last, rows, SINGLE, "energy_slope")
    symbols(axes[4], last, rows, PAIRS, "energy_difference")
    axes[4].set(xlabel="eV, eV/Å", title="energy")

    for (model, layer), row in rows.items():
        missing = models[models.model == model].status.iloc[0] != "ok"
        for axis in axes:
            if missing:
                where = axis.get_yaxis_transform()
                axis.text(0.5, row, "not computed", fontsize=6, ha="center", transform=where)
            if row and not layer > 1:
                axis.axhline(row - 0.5, color="0.8", lw=0.6)
    for axis in axes:
        axis.set(xscale="log", xlim=(FLOOR / 2, 300), ylim=(len(names) - 0.5, -0.5))
        axis.grid(axis="y", color="0.92", lw=0.7)
        axis.set_axisbelow(True)
    handles = [*axes[0].get_legend_handles_labels(), *axes[3].get_legend_handles_labels()]
    figure.legend(
        [*handles[0], *handles[2]],
        [*handles[1], *handles[3]],
        loc="outside upper center",
        ncols=8,
        fontsize=7,
        handletextpad=0.2,
    )
    axes[0].set_yticks(range(len(names)), names, fontsize=7)
    return figure, {"": models}


def symbols(
    axis: Axes,
    models: pd.DataFrame,
    rows: dict[tuple[str, float], int],
    styles: dict[str, tuple[str, str, bool]],
    column: str,
) -> None:
    """One symbol per model, layer and structure."""
    for structure, (marker, color, filled) in styles.items():
        mine = models[(models.structure == structure) & models[column].notna()]
        if column.startswith("energy"):
            mine = mine.drop_duplicates(["model", "layer"])
        axis.plot(
            np.maximum(mine[column], FLOOR),
            [rows[key] for key in zip(mine.model, mine.layer, strict=True)],
            marker,
            ms=4.5,
            ls="",
            color=COLORS[color],
            mfc=COLORS[color] if filled else "white",
            label=structure,
        )
