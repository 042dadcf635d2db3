"""What the Comment's orbits are checked for.

Singular environments near them; the curve of the Euler steps by other integrators; how the orbits
lie beside the degenerate pairs; how far apart the features of their points are; and where the
Jacobian is singular.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from tqdm import tqdm

from descriptor_sensitivity.descriptors.base import Descriptor
from descriptor_sensitivity.descriptors.density import Density
from descriptor_sensitivity.descriptors.omfp import OMFP
from descriptor_sensitivity.environments import batch_from_vectors
from descriptor_sensitivity.orbits import follow, follow_euler, kept_arc_lengths
from descriptor_sensitivity.quasi_constant import PUBLISHED, orbit_name
from descriptor_sensitivity.search import singular_point
from descriptor_sensitivity.singular import sensitivity
from descriptor_sensitivity.theory.displacements import ring_null
from descriptor_sensitivity.theory.families import COMMENT_SINGULAR
from descriptor_sensitivity.theory.pairs import closest_ring, pair_manifolds

PAIRS = ("A+", "A-")
"""The two branches of degenerate pairs that meet in A0."""

REACH = 0.35
"""How far from A0 the pairs are followed, Å."""

PLANE_SIGMAS = (0.1, 0.5)
"""Widths of the Gaussians (Å) of the orbits that Figure 1a of the Comment shows."""

SMALL_BASIS = 4
"""Largest n_max and l_max of nu = 3, whose features grow with the third power of n_max."""


def singular_environments(
    power_spectrum: Descriptor, sigma: float, orbit: np.ndarray
) -> pd.DataFrame:
    """Singular environments near the middle of an orbit (n, 4, 3), Å: published, closed, searched.

    Columns: s_min / s_max; the second smallest, likewise; distances (Å) to the middle and to the
    published A0; coordinates.
    """
    middle = orbit.mean(axis=0)
    found = {
        "published": COMMENT_SINGULAR,
        "closed form": closest_ring(COMMENT_SINGULAR)[0],
        "closed form, middle of the orbit": closest_ring(middle)[0],
        "search, middle of the orbit": singular_point(power_spectrum, batch_from_vectors(middle)),
    }
    labels = [f"{axis}{atom}" for atom in range(1, 5) for axis in "xyz"]
    rows = []
    for name, vectors in found.items():
        values = sensitivity(power_spectrum, batch_from_vectors(vectors))[0][0]
        row = {
            "sigma": sigma,
            "environment": name,
            "s_min_over_s_max": values[-1] / values[0],
            "second_over_s_max": values[-2] / values[0],
            "to_middle": np.linalg.norm(vectors - middle),
            "to_published": np.linalg.norm(vectors - COMMENT_SINGULAR),
        }
        rows.append(row | dict(zip(labels, vectors.ravel(), strict=True)))
    return pd.DataFrame(rows)


def integrators(
    power_spectrum: Descriptor,
    sigma: float,
    starts: Mapping[float, np.ndarray],
    n_frames: int,
    step: float,
    every: int,
    tolerance: float,
) -> pd.DataFrame:
    """The same orbits by Euler steps, by their modified equation, and exactly.

    Args:
        starts: c -> (4, 3) first frame, Å.
        n_frames, step, every: frames that are compared, as in `kept_arc_lengths`.
        tolerance: local error of the adaptive method, Å.

    Returns:
        For each orbit and integrator: arc length reached (Å), Jacobians, the largest deviation of a
        coordinate from the Euler steps (Å), why it stopped.
    """
    together = batch_from_vectors(np.array(list(starts.values())))
    arc = kept_arc_lengths(n_frames, step, every)
    with tqdm(total=int(round(arc[-1] / step)), desc="Euler steps", mininterval=1) as progress:
        euler = follow_euler(power_spectrum, together, step, arc, progress.update)
    rows = []
    for index, c in enumerate(tqdm(starts, desc="integrators", mininterval=1)):
        alone = together[index : index + 1]
        compared = {
            "Euler steps": euler[index],
            "modified equation": follow(power_spectrum, alone, arc, step, tolerance),
            "exact orbit": follow(power_spectrum, alone, arc, 0.0, tolerance),
        }
        for name, orbit in compared.items():
            n = min(len(orbit.vectors), len(euler[index].vectors))
            difference = np.abs(orbit.vectors[:n] - euler[index].vectors[:n])
            row = {"sigma": sigma, "c": c, "integrator": name, "arc": orbit.arc[-1]}
            row |= {"evaluations": orbit.evaluations}
            row |= {"largest_deviation_from_euler": difference.max(), "stopped": orbit.stopped}
            rows.append(row)
    return pd.DataFrame(rows)


def aligned(vectors: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """`vectors` (n, N, 3), each rotated about the centre to lie closest to `reference` (N, 3)."""
    left, _, right = np.linalg.svd(vectors.transpose(0, 2, 1) @ reference)
    flip = np.ones((len(vectors), 1, 3))
    flip[:, 0, 2] = np.linalg.det(left @ right)
    return vectors @ ((left * flip) @ right)


def orbit_plane(orbits: Mapping[str, np.ndarray], scales: Sequence[float]) -> pd.DataFrame:
    """Orbits and pairs, rotated to lie closest to A0, in two directions of their 12 dimensions.

    `null` (Å) is along the null vector of A0, `second` (Å) along the direction across it in which
    the orbit with c = 1 extends most.

    Args:
        orbits: (n, 4, 3) by `orbit_name`, Å.
        scales: c of the orbits.
    """
    singular, apex = closest_ring(COMMENT_SINGULAR)
    distances = np.linspace(-REACH, REACH, 71)
    curves = dict(zip(PAIRS, pair_manifolds(singular, apex, distances), strict=True))
    names = [orbit_name(sigma, c) for sigma in PLANE_SIGMAS for c in sorted(scales)]
    curves |= {name: orbits[name] for name in names if name in orbits}
    moves = {
        name: (aligned(curve, singular) - singular).reshape(len(curve), -1)
        for name, curve in curves.items()
    }
    null = ring_null(singular, apex).ravel()
    central = min(sorted(scales), key=lambda c: abs(c - PUBLISHED))
    widest = moves[orbit_name(PLANE_SIGMAS[0], central)]
    widest = widest - np.outer(widest @ null, null)
    second = np.linalg.svd(widest - widest.mean(axis=0))[2][0]
    return pd.concat(
        pd.DataFrame({"curve": name, "null": move @ null, "second": move @ second})
        for name, move in moves.items()
    )


def distances(power_spectrum: Density, orbit: np.ndarray, arc: np.ndarray) -> pd.DataFrame:
    """Relative distances |xi(x) - xi(y)| / |xi| of points of one orbit, over their separation.

    Args:
        orbit: (n, 4, 3) frames, Å; the first, one Euler step before the second, is left out.
        arc: (n,) their arc lengths, Å.

    Returns:
        For nu = 2, nu = 3 and OMFP: separation (Å of arc length), least, median and largest.
    """
    radial = power_spectrum.radial
    size = (min(radial.n_max, SMALL_BASIS), min(radial.l_max, SMALL_BASIS))
    representations: dict[str, Descriptor] = {
        "nu = 2": power_spectrum,
        "nu = 3": Density(3, radial.truncated(*size)),
        "OMFP": OMFP(radial.cutoff),
    }
    rows = []
    for name, representation in representations.items():
        features = representation.features(batch_from_vectors(orbit))
        length = np.linalg.norm(features, axis=1).mean()
        for lag in range(1, len(orbit) - 1, 2):
            apart = np.linalg.norm(features[1 + lag :] - features[1:-lag], axis=1) / length
            row = {"features": name, "separation": arc[1 + lag] - arc[1], "least": apart.min()}
            rows.append(row | {"median": np.median(apart), "largest": apart.max()})
    return pd.DataFrame(rows)


def singularity(power_spectrum: Descriptor, points: pd.DataFrame) -> pd.DataFrame:
    """s_min / s_max along the pairs A+ and A-, over their distance from A0, and along orbits.

    Args:
        points: c, arc (Å) and condition_number of the frames of orbits with these features.

    Returns:
        curve (A+, A- or "c = ..."), position (Å) and ratio.
    """
    singular, apex = closest_ring(COMMENT_SINGULAR)
    away = np.linspace(-REACH, REACH, 141)
    curves = []
    for name, vectors in zip(PAIRS, pair_manifolds(singular, apex, away), strict=True):
        values = sensitivity(power_spectrum, batch_from_vectors(vectors))[0]
        ratio = values[:, -1] / values[:, 0]
        curves.append(pd.DataFrame({"curve": name, "position": away, "ratio": ratio}))
    for c, curve in points.groupby("c"):
        ratio = 1 / curve.condition_number
        curves.append(pd.DataFrame({"curve": f"c = {c:g}", "position": curve.arc, "ratio": ratio}))
    return pd.concat(curves)
