"""What kind of singular point an environment is, told from its geometry."""

from itertools import combinations

import numpy as np

from descriptor_sensitivity.theory.equal_angles import is_equal_angles
from descriptor_sensitivity.theory.nearest import degenerate_points
from descriptor_sensitivity.theory.nullspace import null_space
from descriptor_sensitivity.theory.symmetry import (
    symmetric_null_space,
    symmetry_operations,
)
from descriptor_sensitivity.theory.trapezoid import is_trapezoid
from descriptor_sensitivity.tolerances import COORDINATES

TUPLES = 1_000_000
"""Environments with more ordered tuples than this are not classified."""


FAMILIES = {
    "mirror": "the mirror family",
    "ring": "the ring family",
    "flat_pair": "the mirror family at p = 0",
    "equal_angles": "the family of two pairs that open one angle",
    "double_ring": "the double ring family",
    "trapezoid": "the family of trapezoids",
}
"""The families of degenerate points by name, and what sentences call them."""

SAME = 10 * COORDINATES
"""Å. Lengths this close are the same where a family is recognised."""


def singular_kind(
    vectors: np.ndarray, species: np.ndarray | None, order: int | None
) -> tuple[str, str]:
    """The kind of a singular point of correlation order nu = `order`, and what it is in words.

    Args:
        vectors: (N, 3) neighbour positions, Å.
        species: (N,) atomic numbers; all alike if None.
        order: nu, or None for features of no known order.

    Returns:
        degenerate and its family (or its coincident pairs), symmetric and its operations,
        truncation and nothing (a complete basis of this order is not singular here), or unknown
        and why.
    """
    n = len(vectors)
    if order is not None and n**order > TUPLES:
        return "unknown", f"{n} neighbours have more than {TUPLES} tuples of order {order}"
    if order is not None:
        predicted = null_space(vectors, order, species)
        if predicted.degenerate.shape[1]:
            return "degenerate", family_of(vectors, species, order)
    if symmetric_null_space(vectors, species).shape[1]:
        return "symmetric", symmetry_of(vectors, species)
    if order is None:
        return "unknown", "no symmetry, and features of no known order"
    return "truncation", ""


def symmetry_of(vectors: np.ndarray, species: np.ndarray | None = None) -> str:
    """`planar` for neighbours in one plane with the centre, else the names of the operations."""
    flat = np.linalg.svd(vectors, compute_uv=False)
    if len(flat) > 2 and flat[2] <= COORDINATES:
        return "planar"
    names = {operation.name for operation in symmetry_operations(vectors, species)}
    return " ".join(sorted(names - {"E"}))


def family_of(vectors: np.ndarray, species: np.ndarray | None, order: int) -> str:
    """The family of `families` that a degenerate environment of this order belongs to."""
    alike = species is None or len(set(species)) == 1
    if order == 2:
        near = [p for p in degenerate_points(vectors, species) if p.distance <= SAME]
        if near:
            return min(near, key=lambda point: point.distance).name
        if alike and is_equal_angles(vectors, SAME):
            return "equal_angles"
        if alike and is_trapezoid(vectors, SAME):
            return "trapezoid"
    if order <= 3 and alike and is_double_ring(vectors):
        return "double_ring"
    return f"no named family, coincident pairs {coincident_pairs(vectors, species)}"


def coincident_pairs(vectors: np.ndarray, species: np.ndarray | None = None) -> str:
    """Pairs of neighbours that share species, radii and distance, as in `0-2 = 1-3, 0-1 = 2-3`."""
    kinds = np.zeros(len(vectors), dtype=int) if species is None else np.asarray(species)
    radii = np.linalg.norm(vectors, axis=1)
    groups: list[tuple[np.ndarray, list[str]]] = []
    for i, j in combinations(range(len(vectors)), 2):
        ends = sorted([(kinds[i], radii[i]), (kinds[j], radii[j])])
        key = np.array([*ends[0], *ends[1], np.linalg.norm(vectors[i] - vectors[j])])
        for other, names in groups:
            if np.abs(key - other).max() <= SAME:
                names.append(f"{i}-{j}")
                break
        else:
            groups.append((key, [f"{i}-{j}"]))
    return ", ".join(" = ".join(names) for _, names in groups if len(names) > 1) or "none"


def is_double_ring(vectors: np.ndarray, tolerance: float = SAME) -> bool:
    """Whether seven neighbours are `families.double_ring_singular` up to rotation.

    An apex, and six at one radius in the plane across it, three of which go to the other three by
    a rotation about it.
    """
    if len(vectors) != 7:
        return False
    for apex in range(7):
        axis = vectors[apex] / np.linalg.norm(vectors[apex])
        others = np.delete(vectors, apex, axis=0)
        radii = np.linalg.norm(others, axis=1)
        if np.abs(others @ axis).max() > tolerance or np.ptp(radii) > tolerance:
            continue
        across = others[0] / radii[0]
        points = (others @ across + 1j * (others @ np.cross(axis, across))) / radii
        for first in combinations(range(1, 6), 2):
            one = points[[0, *first]]
            two = np.delete(points, [0, *first])
            for turn in two / one[0]:
                gaps = np.abs(one[:, None] * turn - two)
                if gaps.min(axis=1).max() * radii.max() <= tolerance:
                    return True
    return False
