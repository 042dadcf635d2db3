"""Table 1 as a study: the range of each entry over the settings that the paper leaves open."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from descriptor_sensitivity.drawing.style import COLORS, LABELS, plt

COLOR = {
    "length": "blue",
    "sigma2 floor": "orange",
    "hyperparameters": "purple",
    "noise": "green",
    "random structure": "sky",
}
"""Of each setting."""

NAMES = {
    "length": r"length of $\Delta=1$, half to twice",
    "sigma2 floor": r"smallest $\sigma^2$ up to $10^{-6}$",
    "hyperparameters": "coarser grid of hyperparameters",
    "noise": "noise of the energies up to 5 µeV",
    "random structure": "random structure",
}

SHORT = {
    "length": "length ×",
    "sigma2 floor": r"$\sigma^2\geq$",
    "hyperparameters": "every",
    "noise": "noise",
    "random structure": "structure",
}
UNIT = {
    "length": "",
    "sigma2 floor": "",
    "hyperparameters": r"th $\gamma$",
    "noise": " µeV",
    "random structure": "",
}
"""Of the settings, beside their values."""

SPREAD = 0.7
"""Of the bars of one entry, in units of the distance between entries."""


def draw(ranges: pd.DataFrame, misfits: pd.DataFrame) -> tuple[Figure, dict[str, pd.DataFrame]]:
    """A panel for each structure, an entry for each descriptor and training grid; the misfits."""
    structures = list(dict.fromkeys(ranges.structure))
    shape = (1, len(structures) + 1)
    ratios = [2.0] * len(structures) + [1.0]
    figure, axes = plt.subplots(*shape, figsize=(12, 4.4), squeeze=False, width_ratios=ratios)
    for axis, name in zip(axes[0], structures, strict=False):
        axis.sharey(axes[0, 0])
        draw_structure(axis, ranges[ranges.structure == name])
        axis.set_title(name)
        axis.tick_params(labelleft=axis is axes[0, 0])
    axes[0, 0].set_ylabel("RMSE / µeV")
    draw_misfits(axes[0, -1], misfits)
    handles: dict[str, Any] = {}
    for axis in axes[0, :-1]:
        handles |= {text: one for one, text in zip(*axis.get_legend_handles_labels(), strict=True)}
    figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=4, fontsize=8)
    return figure, {"": ranges, "misfits": misfits}


def draw_misfits(axis: Axes, misfits: pd.DataFrame) -> None:
    """What each value of each setting leaves between the table and the printed one."""
    rows = range(len(misfits))
    colors = [COLORS[COLOR.get(setting, "black")] for setting in misfits.setting]
    axis.barh(rows, misfits.factor - 1, left=1, color=colors, height=0.7)
    labels = [
        "ours"
        if row.setting == "ours"
        else f"{SHORT[row.setting]} {row.value:g}{UNIT[row.setting]}"
        for row in misfits.itertuples()
    ]
    axis.set_yticks(rows, labels, fontsize=7)
    axis.invert_yaxis()
    axis.set(xscale="log", xlim=(1, 1.1 * misfits.factor.max()), xlabel="factor from printed")
    axis.xaxis.set_major_formatter("{x:g}")
    axis.set_xticks([1, 2, 5, 10])
    axis.minorticks_off()


def draw_structure(axis: Axes, ranges: pd.DataFrame) -> None:
    """The bars of each entry, our own value and the printed one."""
    names = list(dict.fromkeys(ranges.representation))
    entries = [(grid, name) for grid in dict.fromkeys(ranges.grid) for name in names]
    place = {entry: x for x, entry in enumerate(entries)}
    offsets = np.linspace(-SPREAD / 2, SPREAD / 2, len(COLOR))
    for setting, offset in zip(COLOR, offsets, strict=True):
        mine = ranges[ranges.setting == setting]
        if mine.empty:
            continue
        x = [place[entry] + offset for entry in zip(mine.grid, mine.representation, strict=True)]
        widths = np.where(mine.covers, 5.0, 2.0)
        color = COLORS[COLOR[setting]]
        axis.vlines(x, mine.low_uev, mine.high_uev, color=color, lw=widths, label=NAMES[setting])
    each = ranges.drop_duplicates(["grid", "representation"])
    middle = np.array([place[entry] for entry in zip(each.grid, each.representation, strict=True)])
    axis.hlines(each.ours_uev, middle - 0.45, middle + 0.45, color="black", lw=1, label="ours")
    known = each.printed_uev.notna().to_numpy()
    axis.plot(
        middle[known],
        each.printed_uev[known],
        "*",
        ms=8,
        color=COLORS["red"],
        mec="white",
        label="printed",
    )
    axis.set_yscale("log")
    axis.set_xlim(-0.6, len(entries) - 0.4)
    labels = [f"{LABELS.get(name, name)}".replace("smooth ", "s-") for _, name in entries]
    axis.set_xticks(range(len(entries)), labels, rotation=60, fontsize=7)
    for start in range(0, len(entries), len(names)):
        center = start + (len(names) - 1) / 2
        text = entries[start][0].replace("x", " × ")
        axis.text(center, 0.98, text, transform=axis.get_xaxis_transform(), ha="center", va="top")
        if start:
            axis.axvline(start - 0.5, color="0.7", lw=0.8)
    for odd in range(1, len(entries), 2):
        axis.axvspan(odd - 0.5, odd + 0.5, color="0.96", zorder=0, lw=0)
