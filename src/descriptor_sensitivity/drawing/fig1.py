"""Figure 1 of paper 1, computed: the analysis of a Jacobian, and where zeros in it come from."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.legend_handler import HandlerTuple
from matplotlib.lines import Line2D

from descriptor_sensitivity.drawing.molecules import draw_molecule, draw_plane
from descriptor_sensitivity.drawing.style import COLORS, plt

PLUS, MINUS, ZERO = COLORS["orange"], COLORS["sky"], COLORS["black"]
MOVES = COLORS["red"], COLORS["blue"]
TITLES = {3: r"$\nu = 3$: two branches", 2: r"$\nu = 2$: the same image twice"}
DIRECTIONS = ["along", "even", "odd"]


def draw(
    arrays: dict[str, np.ndarray],
    sizes: pd.DataFrame,
    symmetric: pd.DataFrame,
    branches: pd.DataFrame,
    slopes: pd.DataFrame,
    construction: pd.DataFrame,
) -> tuple[Figure, dict[str, pd.DataFrame]]:
    """(a) J = U diag(s) V^T; (b) a symmetric environment; (c), (d) a degenerate one."""
    figure = plt.figure(figsize=(7.5, 9.2))
    parts = figure.subfigures(4, 1, height_ratios=[1.0, 1.1, 1.45, 1.1], squeeze=False)[:, 0]
    draw_jacobian(parts[0], arrays, sizes)
    draw_symmetric(parts[1], arrays["symmetric"], arrays["deformations"], symmetric)
    draw_branches(parts[2], branches, slopes)
    draw_construction(parts[3], construction, arrays["null"])
    for part, letter in zip(parts, "abcd", strict=True):
        part.text(0.005, 0.97, f"({letter})", fontweight="bold", va="top")
    columns = [f"feature_{q}" for q in range(arrays["jacobian"].shape[1])]
    return figure, {
        "a_jacobian": pd.DataFrame(arrays["jacobian"], columns=columns),
        "a_singular_values": sizes,
        "b": symmetric,
        "c": branches,
        "d": construction,
    }


def draw_jacobian(part: SubFigure, arrays: dict[str, np.ndarray], sizes: pd.DataFrame) -> None:
    n_features, rank = arrays["jacobian"].shape[1], len(arrays["values"])
    widths = [n_features, rank, rank, n_features]
    axes = part.subplots(1, 6, width_ratios=[13, *widths, 26])
    draw_molecule(axes[0], arrays["vectors"], view=(75, 18))
    matrices = [
        (arrays["jacobian"], r"$\mathbf{J}$  ($3N \times n_\mathrm{feat}$)"),
        (arrays["left"], r"$=\ \mathbf{U}$"),
        (np.diag(arrays["values"]), r"diag$(\mathbf{s})$"),
        (arrays["right"], r"$\mathbf{V}^T$"),
    ]
    for ax, (matrix, title) in zip(axes[1:5], matrices, strict=True):
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
    for (size, mine), marker in zip(sizes.groupby("n_max_and_l_max"), "sx+", strict=False):
        values = mine.singular_value
        axes[5].semilogy(
            mine.k,
            values / values.iloc[0],
            marker,
            color="black",
            ms=5,
            fillstyle="none",
            label=rf"$n_\mathrm{{max}} = l_\mathrm{{max}} = {size}$",
        )
    axes[5].set(xlabel="$k$", title="$s_k / s_1$", xticks=range(1, 10, 2))
    axes[5].legend(fontsize=6, handletextpad=0.1, loc="lower left")


def draw_symmetric(
    part: SubFigure, vectors: np.ndarray, patterns: np.ndarray, slopes: pd.DataFrame
) -> None:
    axes = part.subplots(1, 3)
    view = 62, 14
    draw_molecule(axes[0], vectors, view=view)
    axes[0].set_title("$A$: two mirror planes")
    key(axes[0], {"displacement $u$": MOVES, "its mirror image $-u$": (COLORS["grey"],)})
    moves = zip(axes[1:], patterns, slopes.slope, MOVES, "xy", strict=True)
    for ax, pattern, slope, color, axis in moves:
        draw_molecule(ax, vectors, [(pattern, color), (-pattern, COLORS["grey"])], view)
        ax.set_title(rf"${axis} \to -{axis}$ turns $u$ into $-u$")
        text = rf"$|\mathbf{{J}}^T u| / s_1 = ${exponent(slope)}"
        ax.text(0.5, 0.0, text, transform=ax.transAxes, ha="center", va="bottom")


def key(ax: Axes, arrows: dict[str, tuple[str, ...]]) -> None:
    """What the arrows of each colour are, below a molecule."""
    handles = [
        tuple(Line2D([], [], color=color, marker=">", ms=5, lw=1.9) for color in colors)
        for colors in arrows.values()
    ]
    ax.legend(
        handles, arrows, handler_map={tuple: HandlerTuple(None)}, fontsize=7,
        loc="upper center", bbox_to_anchor=(0.5, 0.12), handlelength=3,
    )  # fmt: skip


def exponent(value: float) -> str:
    power = int(np.floor(np.log10(value))) if value > 0 else -99
    return rf"$10^{{{power}}}$"


def draw_branches(part: SubFigure, branches: pd.DataFrame, slopes: pd.DataFrame) -> None:
    axes = part.subplots(1, 2, subplot_kw={"projection": "3d"})
    for ax, nu in zip(axes, (3, 2), strict=True):
        mine = branches[branches.nu == nu]
        shape = mine.stretch.nunique(), mine.opening_degrees.nunique(), 3
        plus, minus = (
            mine[mine.branch == sign][DIRECTIONS].to_numpy().reshape(shape) for sign in "+-"
        )
        # in units of how far the open ends of the branches are, on average, from A0
        unit = np.linalg.norm((plus + minus)[shape[0] // 2, -1] / 2)
        for sheet, color, sign in ((plus, PLUS, "+"), (minus, MINUS, "-")):
            dashed = sign == "-" and nu == 2
            x, y, z = np.moveaxis(sheet / unit, -1, 0)
            ax.plot_wireframe(x, y, z, color=color, lw=1.0, ls=(0, (3, 3)) if dashed else "-")
        spine = (plus[:, 0] / unit).T
        ax.plot(*spine, color=ZERO, lw=2.2, zorder=20)
        ax.text(*(spine[:, 0] - [0.1, 0, 0.2]), r"$\mathbb{A}^0$", color=ZERO, ha="right")
        arrows = slopes[slopes.nu == nu][DIRECTIONS].to_numpy()
        for arrow, color in zip(arrows, MOVES, strict=True):
            if arrow.any():
                ax.quiver(
                    0, 0, 0, *(0.55 * arrow), color=color, lw=2.0, arrow_length_ratio=0.3, zorder=30
                )
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


def draw_construction(part: SubFigure, construction: pd.DataFrame, null: np.ndarray) -> None:
    axes = part.subplots(1, 3)
    view = -62, 24
    plane = np.array([[1.0, 0, 0], [0, 0, 1.0]])
    for ax, (name, mine) in zip(axes, construction.groupby("structure", sort=False), strict=True):
        draw_plane(ax, plane, view, 1.35)
        arrows = [(null, MOVES[1])] if name == "A^0" else []
        vectors = mine[["x", "y", "z"]].to_numpy()
        names = ["$a$", "$b_-$", "$b_+$", "$c$"]
        draw_molecule(ax, vectors, arrows, view, arrow_length=1.3, labels=names)
        ax.set_title(f"${name}$")
        if arrows:
            key(ax, {r"null vector of $\nu = 2$": (MOVES[1],)})
