"""The limits of section 1.5 of paper 1: Eq. (7), the common singular value, and Eq. (12)."""

import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from ase.io import read
from tqdm import tqdm

from command import run
from descriptor_sensitivity.descriptors.density import Density
from descriptor_sensitivity.descriptors.optimal import radial_basis
from descriptor_sensitivity.drawing.style import COLORS, SEQUENCE, save, use_style
from descriptor_sensitivity.environments import environment_batches
from descriptor_sensitivity.files import write_csv
from descriptor_sensitivity.singular import condition_number, sensitivity
from descriptor_sensitivity.theory.limits import (
    closest_pair,
    common_singular_value,
    gram,
    limit_singular_values,
    pair_condition_number,
)

GRAM_SIGMA, GRAM_BASIS = 0.5, (60, 40)
"""Panel (a): a smearing and an (n_max, l_max) of DVR functions that converge every element."""

SIGMAS = np.geomspace(0.05, 1.0, 25)
BASIS_SIGMAS = (0.3, 0.4, 0.5)
BASIS_SIZES = range(2, 31, 2)
APART = 6.0
"""Panel (c) takes structures with r_0 > 6 sigma, where the first exponential is below 1.2e-2."""


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--structures", type=Path, required=True, help="extended xyz file")
    parser.add_argument("--cutoff", type=float, required=True, help="Å")
    parser.add_argument("--n-structures", type=int, default=100)
    parser.add_argument("--figures", type=Path, required=True, help="folder of the figures")
    options = parser.parse_args(argv)
    frames = read(options.structures, ":")
    everything = environment_batches(frames, options.cutoff, "C")[0]
    batch = everything[: options.n_structures]
    distance = closest_pair(batch.vectors)

    # (a) J J* of a converged basis against Eq. (7).
    few = batch[:20]
    radial = radial_basis("dvr", *GRAM_BASIS, GRAM_SIGMA, options.cutoff)
    jacobian = Density(1, radial).jacobian(few)[1]
    elements = pd.DataFrame(
        {
            "numerical": (jacobian @ jacobian.transpose(0, 2, 1)).ravel(),
            "corrected": gram(few.vectors, GRAM_SIGMA).ravel(),
            "printed": gram(few.vectors, GRAM_SIGMA, printed=True).ravel(),
        }
    )

    # (b) and (d): the complete basis, over structures and smearing.
    smearing = []
    for sigma in SIGMAS:
        values = limit_singular_values(batch.vectors, sigma)
        smearing.append(
            pd.DataFrame(
                {
                    "sigma": sigma,
                    "r0_over_sigma": distance / sigma,
                    "largest": values[:, 0] / common_singular_value(sigma),
                    "smallest": values[:, -1] / common_singular_value(sigma),
                    "condition_number": condition_number(values),
                }
            )
        )
    smearing = pd.concat(smearing)

    # (c) CN of finite bases for structures whose densities do not overlap.
    rows = []
    spread = closest_pair(everything.vectors)
    progress = tqdm(total=len(BASIS_SIGMAS) * len(BASIS_SIZES), desc="basis", mininterval=1)
    for sigma in BASIS_SIGMAS:
        largest = max(BASIS_SIZES)
        optimal = radial_basis(
            "optimal", largest, largest, sigma, options.cutoff, fit_batches=[everything]
        )
        apart = everything[np.flatnonzero(spread > APART * sigma)[: options.n_structures]]
        for size in BASIS_SIZES:
            progress.update()
            if len(apart) < 5:
                continue
            representation = Density(1, optimal.truncated(size, size))
            values = condition_number(sensitivity(representation, apart)[0])
            low, median, high = np.quantile(values - 1, [0.25, 0.5, 0.75])
            rows.append(
                {"sigma": sigma, "size": size, "q25": low, "median": median, "q75": high}
                | {"n_structures": len(apart)}
            )
    progress.close()
    basis = pd.DataFrame(rows)

    use_style()
    figure, axes = plt.subplots(2, 2, figsize=(8.0, 6.4))
    draw_gram(axes[0, 0], elements)
    draw_limit(axes[0, 1], smearing)
    draw_basis(axes[1, 0], basis)
    draw_smearing(axes[1, 1], smearing)
    for axis, letter in zip(axes.flat, "abcd", strict=True):
        axis.set_title(f"({letter})", loc="left")
    save(figure, options.figures / "fig4_theory")
    tables = {"gram": elements, "limit": smearing.drop(columns="condition_number")}
    tables |= {"basis": basis, "smearing": smearing[["sigma", "r0_over_sigma", "condition_number"]]}
    for name, table in tables.items():
        write_csv(table, options.figures / "data" / f"fig4_theory_{name}.csv")


def draw_gram(axis: plt.Axes, elements: pd.DataFrame) -> None:
    unit = gram(np.ones((1, 1, 3)), GRAM_SIGMA)[0, 0, 0]
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


def draw_limit(axis: plt.Axes, smearing: pd.DataFrame) -> None:
    for name, color in (("largest", COLORS["red"]), ("smallest", COLORS["blue"])):
        axis.plot(smearing.r0_over_sigma, smearing[name], ".", color=color, ms=2, label=name)
    axis.axhline(1, color="0.6", lw=0.8, zorder=0)
    axis.set(xscale="log", xlabel=r"$r_0/\sigma$")
    axis.set_ylabel(r"singular value $\times\ \sqrt{16\pi^{3/2}\sigma^5}$")
    axis.legend(markerscale=4)


def draw_basis(axis: plt.Axes, basis: pd.DataFrame) -> None:
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


def draw_smearing(axis: plt.Axes, smearing: pd.DataFrame) -> None:
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


if __name__ == "__main__":
    run(main)
