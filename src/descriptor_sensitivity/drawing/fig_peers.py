"""What every library's descriptors see of degenerate and singular environments."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from descriptor_sensitivity.drawing.style import COLORS, plt

FLOOR = 1e-18
"""Exact zeros are drawn here."""

SENSITIVITY = {
    "generic": ("o", "grey", False),
    "PRL off-plane": ("s", "grey", False),
    "mirror A0": ("o", "red", True),
    "ring A0": ("^", "orange", True),
    "7-neighbour A0": ("D", "purple", True),
    "tetrahedral": ("x", "black", True),
}
"""Marker, colour and whether it is filled, of the environments in the left panel."""

SEPARATION = {"PRL pairs": ("s", "blue", True), "7-neighbour pair": ("D", "purple", True)}
"""The same of the pairs in the middle panel."""

LABELS = [
    r"$s_\mathrm{min}/s_\mathrm{max}$",
    r"$|\xi(A^+)-\xi(A^-)|\,/\,|\xi(A^+)|$",
    "analytic against differences",
]


def draw(peers: pd.DataFrame) -> tuple[Figure, dict[str, pd.DataFrame]]:
    """A row per descriptor: sensitivity, separation of pairs, error of the derivatives."""
    names = list(dict.fromkeys(peers.representation))
    rows = {name: row for row, name in enumerate(names)}
    figure, axes = plt.subplots(
        1, 3, figsize=(9.5, 0.9 + 0.24 * len(names)), sharey=True, width_ratios=[1.3, 1, 0.8]
    )
    symbols(axes[0], peers, rows, SENSITIVITY, "ratio")
    symbols(axes[1], peers, rows, SEPARATION, "separation")
    by_name = peers.groupby("representation")
    errors = by_name.difference_error.max().dropna()
    axes[2].plot(errors, [rows[name] for name in errors.index], "o", ms=4, color=COLORS["green"])

    status = by_name.status.first()
    for name, row in rows.items():
        if status[name] != "ok":
            missing = "install" in status[name] or "cannot import" in status[name]
            note(axes[0], row, "not installed" if missing else "refused (reason in the data)")
        elif name not in errors.index:
            note(axes[2], row, "by differences")
    orders = by_name.nu.first().reindex(names).fillna(0).to_numpy()
    for axis, label in zip(axes, LABELS, strict=True):
        axis.set(xscale="log", xlabel=label, ylim=(len(names) - 0.5, -0.5))
        axis.grid(axis="y", color="0.92", lw=0.7)
        axis.set_axisbelow(True)
        for last in np.flatnonzero(np.diff(orders)):
            axis.axhline(last + 0.5, color="0.5", lw=0.8)
    for axis in axes[:2]:
        axis.set_xlim(FLOOR / 2, 3)
        axis.legend(
            loc="lower center", bbox_to_anchor=(0.5, 1), ncols=3, fontsize=7, handletextpad=0.2
        )
    axes[2].set_xlim(1e-15, 1)
    dates = by_name.recorded.first().dropna()
    labels = [f"{name}\nrecorded {dates[name]}" if name in dates else name for name in names]
    axes[0].set_yticks(range(len(names)), labels, fontsize=7)
    return figure, {"": peers}


def note(axis: Axes, row: int, text: str) -> None:
    """A remark in the middle of a row."""
    where = axis.get_yaxis_transform()
    axis.text(0.5, row, text, fontsize=6, va="center", ha="center", transform=where)


def symbols(
    axis: Axes,
    peers: pd.DataFrame,
    rows: dict[str, int],
    styles: dict[str, tuple[str, str, bool]],
    column: str,
) -> None:
    """One symbol per descriptor and structure: the largest value of `column`."""
    for structure, (marker, color, filled) in styles.items():
        values = peers[peers.structure == structure].groupby("representation")[column].max()
        values = values.dropna().clip(lower=FLOOR)
        axis.plot(
            values,
            [rows[name] for name in values.index],
            marker,
            ms=4.5,
            ls="",
            color=COLORS[color],
            mfc=COLORS[color] if filled else "white",
            label=structure,
        )
