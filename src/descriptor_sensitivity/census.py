"""Singular points next to many structures: which there are, how far, and whether pairs cross there.

Two sources. Closed forms (`theory.nearest`) are tried next to every structure: what they give is
known by construction, and certified by the descriptor. Next to some structures the descriptor is
followed too (`descent`): what that finds is told from its geometry, and at a degenerate point a
crossing of degenerate pairs is looked for (`crossings`).
"""

from collections.abc import Iterator
from itertools import permutations
from typing import Any

import numpy as np

from descriptor_sensitivity.crossings import Crossing, crossing
from descriptor_sensitivity.descent import SINGULAR
from descriptor_sensitivity.descriptors.density import Density
from descriptor_sensitivity.descriptors.radial import gto_basis
from descriptor_sensitivity.environments import Batch, batch_from_vectors
from descriptor_sensitivity.search import candidates
from descriptor_sensitivity.singular import sensitivities
from descriptor_sensitivity.theory.nearest import degenerate_points, symmetric_points
from descriptor_sensitivity.theory.nullspace import largest_zero, null_space
from descriptor_sensitivity.theory.recognise import coincident_pairs, singular_kind

DENSITIES = {2: (8, 6), 3: (4, 4)}
"""nu -> (n_max, l_max) of what is followed; GTO, sigma = 0.3 Å."""

SIGMA, CUTOFF = 0.3, 5.0
"""Å. Singular points of the limit of a complete basis do not depend on them."""

CLOSED_FORMS = {
    "planar": ("symmetric", "planar"),
    "mirror plane": ("symmetric", "sigma"),
    "twofold axis": ("symmetric", "C2"),
    "mirror": ("degenerate", "mirror"),
    "flat_pair": ("degenerate", "flat_pair"),
    "ring": ("degenerate", "ring"),
}
"""Kind and name of what closed forms make. Of the three families pairs are known that cross."""

MERGED = 0.05
"""Å over all coordinates. Points of a structure that are of one kind and closer count as one: of
those found twice, the farthest lie 0.047 Å apart, and the nearest that differ 0.094 Å."""

EXACT = 1e-10
"""Relative to the largest. Singular values of the theory's conditions above this are no zeros of an
exact arrangement, whatever the descriptor says: where two of its singular values are small, their
product passes for a zero."""

SNAP = 1e-3
"""Å. A point that is not exact is moved to a closed form no farther away, if there is one."""

COLUMNS = ["n_neighbors", "nu", "structure", "found_by", "distance", "kind", "what"]
COLUMNS += ["ratio", "hidden", "residual", "crossing", "pair_residual", "pair_apart"]
"""Columns of the table; distance and pair_apart in Å, the rest of the numbers without unit."""


def density(nu: int) -> Density:
    """The density correlations of order nu that are followed."""
    return Density(nu, gto_basis(*DENSITIES[nu], SIGMA, CUTOFF))


def survey(vectors: np.ndarray, first: int, nu: int, follow: bool) -> dict[str, Any]:
    """Singular points next to environments of like neighbours.

    Args:
        vectors: (n, N, 3) neighbour positions, Å.
        first: number of the first of them.
        nu: order of the correlations. Closed forms are of nu = 2; at nu = 3, symmetric ones are the
            same, and only what the descriptor leads to is listed.
        follow: whether to follow the descriptor.

    Returns:
        `COLUMNS`, one entry for each point, nearest first, and vectors (n_points, N, 3), Å.
        found_by: start, closed form or search. ratio: s_min / s_max. hidden: number of zeros that
        the theory predicts; residual: the largest singular value it takes for one (both of
        followed points). crossing: `by construction`, `found`, `not found`, or empty where nothing
        degenerate is; pair_residual, pair_apart: see `crossings.Crossing`.
    """
    descriptor, batch = density(nu), batch_from_vectors(vectors)
    found = candidates(descriptor, batch, follow)
    rows: list[dict[str, Any]] = []
    n = vectors.shape[1]
    for index in range(len(batch)):
        mine = np.flatnonzero((found.owner == index) & (found.ratios < SINGULAR))
        mine = mine[[nu == 2 or found.names[k] == "search" for k in mine]]
        points = [
            _point(descriptor, vectors[index], found.names[k], found.vectors[k], found.ratios[k])
            for k in mine
        ]
        for row in _distinct(points):
            rows.append({"n_neighbors": n, "nu": nu, "structure": first + index, **row})
    for row in rows:
        if row["kind"] == "degenerate" and row["crossing"] == "":
            row |= _crossed(descriptor, batch_from_vectors(row["vectors"]))
    return {
        **{name: np.array([row[name] for row in rows]) for name in COLUMNS},
        "vectors": np.array([row["vectors"] for row in rows]).reshape(-1, *vectors.shape[1:]),
    }


def _point(
    descriptor: Density, start: np.ndarray, name: str, vectors: np.ndarray, ratio: float
) -> dict[str, Any]:
    """A row of one certified point next to `start`, without its crossing."""
    row = {"found_by": "closed form", "hidden": -1, "residual": np.nan, "crossing": ""}
    row |= {"pair_residual": np.nan, "pair_apart": np.nan, "ratio": ratio, "vectors": vectors}
    if name in CLOSED_FORMS:
        kind, what = CLOSED_FORMS[name]
        row |= {"crossing": "by construction" if kind == "degenerate" else ""}
    else:
        exact, kind, what, hidden, residual = _recognised(descriptor, vectors)
        if exact is not vectors:
            values = sensitivities(descriptor, batch_from_vectors(exact))[0]
            row |= {"vectors": exact, "ratio": values[-1] / values[0]}
        row |= {"found_by": name, "hidden": hidden, "residual": residual}
    distance = float(np.linalg.norm(row["vectors"] - start))
    return {**row, "kind": kind, "what": what, "distance": distance}


def _recognised(
    descriptor: Density, vectors: np.ndarray
) -> tuple[np.ndarray, str, str, int, float]:
    """The point, moved to an exact arrangement if it is beside one; kind, name, zeros, residual.

    `unresolved` is what is singular by the descriptor and not by the theory, within rounding.
    """
    hidden, residual = _zeros(vectors, descriptor.nu)
    if residual > EXACT:
        exact = [*symmetric_points(vectors), *degenerate_points(vectors)]
        nearest = min(exact, key=lambda point: point.distance)
        if nearest.distance < SNAP:
            vectors = nearest.vectors
            hidden, residual = _zeros(vectors, descriptor.nu)
    kind, what = singular_kind(vectors, None, descriptor.nu)
    if residual > EXACT and kind != "truncation":
        kind = "unresolved"
    if what.startswith("no named"):
        what = pattern(vectors)
    return vectors, kind, what, hidden, residual


def _zeros(vectors: np.ndarray, nu: int) -> tuple[int, float]:
    """Number of zeros that the theory predicts, and the `largest_zero`."""
    predicted = null_space(vectors, nu)
    return predicted.dimension, largest_zero(predicted.singular_values, predicted.dimension)


def _distinct(points: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Points of one structure, nearest first, those that are one (see `MERGED`) once."""
    kept: list[dict[str, Any]] = []
    for row in sorted(points, key=lambda row: row["found_by"] == "search"):
        gaps = [
            np.linalg.norm(row["vectors"] - other["vectors"])
            for other in kept
            if (other["kind"], other["what"]) == (row["kind"], row["what"])
        ]
        if min(gaps, default=np.inf) > MERGED:
            kept.append(row)
    yield from sorted(kept, key=lambda row: row["distance"])


def _crossed(descriptor: Density, point: Batch) -> dict[str, Any]:
    """Columns of a crossing looked for along each degenerate direction in turn, up to the first."""
    directions = null_space(point.vectors[0], descriptor.nu).degenerate
    tried: list[Crossing] = []
    for null in directions.T:
        tried.append(crossing(descriptor, point, null))
        if tried[-1].found:
            break
    best = tried[-1] if tried[-1].found else min(tried, key=lambda one: one.residual)
    return {
        "crossing": "found" if best.found else "not found",
        "pair_residual": best.residual,
        "pair_apart": best.apart,
    }


def pattern(vectors: np.ndarray) -> str:
    """Which pairs of neighbours coincide, as `coincident_pairs`, whatever their numbers.

    The first in alphabetical order of what the neighbours' permutations give.
    """
    every = permutations(range(len(vectors)))
    return min(coincident_pairs(vectors[list(order)]) for order in every)
