"""The zoo at one glance: every descriptor against every counterexample."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from descriptor_sensitivity.drawing.style import COLORS, plt
from descriptor_sensitivity.models.process import PACKAGES
from descriptor_sensitivity.zoo.table import surprising

MARKS = {
    "separates": ("o", "sky", "none"),
    "partly": ("o", "orange", "left"),
    "blind": ("s", "black", "full"),
}
"""Marker, colour and fill of a verdict: empty, half and full, so that no colour is needed."""

GROUPS = {
    ("environment", "pair"): "pairs",
    ("environment", "singular"): "singular",
    ("environment", "symmetric"): "symmetric",
    ("environment", "control"): "",
    ("structure", "pair"): "whole structures: pairs",
    ("structure", "singular"): "singular",
    ("structure", "symmetric"): "symmetric",
}
"""Columns side by side, in this order, under these words."""


def draw(zoo: pd.DataFrame) -> tuple[Figure, dict[str, pd.DataFrame]]:
    """A row per descriptor, a column per entry."""
    names = list(dict.fromkeys(zoo.descriptor))
    first = zoo.drop_duplicates("entry").set_index("entry")
    groups = {
        key: list(first.index[(first.scope == key[0]) & (first.kind == key[1])]) for key in GROUPS
    }
    entries = [entry for group in groups.values() for entry in group]
    figure, axis = plt.subplots(figsize=(3.0 + 0.185 * len(entries), 2.3 + 0.185 * len(names)))
    column = {entry: place for place, entry in enumerate(entries)}
    row = {name: place for place, name in enumerate(names)}
    _marks(axis, zoo, column, row)
    for name, status in zoo[zoo.status != "ok"].groupby("descriptor").status.first().items():
        missing = "install" in status or "cannot import" in status
        text = "not installed" if missing else "refused (reason in the data)"
        if not zoo[zoo.descriptor == name].verdict.notna().any():
            axis.text(0, row[str(name)], text, fontsize=6, va="center")
    _lines(axis, zoo, names, groups)
    axis.set_xticks(range(len(entries)), [entry.replace("_", " ") for entry in entries])
    axis.tick_params(axis="x", rotation=90, labelsize=6.5, length=0)
    axis.set_yticks(range(len(names)), names, fontsize=7)
    axis.tick_params(axis="y", length=0)
    axis.set(xlim=(-0.7, len(entries) - 0.3), ylim=(len(names) - 0.4, -0.6))
    axis.grid(color="0.93", lw=0.6)
    axis.set_axisbelow(True)
    axis.spines[:].set_visible(False)
    figure.legend(handles=_handles(), loc="outside lower center", ncols=4, fontsize=7)
    return figure, {"": zoo}


def _marks(axis: Axes, zoo: pd.DataFrame, column: dict[str, int], row: dict[str, int]) -> None:
    """One mark a verdict, and a cross on those that are not as expected."""
    for verdict, (marker, color, fill) in MARKS.items():
        mine = zoo[zoo.verdict == verdict]
        x, y = mine.entry.map(column), mine.descriptor.map(row)
        axis.plot(x, y, marker, **_look(color, fill), ls="")
    odd = zoo[surprising(zoo)]
    axis.plot(
        odd.entry.map(column), odd.descriptor.map(row), "x", ms=8, mew=1.4, color=COLORS["red"]
    )


def _look(color: str, fill: str) -> dict[str, Any]:
    return {
        "ms": 5,
        "mew": 0.9,
        "color": COLORS[color],
        "mfcalt": "white",
        "fillstyle": fill,
    }


def _lines(
    axis: Axes, zoo: pd.DataFrame, names: list[str], groups: dict[tuple[str, str], list[str]]
) -> None:
    """Lines between groups of entries, their words, and lines between correlation orders."""
    start = 0
    for key, group in groups.items():
        if not group:
            continue
        if start:
            axis.axvline(start - 0.5, color="0.5", lw=0.8 if GROUPS[key] else 0.3)
        axis.text(start - 0.4, -0.9, GROUPS[key], fontsize=7, va="bottom")
        start += len(group)
    rows = zoo.drop_duplicates("descriptor").set_index("descriptor").loc[names]
    block = rows.nu.fillna(0).where(~rows.library.isin(PACKAGES), "models").to_numpy()
    for place in range(1, len(names)):
        if block[place] != block[place - 1]:
            axis.axhline(place - 0.5, color="0.5", lw=0.8)


def _handles() -> list[Line2D]:
    cross: dict[str, Any] = {"marker": "x", "ls": "", "ms": 8, "mew": 1.4}
    shown = [
        Line2D([], [], marker=marker, ls="", label=verdict, **_look(color, fill))
        for verdict, (marker, color, fill) in MARKS.items()
    ]
    odd = Line2D(
        [], [], label="not as expected of its order and of symmetry", color=COLORS["red"], **cross
    )
    return [*shown, odd]
