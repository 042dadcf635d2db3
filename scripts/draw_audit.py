"""One page on a data set: condition numbers, their causes, and the worst environments drawn."""

import argparse
from collections import Counter
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from ase import Atoms
from ase.data import covalent_radii
from ase.data.colors import jmol_colors
from ase.io import iread
from matplotlib.axes import Axes

from command import run
from descriptor_sensitivity.audit.diagnosis import CATEGORIES
from descriptor_sensitivity.drawing.style import COLORS, SEQUENCE, save, use_style
from descriptor_sensitivity.errors import InputError

SHADES = dict(
    zip(
        CATEGORIES,
        ("grey", "black", "purple", "orange", "red", "blue", "green"),
        strict=True,
    )
)
"""The colour of each diagnosis."""

EDGES = np.logspace(0, 8, 161)
"""Of the histograms of condition numbers."""

POINTS = 4000
"""About how many environments are drawn as points, those of low sensitivity preferred."""

TILT = (35.0, 20.0)
"""Degrees by which a drawn environment is turned out of its flattest view, about x and about y."""

LARGE = 1e8
"""Where points of larger or infinite CN are drawn."""


def read_points(path: Path, names: list[str]) -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
    """Some environments to draw as points, and the histogram of all of each representation."""
    histograms = {name: np.zeros(len(EDGES) - 1, dtype=int) for name in names}
    columns = ["representation", "frame", "center", "nearest", "condition_number", "diagnosis"]
    source = pq.ParquetFile(path)
    stride = max(1, source.metadata.num_rows // (len(names) * POINTS))
    kept = []
    for batch in source.iter_batches(columns=columns):
        table = batch.to_pandas()
        for name, rows in table.groupby("representation"):
            histograms[name] += np.histogram(rows["condition_number"].clip(upper=LARGE), EDGES)[0]
        flagged = (table["diagnosis"] != "fine") & (table["frame"] % max(1, stride // 20) == 0)
        kept.append(table[flagged | (table["frame"] % stride == 0)])
    points = pd.concat(kept)
    return points.assign(condition_number=points["condition_number"].clip(upper=LARGE)), histograms


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
        f"{info['center']}, CN {info['condition_number']:.3g}",
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


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--table", type=Path, required=True, help="environments.parquet")
    parser.add_argument("--summary", type=Path, required=True, help="csv")
    parser.add_argument("--worst", type=Path, required=True, help="extended xyz file")
    parser.add_argument("--dataset", required=True, help="its name")
    parser.add_argument("--figure", type=Path, required=True, help="without its ending")
    options = parser.parse_args(argv)

    summary = pd.read_csv(options.summary)
    names = list(summary["representation"].unique())
    if not summary["n_environments"].any():
        raise InputError(
            f"{options.dataset}: no environment of this data set can be used; skipped.csv beside "
            f"{options.table} says why."
        )
    points, histograms = read_points(options.table, names)
    worst = list(iread(options.worst, format="extxyz")) if options.worst.stat().st_size else []
    chosen = pick(worst, names)

    use_style()
    figure = plt.figure(figsize=(11, 7.6 if chosen else 3.4))
    heights = [1.05, 1] if chosen else [1]
    top, *rest = figure.subfigures(len(heights), 1, height_ratios=heights, squeeze=False)[:, 0]
    widths = [1, 1, 1, 0.8] if len(names) > 1 else [1, 1, 0.8]
    panels = top.subplots(1, len(widths), width_ratios=widths)

    for name, color in zip(names, SEQUENCE, strict=False):
        counts = histograms[name]
        panels[0].stairs(counts / max(counts.sum(), 1), EDGES, color=color, label=name)
    filled = np.flatnonzero(sum(histograms.values()))
    low, high = EDGES[filled[0]], EDGES[filled[-1] + 1]
    last = " (last bin: $10^8$ and more)" if filled[-1] == len(EDGES) - 2 else ""
    panels[0].set(xscale="log", xlabel=f"CN{last}", ylabel="fraction of environments")
    panels[0].set_xlim(low / 1.2, high * 1.2)
    panels[0].legend(fontsize=7)
    panels[0].set_title(f"{options.dataset}: {int(summary['n_frames'].iloc[0])} frames")

    first = points[points["representation"] == names[0]]
    for category in CATEGORIES:
        rows = first[first["diagnosis"] == category]
        if len(rows):
            panels[1].scatter(
                rows["nearest"],
                rows["condition_number"],
                6 if category == "fine" else 14,
                COLORS[SHADES[category]],
                alpha=0.35 if category == "fine" else 0.9,
                lw=0,
                label=category,
            )
    panels[1].set(yscale="log", xlabel="nearest two atoms (Å)", ylabel=f"CN, {names[0]}")
    panels[1].legend(fontsize=6, markerscale=1.2)

    if len(names) > 1:
        both = first.merge(
            points[points["representation"] == names[1]],
            on=["frame", "center"],
            suffixes=("", "_other"),
        )
        colors = [COLORS[SHADES[category]] for category in both["diagnosis"]]
        panels[2].scatter(
            both["condition_number"], both["condition_number_other"], 6, colors, alpha=0.5, lw=0
        )
        ends = [low, high]
        panels[2].plot(ends, ends, color="0.6", lw=0.8, zorder=0)
        panels[2].set(
            xscale="log", yscale="log", xlabel=f"CN, {names[0]}", ylabel=f"CN, {names[1]}"
        )

    left = np.zeros(len(names))
    totals = summary[summary["species"] == "all"].set_index("representation").loc[names]
    for category in CATEGORIES[1:]:
        share = totals[category.replace(" ", "_")].to_numpy()
        if share.sum():
            panels[-1].barh(names, share, left=left, color=COLORS[SHADES[category]], label=category)
            left = left + share
    panels[-1].set(xlabel="low-sensitivity environments")
    panels[-1].invert_yaxis()
    if left.any():
        panels[-1].legend(fontsize=6, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    if chosen:
        grid = rest[0].subplots(1 if len(chosen) <= 4 else 2, 4, squeeze=False).ravel()
        for axes in grid:
            axes.axis("off")
        for axes, atoms in zip(grid, chosen, strict=False):
            draw_environment(axes, atoms)
    save(figure, options.figure)


if __name__ == "__main__":
    run(main)
