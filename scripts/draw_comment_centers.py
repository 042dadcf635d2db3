"""More centres: singular values of methane's whole Jacobian, and degenerate pairs told apart.

Environments: both kinds of A0, and a pair A+- of the family through each. Features nu = 2 of the
carbon alone, of the four hydrogens, and of all five atoms.
"""

import argparse
import itertools
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from command import run
from descriptor_sensitivity.centers import (
    centered_environment,
    internal_singular_values,
    molecule_jacobian,
)
from descriptor_sensitivity.descriptors.density import Density
from descriptor_sensitivity.descriptors.radial import gto_basis
from descriptor_sensitivity.drawing.style import COLORS, save, use_style
from descriptor_sensitivity.files import write_csv
from descriptor_sensitivity.orbits import closest_ring, pair_manifolds
from descriptor_sensitivity.theory.families import COMMENT_SINGULAR, mirror, mirror_singular

NUMBERS = np.array([6, 1, 1, 1, 1])
CENTERS = {"C": [0], "H": [1, 2, 3, 4], "all": [0, 1, 2, 3, 4]}
STYLES = {"C": ("red", "o"), "H": ("blue", "s"), "all": ("black", "x")}
OFFSET = 0.2
"""Distance (Å) of the ring's A+- from A0."""


def molecule(vectors: np.ndarray) -> np.ndarray:
    """Positions (5, 3) of CH4 with the carbon at the origin."""
    return np.concatenate([np.zeros((1, 3)), vectors])


def distance(representation: Density, pair: np.ndarray, centers: list[int]) -> float:
    """Relative distance of two molecules' centre features, centres of a species matched at best."""
    features = [
        np.concatenate(
            [
                representation.features(centered_environment(molecule(vectors), NUMBERS, center))
                for center in centers
            ]
        )
        for vectors in pair
    ]
    carbon = [center for center in centers if center == 0]
    hydrogens = range(len(carbon), len(centers))
    squares = ((features[0][:, None] - features[1][None]) ** 2).sum(axis=-1)
    fixed = squares[0, 0] if carbon else 0.0
    best = min(
        sum(squares[i, j] for i, j in zip(hydrogens, order, strict=True))
        for order in itertools.permutations(hydrogens)
    )
    return float(np.sqrt((fixed + best) / (features[0] ** 2).sum()))


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sigma", type=float, required=True, help="Å")
    parser.add_argument("--n-max", type=int, default=8, help="GTOs")
    parser.add_argument("--l-max", type=int, default=8, help="largest angular momentum")
    parser.add_argument("--cutoff", type=float, default=2.5, help="Å, hard")
    parser.add_argument("--figures", type=Path, required=True, help="folder of the figures")
    options = parser.parse_args(argv)

    radial = gto_basis(options.n_max, options.l_max, options.sigma, options.cutoff)
    representation = Density(2, radial, species=(1, 6))
    ring, apex = closest_ring(COMMENT_SINGULAR)
    pairs = {
        "mirror": np.array([mirror(1), mirror(-1)]),
        "ring": pair_manifolds(ring, apex, np.array([OFFSET]))[:, 0],
    }
    environments = {
        "mirror A0": mirror_singular(),
        "mirror A+": pairs["mirror"][0],
        "mirror A-": pairs["mirror"][1],
        "ring A0": ring,
        "ring A+": pairs["ring"][0],
        "ring A-": pairs["ring"][1],
    }
    rows = []
    for (name, vectors), (kind, centers) in itertools.product(
        environments.items(), CENTERS.items()
    ):
        positions = molecule(vectors)
        jacobian = molecule_jacobian(representation, positions, NUMBERS, centers)
        values = internal_singular_values(jacobian, positions)
        rows += [
            {"environment": name, "centers": kind, "k": k + 1, "value": s, "ratio": s / values[0]}
            for k, s in enumerate(values)
        ]
    table = pd.DataFrame(rows)
    apart = pd.DataFrame(
        {"pair": name, "centers": kind, "distance": distance(representation, pair, centers)}
        for name, pair in pairs.items()
        for kind, centers in CENTERS.items()
    )
    data = options.figures / "data"
    write_csv(table, data / "comment_fig_centers_singular_values.csv")
    write_csv(apart, data / "comment_fig_centers_distances.csv")

    use_style()
    figure, axes = plt.subplots(2, 4, figsize=(10, 5), sharey="col")
    for axis, name in zip(axes[:, :3].ravel(), environments, strict=True):
        for kind, (color, marker) in STYLES.items():
            part = table[(table.environment == name) & (table.centers == kind)]
            label = {"C": "C only", "H": "H only", "all": "all centres"}[kind]
            axis.semilogy(
                part.k, part.ratio, marker, ls=":", lw=0.7, ms=4, fillstyle="none",
                color=COLORS[color], label=label,
            )  # fmt: skip
        axis.set_title(f"{name[:-2]} $A^{name[-1]}$")
        axis.set(xticks=range(1, 10, 2), ylim=(1e-17, 5))
    for axis in axes[:, 0]:
        axis.set_ylabel("$s_k / s_1$")
    for axis in axes[1, :3]:
        axis.set_xlabel("$k$")
    axes[0, 0].legend(fontsize=7, loc="lower left")
    for axis, name in zip(axes[:, 3], pairs, strict=True):
        part = apart[apart.pair == name]
        colors = [COLORS[STYLES[kind][0]] for kind in part.centers]
        axis.bar(part.centers, np.maximum(part.distance, 1e-17), color=colors)
        axis.set(yscale="log", ylim=(1e-17, 5))
        axis.set_title(f"{name}: $A^+$ from $A^-$")
        axis.set_ylabel("relative distance")
    axes[1, 3].set_xlabel("centres")
    save(figure, options.figures / "comment_fig_centers")


if __name__ == "__main__":
    run(main)
