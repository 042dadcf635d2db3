"""Small molecules drawn in three dimensions: shaded spheres, bonds, arrows and planes.

An orthographic view painted from back to front. `view` is (azimuth, elevation) of the eye in
degrees, z pointing up.
"""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.patches import Circle, FancyArrowPatch, Polygon

from descriptor_sensitivity.drawing.style import COLORS

ATOM_COLORS = {1: "#F2F2F2", 6: "#5A5A5A"}
RADII = {1: 0.22, 6: 0.33}
"""Radii of the drawn spheres, Å."""

_SHADES = 14


def camera(view: tuple[float, float]) -> np.ndarray:
    """Rows: the directions right, up and towards the eye."""
    azimuth, elevation = np.deg2rad(view)
    eye = np.array(
        [
            np.cos(elevation) * np.cos(azimuth),
            np.cos(elevation) * np.sin(azimuth),
            np.sin(elevation),
        ]
    )
    right = np.array([-np.sin(azimuth), np.cos(azimuth), 0.0])
    return np.array([right, np.cross(eye, right), eye])


def draw_molecule(
    ax: Axes,
    vectors: np.ndarray,
    arrows: list[tuple[np.ndarray, str]] | None = None,
    view: tuple[float, float] = (30.0, 20.0),
    arrow_length: float = 0.9,
    center: int = 6,
    labels: list[str] | None = None,
    faded: tuple[int, ...] = (),
) -> None:
    """Draw neighbours (H) at `vectors` (N, 3) bonded to a centre, with displacement arrows.

    Args:
        ax: axes, made square and empty.
        vectors: (N, 3), Å.
        arrows: displacements (N, 3) with their colours; the longest arrow of each is drawn with
            `arrow_length` Å, those shorter than 5 % of it are left out.
        view: azimuth and elevation of the eye, degrees.
        arrow_length: Å.
        center: atomic number of the centre.
        labels: text beside each neighbour.
        faded: neighbours drawn transparent.
    """
    axes = camera(view)
    points = np.vstack([np.zeros(3), vectors]) @ axes.T
    numbers = [center] + [1] * len(vectors)
    span = np.ptp(points[:, 2]) + 1e-9
    nearness = (points[:, 2] - points[:, 2].min()) / span

    for j in range(1, len(points)):
        middle = 0.5 * (points[0] + points[j])
        grey = 0.62 - 0.25 * (nearness[0] + nearness[j]) / 2
        line = np.stack([points[0], points[j]])
        for width, tone in ((6.0, 0.25), (4.2, grey)):
            ax.plot(
                line[:, 0],
                line[:, 1],
                color=str(tone),
                lw=width,
                solid_capstyle="round",
                zorder=10 + middle[2] + width / 1e3 * -1,
                alpha=0.35 if j - 1 in faded else 1.0,
            )
    for j, (point, number) in enumerate(zip(points, numbers, strict=True)):
        _sphere(ax, point, number, nearness[j], 0.4 if j - 1 in faded else 1.0)
    for number, (displacement, color) in enumerate(arrows or []):
        aside = 0.08 * (2 * number - len(arrows or []) + 1)  # patterns side by side, not on top
        steps = displacement @ axes.T
        lengths = np.linalg.norm(displacement, axis=1)
        scale = arrow_length / lengths.max()
        for j, step in enumerate(steps):
            if lengths[j] < 0.05 * lengths.max():
                continue
            # the same side for a direction and its opposite
            across = np.array([-step[1], step[0]]) * (1 if step[0] + 0.1 * step[1] > 0 else -1)
            start = points[j + 1, :2] + aside * across / (np.linalg.norm(across) + 1e-9)
            _arrow(ax, start, start + scale * step[:2], color, 11 + points[j + 1, 2])
    for j, text in enumerate(labels or []):
        outward = points[j + 1, :2] / max(np.linalg.norm(points[j + 1, :2]), 0.3)
        x, y = points[j + 1, :2] + 0.42 * outward
        ax.text(x, y, text, ha="center", va="center", zorder=30)
    finish(ax)


def draw_plane(
    ax: Axes, spanned: np.ndarray, view: tuple[float, float], extent: float = 1.5
) -> None:
    """A translucent square in the plane of two orthonormal vectors `spanned` (2, 3)."""
    corners = extent * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) @ spanned
    projected = (corners @ camera(view).T)[:, :2]
    ax.add_patch(
        Polygon(projected, fc=COLORS["sky"], ec=COLORS["sky"], alpha=0.25, lw=0.8, zorder=1)
    )


def finish(ax: Axes, reach: float = 1.8) -> None:
    """Equal scales, no frame, `reach` Å around the centre."""
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
    ax.axis("off")


def _sphere(ax: Axes, point: np.ndarray, number: int, nearness: float, alpha: float) -> None:
    radius = RADII.get(number, 0.3)
    base = np.array(to_rgb(ATOM_COLORS.get(number, "#C0A080"))) * (0.8 + 0.2 * nearness)
    zorder = 10.5 + point[2]
    ax.add_patch(
        Circle(
            (point[0], point[1]),
            radius,
            fc=base * 0.62,
            ec="0.15",
            lw=0.7,
            zorder=zorder,
            alpha=alpha,
        )
    )
    for k in range(1, _SHADES):
        part = k / _SHADES
        color = base * (0.62 + 0.38 * min(1.6 * part, 1.0))
        color = color + (1 - color) * 0.9 * part**3
        where = point[:2] + radius * 0.42 * part * np.array([-0.6, 0.75])
        ax.add_patch(
            Circle(
                (where[0], where[1]),
                radius * (1 - part) * 0.97,
                fc=np.clip(color, 0, 1),
                ec="none",
                zorder=zorder + 1e-4 * k,
                alpha=alpha,
            )
        )


def _arrow(ax: Axes, start: np.ndarray, end: np.ndarray, color: str, zorder: float) -> None:
    for width, shade, lift in ((3.4, "white", 0.0), (1.9, color, 1e-3)):
        ax.add_patch(
            FancyArrowPatch(
                (start[0], start[1]),
                (end[0], end[1]),
                arrowstyle="-|>",
                mutation_scale=11,
                color=shade,
                lw=width,
                shrinkA=0,
                shrinkB=0,
                zorder=zorder + lift,
                joinstyle="miter",
            )
        )
