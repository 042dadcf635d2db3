"""fig_bench: cost against features and neighbours, and time and memory against structures."""

import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

from command import run
from descriptor_sensitivity.drawing.style import COLORS, save, use_style

STYLES = {
    "exact": ("o", "blue"),
    "featomic": ("s", "orange"),
    "dscribe": ("^", "green"),
    "quippy-ase": ("D", "red"),
    "librascal": ("v", "purple"),
    "qmllib": ("P", "grey"),
}
NAMES = {"exact": "ours", "quippy-ase": "QUIP", "dscribe": "DScribe", "qmllib": "FCHL19 (qmllib)"}


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--table", type=Path, required=True, help="benchmark of descriptors, csv")
    parser.add_argument("--scaling", type=Path, required=True, help="time and memory, csv")
    parser.add_argument("--figures", type=Path, required=True, help="folder of the figures")
    options = parser.parse_args(argv)

    table = pd.read_csv(options.table)
    table = table[(table.status == "ok") & (table.threads == 1) & (table.nu == 2)]
    scaling = pd.read_csv(options.scaling)

    use_style()
    figure, axes = plt.subplots(1, 3, figsize=(9.5, 3.2))
    for library, (marker, color) in STYLES.items():
        mine = table[table.library == library]
        if mine.empty:
            continue
        label = NAMES.get(library, library)
        style = {"marker": marker, "color": COLORS[color], "ms": 4, "label": label}
        few = mine[mine.n_neighbors == 4].sort_values("n_features")
        axes[0].plot(few.n_features, few.ms_per_environment, **style)
        middle = mine[(mine.n_max == 8) & (mine.l_max == 8)].sort_values("n_neighbors")
        axes[1].plot(middle.n_neighbors, middle.ms_per_environment, **style)
    axes[0].set(xlabel="features", ylabel="ms per environment", title="4 neighbours")
    axes[1].set(
        xlabel="neighbours", title=r"$n_\mathrm{max}=8$, $l_\mathrm{max}=8$, $\sigma=0.2$ Å"
    )
    axes[0].legend(fontsize=7)
    blue, red = COLORS["blue"], COLORS["red"]
    axes[2].plot(scaling.n_structures, scaling.seconds, "o-", color=blue)
    axes[2].set(xlabel="structures", title=r"ours, $\nu=2$ at (8, 6, 0.1 Å)")
    axes[2].set_ylabel("seconds", color=blue)
    memory = axes[2].twinx()
    memory.plot(scaling.n_structures, scaling.peak_mb, "s--", color=red, ms=4)
    memory.set_ylim(0, 2 * scaling.peak_mb.max())
    memory.set_ylabel("peak memory / MB", color=red)
    memory.spines["right"].set_visible(True)
    for axis in axes:
        axis.set(xscale="log", yscale="log")
    axes[1].set_xticks(sorted(table.n_neighbors.unique()), sorted(table.n_neighbors.unique()))
    axes[1].minorticks_off()
    save(figure, options.figures / "fig_bench")


if __name__ == "__main__":
    run(main)
