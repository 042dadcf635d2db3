"""Figure 5 of paper 1: mean condition number of nu = 2 and nu = 3 features."""

import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

from command import run
from descriptor_sensitivity.drawing.style import SEQUENCE, heat_map, save, use_style
from descriptor_sensitivity.files import write_csv


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--table", type=Path, required=True, help="condition numbers, csv")
    parser.add_argument("--figures", type=Path, required=True, help="folder of the figures")
    options = parser.parse_args(argv)

    points = pd.read_csv(options.table)
    left = points[points.nu == 2]
    shown = sorted(points[points.nu == 3].n_max.unique())
    right = points[points.n_max.isin(shown)]
    for name, panel in {"left": left, "right": right}.items():
        write_csv(panel, options.figures / "data" / f"fig5_{name}.csv")

    use_style()
    figure, axes = plt.subplots(1, 2, figsize=(7.5, 3.2))
    heat_map(axes[0], left, r"mean CN, $\nu=2$")
    axes[0].set_title(rf"optimal basis, $\sigma={left.sigma.iloc[0]:g}$ Å")
    for n_max, color in zip(shown, SEQUENCE, strict=False):
        for nu, style in ((2, "--"), (3, "-")):
            curve = right[(right.nu == nu) & (right.n_max == n_max)].sort_values("l_max")
            axes[1].errorbar(
                curve.l_max,
                curve["mean"],
                curve.mean_error,
                color=color,
                ls=style,
                marker="o",
                ms=3,
                label=rf"$\nu={nu}$, $n_\mathrm{{max}}={n_max}$",
            )
    top = 2e3
    beyond = right[right["mean"] > top]
    lines = [
        rf"$\nu={row.nu}$, ({row.n_max}, {row.l_max}): {row.mean:.0e}"
        for row in beyond.itertuples()
    ]
    text = "\n".join(["beyond the axis:", *lines]) if lines else ""
    axes[1].text(0.98, 0.52, text, transform=axes[1].transAxes, ha="right", fontsize=6)
    axes[1].axhline(10, color="0.6", lw=0.8, zorder=0)
    axes[1].set(xlabel=r"$l_\mathrm{max}$", ylabel="mean CN", yscale="log", ylim=(3, top))
    axes[1].legend(fontsize=7, handlelength=3)
    save(figure, options.figures / "fig5")


if __name__ == "__main__":
    run(main)
