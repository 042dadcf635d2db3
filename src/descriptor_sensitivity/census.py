"""Which kinds of singular points lie next to structures, and whether degenerate pairs meet there."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from descriptor_sensitivity.descent import SINGULAR, descend
from descriptor_sensitivity.descriptors.density import Density
from descriptor_sensitivity.descriptors.radial import gto_basis
from descriptor_sensitivity.environments import Batch, nearest_distance
from descriptor_sensitivity.search import MERGING, nearest_singular
from descriptor_sensitivity.singular import sensitivities
from descriptor_sensitivity.theory.recognise import singular_kind

KINDS = ["degenerate", "symmetric", "truncation", "unknown"]
BLOCK = 100
"""Environments that are searched together."""


def descriptors() -> dict[int, Density]:
    """Order nu -> density correlations: (8, 6) at nu = 2, (4, 4) at nu = 3, sigma = 0.3 Å, GTO."""
    return {2: Density(2, gto_basis(8, 6, 0.3, 6.0)), 3: Density(3, gto_basis(4, 4, 0.3, 6.0))}


def points_of(descriptor: Density, batches: Sequence[Batch]) -> pd.DataFrame:
    """Every singular point that is found next to environments: closed forms, and the search alone.

    Returns:
        frame, center, n_neighbors, found_by (closed form: the nearest of them; search: where the
        descriptor's derivatives lead), distance (Å, from the environment), kind and what (of
        `singular_kind`; kind none where nothing is certified), ratio (s_min / s_max there),
        vectors (coordinates, Å, in the order x, y, z of each neighbour).
    """
    rows = []
    for batch in batches:
        for first in range(0, len(batch), BLOCK):
            block = batch[first : first + BLOCK]
            closed = nearest_singular(descriptor, block, search=False)
            closest = MERGING * nearest_distance(block.vectors)
            ends, ratios = descend(descriptor, block)
            ratios[nearest_distance(ends) < closest] = np.inf  # merged atoms are no find
            for k, point in enumerate(closed):
                found = [("closed form", point.vectors, point.ratio)]
                found.append(("search", ends[k], float(ratios[k])))
                rows += [_row(descriptor, block[k : k + 1], *one) for one in found]
    return pd.DataFrame(rows)


def _row(
    descriptor: Density, environment: Batch, found_by: str, vectors: np.ndarray, ratio: float
) -> dict[str, object]:
    kind, what = "none", ""
    if ratio < SINGULAR:
        kind, what = singular_kind(vectors, environment.species, descriptor.nu)
    start = environment.vectors[0]
    u, _, vt = np.linalg.svd(start.T @ vectors)
    distance = float(np.linalg.norm(start - vectors @ (u @ vt).T))
    return {
        "nu": descriptor.nu,
        "frame": int(environment.frames[0]),
        "center": int(environment.centers[0]),
        "n_neighbors": environment.n_neighbors,
        "found_by": found_by,
        "distance": distance,
        "kind": kind,
        "what": "no named family" if what.startswith("no named family") else what,
        "pairs": what.removeprefix("no named family, coincident pairs ")
        if "no named" in what
        else "",
        "ratio": ratio,
        "vectors": " ".join(f"{x:.10f}" for x in vectors.ravel()),
    }
