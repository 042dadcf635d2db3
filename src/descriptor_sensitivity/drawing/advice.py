"""What a basis costs and what it sees: mean condition number against the number of features."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from descriptor_sensitivity.drawing.style import COLORS, SEQUENCE, plt


def draw(tables: Sequence[pd.DataFrame], factor: float) -> Figure:
    """One panel for each descriptor; `tables` are of `audit.advice.try_settings`."""
    width = max(len(tables), 1)
    figure, panels = plt.subplots(
        1, width, figsize=(4.6 * width, 3.4), layout="constrained", squeeze=False
    )
    for axes, table in zip(panels[0], tables, strict=True):
        draw_settings(axes, table, factor)
    return figure


def draw_settings(axes: Axes, table: pd.DataFrame, factor: float) -> None:
    """Settings as points, by sigma; the limit, the cheapest within it and the audited one."""
    seen = table[np.isfinite(table["mean"])]
    for (sigma, rows), color in zip(seen.groupby("sigma"), [*SEQUENCE] * 4, strict=False):
        axes.plot(
            rows["n_features"], rows["mean"], "o", ms=4, color=color, label=f"σ = {sigma:g} Å"
        )
    axes.axhline(factor * seen["mean"].min(), color="0.6", lw=0.8, ls="--")
    allowed = seen[seen["allowed"]].sort_values(["n_features", "mean"], kind="stable").iloc[:1]
    look: dict[str, Any] = {"ms": 11, "mfc": "none", "mew": 1.6, "ls": ""}
    axes.plot(
        allowed["n_features"], allowed["mean"], "o", **look, color=COLORS["red"], label="cheapest"
    )
    audited = seen[seen["audited"]]
    axes.plot(
        audited["n_features"], audited["mean"], "s", **look, color="black", label="as audited"
    )
    name = table["representation"].iloc[0]
    axes.set(xscale="log", yscale="log", xlabel="features", ylabel="mean CN", title=name)
    axes.legend(fontsize=7)
