"""How well structures are found from their features: from where, how fast, and what else is found.

Random methane, nu = 2 at (n_max, l_max) = (8, 6) and nu = 3 at (4, 4), sigma = 0.3 Å, a GTO basis.
"""

from typing import Any

import numpy as np
import pandas as pd

from descriptor_sensitivity.descriptors.density import Density
from descriptor_sensitivity.descriptors.radial import gto_basis
from descriptor_sensitivity.environments import batch_from_vectors
from descriptor_sensitivity.inversion import Inversion, invert
from descriptor_sensitivity.matching import matched
from descriptor_sensitivity.partners import APART
from descriptor_sensitivity.structures.methane import random_methane
from descriptor_sensitivity.theory import families

DISTANCES = (0.01, 0.03, 0.1, 0.2, 0.3, 0.45, 0.6, 1.0, 1.5)
"""Å over all coordinates, from an environment to the start of a search."""

N_ENVIRONMENTS, N_RESTARTED, N_RESTARTS = 100, 20, 10
"""Environments for each distance; environments searched from random starts, and those of each."""

N_TWINS = 128
"""Starts at each distance from A+ of the mirror family."""

TWIN_DISTANCES = (0.1, 0.3, 0.6, 1.0, 1.5, 2.0, 3.0)
NEAR = 0.05
"""Å: distances of the starts about A+, and about a point whose steps are followed."""

N_FOLLOWED = 20
"""Starts whose steps are followed."""

SEED = 9

MILAD = (0.97, "MILAD, Phys. Rev. B 104, 144110: molecules of up to 17 atoms, moment invariants")
EVEN = "theory: features are even along the null vector"
REGULAR = "theory: the Jacobian is regular for this nu"
GENERIC = "generic points follow from their distances (Boutin and Kemper, 2004)"


def descriptors() -> dict[int, Density]:
    """Order nu -> the density correlations that are inverted."""
    return {2: Density(2, gto_basis(8, 6, 0.3, 6.0)), 3: Density(3, gto_basis(4, 4, 0.3, 6.0))}


def displaced(vectors: np.ndarray, distance: float, rng: np.random.Generator) -> np.ndarray:
    """Environments (n, N, 3) moved by `distance` (Å, over all 3N coordinates), each its own way."""
    steps = rng.normal(size=vectors.shape)
    norms = np.linalg.norm(steps, axis=(1, 2), keepdims=True)
    return vectors + distance * steps / norms


def success(nu: int, descriptor: Density) -> pd.DataFrame:
    """Fractions of random methanes that are found again, against the distance of the start.

    Returns:
        nu, start (near or random), distance (Å; none for random starts), searches, found (ended in
        the environment, up to rotation, reflection and exchange), false (ended elsewhere with the
        same features), any_start (random: environments found from at least one of the starts).
    """
    vectors = random_methane(N_ENVIRONMENTS, SEED)
    rows = []
    for number, distance in enumerate(DISTANCES):
        starts = displaced(vectors, distance, np.random.default_rng((SEED, number)))
        rows.append(_row(nu, "near", distance, _ends(descriptor, vectors, starts), 1))
    few = np.repeat(vectors[:N_RESTARTED], N_RESTARTS, axis=0)
    ends = _ends(descriptor, few, random_methane(len(few), SEED + 1))
    rows.append(_row(nu, "random", np.nan, ends, N_RESTARTS))
    return pd.DataFrame(rows)


def _row(nu: int, start: str, distance: float, ends: np.ndarray, each: int) -> dict[str, Any]:
    """One row of `success`; `ends` as in `_ends`, `each` searches for every environment."""
    found = (ends == "found").reshape(-1, each)
    return {
        "nu": nu,
        "start": start,
        "distance": distance,
        "searches": len(ends),
        "found": found.mean(),
        "false": np.mean(ends == "false"),
        "any_start": found.any(axis=1).mean(),
    }


def _ends(descriptor: Density, vectors: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Where each search for one of `vectors` ends: found, false (other, same features) or lost."""
    result = _inverted(descriptor, vectors, starts)
    pairs = zip(result.converged, vectors, result.vectors, strict=True)
    return np.array([_end(ok, wanted, found) for ok, wanted, found in pairs])


def _end(converged: bool, wanted: np.ndarray, found: np.ndarray) -> str:
    if not converged:
        return "lost"
    return "found" if matched(wanted, found)[0] <= APART else "false"


def steps(nu: int, descriptor: Density) -> pd.DataFrame:
    """Residuals |xi - xi*| / |xi*| of the steps towards regular points and towards the mirror A0.

    Returns:
        nu, point (regular: random methanes; mirror A0), start, step, residual.
    """
    points = {
        "regular": random_methane(N_FOLLOWED, SEED),
        "mirror A0": np.repeat(families.mirror_singular()[None], N_FOLLOWED, axis=0),
    }
    found = []
    for name, vectors in points.items():
        starts = displaced(vectors, NEAR, np.random.default_rng(SEED))
        for start, history in enumerate(_inverted(descriptor, vectors, starts).history):
            residuals = [history[0], *history[1:][np.diff(history) < 0]]
            table = pd.DataFrame({"step": np.arange(len(residuals)), "residual": residuals})
            found.append(table.assign(nu=nu, point=name, start=start))
    return pd.concat(found, ignore_index=True)[["nu", "point", "start", "step", "residual"]]


def twins(nu: int, descriptor: Density) -> pd.DataFrame:
    """Where searches for A+ of the mirror family end, against the distance of the start from it.

    Returns:
        nu, distance (Å), searches, plus (ended in A+), minus (in A-), other (elsewhere with the
        same features), apart (Å, from A+ to A-).
    """
    plus, minus = families.mirror(1), families.mirror(-1)
    apart, rows = matched(plus, minus)[0], []
    for number, distance in enumerate(TWIN_DISTANCES):
        many = np.repeat(plus[None], N_TWINS, axis=0)
        starts = displaced(many, distance, np.random.default_rng((SEED, 1, number)))
        result = _inverted(descriptor, many, starts)
        ends = result.vectors[result.converged]
        near = np.array([[matched(one, end)[0] <= APART for one in (plus, minus)] for end in ends])
        near = near.reshape(-1, 2)
        counts = {"plus": near[:, 0], "minus": near[:, 1], "other": ~near.any(axis=1)}
        row = {"nu": nu, "distance": distance, "searches": N_TWINS, "apart": apart}
        rows.append(row | {name: int(ended.sum()) for name, ended in counts.items()})
    return pd.DataFrame(rows)


def _inverted(descriptor: Density, vectors: np.ndarray, starts: np.ndarray) -> Inversion:
    """Searches for each of `vectors` (n, N, 3) from its start."""
    wanted = descriptor.features(batch_from_vectors(vectors))
    return invert(descriptor, wanted, batch_from_vectors(starts))


def rates(paths: pd.DataFrame) -> tuple[float, float]:
    """How residuals r_k fall, of some paths of `steps`: the slope p of log r_(k+1) over log r_k (1
    linear, 2 quadratic) and the median of r_k / r_(k+1), both where r_k < 1e-2 and r_(k+1) > 1e-13.
    """
    before, after = [], []
    for _, path in paths.groupby("start"):
        r = path["residual"].to_numpy()
        used = (r[:-1] < 1e-2) & (r[1:] > 1e-13)
        before += r[:-1][used].tolist()
        after += r[1:][used].tolist()
    slope = np.polyfit(np.log(before), np.log(after), 1)[0]
    return float(slope), float(np.median(np.divide(before, after)))


def summary(found: pd.DataFrame, paths: pd.DataFrame, twin: pd.DataFrame) -> pd.DataFrame:
    """The numbers of `success`, `steps` and `twins`, beside what theory and publications say.

    Returns:
        quantity, nu, ours, expected (none where nothing is known), source of what is expected.
    """
    rows: list[dict[str, Any]] = []

    def add(
        quantity: str, nu: int, ours: float, expected: float = np.nan, source: str = ""
    ) -> None:
        row = {"quantity": quantity, "nu": nu, "ours": ours, "expected": expected}
        rows.append(row | {"source": source})

    for row in found.itertuples():
        near = row.start == "near"
        where = f"{row.distance:g} Å away" if near else "random starts"
        add(f"found again, {where}", row.nu, row.found)
        if not near:
            add(f"found from one of {N_RESTARTS} random starts", row.nu, row.any_start, *MILAD)
    for nu, some in found.groupby("nu"):
        add("other environments with the same features", nu, some["false"].max(), 0.0, GENERIC)
    for (nu, point), some in paths.groupby(["nu", "point"], sort=False):
        order, factor = rates(some)
        if nu == 2 and point == "mirror A0":
            add("factor of the residual in a step, mirror A0", nu, factor, 4.0, EVEN)
        else:
            add(f"order of convergence, {point}", nu, order, 2.0, REGULAR)
    for nu, some in twin.groupby("nu"):
        share = some["minus"].sum() / some["searches"].sum()
        known = (np.nan, "found for nu = 2 only") if nu == 2 else (0.0, "A+ and A- differ")
        add("A- found from about A+", nu, share, *known)
    return pd.DataFrame(rows)
