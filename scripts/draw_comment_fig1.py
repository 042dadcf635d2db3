"""Figure 1 of the Comment: orbits, the pairs that meet at A0, and the condition number along them.

The environments are rotated to lie closest to A0 and projected on two directions of their 12
dimensions: the null vector of A0, and the direction orthogonal to it along which the orbits with
c = 1 extend most.
"""

import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from command import run
from descriptor_sensitivity.drawing.style import COLORS, save, use_style
from descriptor_sensitivity.files import write_csv
from descriptor_sensitivity.orbits import aligned, closest_ring, pair_manifolds
from descriptor_sensitivity.theory.displacements import ring_null
from descriptor_sensitivity.theory.families import COMMENT_SINGULAR

SHADES = [COLORS[name] for name in ("blue", "sky", "green", "orange", "red", "purple")]
PAIRS = {"A+": (COLORS["black"], "-"), "A-": (COLORS["grey"], "--")}


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--table", type=Path, required=True, help="comment_orbits.csv")
    parser.add_argument("--orbits", type=Path, required=True, help="npz, one array per orbit")
    parser.add_argument("--full", type=float, default=0.1, help="sigma of the full lines, Å")
    parser.add_argument("--dashed", type=float, default=0.5, help="sigma of the dashed lines, Å")
    parser.add_argument("--reach", type=float, default=0.35, help="of A+ and A- from A0, Å")
    parser.add_argument("--figures", type=Path, required=True, help="folder of the figures")
    options = parser.parse_args(argv)

    table = pd.read_csv(options.table)
    table = table[table.sigma.isin([options.full, options.dashed])]
    scales = sorted(table.c.unique())
    colors = dict(zip(scales, SHADES, strict=False))
    singular, apex = closest_ring(COMMENT_SINGULAR)
    distances = np.linspace(-options.reach, options.reach, 71)
    curves = dict(zip(PAIRS, pair_manifolds(singular, apex, distances), strict=True))
    with np.load(options.orbits) as data:
        for sigma in (options.full, options.dashed):
            for c in scales:
                name = f"sigma{sigma:g}_c{c:g}"
                curves[name] = data[name]
    moves = {
        name: (aligned(curve, singular) - singular).reshape(len(curve), -1)
        for name, curve in curves.items()
    }
    null = ring_null(singular, apex).ravel()
    central = min(scales, key=lambda c: abs(c - 1))
    widest = moves[f"sigma{options.full:g}_c{central:g}"]
    widest = widest - np.outer(widest @ null, null)
    second = np.linalg.svd(widest - widest.mean(axis=0))[2][0]
    rows = []
    for name, move in moves.items():
        rows.append(pd.DataFrame({"curve": name, "null": move @ null, "second": move @ second}))
    projected = pd.concat(rows)
    write_csv(projected, options.figures / "data" / "comment_fig1_a.csv")
    write_csv(table, options.figures / "data" / "comment_fig1_b.csv")

    use_style()
    figure = plt.figure(figsize=(9.5, 4.3))
    left, right = figure.subfigures(1, 2, width_ratios=[1, 1.2])  # type: ignore[misc]
    plane, cn = left.subplots(), right.subplots(2, 1, sharex=True)
    for name, curve in projected.groupby("curve", sort=False):
        if name in PAIRS:
            color, style = PAIRS[name]
            plane.plot(curve.null, curve.second, style, color=color, label=f"$A^{name[1]}$")
            continue
        sigma, c = (float(part) for part in name.removeprefix("sigma").split("_c"))
        style = "-" if sigma == options.full else "--"
        label = f"$c = {c:g}$" if sigma == options.full else None
        plane.plot(curve.null, curve.second, style, color=colors[c], lw=1, label=label)
    plane.plot(0, 0, "o", color="black", ms=5, zorder=5)
    plane.annotate(
        "$A^0$", (0, 0), xytext=(0.1, -0.3), va="center",
        arrowprops={"arrowstyle": "-", "lw": 0.7, "shrinkB": 3},
    )  # fmt: skip
    plane.set(xlabel="along the null vector of $A^0$ / Å", ylabel="across it / Å", title="(a)")
    plane.set_aspect("equal", adjustable="datalim")
    plane.legend(fontsize=7, loc="lower left")
    for axis, sigma, style in ((cn[0], options.dashed, "--"), (cn[1], options.full, "-")):
        for c, curve in table[table.sigma == sigma].groupby("c"):
            axis.semilogy(curve.arc, curve.condition_number, style, color=colors[c], lw=1)
        axis.set_ylabel("condition number")
        axis.set_title(rf"$\sigma = {sigma:g}$ Å", loc="right", fontsize=8)
    cn[0].set_title("(b)")
    cn[1].set_xlabel("arc length / Å")
    save(figure, options.figures / "comment_fig1")


if __name__ == "__main__":
    run(main)
