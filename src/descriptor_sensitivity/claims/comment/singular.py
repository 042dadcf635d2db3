"""Pairs that nu = 2 cannot tell apart, and the singular points where they meet."""

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
    "p. 1, p. 3",
    "Distinct values at the two members of a degenerate pair cannot be learned from nu = 2, even if"
    " both are in the training set.",
    source="statements: trained_gap_nu2, trained_gap_nu3",
)
def pairs_cannot_be_learned(tables: Tables) -> Finding:
    nu2, nu3 = value(tables, "trained_gap_nu2"), value(tables, "trained_gap_nu3")
    return holds(
        nu2 < CLEAR and nu3 > 0.9,
        f"predicted over true difference of nine trained pairs at most {nu2:.0e} (nu = 2), at least"
        f" {nu3:.3f} (nu = 3)",
    )


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
    "abstract, p. 2",
    "The pairs and the quasi-constant orbits are singular nowhere but where the pairs meet.",
    source="singularity: curve, position, ratio",
)
def singular_at_the_crossing_only(tables: Tables) -> Finding:
    table = rows(tables, "singularity")
    pairs = rows(tables, "singularity", curve=["A+", "A-"])
    at, away = (pairs[(pairs.position.abs() < 1e-9) == here].ratio for here in (True, False))
    orbits = table[~table.curve.isin(["A+", "A-"])].ratio
    if at.empty or orbits.empty:
        raise Untestable("the crossing of the pair manifolds was not among their points")
    return holds(
        at.max() < ZERO and min(away.min(), orbits.min()) > CLEAR,
        f"s_min/s_max {at.max():.0e} at A0, at least {away.min():.1e} elsewhere on A+ and A-,"
        f" {orbits.min():.1e} on the orbits",
    )


@claim(
    "abstract",
    "Rigorously singular configurations occur in finite, discrete sets only.",
    source="statements: singular_path_nu2, singular_path_extent",
)
def discrete_sets_only(tables: Tables) -> Finding:
    singular, extent = value(tables, "singular_path_nu2"), value(tables, "singular_path_extent")
    return holds(
        singular > CLEAR or extent < CLEAR,
        f"s_min/s_max at most {singular:.0e} along a path of A0 whose distances change by"
        f" {extent:.2g} Å",
        "the text shows it for sets of equal features, and speaks of a manifold of singular points",
    )


@claim(
    "p. 2",
    "There is an entire continuous manifold of first-order singular points.",
    source="statements: singular_path_nu2, singular_path_nu3, singular_path_extent",
)
def continuous_manifold(tables: Tables) -> Finding:
    nu2, nu3 = value(tables, "singular_path_nu2"), value(tables, "singular_path_nu3")
    extent = value(tables, "singular_path_extent")
    return holds(
        nu2 < ZERO and nu3 > CLEAR and extent > 0.1,
        f"along a path of A0 whose distances change by {extent:.2g} Å s_min/s_max is at most"
        f" {nu2:.0e} (nu = 2), at least {nu3:.2g} (nu = 3)",
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
