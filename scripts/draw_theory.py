"""Predicted against found: null spaces of correlation orders 2, 3, 4 in families of environments.

The prediction needs no basis (module `nullspace`). It is held against the singular vectors of
density correlations (nu = 2, 3) and of random smooth invariants (nu = 4).
"""

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from scipy.linalg import subspace_angles
from tqdm import tqdm

from command import run
from descriptor_sensitivity.descriptors.density import Density
from descriptor_sensitivity.descriptors.optimal import radial_basis
from descriptor_sensitivity.drawing.style import COLORS, plt, save, use_style
from descriptor_sensitivity.environments import batch_from_vectors
from descriptor_sensitivity.files import write_csv
from descriptor_sensitivity.singular import decompose
from descriptor_sensitivity.theory import families
from descriptor_sensitivity.theory.nullspace import null_space, random_invariants

ORDERS = (2, 3, 4)
ORDER_COLORS = {2: COLORS["blue"], 3: COLORS["green"], 4: COLORS["purple"]}


def parse(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=20, help="random members of each family")
    parser.add_argument("--seed", type=int, default=0, help="of the random members")
    parser.add_argument("--n-max", type=int, default=10, help="radial functions (DVR)")
    parser.add_argument("--l-max", type=int, default=10, help="largest angular momentum")
    parser.add_argument("--sigma", type=float, default=0.3, help="width of the Gaussians, Å")
    parser.add_argument("--cutoff", type=float, default=2.5, help="Å")
    parser.add_argument(
        "--threshold", type=float, default=1e-9, help="relative; smaller singular values are null"
    )
    parser.add_argument("--figures", type=Path, required=True, help="folder of the figure")
    return parser.parse_args(argv)


def environments(members: int, seed: int) -> dict[str, list[np.ndarray]]:
    """Label -> environments (N, 3): single ones by name, families by random members."""
    rng = np.random.default_rng(seed)

    def draw(family: str, build: Callable, *left_out: str) -> list[np.ndarray]:
        drawn = [families.random_parameters(family, rng) for _ in range(members)]
        return [build(**{k: v for k, v in d.items() if k not in left_out}) for d in drawn]

    azimuth = np.deg2rad([10, 100, 170, 280])
    flat = np.stack([np.cos(azimuth), np.sin(azimuth), np.zeros(4)], axis=1)
    distinct = np.array([[1.0], [1.1], [1.2], [1.3]])
    corners = np.array([[1, 0, 0], [0, 1, 0], [-1, 0, 0], [0, -1, 0]], dtype=float)
    tetrahedron = families.tetrahedral(1.1)
    return {
        "random, 4 neighbours": [
            families.distorted(tetrahedron, 0.3, seed + i) for i in range(members)
        ],
        "planar, 4 distinct radii": [distinct * flat],
        "two pairs, $C_{2v}$": [families.two_pairs()],
        "pyramid, $C_{3v}$": [families.pyramid()],
        "square, $D_{4h}$": [corners],
        "tetrahedron, $T_d$": [tetrahedron],
        "octahedron, $O_h$": [np.vstack([np.eye(3), -np.eye(3)])],
        "mirror pair $A^+$": draw("mirror", lambda **p: families.mirror(1, **p)),
        "mirror $A^0$": draw("mirror", families.mirror_singular, "q"),
        "ring $A^0$": draw("ring", families.ring),
        "$A^0$ of the Comment": [families.COMMENT_SINGULAR],
        "7-neighbour pair $A^+$": draw("double_ring", lambda **p: families.double_ring(1, **p)),
        "7-neighbour $A^0$": draw("double_ring", families.double_ring_singular, "h"),
    }


def compare(
    vectors: np.ndarray, order: int, jacobian: np.ndarray, threshold: float
) -> dict[str, float]:
    """One row of the table: predicted and found null space of one environment at one order.

    angle: largest principal angle (radians) between the predicted null space and the span of as
    many bottom singular vectors; 0 where nothing is null.
    """
    predicted = null_space(vectors, order)
    values, left = decompose(jacobian[None], vectors[None])
    relative, kept = values[0] / values[0, 0], values.shape[1] - predicted.dimension
    bottom = left[0][:, kept:]
    angle = subspace_angles(bottom, predicted.basis).max() if predicted.dimension else 0.0
    return {
        "n_neighbors": len(vectors),
        "nu": order,
        "predicted": predicted.dimension,
        "symmetric": predicted.symmetric.shape[1],
        "degenerate": predicted.degenerate.shape[1],
        "found": int(np.sum(relative < threshold)),
        "smallest_seen": relative[kept - 1],
        "largest_null": relative[kept] if predicted.dimension else np.nan,
        "angle": angle,
    }


def compute(options: argparse.Namespace) -> pd.DataFrame:
    radial = radial_basis("dvr", options.n_max, options.l_max, options.sigma, options.cutoff)
    density = {nu: Density(nu, radial) for nu in (2, 3)}
    rows = []
    cases = environments(options.members, options.seed)
    for label, group in tqdm(cases.items(), desc="fig_theory", unit="family", mininterval=1):
        for member, vectors in enumerate(group):
            for order in ORDERS:
                if order in density:
                    jacobian = density[order].reduced_jacobian(batch_from_vectors(vectors))[0]
                else:
                    jacobian = random_invariants(vectors, order)[1]
                row = compare(vectors, order, jacobian, options.threshold)
                rows.append({"environment": label, "member": member, **row})
    return pd.DataFrame(rows)


def draw(table: pd.DataFrame, stem: Path, threshold: float) -> None:
    use_style()
    labels = list(dict.fromkeys(table["environment"]))
    figure, (counts, values, angles) = plt.subplots(
        1, 3, figsize=(10, 5.6), sharey=True, width_ratios=[1.15, 1, 0.8]
    )
    floor = 1e-18
    rng = np.random.default_rng(0)
    for row, label in enumerate(labels):
        for k, order in enumerate(ORDERS):
            y = row + 0.27 * (k - 1)
            some = table[(table["environment"] == label) & (table["nu"] == order)]
            first = some.iloc[0]
            counts.barh(y, first["symmetric"], 0.2, color="#C8C8C8")
            counts.barh(y, first["degenerate"], 0.2, first["symmetric"], color=COLORS["orange"])
            for found in sorted(set(some["found"])):
                counts.plot(found, y, "o", ms=4, mfc="none", color=ORDER_COLORS[order], zorder=3)
            jitter = y + rng.uniform(-0.07, 0.07, len(some))
            style = {"ls": "none", "color": ORDER_COLORS[order], "ms": 3}
            values.plot(some["smallest_seen"], jitter, "o", **style)
            values.plot(some["largest_null"].clip(lower=floor), jitter, "x", **style)
            null = (some["predicted"] > 0).to_numpy()
            angles.plot(some["angle"].clip(lower=floor)[null], jitter[null], "x", **style)
    counts.set_yticks(range(len(labels)), labels)
    counts.set_ylim(len(labels) - 0.5, -0.5)
    for axes in (counts, values, angles):
        for row in range(1, len(labels)):
            axes.axhline(row - 0.5, color="#DDDDDD", lw=0.5, zorder=0)
        axes.tick_params(axis="y", length=0)
    counts.set_xlabel("null singular values")
    counts.set_xlim(-0.4, 15)
    counts.set_title("(a) bars: predicted, circles: found", loc="left")
    values.set_xscale("log")
    values.set_xlim(1e-19, 3)
    values.axvline(threshold, color=COLORS["grey"], lw=0.8, ls=":")
    values.set_xlabel(r"$s / s_\mathrm{max}$")
    values.set_title("(b) last value seen, first null", loc="left")
    angles.set_xscale("log")
    angles.set_xlim(1e-17, 1)
    angles.set_xlabel("largest angle (rad)")
    angles.set_title("(c) predicted against found", loc="left")
    patches = [
        Patch(color="#C8C8C8", label="predicted: symmetric"),
        Patch(color=COLORS["orange"], label="predicted: degenerate"),
    ]
    circles = [
        Line2D([], [], ls="none", marker="o", mfc="none", ms=4, color=color, label=rf"$\nu={nu}$")
        for nu, color in ORDER_COLORS.items()
    ]
    marks = [
        Line2D([], [], ls="none", marker="o", ms=3, color="black", label="smallest seen"),
        Line2D([], [], ls="none", marker="x", ms=3, color="black", label="null space"),
    ]
    figure.legend(handles=[*patches, *circles, *marks], loc="outside lower center", ncols=7)
    save(figure, stem)


def main(argv: list[str] | None = None) -> None:
    options = parse(argv)
    table = compute(options)
    write_csv(table, options.figures / "data" / "fig_theory.csv")
    draw(table, options.figures / "fig_theory", options.threshold)


if __name__ == "__main__":
    run(main)
