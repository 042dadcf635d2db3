"""Figure 2 of paper 1: features and energy of methane along two displacements of each structure."""

import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from command import run
from descriptor_sensitivity.drawing.molecules import draw_molecule
from descriptor_sensitivity.drawing.style import COLORS, save, use_style
from descriptor_sensitivity.energies import read_energies, relative_energies
from descriptor_sensitivity.files import write_csv
from descriptor_sensitivity.manifolds import Manifold, sensing_directions

PAIR = COLORS["red"], COLORS["blue"]
VIEWS = {"asymmetric": (75, 18), "symmetric": (65, 12), "degenerate": (115, 25)}
TITLES = {
    "nu2": r"$\nu = 2$",
    "nu3": r"$\nu = 3$",
    "omfp": "OMFP",
    "s-omfp": "smooth OMFP",
    "energy": "energy / meV",
}


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


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--structures", nargs="+", required=True, help="names of the columns")
    parser.add_argument("--manifolds", type=Path, required=True, help="folder of <name>.npz")
    parser.add_argument("--features", type=Path, required=True, help="folder of <name>.npz")
    parser.add_argument("--energies", type=Path, required=True, help="folder of <name>.csv")
    parser.add_argument("--figures", type=Path, required=True, help="folder to write to")
    arguments = parser.parse_args(argv)

    rows, failed = [], {}
    for name in arguments.structures:
        manifold = Manifold.load(arguments.manifolds / f"{name}.npz")
        with np.load(arguments.features / f"{name}.npz") as features:
            for representation in features["representations"]:
                differences = features[f"{representation}_differences"]
                slopes = features[f"{representation}_slopes"]
                directions, linear = sensing_directions(manifold, differences, slopes)
                for k in range(2):
                    changes = differences[manifold.cut(k)] @ directions[k]
                    rows += [
                        (name, str(representation), k + 1, delta, change, bool(linear[k]))
                        for delta, change in zip(manifold.deltas, changes, strict=True)
                    ]
        _, table = read_energies(arguments.energies / f"{name}.csv")
        energies = relative_energies(table, manifold)
        failed[name] = int(np.isnan(energies).sum())
        for k in range(2):
            cut = manifold.cut(k)
            rows += [
                (name, "energy", k + 1, delta, 1e3 * energy, True)
                for delta, energy in zip(manifold.deltas, energies[cut], strict=True)
            ]
    columns = ["structure", "row", "direction", "delta", "change", "linear"]
    data = pd.DataFrame(rows, columns=columns)
    write_csv(data, arguments.figures / "data" / "fig2.csv")

    use_style()
    names = list(dict.fromkeys(data.row))
    figure, axes = plt.subplots(
        1 + len(names),
        len(arguments.structures),
        figsize=(7.5, 9.6),
        height_ratios=[1.75] + [1.0] * len(names),
        squeeze=False,
    )
    for column, name in enumerate(arguments.structures):
        manifold = Manifold.load(arguments.manifolds / f"{name}.npz")
        arrows = list(zip(manifold.displacements, PAIR, strict=True))
        draw_molecule(axes[0, column], manifold.vectors, arrows, VIEWS.get(name, (60, 20)))
        axes[0, column].set_title(f"{name}\n" + rf"$\Delta = 1$: {manifold.length:g} Å")
        for row, kind in enumerate(names, start=1):
            ax = axes[row, column]
            mine = data[(data.structure == name) & (data.row == kind)]
            for k, color in enumerate(PAIR, start=1):
                curve = mine[mine.direction == k]
                ax.plot(curve.delta, curve.change, color=color, label=rf"$u_{k}$")
            if kind == "energy" and failed[name]:
                text = f"SCF not converged at {failed[name]} points of the grid"
                ax.text(0.5, 0.97, text, transform=ax.transAxes, ha="center", va="top", fontsize=6)
            ax.axhline(0, color="0.8", lw=0.6, zorder=0)
            ax.axvline(0, color="0.8", lw=0.6, zorder=0)
            ax.set_xlim(-1, 1)
            ax.ticklabel_format(axis="y", style="sci", scilimits=(-2, 3), useMathText=True)
            spans = mine.groupby("direction").change.agg(np.ptp)
            if kind != "energy" and spans[2] < 0.3 * spans[1]:
                enlarge(ax, mine[mine.direction == 2])
            if column == 0:
                ax.set_ylabel(TITLES.get(kind, kind))
            if row == len(names):
                ax.set_xlabel(r"$\Delta_k$")
            else:
                ax.tick_params(labelbottom=False)
    handles, labels = axes[1, 0].get_legend_handles_labels()
    axes[1, 0].legend(handles, labels, loc="upper left")
    figure.align_ylabels(axes[1:, 0])
    save(figure, arguments.figures / "fig2")


if __name__ == "__main__":
    run(main)
