"""The limits of section 1.5 of paper 1: Eq. (7), the common singular value, and Eq. (12)."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from descriptor_sensitivity.drawing.style import COLORS, SEQUENCE, plt
from descriptor_sensitivity.theory.limits import pair_condition_number


def draw(
    gram: pd.DataFrame, smearing: pd.DataFrame, basis: pd.DataFrame
) -> tuple[Figure, dict[str, pd.DataFrame]]:
    """(a) Eq. (7); (b) limit of the singular values; (c) size of the basis; (d) smearing."""
    figure, axes = plt.subplots(2, 2, figsize=(8.0, 6.4))
    draw_gram(axes[0, 0], gram)
    draw_limit(axes[0, 1], smearing)
    draw_basis(axes[1, 0], basis)
    draw_smearing(axes[1, 1], smearing)
    for axis, letter in zip(axes.flat, "abcd", strict=True):
        axis.set_title(f"({letter})", loc="left")
    return figure, {
        "gram": gram,
        "limit": smearing.drop(columns="condition_number"),
        "basis": basis,
        "smearing": smearing[["sigma", "r0_over_sigma", "condition_number"]],
    }


def draw_gram(axis: Axes, elements: pd.DataFrame) -> None:
    unit = elements.corrected.max()  # a diagonal element, the largest
    for name, color, marker in (
        ("printed", COLORS["orange"], "x"),
        ("corrected", COLORS["blue"], "."),
    ):
        axis.plot(
            elements[name] / unit, elements.numerical / unit, marker, color=color, ms=4, label=name
        )
    axis.axline((0, 0), slope=1, color="0.6", lw=0.8, zorder=0)
    axis.set(
        xlabel=r"$(JJ^*)$ of Eq. (7), in units of its diagonal",
        ylabel=r"$(JJ^*)$, converged basis",
    )
    axis.legend(title="Eq. (7)")


def draw_limit(axis: Axes, smearing: pd.DataFrame) -> None:
    for name, color in (("largest", COLORS["red"]), ("smallest", COLORS["blue"])):
        axis.plot(smearing.r0_over_sigma, smearing[name], ".", color=color, ms=2, label=name)
    axis.axhline(1, color="0.6", lw=0.8, zorder=0)
    axis.set(xscale="log", xlabel=r"$r_0/\sigma$")
    axis.set_ylabel(r"singular value $\times\ \sqrt{16\pi^{3/2}\sigma^5}$")
    axis.legend(markerscale=4)


def draw_basis(axis: Axes, basis: pd.DataFrame) -> None:
    for (sigma, curve), color in zip(basis.groupby("sigma"), SEQUENCE, strict=False):
        decaying = curve[(curve["median"] < 1) & (curve["median"] > 10 * curve["median"].min())]
        label = rf"$\sigma={sigma:g}$ Å"
        if len(decaying) > 1:
            rate, offset = np.polyfit(decaying["size"], np.log(decaying["median"]), 1)
            sizes = curve["size"]
            axis.plot(sizes, np.exp(offset + rate * sizes), color=color, lw=0.8, ls="--")
            label += rf", $c={-rate / sigma:.2f}$ Å$^{{-1}}$"
        axis.errorbar(
            curve["size"],
            curve["median"],
            [curve["median"] - curve.q25, curve.q75 - curve["median"]],
            color=color,
            marker="o",
            ms=3,
            label=label,
        )
    axis.set(yscale="log", ylabel="CN − 1", xlabel=r"$\min(n_\mathrm{max}, l_\mathrm{max})$")
    axis.set_ylim(bottom=basis.q25.min() / 3, top=basis.q75.max() * 3)
    axis.legend(title=r"dashed: $e^{-c\sigma\min(n_\mathrm{max},\,l_\mathrm{max})}$", fontsize=7)


def draw_smearing(axis: Axes, smearing: pd.DataFrame) -> None:
    excess = smearing.condition_number - 1
    axis.plot(
        smearing.r0_over_sigma, excess, ".", color=COLORS["blue"], ms=2, label="random methane"
    )
    ratio = np.linspace(0.5, 14, 400)
    axis.plot(ratio, np.exp(-(ratio**2) / 8), color=COLORS["red"], label=r"$e^{-r_0^2/8\sigma^2}$")
    pair = pair_condition_number(ratio) - 1
    axis.plot(ratio, pair, "--", color=COLORS["black"], lw=1, label="two neighbours, exact")
    axis.set(yscale="log", ylim=(1e-9, 1e3), xlim=(0, 14))
    axis.set(xlabel=r"$r_0/\sigma$", ylabel="CN − 1, complete basis")
    axis.legend(markerscale=4)
