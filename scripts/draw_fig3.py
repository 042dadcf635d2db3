"""Figure 3 of paper 1: errors of energy models along the two displacements of each structure."""

import argparse
from itertools import cycle
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from command import run
from descriptor_sensitivity.drawing.style import COLORS, save, use_style
from descriptor_sensitivity.files import write_csv
from descriptor_sensitivity.manifolds import Manifold, training_line

STYLES = [
    (COLORS["blue"], "-"),
    (COLORS["red"], (0, (5, 1.5))),
    (COLORS["orange"], (0, (1, 1))),
    (COLORS["green"], (0, (4, 1.2, 1, 1.2))),
]
LABELS = {"nu2": r"$\nu = 2$", "nu3": r"$\nu = 3$", "omfp": "OMFP", "s-omfp": "smooth OMFP"}
HIDDEN = 0.02
"""Curves that stay below this part of the largest error of a panel are drawn in an inset."""
UNIT_BELOW = 1000.0
"""Panels whose errors stay below this (ueV) are drawn in ueV, the others in meV."""


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


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--structures", nargs="+", required=True, help="names of the columns")
    parser.add_argument("--manifolds", type=Path, required=True, help="folder of <name>.npz")
    parser.add_argument("--regression", type=Path, required=True, help="folder of <name>.csv")
    parser.add_argument("--representations", nargs="+", required=True)
    parser.add_argument("--grid", type=int, required=True, help="training grid, n x n")
    parser.add_argument("--figures", type=Path, required=True, help="folder to write to")
    arguments = parser.parse_args(argv)

    tables = []
    for name in arguments.structures:
        manifold = Manifold.load(arguments.manifolds / f"{name}.npz")
        predictions = pd.read_csv(arguments.regression / f"{name}.csv")
        deltas = manifold.deltas
        trained = np.isin(range(len(deltas)), training_line(len(deltas), arguments.grid))
        for k in range(2):
            cut = predictions.iloc[manifold.cut(k)]
            for representation in arguments.representations:
                error = cut[f"error_{representation}_{arguments.grid}x{arguments.grid}_uev"]
                tables.append(
                    pd.DataFrame(
                        {
                            "structure": name,
                            "direction": k + 1,
                            "representation": representation,
                            "delta": deltas,
                            "error_uev": error.to_numpy(),
                            "trained": trained,
                        }
                    )
                )
    data = pd.concat(tables)
    write_csv(data, arguments.figures / "data" / "fig3.csv")

    colors = dict(zip(arguments.representations, cycle(STYLES), strict=False))
    use_style()
    figure, axes = plt.subplots(
        2, len(arguments.structures), figsize=(7.5, 4.6), sharex=True, squeeze=False
    )
    for column, name in enumerate(arguments.structures):
        for k in range(2):
            ax = axes[k, column]
            mine = data[(data.structure == name) & (data.direction == k + 1)]
            small = mine.error_uev.abs().max() < UNIT_BELOW
            for representation, (color, dash) in colors.items():
                curve = mine[mine.representation == representation]
                error = curve.error_uev * (1 if small else 1e-3)
                label = LABELS.get(representation, representation)
                ax.plot(curve.delta, error, color=color, ls=dash, label=label)
                ax.plot(curve.delta[curve.trained], error[curve.trained], "o", color=color, ms=3)
            peaks = mine.groupby("representation").error_uev.agg(lambda errors: errors.abs().max())
            hidden = [
                name for name in arguments.representations if peaks[name] < HIDDEN * peaks.max()
            ]
            if hidden:
                enlarge(ax, mine, hidden, colors)
            ax.axhline(0, color="0.8", lw=0.6, zorder=0)
            ax.set_xlim(-1.05, 1.05)
            ax.set_ylabel(f"error / {'µeV' if small else 'meV'}")
            if k == 0:
                ax.set_title(name)
            else:
                ax.set_xlabel(r"$\Delta$")
            ax.text(0.5, 0.98, rf"along $u_{k + 1}$", transform=ax.transAxes, ha="center", va="top")
            low, high = ax.get_ylim()
            ax.set_ylim(low, high + 0.12 * (high - low))
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels))
    save(figure, arguments.figures / "fig3")


if __name__ == "__main__":
    run(main)
