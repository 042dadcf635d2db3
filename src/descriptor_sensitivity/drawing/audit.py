"""One page on a data set: condition numbers, their causes, and the worst environments drawn."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pandas as pd
from ase import Atoms
from ase.data import covalent_radii
from ase.data.colors import jmol_colors
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from descriptor_sensitivity.audit.finding import CATEGORIES
from descriptor_sensitivity.audit.verdict import is_empty
from descriptor_sensitivity.drawing.style import COLORS, SEQUENCE, plt
from descriptor_sensitivity.report.cells import condition_text

SHADES = dict(
    zip(
        CATEGORIES,
        ("grey", "black", "purple", "orange", "red", "blue", "green"),
        strict=True,
    )
)
"""The colour of each diagnosis."""

TILT = (35.0, 20.0)
"""Degrees by which a drawn environment is turned out of its flattest view, about x and about y."""


def draw(
    points: pd.DataFrame, histograms: pd.DataFrame, summary: pd.DataFrame, worst: list[Atoms]
) -> tuple[Figure, dict[str, pd.DataFrame]]:
    """Above: histograms, against the nearest distance, one against the other, causes. Below: worst.

    Where no environment could be audited the figure says so.
    """
    names = list(summary["representation"].unique())
    dataset = histograms["dataset"].iloc[0]
    if is_empty(summary):
        return nothing_to_draw(f"{dataset}: nothing could be audited; skipped.csv says why."), {}
    chosen = pick(worst, names)
    figure = plt.figure(figsize=(11, 7.6 if chosen else 3.4))
    heights = [1.05, 1] if chosen else [1]
    top, *rest = figure.subfigures(len(heights), 1, height_ratios=heights, squeeze=False)[:, 0]
    widths = [1, 1, 1, 0.8] if len(names) > 1 else [1, 1, 0.8]
    panels = top.subplots(1, len(widths), width_ratios=widths)

    low, high = draw_histograms(panels[0], histograms, names)
    panels[0].set_title(f"{dataset}: {int(summary['n_frames'].iloc[0])} frames")
    first = points[points["representation"] == names[0]]
    draw_against_distance(panels[1], first, names[0])
    if len(names) > 1:
        other = points[points["representation"] == names[1]]
        both = first.merge(other, on=["frame", "center"], suffixes=("", "_other"))
        draw_against_other(panels[2], both, names, (low, high))
    totals = summary[summary["species"] == "all"].set_index("representation").loc[names]
    draw_causes(panels[-1], totals)
    if chosen:
        grid = rest[0].subplots(1 if len(chosen) <= 4 else 2, 4, squeeze=False).ravel()
        for axes in grid:
            axes.axis("off")
        for axes, atoms in zip(grid, chosen, strict=False):
            draw_environment(axes, atoms)
    return figure, {}


def nothing_to_draw(sentence: str) -> Figure:
    """A figure of one sentence."""
    figure = plt.figure(figsize=(11, 1))
    figure.text(0.5, 0.5, sentence, ha="center", va="center")
    return figure


def panels(
    points: pd.DataFrame, histograms: pd.DataFrame, summary: pd.DataFrame
) -> dict[str, Figure]:
    """The upper panels of `draw` on their own, by title, for a page of any width."""
    names = list(summary["representation"].unique())
    found: dict[str, Figure] = {}

    def panel(title: str) -> Axes:
        found[title], axes = plt.subplots(figsize=(4.6, 3.2), layout="constrained")
        return axes

    draw_histograms(panel("How many environments have which condition number"), histograms, names)
    for name in names:
        mine = points[points["representation"] == name]
        title = f"{name}: condition number against the distance of the nearest two atoms"
        draw_against_distance(panel(title), mine, name)
    totals = summary[summary["species"] == "all"].set_index("representation").loc[names]
    if (totals["n_environments"] > totals["fine"]).any():
        draw_causes(panel("Causes of low sensitivity"), totals)
    return found


def draw_histograms(
    axes: Axes, histograms: pd.DataFrame, names: Sequence[str]
) -> tuple[float, float]:
    """Fractions of environments over CN, one line per descriptor; returns the range of CN."""
    edges = np.append(histograms["low"], histograms["high"].iloc[-1])
    for name, color in zip(names, SEQUENCE, strict=False):
        counts = histograms[name].to_numpy()
        axes.stairs(counts / max(counts.sum(), 1), edges, color=color, label=name)
    filled = np.flatnonzero(histograms[list(names)].sum(axis=1))
    low, high = edges[filled[0]], edges[filled[-1] + 1]
    last = " (last bin: $10^8$ and more)" if filled[-1] == len(edges) - 2 else ""
    axes.set(xscale="log", xlabel=f"CN{last}", ylabel="fraction of environments")
    whole = 10.0 ** np.array([np.floor(np.log10(low)), np.ceil(np.log10(high))])
    axes.set_xlim(whole[0] / 1.2, whole[1] * 1.2)
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.legend(fontsize=7)
    return low, high


def draw_against_distance(axes: Axes, points: pd.DataFrame, name: str) -> None:
    """CN over the smallest distance of two atoms, coloured by diagnosis."""
    for category in CATEGORIES:
        rows = points[points["diagnosis"] == category]
        if len(rows):
            many = category == "fine" and len(rows) > 500
            axes.scatter(
                rows["nearest"],
                rows["condition_number"],
                6 if many else 14,
                COLORS[SHADES[category]],
                alpha=0.35 if many else 0.9,
                lw=0,
                label=category,
            )
    axes.set(yscale="log", xlabel="nearest two atoms (Å)", ylabel=f"CN, {name}")
    axes.legend(fontsize=6, markerscale=1.2)


def draw_against_other(
    axes: Axes, both: pd.DataFrame, names: Sequence[str], ends: tuple[float, float]
) -> None:
    """CN of the second descriptor over that of the first."""
    colors = [COLORS[SHADES[category]] for category in both["diagnosis"]]
    axes.scatter(
        both["condition_number"], both["condition_number_other"], 6, colors, alpha=0.5, lw=0
    )
    axes.plot(ends, ends, color="0.6", lw=0.8, zorder=0)
    axes.set(xscale="log", yscale="log", xlabel=f"CN, {names[0]}", ylabel=f"CN, {names[1]}")


def draw_causes(axes: Axes, totals: pd.DataFrame) -> None:
    """How many environments have each diagnosis, one bar per descriptor."""
    left = np.zeros(len(totals))
    for category in CATEGORIES[1:]:
        share = totals[category.replace(" ", "_")].to_numpy()
        if share.sum():
            color = COLORS[SHADES[category]]
            axes.barh(totals.index, share, left=left, color=color, label=category)
            left = left + share
    axes.set(xlabel="low-sensitivity environments")
    axes.invert_yaxis()
    if left.any():
        axes.legend(fontsize=6, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)


def draw_environment(axes: Axes, atoms: Atoms) -> None:
    """The cluster along its thinnest direction, tilted, with its displacement as arrows."""
    _, _, axes_of_inertia = np.linalg.svd(atoms.positions)
    (c, s), (d, t) = ((np.cos(a), np.sin(a)) for a in np.radians(TILT))
    tilt = np.array([[1, 0, 0], [0, c, -s], [0, s, c]]) @ [[d, 0, t], [0, 1, 0], [-t, 0, d]]
    frame = tilt @ axes_of_inertia
    seen, arrows = atoms.positions @ frame.T, atoms.arrays["displacement"] @ frame.T
    seen -= (seen.max(axis=0) + seen.min(axis=0)) / 2
    center = seen[0]
    extent = max(1.0, np.abs(seen[:, :2]).max())
    for index in np.argsort(seen[:, 2]):
        x, y, _ = seen[index]
        if index:
            axes.plot([center[0], x], [center[1], y], color="0.75", lw=1, zorder=1)
        axes.add_patch(
            plt.Circle(
                (x, y),
                0.12 * extent * np.sqrt(covalent_radii[atoms.numbers[index]] / 0.7),
                facecolor=jmol_colors[atoms.numbers[index]],
                edgecolor="0.3",
                lw=0.6,
                zorder=2,
            )
        )
    moved = np.linalg.norm(arrows, axis=1) > 0.05
    axes.quiver(
        *seen[moved, :2].T,
        *(0.8 * extent * arrows[moved, :2]).T,
        angles="xy",
        scale_units="xy",
        scale=1,
        width=0.014,
        color=COLORS["red"],
        zorder=3,
    )
    axes.set(xlim=(-1.9 * extent, 1.9 * extent), ylim=(-1.6 * extent, 1.6 * extent))
    axes.set_aspect("equal")
    axes.axis("off")
    info = atoms.info
    axes.set_title(
        f"{info['representation']}: {info['diagnosis']}\nframe {info['frame']}, atom "
        f"{info['center']}, CN {condition_text(info['condition_number'])}",
        fontsize=7,
    )


def pick(worst: list[Atoms], names: list[str]) -> list[Atoms]:
    """Eight environments at most: the worst of each diagnosis first, then the next ones."""
    rank: Counter = Counter()
    ordered: list[tuple[int, int, int, Atoms]] = []
    for atoms in worst:
        kind = atoms.info["representation"], atoms.info["diagnosis"]
        ordered.append((rank[kind], names.index(kind[0]), len(ordered), atoms))
        rank[kind] += 1
    return [atoms for *_, atoms in sorted(ordered, key=lambda item: item[:3])[:8]]
