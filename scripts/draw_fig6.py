"""Figure 6 of paper 1: condition numbers of nu = 1, 2, 3 structure by structure."""

import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.ticker import NullFormatter

from command import run
from descriptor_sensitivity.drawing.style import SEQUENCE, save, use_style
from descriptor_sensitivity.files import write_csv

TYPICAL, BEST = (8, 6), (4, 16)
"""(n_max, l_max) of the dashed and of the full lines; the parity plots use the latter."""


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--values", type=Path, required=True, help="condition numbers, parquet")
    parser.add_argument("--n-scatter", type=int, default=100, help="structures in parity plots")
    parser.add_argument("--figures", type=Path, required=True, help="folder of the figures")
    options = parser.parse_args(argv)

    values = pd.read_parquet(options.values)
    by_basis = {
        basis: values[(values.n_max == basis[0]) & (values.l_max == basis[1])].pivot(
            index="structure", columns="nu", values="condition_number"
        )
        for basis in (TYPICAL, BEST)
    }
    finite = values.condition_number[np.isfinite(values.condition_number)]
    edges = np.logspace(0, np.log10(finite.max()), 41)
    scatter = by_basis[BEST].iloc[: options.n_scatter].add_prefix("nu").reset_index()

    use_style()
    figure, axes = plt.subplots(1, 3, figsize=(10.5, 3.2))
    histograms = []
    for (n_max, l_max), style in ((TYPICAL, "--"), (BEST, "-")):
        for nu, color in zip((1, 2, 3), SEQUENCE, strict=False):
            counts, _ = np.histogram(by_basis[n_max, l_max][nu], edges)
            density = counts / counts.sum() / np.diff(np.log10(edges))
            label = rf"$\nu={nu}$, $({n_max}, {l_max})$"
            axes[0].stairs(density, edges, color=color, ls=style, lw=1.3, label=label)
            histograms.append(
                pd.DataFrame({"low": edges[:-1], "high": edges[1:], "count": counts}).assign(
                    nu=nu, n_max=n_max, l_max=l_max
                )
            )
    axes[0].set(xlabel="CN", ylabel=r"density per decade", xscale="log")
    axes[0].legend(fontsize=7)

    for nu, color, marker in ((2, SEQUENCE[1], "o"), (3, SEQUENCE[2], "^")):
        label = rf"$\nu={nu}$"
        axes[1].scatter(scatter.nu1, scatter[f"nu{nu}"], 10, color, marker=marker, label=label)
    axes[1].set(xlabel=r"CN, $\nu=1$", ylabel=r"CN, $\nu=2, 3$")
    axes[1].legend(fontsize=7)
    axes[2].scatter(scatter.nu2, scatter.nu3, 10, SEQUENCE[0])
    axes[2].set(xlabel=r"CN, $\nu=2$", ylabel=r"CN, $\nu=3$")
    high = 1.3 * scatter[["nu1", "nu2", "nu3"]].max().max()
    for axis in axes[1:]:
        axis.set(xscale="log", yscale="log", xlim=(1, high), ylim=(1, high), aspect="equal")
        axis.xaxis.set_minor_formatter(NullFormatter())
        axis.yaxis.set_minor_formatter(NullFormatter())
        axis.set_title(rf"$(n_\mathrm{{max}}, l_\mathrm{{max}}) = {BEST}$")
        axis.plot([1, high], [1, high], color="0.6", lw=0.8, zorder=0)
    save(figure, options.figures / "fig6")

    data = options.figures / "data"
    write_csv(pd.concat(histograms), data / "fig6_left.csv")
    write_csv(scatter[["structure", "nu1", "nu2", "nu3"]], data / "fig6_center.csv")
    write_csv(scatter[["structure", "nu2", "nu3"]], data / "fig6_right.csv")


if __name__ == "__main__":
    run(main)
