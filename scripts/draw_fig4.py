"""Figure 4 of paper 1: mean condition number of the expansion coefficients (nu = 1)."""

import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

from command import run
from descriptor_sensitivity.drawing.style import SEQUENCE, heat_map, save, use_style
from descriptor_sensitivity.files import write_csv

SIGMA = 0.1
BASES = {"optimal": "optimal", "gto": "GTO", "dvr": "DVR"}


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--table", type=Path, required=True, help="condition numbers, csv")
    parser.add_argument("--figures", type=Path, required=True, help="folder of the figures")
    options = parser.parse_args(argv)

    points = pd.read_csv(options.table).query("nu == 1")
    sharp = points[points.sigma == SIGMA]
    optimal = sharp[sharp.radial_basis == "optimal"]
    compared = sharp.groupby(["n_max", "l_max"]).radial_basis.nunique()
    compared = sorted({l_max for (_, l_max), count in compared.items() if count > 1})
    center = sharp[sharp.l_max.isin(compared)]
    right = points[points.radial_basis == "optimal"]
    right = right[right.groupby(["n_max", "l_max"]).sigma.transform("nunique") > 2]
    # The heat map is the full grid: values of n_max that occur with every l_max.
    columns = optimal.groupby("n_max").l_max.nunique()
    left = optimal[optimal.n_max.isin(columns[columns == columns.max()].index)]
    for name, panel in {"left": left, "center": center, "right": right}.items():
        write_csv(panel, options.figures / "data" / f"fig4_{name}.csv")

    use_style()
    figure, axes = plt.subplots(1, 3, figsize=(10.5, 3.2))
    heat_map(axes[0], left, r"mean CN, $\nu=1$")
    axes[0].set_title(rf"optimal basis, $\sigma={SIGMA:g}$ Å")

    styles = dict(zip(compared, ["--", "-", ":", "-."], strict=False))
    for (basis, label), color in zip(BASES.items(), SEQUENCE, strict=False):
        for l_max, style in styles.items():
            curve = center[(center.radial_basis == basis) & (center.l_max == l_max)]
            curve = curve.sort_values("n_max")
            axes[1].errorbar(
                curve.n_max,
                curve["mean"],
                curve.mean_error,
                color=color,
                ls=style,
                marker="o",
                ms=3,
                label=rf"{label}, $l_\mathrm{{max}}={l_max}$",
            )
    axes[1].set(
        xlabel=r"$n_\mathrm{max}$", ylabel="mean CN", yscale="log", title=rf"$\sigma={SIGMA:g}$ Å"
    )
    top = 1e5
    axes[1].set_ylim(1, top)
    axes[1].legend(fontsize=6, handlelength=3, loc="upper right", bbox_to_anchor=(1, 0.86))
    # Means beyond the axis are written out, so that the other bases stay readable.
    beyond = center[center["mean"] > top].sort_values(["n_max", "l_max"])
    lines = [
        rf"{BASES[row.radial_basis]}, $n_\mathrm{{max}}={row.n_max}$: {row.mean:.0e}"
        for row in beyond[beyond.l_max == max(compared, default=0)].itertuples()
    ]
    text = "\n".join(["beyond the axis:", *lines]) if lines else ""
    axes[1].text(0.98, 1.0, text, transform=axes[1].transAxes, ha="right", va="top", fontsize=6)

    groups = right.groupby(["n_max", "l_max"])
    for ((n_max, l_max), curve), color in zip(groups, SEQUENCE, strict=False):
        curve = curve.sort_values("sigma")
        axes[2].errorbar(
            curve.sigma,
            curve["mean"],
            curve.mean_error,
            color=color,
            marker="o",
            ms=3,
            label=f"({n_max}, {l_max})",
        )
    axes[2].set(xlabel=r"$\sigma$ / Å", ylabel="mean CN", yscale="log", title="optimal basis")
    axes[2].legend(title=r"$(n_\mathrm{max}, l_\mathrm{max})$", fontsize=7, title_fontsize=7)
    save(figure, options.figures / "fig4")


if __name__ == "__main__":
    run(main)
