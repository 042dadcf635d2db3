"""The singular point, the pairs that meet there, and the quasi-constant orbits around it."""

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
    value,
)
from descriptor_sensitivity.claims.local.singularities import quadratic_at_degenerate
from descriptor_sensitivity.claims.local.theory import incomplete_nu2

CLAIMS: list[Claim] = []
claim = recorder(CLAIMS, "comment", COMMENT)


@claim(
    "abstract",
    "Configurations exist where the nu = 2 Jacobian is exactly singular, without symmetry.",
    source="statements: singular_ring_nu2, singular_comment_nu2, singular_ring_nu3",
)
def exactly_singular(tables: Tables) -> Finding:
    ring, published = value(tables, "singular_ring_nu2"), value(tables, "singular_comment_nu2")
    nu3 = value(tables, "singular_ring_nu3")
    return holds(
        ring < ZERO and nu3 > CLEAR,
        f"s_min/s_max {ring:.0e} (nu = 2), {nu3:.2g} (nu = 3) on the family of A0; {published:.0e}"
        " at the rounded coordinates",
    )


@claim(
    "p. 1",
    "Pairs of environments share identical three-body features although they differ.",
    source="statements: pair_four_nu2, pair_four_nu3",
)
def identical_pairs(tables: Tables) -> Finding:
    return incomplete_nu2(tables)


@claim(
    "p. 2",
    "The largest known set of degenerate structures holds three.",
    printed="3",
)
def largest_set(tables: Tables) -> Finding:
    raise Untestable("a statement about the literature; no set is constructed here")


@claim(
    "p. 2",
    "Near A0 the features change as the square of the displacement, even if A0 has no symmetry.",
    printed="exponent 2",
    source="statements: growth_nu2",
)
def square_near_a0(tables: Tables) -> Finding:
    return quadratic_at_degenerate(tables)


@claim(
    "p. 2, Fig. 1b",
    "Along the quasi-constant manifolds the sensitivity is low but not zero.",
    source="comment_orbits: condition_number",
)
def low_but_not_zero(tables: Tables) -> Finding:
    cn = rows(tables, "comment_orbits").condition_number
    return holds(
        bool(np.isfinite(cn).all()) and cn.median() > 20 and cn.max() < 1e10,
        f"condition numbers from {cn.min():.3g} to {cn.max():.3g}, median {cn.median():.3g}",
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
    table = rows(tables, "comment_orbits", sigma=[0.1, 0.5])
    last = table.groupby(["sigma", "c"])["frame"].transform("max")
    ends = table[(table.frame == 0) | (table.frame == last)]
    median = ends.groupby("sigma").condition_number.median()
    if len(median) < 2:
        raise Untestable("orbits at 0.1 and 0.5 Å were not both computed at these settings")
    return holds(
        bool(median.loc[0.5] > median.loc[0.1]),
        f"median at the ends of the orbits {median.loc[0.5]:.3g} at 0.5 Å,"
        f" {median.loc[0.1]:.3g} at 0.1 Å",
    )


@claim(
    "p. 2, Fig. 1a",
    "A pair of degenerate manifolds meets close to the centre of the quasi-constant manifold.",
    source="singular_points: environment, s_min_over_s_max, to_middle",
)
def singular_point_near_centre(tables: Tables) -> Finding:
    table = rows(tables, "singular_points", environment="search, middle of the orbit")
    ratio, distance = table.s_min_over_s_max.max(), table.to_middle.max()
    return holds(
        ratio < 1e-10 and distance < 0.3,
        f"s_min/s_max {ratio:.0e} at most {distance:.2g} Å from the middle of the orbit"
        f" ({len(table)} smearings)",
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
    least = table[table.separation > 0.5 * table.separation.max()].least.min()
    return holds(
        table.least.min() > 1e-9,
        f"two points of the orbit differ by at least {table.least.min():.1e}, by {least:.1e} when"
        " half its length apart",
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
    "abstract",
    "Rigorously singular configurations are isolated, whereas orbits and pair manifolds are not"
    " singular.",
    source="singularity: curve, position, ratio",
)
def singular_points_are_isolated(tables: Tables) -> Finding:
    table = rows(tables, "singularity")
    pairs = rows(tables, "singularity", curve=["A+", "A-"])
    at, away = (pairs[(pairs.position.abs() < 1e-9) == here].ratio for here in (True, False))
    orbits = table[~table.curve.isin(["A+", "A-"])].ratio
    if at.empty or orbits.empty:
        raise Untestable("the crossing of the pair manifolds was not among their points")
    return holds(
        at.max() < 1e-10 and min(away.min(), orbits.min()) > 1e-8,
        f"s_min/s_max {at.max():.0e} at A0, at least {away.min():.1e} elsewhere on A+ and A-,"
        f" {orbits.min():.1e} on the orbits",
    )


@claim(
    "p. 3",
    "Features of several centres resolve the degenerate pairs, and with them the low sensitivity.",
    source="centres: environment, centers, k, ratio; centre_pairs: pair, centers, distance",
)
def several_centres_resolve(tables: Tables) -> Finding:
    table = rows(tables, "centres", environment=["mirror A0", "ring A0"])
    smallest = table.loc[table.groupby(["environment", "centers"]).k.idxmax()]
    carbon = smallest[smallest.centers == "C"].ratio.max()
    everything = smallest[smallest.centers == "all"].ratio.min()
    pairs = rows(tables, "centre_pairs")
    together = pairs[pairs.centers == "C"].distance.max()
    apart = pairs[pairs.centers == "all"].distance.min()
    return holds(
        carbon < 1e-10 and everything > CLEAR and together < ZERO and apart > CLEAR,
        f"s_min/s_max at A0 {carbon:.0e} (C alone), at least {everything:.2g} (all atoms); distance"
        f" of pairs {together:.0e} and at least {apart:.2g}",
    )


def _orbit_cn(tables: Tables, statistic: str) -> pd.DataFrame:
    """A statistic of the condition number along each orbit: sigma (rows) by c (columns)."""
    grouped = rows(tables, "comment_orbits").groupby(["sigma", "c"]).condition_number
    table = grouped.agg(statistic).unstack("c")
    if table.shape[1] < 2:
        raise Untestable("one orbit only was computed at these settings")
    return table
