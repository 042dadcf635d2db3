"""Cost against features and neighbours, and time and memory against structures."""

import pandas as pd
from matplotlib.figure import Figure

from descriptor_sensitivity.drawing.style import COLORS, plt

STYLES = {
    "exact": ("o", "blue"),
    "featomic": ("s", "orange"),
    "dscribe": ("^", "green"),
    "quippy-ase": ("D", "red"),
    "librascal": ("v", "purple"),
    "qmllib": ("P", "grey"),
}
NAMES = {"exact": "ours", "quippy-ase": "QUIP", "dscribe": "DScribe", "qmllib": "FCHL19 (qmllib)"}


def draw(costs: pd.DataFrame, scaling: pd.DataFrame) -> tuple[Figure, dict[str, pd.DataFrame]]:
    """One thread, nu = 2, one line per library; ours alone on the right."""
    shown = costs[(costs.status == "ok") & (costs.threads == 1) & (costs.nu == 2)]
    figure, axes = plt.subplots(1, 3, figsize=(9.5, 3.2))
    for library, (marker, color) in STYLES.items():
        mine = shown[shown.library == library]
        if mine.empty:
            continue
        label = NAMES.get(library, library)
        style = {"marker": marker, "color": COLORS[color], "ms": 4, "label": label}
        few = mine[(mine.n_neighbors == 4) & (mine.n_species == 1)].sort_values("n_features")
        axes[0].plot(few.n_features, few.ms_per_environment, **style)
        middle = mine[(mine.n_max == 8) & (mine.l_max == 6)].sort_values("n_neighbors")
        for species, line in ((1, "-"), (5, "--")):
            some = middle[middle.n_species == species]
            axes[1].plot(some.n_neighbors, some.ms_per_environment, **style | {"ls": line})
    axes[0].set(xlabel="features", ylabel="ms per environment", title="4 neighbours")
    axes[1].set(xlabel="neighbours", title=r"(8, 6, 0.3 Å); dashed: 5 species")
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
    ticks = sorted(shown.n_neighbors.unique())
    axes[1].set_xticks(ticks, ticks)
    axes[1].minorticks_off()
    return figure, {}
