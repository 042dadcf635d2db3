"""fig_peers: what every library's descriptors see of degenerate and singular environments."""

import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from command import run
from descriptor_sensitivity.drawing.style import COLORS, save, use_style
from descriptor_sensitivity.files import write_csv

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
SEPARATION = {"PRL pairs": ("s", "blue", True), "7-neighbour pair": ("D", "purple", True)}


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=Path, nargs="+", required=True, help="one per library")
    parser.add_argument("--figures", type=Path, required=True, help="folder of the figures")
    options = parser.parse_args(argv)

    table = pd.concat([pd.read_csv(path) for path in options.tables], ignore_index=True)
    table = table.sort_values("nu", kind="stable", na_position="last", ignore_index=True)
    write_csv(table, options.figures / "data" / "fig_peers.csv")

    use_style()
    names = list(dict.fromkeys(table.representation))
    rows = {name: row for row, name in enumerate(names)}
    figure, axes = plt.subplots(
        1, 3, figsize=(9.5, 0.9 + 0.24 * len(names)), sharey=True, width_ratios=[1.3, 1, 0.8]
    )
    symbols(axes[0], table, rows, SENSITIVITY, "ratio")
    symbols(axes[1], table, rows, SEPARATION, "separation")
    errors = table.groupby("representation").difference_error.max().dropna()
    axes[2].plot(errors, [rows[name] for name in errors.index], "o", ms=4, color=COLORS["green"])

    status = table.groupby("representation").status.first()
    for name, row in rows.items():
        if status[name] != "ok":
            missing = "install" in status[name] or "cannot import" in status[name]
            note(axes[0], row, "not installed" if missing else "refused (reason in the data)")
        elif name not in errors.index:
            note(axes[2], row, "by differences")
    for axis, label in zip(
        axes,
        [
            r"$s_\mathrm{min}/s_\mathrm{max}$",
            r"$|\xi(A^+)-\xi(A^-)|\,/\,|\xi(A^+)|$",
            "analytic against differences",
        ],
        strict=True,
    ):
        axis.set(xscale="log", xlabel=label, ylim=(len(names) - 0.5, -0.5))
        axis.grid(axis="y", color="0.92", lw=0.7)
        axis.set_axisbelow(True)
        orders = table.groupby("representation", sort=False).nu.first().reindex(names).to_numpy()
        for row in range(1, len(names)):
            if not same(orders[row], orders[row - 1]):
                axis.axhline(row - 0.5, color="0.5", lw=0.8)
    for axis in axes[:2]:
        axis.set_xlim(FLOOR / 2, 3)
        axis.legend(
            loc="lower center", bbox_to_anchor=(0.5, 1), ncols=3, fontsize=7, handletextpad=0.2
        )
    axes[2].set_xlim(1e-15, 1)
    axes[0].set_yticks(range(len(names)), names, fontsize=7)
    save(figure, options.figures / "fig_peers")


def same(a: float, b: float) -> bool:
    """Whether two orders are equal, none (NaN) counting as one order."""
    return a == b or (np.isnan(a) and np.isnan(b))


def note(axis: Axes, row: int, text: str) -> None:
    """A remark in the middle of a row."""
    where = axis.get_yaxis_transform()
    axis.text(0.5, row, text, fontsize=6, va="center", ha="center", transform=where)


def symbols(
    axis: Axes,
    table: pd.DataFrame,
    rows: dict[str, int],
    styles: dict[str, tuple[str, str, bool]],
    column: str,
) -> None:
    """One symbol per representation and structure: the largest value of `column`."""
    for structure, (marker, color, filled) in styles.items():
        values = table[table.structure == structure].groupby("representation")[column].max()
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


if __name__ == "__main__":
    run(main)
