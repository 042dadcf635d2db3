"""Section 2: where features have no first-order response."""

from descriptor_sensitivity.claims.judge import (
    CLEAR,
    LOCAL,
    WITHIN,
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

NEARBY = 0.3
"""Å over all coordinates, at which a singular point shows in the condition number."""

CLAIMS: list[Claim] = []
claim = recorder(CLAIMS, "local", LOCAL)


@claim(
    "2, symmetric",
    "Tetrahedral methane has one non-zero singular value, the breathing mode, for all smooth"
    " invariant features.",
    printed="1",
    source="statements: tetrahedral_rank_nu2, tetrahedral_rank_nu3, tetrahedral_rank_s-omfp",
)
def tetrahedral_methane(tables: Tables) -> Finding:
    ranks = [value(tables, f"tetrahedral_rank_{name}") for name in ("nu2", "nu3", "s-omfp")]
    return holds(
        ranks == [1, 1, 1],
        "{:.0f} (nu = 2), {:.0f} (nu = 3), {:.0f} (smooth OMFP)".format(*ranks),
    )


@claim(
    "2, symmetric",
    "OMFP have a cusp along every symmetric deformation, of methane all directions but one; smooth"
    " OMFP have none.",
    printed="exponents 1 and 2, 8 of 9 directions",
    source="statements: symmetric_directions, cusp_omfp_*, cusp_s-omfp_*",
)
def cusp_in_every_direction(tables: Tables) -> Finding:
    directions = value(tables, "symmetric_directions")
    ranges = {
        name: [value(tables, f"cusp_{name}_{end}") for end in ("low", "high")]
        for name in ("omfp", "s-omfp")
    }
    odd = max(value(tables, f"cusp_{name}_odd") for name in ranges)
    cusp = all(abs(exponent - 1) < 0.2 for exponent in ranges["omfp"])
    smooth = all(abs(exponent - 2) < 0.2 for exponent in ranges["s-omfp"])
    return holds(
        directions == 8 and cusp and smooth and odd < 1e-4,
        "exponents {:.2f} to {:.2f} (OMFP), {:.2f} to {:.2f} (smooth OMFP)".format(
            *ranges["omfp"], *ranges["s-omfp"]
        )
        + f" along deformations that span {directions:.0f} of 9 directions, odd part {odd:.0e}",
    )


@claim(
    "2, degenerate",
    "Where two manifolds of degenerate pairs cross, nu = 2 has a zero singular value that no"
    " symmetry asks for; nu = 3 and OMFP have none.",
    source="statements: singular_mirror_nu2, singular_mirror_nu3, singular_mirror_omfp",
)
def degenerate_singularity(tables: Tables) -> Finding:
    nu2, nu3, omfp = (value(tables, f"singular_mirror_{name}") for name in ("nu2", "nu3", "omfp"))
    return holds(
        nu2 < ZERO and min(nu3, omfp) > CLEAR,
        f"s_min/s_max {nu2:.0e} (nu = 2), {nu3:.2g} (nu = 3), {omfp:.2g} (OMFP)",
    )


@claim(
    "2, degenerate",
    "Along the null vector nu = 2 features change quadratically.",
    printed="exponent 2",
    source="statements: growth_nu2",
)
def quadratic_at_degenerate(tables: Tables) -> Finding:
    exponent = value(tables, "growth_nu2")
    return holds(abs(exponent - 2) < 0.1, f"exponent {exponent:.3f}")


@claim(
    "2, degenerate",
    "Along the same displacement nu = 3 features and OMFP change linearly.",
    printed="exponent 1",
    source="statements: growth_nu3, growth_omfp",
)
def linear_beyond_nu2(tables: Tables) -> Finding:
    nu3, omfp = value(tables, "growth_nu3"), value(tables, "growth_omfp")
    return holds(
        max(abs(nu3 - 1), abs(omfp - 1)) < 0.1, f"exponent {nu3:.3f} (nu = 3), {omfp:.3f} (OMFP)"
    )


@claim(
    "2, degenerate",
    "The two ways out of the crossing have the same nu = 2 features.",
    source="statements: branches_nu2, branches_nu3",
)
def branches_coincide(tables: Tables) -> Finding:
    nu2, nu3 = value(tables, "branches_nu2"), value(tables, "branches_nu3")
    return holds(
        nu2 < 1e-9 and nu3 > 0.1,
        f"|A+ - A-| / |A+ - A0| = {nu2:.0e} (nu = 2), {nu3:.2g} (nu = 3)",
    )


@claim(
    "2, degenerate",
    "Features centred on the other atoms may be enough to lift the singularity.",
    source="centres: environment, centers, k, ratio",
)
def other_centres_lift(tables: Tables) -> Finding:
    table = rows(tables, "centres", environment="mirror A0")
    smallest = {
        name: group.sort_values("k").ratio.iloc[-1] for name, group in table.groupby("centers")
    }
    return holds(
        smallest["C"] < 1e-10 and smallest["H"] > CLEAR,
        f"s_min/s_max {smallest['C']:.0e} (C alone), {smallest['H']:.2g} (the four H),"
        f" {smallest['all']:.2g} (all)",
    )


@claim(
    "2, degenerate",
    "nu = 3 features have singular points of this kind too (asserted, no example shown).",
    source="statements: singular_double_ring_nu3, double_ring_null_nu4_theory",
)
def singularity_of_nu3(tables: Tables) -> Finding:
    nu3 = value(tables, "singular_double_ring_nu3")
    nu4 = value(tables, "double_ring_null_nu4_theory")
    return holds(
        nu3 < ZERO and nu4 == 0,
        f"s_min/s_max {nu3:.0e} for six coplanar neighbours and an apex",
        "theory predicts no null vector at nu = 4",
    )


@claim(
    "2, degenerate",
    "No singular point is known that neither symmetry explains nor a crossing of degenerate pairs;"
    " whether there are any is left open.",
    printed="none known",
    source="census: n_neighbors, nu, structure, kind, found_by, crossing, residual",
)
def other_singularities(tables: Tables) -> Finding:
    points = rows(tables, "census", nu=2, kind="degenerate")
    searched = points[points.found_by != "closed form"]
    if searched.empty:
        raise Untestable("no degenerate point was found by a search at these settings")
    missing = int((searched.crossing != "found").sum())
    unclear = int((rows(tables, "census", nu=2).kind == "unresolved").sum())
    third = tables["census"].query("nu == 3").kind
    counts = searched.groupby("n_neighbors").size()
    listed = " and ".join(f"{count} of {n} neighbours" for n, count in counts.items())
    return holds(
        missing + unclear == 0,
        f"of {len(searched)} degenerate points that were searched ({listed}) pairs cross at"
        f" {len(searched) - missing}; at {len(points) - len(searched)} in closed form they do by"
        f" construction; {unclear} unresolved; zeros of the theory to"
        f" {searched.residual.max():.0e}; at nu = 3 {int((third == 'degenerate').sum())} of"
        f" {len(third)} points are degenerate",
        "covered: like neighbours at random within 3 Å, one descent of the features from each"
        " structure followed; not covered: six neighbours or more, several species, further starts;"
        " a search excludes nothing; that pairs do not cross at trapezoids is proved in"
        " docs/theory.md, Proposition 8",
    )


@claim(
    "5",
    "Whether there are classes of degenerate singular points besides those shown is left open.",
    printed="open",
    source="census: n_neighbors, nu, kind, what",
)
def other_classes(tables: Tables) -> Finding:
    counts = rows(tables, "census", n_neighbors=4, nu=2, kind="degenerate").what.value_counts()
    others = counts.drop("mirror", errors="ignore")
    listed = "; ".join(f"{name} ({count})" for name, count in others.items())
    return holds(
        others.empty,
        f"next to methane, besides the mirror family {len(others)}: {listed}",
        "no longer open: there are; a class without a name is given by its coincident pairs",
    )


@claim(
    "5",
    "Degenerate singularities are much rarer than symmetric ones, in random methane.",
    source="census: n_neighbors, nu, structure, kind, distance",
)
def degenerate_is_rarer(tables: Tables) -> Finding:
    points = rows(tables, "census", n_neighbors=4, nu=2)
    near = points[points.distance <= NEARBY]
    share = {
        kind: near[near.kind == kind].structure.nunique() / points.structure.nunique()
        for kind in ("degenerate", "symmetric")
    }
    return holds(
        share["symmetric"] > WITHIN * share["degenerate"],
        f"{100 * share['degenerate']:.3g} % of the structures have a degenerate point within"
        f" {NEARBY} Å, {100 * share['symmetric']:.3g} % a symmetric one",
        "distances are upper bounds; the paper judges by condition numbers of nu = 2 and 3",
    )


@claim(
    "5",
    "Along a manifold of degenerate singular points features are not constant: what they do not see"
    " leads out of it.",
    source="statements: singular_path_nu2, singular_path_step, singular_path_overlap",
)
def features_change_along_the_manifold(tables: Tables) -> Finding:
    singular, step = value(tables, "singular_path_nu2"), value(tables, "singular_path_step")
    overlap = value(tables, "singular_path_overlap")
    return holds(
        singular < ZERO and step > CLEAR and overlap < 0.5,
        f"s_min/s_max at most {singular:.0e}, any two points differ by at least {step:.2g} of |xi|;"
        f" cosine of path and null vector at most {overlap:.2g}",
    )
