"""Figure 6 of paper 1: condition numbers of nu = 1, 2, 3 structure by structure."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from descriptor_sensitivity.drawing.style import SEQUENCE, plt

TYPICAL, BEST = (8, 6), (4, 16)
"""(n_max, l_max) of the dashed and of the full lines; the parity plots use the latter."""


def draw(values: pd.DataFrame, structures: pd.DataFrame) -> tuple[Figure, dict[str, pd.DataFrame]]:
    """Left: histograms of CN. Middle and right: the orders against each other."""
    by_basis = {
        basis: values[(values.n_max == basis[0]) & (values.l_max == basis[1])].pivot(
            index="structure", columns="nu", values="condition_number"
        )
        for basis in (TYPICAL, BEST)
    }
    best = (structures.n_max == BEST[0]) & (structures.l_max == BEST[1])
    scatter = structures[best]
    finite = values.condition_number[np.isfinite(values.condition_number)]
    edges = np.logspace(0, np.log10(finite.max()), 41)

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
    return figure, {
        "left": pd.concat(histograms),
        "center": scatter[["structure", "nu1", "nu2", "nu3"]],
        "right": scatter[["structure", "nu2", "nu3"]],
    }
