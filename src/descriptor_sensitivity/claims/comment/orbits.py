"""The quasi-constant orbits around the singular point."""

import numpy as np
import pandas as pd

from descriptor_sensitivity.claims.judge import (
    CLEAR,
    COMMENT,
    ZERO,
    Claim,
    Finding,
    Tables,
    Untestable,
    holds,
    recorder,
    rows,
)

CLAIMS: list[Claim] = []
claim = recorder(CLAIMS, "comment", COMMENT)

LOW = 3.0
"""Sensitivity is low where the condition number is this many times that of usual structures."""

WIDER = 1.25
"""A region is wider where the condition number at its rim is higher by more than a quarter."""


@claim(
    "p. 2, Fig. 1b",
    "Along the quasi-constant manifolds the sensitivity is low but not zero.",
    source="comment_orbits: sigma, c, condition_number; frame_sensitivity: sigma, median",
)
def low_but_not_zero(tables: Tables) -> Finding:
    orbits = rows(tables, "comment_orbits")
    usual = rows(tables, "frame_sensitivity").set_index("sigma")["median"]
    ratio = orbits.condition_number / orbits.sigma.map(usual)
    by_orbit = ratio.groupby([orbits.sigma, orbits.c])
    return holds(
        bool(np.isfinite(orbits.condition_number).all())
        and orbits.condition_number.max() < 1 / ZERO
        and by_orbit.median().min() > LOW
        and ratio.min() > 1,
        f"condition numbers {orbits.condition_number.min():.3g} to"
        f" {orbits.condition_number.max():.3g}; over the median of ordinary frames at least"
        f" {ratio.min():.2g}, in the median of an orbit {by_orbit.median().min():.2g} to"
        f" {by_orbit.median().max():.2g}",
        "ordinary frames of methane lie near the symmetric structure, whose sensitivity is low too",
    )


@claim(
    "p. 2",
    "The condition number usually increases as the orbit approaches A0 (smaller c).",
    source="comment_orbits: sigma, c, condition_number",
)
def higher_near_a0(tables: Tables) -> Finding:
    largest = _orbit_cn(tables, "max")
    steps = largest.sort_index(axis=1).diff(axis=1).iloc[:, 1:]
    falling = int((steps < 0).to_numpy().sum())
    return holds(
        falling > 0.5 * steps.size,
        f"the largest condition number falls in {falling} of {steps.size} steps to larger c",
    )


@claim(
    "Fig. 1b",
    "A larger smearing raises the condition number along the orbits (0.5 against 0.1 Å).",
    source="comment_orbits: sigma, c, condition_number",
)
def higher_with_smearing(tables: Tables) -> Finding:
    median = _orbit_cn(tables, "median")
    if not {0.1, 0.5} <= set(median.index):
        raise Untestable("orbits at 0.1 and 0.5 Å were not both computed at these settings")
    ratio = median.loc[0.5] / median.loc[0.1]
    return holds(
        bool((ratio > 1).all()),
        ", ".join(f"{r:.3g} times at c = {c:g}" for c, r in ratio.items()),
    )


@claim(
    "p. 2, Fig. 1b",
    "With a large smearing high condition numbers are found further from the singularity too.",
    source="comment_orbits: sigma, c, frame, condition_number",
)
def wider_region(tables: Tables) -> Finding:
    ends = _ends(rows(tables, "comment_orbits", sigma=[0.1, 0.5]), "sigma", "c")
    median = ends.groupby("sigma").condition_number.median()
    if len(median) < 2:
        raise Untestable("orbits at 0.1 and 0.5 Å were not both computed at these settings")
    return holds(
        bool(median.loc[0.5] > median.loc[0.1]),
        f"median at the ends of the orbits {median.loc[0.5]:.3g} at 0.5 Å,"
        f" {median.loc[0.1]:.3g} at 0.1 Å",
    )


@claim(
    "p. 2",
    "With a small basis high condition numbers are found further from the singularity too.",
    source="basis_sensitivity: n_max, l_max, c, frame, condition_number",
)
def small_basis_widens(tables: Tables) -> Finding:
    ends = _ends(rows(tables, "basis_sensitivity"), "n_max", "c")
    median = ends.groupby(["c", "n_max"]).condition_number.median().unstack("n_max")
    if median.shape[1] < 2:
        raise Untestable("the orbits were seen in one basis only at these settings")
    small, large = median.columns.min(), median.columns.max()
    ratio = median[small] / median[large]
    return holds(
        bool((ratio > WIDER).all()),
        f"at the ends of the orbits, n_max {small} over {large}: "
        + ", ".join(f"{r:.2g} times (c = {c:g})" for c, r in ratio.items()),
    )


@claim(
    "Fig. 1",
    "The geometries along the orbits are very similar for both smearings.",
    source="orbit_plane: curve, null, second",
)
def geometries_are_similar(tables: Tables) -> Finding:
    table = rows(tables, "orbit_plane")
    names = [name for name in table.curve.unique() if name.startswith("sigma0.1_")]
    apart = {}
    for name in names:
        other = name.replace("sigma0.1_", "sigma0.5_")
        if other in set(table.curve):
            one, two = (
                table[table.curve == n][["null", "second"]].to_numpy() for n in (name, other)
            )
            distances = np.linalg.norm(one[:, None] - two[None], axis=-1)
            shorter = min(np.ptp(one, axis=0).max(), np.ptp(two, axis=0).max())
            apart[name.removeprefix("sigma0.1_c")] = np.median(distances.min(axis=1)) / shorter
    if not apart:
        raise Untestable("orbits at 0.1 and 0.5 Å were not both computed at these settings")
    return holds(
        max(apart.values()) < 0.1,
        "median distance between the curves over their extent "
        + ", ".join(f"{ratio:.2g} (c = {c})" for c, ratio in apart.items()),
    )


@claim(
    "p. 1",
    "There is no continuous manifold along which nu = 2 features are exactly constant.",
    source="separation: features, separation, least",
)
def orbit_is_not_constant(tables: Tables) -> Finding:
    table = rows(tables, "separation", features="nu = 2")
    share = table.separation / table.separation.max()
    rate = table.least / share
    return holds(
        rate.min() > CLEAR,
        f"points of the orbit differ by at least {table.least.min():.1e}, and by at least"
        f" {rate.min():.1e} times their separation over the orbit's length",
    )


@claim(
    "p. 3",
    "Features of higher body order tell the points of the quasi-constant manifold apart.",
    source="separation: features, separation, median",
)
def higher_orders_see_the_orbit(tables: Tables) -> Finding:
    table = rows(tables, "separation")
    far = table[table.separation > 0.5 * table.separation.max()]
    median = far.groupby("features")["median"].median()
    if not {"nu = 2", "nu = 3", "OMFP"} <= set(median.index):
        raise Untestable("nu = 3 and OMFP were not followed along the orbit")
    return holds(
        min(median["nu = 3"], median["OMFP"]) > 2 * median["nu = 2"],
        ", ".join(f"{distance:.2g} ({name})" for name, distance in median.items())
        + ", relative distance of points half the orbit apart",
    )


@claim(
    "p. 3",
    "The quasi-constant manifold is far from the training set.",
    source="training_distances: set, distance",
)
def far_from_training(tables: Tables) -> Finding:
    distance = {
        name: rows(tables, "training_distances", set=name).distance
        for name in ("orbit", "validation")
    }
    usual = distance["validation"].quantile(0.95)
    return holds(
        distance["orbit"].min() > usual,
        f"relative distance to the nearest training frame at least {distance['orbit'].min():.2g} on"
        f" the orbit, below {usual:.2g} for 95 % of the validation frames",
    )


def _orbit_cn(tables: Tables, statistic: str) -> pd.DataFrame:
    """A statistic of the condition number along each orbit: sigma (rows) by c (columns)."""
    grouped = rows(tables, "comment_orbits").groupby(["sigma", "c"]).condition_number
    table = grouped.agg(statistic).unstack("c")
    if table.shape[1] < 2:
        raise Untestable("one orbit only was computed at these settings")
    return table


def _ends(table: pd.DataFrame, *orbit: str) -> pd.DataFrame:
    """First and last frame of every orbit."""
    last = table.groupby(list(orbit))["frame"].transform("max")
    return table[(table.frame == 0) | (table.frame == last)]
