"""Figure 1 of paper 1, computed: the analysis of a Jacobian, and where zeros in it come from."""

import argparse
import json
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import SubFigure

from command import run
from descriptor_sensitivity.descriptors.density import Density
from descriptor_sensitivity.descriptors.radial import gto_basis
from descriptor_sensitivity.drawing.molecules import draw_molecule, draw_plane
from descriptor_sensitivity.drawing.style import COLORS, save, use_style
from descriptor_sensitivity.environments import batch_from_vectors
from descriptor_sensitivity.files import write_csv
from descriptor_sensitivity.manifolds import Manifold
from descriptor_sensitivity.singular import decompose
from descriptor_sensitivity.theory.displacements import mirror_null, two_pairs_deformations
from descriptor_sensitivity.theory.families import mirror, mirror_singular, two_pairs

PLUS, MINUS, ZERO = COLORS["orange"], COLORS["sky"], COLORS["black"]
MOVES = COLORS["red"], COLORS["blue"]
TITLES = {3: r"$\nu = 3$: two branches", 2: r"$\nu = 2$: the same image twice"}


def draw_jacobian(
    part: SubFigure, vectors: np.ndarray, sigma: float, cutoff: float, data: Path
) -> None:
    """(a) J = U diag(s) V^T of nu = 2, and singular values that do not depend on the basis."""
    power_spectrum = Density(2, gto_basis(2, 4, sigma, cutoff))
    batch = batch_from_vectors(vectors)
    jacobian = power_spectrum.jacobian(batch)[1][0]
    values, left = (x[0] for x in decompose(jacobian[None], vectors[None]))
    right = (left / values).T @ jacobian
    columns = [f"feature_{q}" for q in range(jacobian.shape[1])]
    write_csv(pd.DataFrame(jacobian, columns=columns), data / "fig1_a_jacobian.csv")
    n_rows, n_features = jacobian.shape
    rank = len(values)
    widths = [n_features, rank, rank, n_features]
    axes = part.subplots(1, 6, width_ratios=[13, *widths, 26])
    draw_molecule(axes[0], vectors, view=(75, 18))
    parts = [
        (jacobian, r"$\mathbf{J}$  ($3N \times n_\mathrm{feat}$)"),
        (left, r"$=\ \mathbf{U}$"),
        (np.diag(values), r"diag$(\mathbf{s})$"),
        (right, r"$\mathbf{V}^T$"),
    ]
    for ax, (matrix, title) in zip(axes[1:5], parts, strict=True):
        # signed square root: the large entries would hide the small ones
        shown = np.sign(matrix) * np.abs(matrix) ** 0.5
        ax.imshow(shown, cmap="cividis", vmin=-np.abs(shown).max(), vmax=np.abs(shown).max())
        ax.set_title(title)
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set_visible(True)
    axes[1].set_ylabel("displacements", fontsize=8)
    axes[1].set_xlabel("features", fontsize=8)
    axes[2].set_xlabel("patterns", fontsize=8)
    axes[4].set_xlabel("features", fontsize=8)

    rows = []
    for size, marker in ((3, "s"), (6, "x"), (10, "+")):
        larger = Density(2, gto_basis(size, size, sigma, cutoff))
        values = decompose(larger.reduced_jacobian(batch), vectors[None])[0][0]
        label = rf"$n_\mathrm{{max}} = l_\mathrm{{max}} = {size}$"
        axes[5].semilogy(
            range(1, len(values) + 1), values / values[0], marker, color="black", ms=5,
            fillstyle="none", label=label,
        )  # fmt: skip
        rows += [(size, k + 1, value) for k, value in enumerate(values)]
    axes[5].set(xlabel="$k$", title="$s_k / s_1$", xticks=range(1, 10, 2))
    axes[5].legend(fontsize=6, handletextpad=0.1, loc="lower left")
    table = pd.DataFrame(rows, columns=["n_max_and_l_max", "k", "singular_value"])
    write_csv(table, data / "fig1_a_singular_values.csv")


def draw_symmetric(part: SubFigure, sigma: float, cutoff: float, data: Path) -> None:
    """(b) A symmetric environment and two deformations that a mirror plane reverses."""
    vectors = two_pairs()
    bispectrum = Density(3, gto_basis(6, 6, sigma, cutoff))
    jacobian = bispectrum.reduced_jacobian(batch_from_vectors(vectors))[0]
    axes = part.subplots(1, 3)
    view = 62, 14
    draw_molecule(axes[0], vectors, view=view)
    axes[0].set_title("$A$: two mirror planes")
    largest = np.linalg.norm(jacobian, 2)
    rows = []
    for k, (ax, pattern, mirror_axis) in enumerate(
        zip(axes[1:], two_pairs_deformations(vectors), "xy", strict=True)
    ):
        slope = float(np.linalg.norm(pattern.ravel() @ jacobian) / largest)
        rows.append((k + 1, slope))
        draw_molecule(ax, vectors, [(pattern, MOVES[k]), (-pattern, COLORS["grey"])], view)
        ax.set_title(rf"${mirror_axis} \to -{mirror_axis}$ turns $u$ into $-u$")
        ax.text(
            0.5, 0.0, rf"$|\mathbf{{J}}^T u| / s_1 = ${exponent(slope)}", transform=ax.transAxes,
            ha="center", va="bottom",
        )  # fmt: skip
    write_csv(pd.DataFrame(rows, columns=["deformation", "slope"]), data / "fig1_b.csv")


def orthonormal(rows: np.ndarray) -> np.ndarray:
    """Gram-Schmidt in the order given; rows that vanish stay zero."""
    out = np.zeros_like(rows)
    for k, row in enumerate(rows):
        left = row - out.T @ (out @ row)
        if np.linalg.norm(left) > 1e-10 * np.abs(rows).max():
            out[k] = left / np.linalg.norm(left)
    return out


def exponent(value: float) -> str:
    power = int(np.floor(np.log10(value))) if value > 0 else -99
    return rf"$10^{{{power}}}$"


def draw_manifolds(
    part: SubFigure, parameters: dict, sigma: float, cutoff: float, data: Path
) -> None:
    """(c) The two branches of the mirror family in the space of nu = 3 and of nu = 2 features."""
    openings = np.linspace(0, 36, 10)  # degrees between c and the mirror plane
    radii = np.linspace(-0.04, 0.04, 5)  # change of |c|, Å: moves along A0
    grid = [
        mirror(sign, **(parameters | {"r_c": parameters["r_c"] + dr, "q": 180.0 - opening}))
        for sign in (1, -1)
        for dr in radii
        for opening in openings
    ]
    batch = batch_from_vectors(np.array(grid))
    middle = batch_from_vectors(mirror_singular(**parameters))
    null = mirror_null(middle.vectors[0])
    axes = part.subplots(1, 2, subplot_kw={"projection": "3d"})
    rows = []
    for ax, nu in zip(axes, (3, 2), strict=True):
        correlations = Density(nu, gto_basis(6, 6, sigma, cutoff))
        features = np.concatenate(
            [correlations.features(batch[i : i + 10]) for i in range(0, len(batch), 10)]
        )
        origin, jacobian = correlations.jacobian(middle)
        differences = features - origin
        values, left = decompose(jacobian, middle.vectors)
        stretch = np.zeros((4, 3))
        stretch[3] = middle.vectors[0, 3] / parameters["r_c"]
        # Axes: the way along A0, the mean of the branches at open angles, and half their
        # difference, which nu = 2 does not have.
        plus, minus = differences.reshape(2, len(radii), len(openings), -1)
        along = stretch.ravel() @ jacobian[0]
        mean = (plus + minus)[len(radii) // 2, -1] / 2
        odd = (plus - minus)[len(radii) // 2, -1] / 2
        frame = orthonormal(np.stack([along, mean, odd]))
        unit = np.linalg.norm(mean)
        for sheet, color, name in ((plus, PLUS, "+"), (minus, MINUS, "-")):
            x, y, z = np.moveaxis(sheet @ frame.T / unit, -1, 0)
            ax.plot_wireframe(
                x, y, z, color=color, lw=1.0, ls="-" if name == "+" or nu == 3 else (0, (3, 3))
            )
            rows += [
                (nu, name, dr, opening, *point)
                for dr, line in zip(radii, sheet @ frame.T, strict=True)
                for opening, point in zip(openings, line, strict=True)
            ]
        spine = (plus[:, 0] @ frame.T / unit).T
        ax.plot(*spine, color=ZERO, lw=2.2, zorder=20)
        ax.text(*(spine[:, 0] - [0.1, 0, 0.2]), r"$\mathbb{A}^0$", color=ZERO, ha="right")
        for pattern, color in ((stretch, MOVES[0]), (null, MOVES[1])):
            slope = pattern.ravel() @ jacobian[0]
            if np.linalg.norm(slope) > 1e-10 * values[0, 0]:
                arrow = 0.55 * frame @ slope / np.linalg.norm(slope)
                ax.quiver(0, 0, 0, *arrow, color=color, lw=2.0, arrow_length_ratio=0.3, zorder=30)
        ax.set(xticklabels=[], yticklabels=[], zticklabels=[], zlim=(-0.75, 0.75))
        ax.set_xlabel("along $A^0$", labelpad=-12, fontsize=8)
        ax.set_ylabel("mean of $A^+$ and $A^-$", labelpad=-12, fontsize=8)
        ax.set_zlabel("their difference", labelpad=-12, fontsize=8)
        ax.tick_params(length=0)
        ax.set_title(TITLES[nu], y=1.01)
        ax.view_init(22, -50)
        ax.set_box_aspect((1.0, 1.0, 0.9), zoom=1.15)
    axes[0].text2D(0.02, 0.86, r"$\mathbb{A}^+$", color=PLUS, transform=axes[0].transAxes)
    axes[0].text2D(0.02, 0.10, r"$\mathbb{A}^-$", color=MINUS, transform=axes[0].transAxes)
    names = ["nu", "branch", "stretch", "opening_degrees", "along", "even", "odd"]
    write_csv(pd.DataFrame(rows, columns=names), data / "fig1_c.csv")


def draw_construction(part: SubFigure, parameters: dict, data: Path) -> None:
    """(d) A+, A0 and A- of the mirror family: one H moves through the mirror plane."""
    axes = part.subplots(1, 3)
    view = -62, 24
    plane = np.array([[1.0, 0, 0], [0, 0, 1.0]])
    singular = mirror_singular(**parameters)
    rows = []
    opening = 36.0
    for ax, sign, title in zip(axes, (1, 0, -1), ("$A^+$", "$A^0$", "$A^-$"), strict=True):
        if sign:
            vectors, arrows = mirror(sign, **parameters, q=180.0 - opening), []
        else:
            vectors, arrows = singular, [(mirror_null(singular), MOVES[1])]
        draw_plane(ax, plane, view, 1.35)
        draw_molecule(ax, vectors, arrows, view, labels=["$a$", "$b_-$", "$b_+$", "$c$"])
        ax.set_title(title)
        rows += [(title.strip("$"), j, *vector) for j, vector in enumerate(vectors)]
    write_csv(pd.DataFrame(rows, columns=["structure", "h", "x", "y", "z"]), data / "fig1_d.csv")


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--asymmetric", type=Path, required=True, help="its manifold, npz")
    parser.add_argument("--mirror", type=json.loads, required=True, help="parameters of A0")
    parser.add_argument("--sigma", type=float, default=0.3, help="smearing of the features shown")
    parser.add_argument("--cutoff", type=float, default=2.5, help="cutoff of the features shown")
    parser.add_argument("--figures", type=Path, required=True, help="folder to write to")
    arguments = parser.parse_args(argv)

    basis = arguments.sigma, arguments.cutoff
    data = arguments.figures / "data"
    use_style()
    figure = plt.figure(figsize=(7.5, 9.2))
    parts = figure.subfigures(4, 1, height_ratios=[1.0, 1.1, 1.45, 1.1], squeeze=False)[:, 0]
    draw_jacobian(parts[0], Manifold.load(arguments.asymmetric).vectors, *basis, data)
    draw_symmetric(parts[1], *basis, data)
    draw_manifolds(parts[2], arguments.mirror, *basis, data)
    draw_construction(parts[3], arguments.mirror, data)
    for part, letter in zip(parts, "abcd", strict=True):
        part.text(0.005, 0.97, f"({letter})", fontweight="bold", va="top")
    save(figure, arguments.figures / "fig1")


if __name__ == "__main__":
    run(main)
