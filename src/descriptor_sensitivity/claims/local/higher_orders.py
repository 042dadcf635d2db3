"""Section 4, Figures 5 and 6: condition numbers of nu = 2 and nu = 3."""

from descriptor_sensitivity.claims.judge import (
    LOCAL,
    Claim,
    Finding,
    Tables,
    Untestable,
    holds,
    near,
    recorder,
    rows,
)
from descriptor_sensitivity.claims.reading import against_n_max, converged_at, shared_bases, swept

CLAIMS: list[Claim] = []
claim = recorder(CLAIMS, "local", LOCAL)


@claim(
    "4, Fig. 5",
    "The mean condition number of nu = 2 is higher than that of the density at the same basis.",
    source="condition_numbers: mean",
)
def nu2_above_density(tables: Tables) -> Finding:
    both = shared_bases(tables, 1, 2)
    ratio = both["mean_2"] / both["mean_1"]
    return holds(
        bool((ratio > 1).all()),
        f"{(ratio > 1).sum()} of {len(ratio)} bases, ratio {ratio.min():.2g} to {ratio.max():.2g}",
    )


@claim(
    "4, Fig. 5",
    "The mean condition number of nu = 2 cannot be reduced below 10-20.",
    printed=">= 10-20",
    source="condition_numbers: mean",
)
def nu2_floor(tables: Tables) -> Finding:
    table = swept(tables, nu=2, sigma=0.1)
    at = table.loc[table["mean"].idxmin()]
    return holds(
        at["mean"] >= 10,
        f"smallest mean {at['mean']:.3g} ± {at.mean_error:.2g} at ({at.n_max:.0f}, {at.l_max:.0f})",
    )


@claim(
    "4, Fig. 5",
    "nu = 2 needs fewer radial functions than the density.",
    source="condition_numbers: mean",
)
def nu2_converges_sooner(tables: Tables) -> Finding:
    first, second = (
        converged_at(against_n_max(tables, nu=nu, radial_basis="optimal")) for nu in (1, 2)
    )
    return holds(
        second < first, f"within 25 % of the limit from n_max {second} (nu = 2), {first} (nu = 1)"
    )


@claim(
    "4, Fig. 5 right",
    "The condition number of nu = 3 falls quickly with l_max.",
    source="condition_numbers: mean",
)
def nu3_falls_with_l_max(tables: Tables) -> Finding:
    table = swept(tables, nu=3, sigma=0.1).sort_values("l_max")
    drops = {
        n: (group["mean"].iloc[0], group["mean"].iloc[-1])
        for n, group in table.groupby("n_max")
        if len(group) > 1
    }
    if not drops:
        raise Untestable("nu = 3 was computed at one l_max only at these settings")
    return holds(
        all(last < first / 2 for first, last in drops.values()),
        ", ".join(f"{first:.3g} to {last:.3g} at n_max {n}" for n, (first, last) in drops.items()),
    )


@claim(
    "4, Fig. 5 right",
    "The mean condition number of nu = 3 is hard to reduce below about 10.",
    printed="~ 10",
    source="condition_numbers: mean",
)
def nu3_floor(tables: Tables) -> Finding:
    table = swept(tables, nu=3, sigma=0.1)
    at = table.loc[table["mean"].idxmin()]
    return near(
        at["mean"],
        10,
        limit=1.5,
        text=f"smallest mean {at['mean']:.3g} ± {at.mean_error:.2g}"
        f" at ({at.n_max:.0f}, {at.l_max:.0f})",
    )


@claim(
    "4, Fig. 6",
    "n_max = 4, l_max = 16 give the best condition number for nu = 3.",
    printed="(4, 16)",
    source="condition_numbers: mean",
)
def best_setting_of_nu3(tables: Tables) -> Finding:
    table = swept(tables, nu=3, sigma=0.1)
    at = table.loc[table["mean"].idxmin()]
    chosen = rows({"nu3": table}, "nu3", n_max=4, l_max=16)["mean"].iloc[0]
    return holds(
        chosen <= 1.05 * at["mean"],
        f"{chosen:.3g}; the smallest of the sweep is {at['mean']:.3g} at"
        f" ({at.n_max:.0f}, {at.l_max:.0f})",
    )


@claim(
    "4, Fig. 6 left",
    "For a given basis the condition numbers of nu = 2 and nu = 3 are higher than that of the"
    " density, structure by structure.",
    source="fig6: nu1, nu2, nu3",
)
def above_density_in_every_structure(tables: Tables) -> Finding:
    table = rows(tables, "fig6", n_max=4, l_max=16)
    counts = [int((table[f"nu{nu}"] > table.nu1).sum()) for nu in (2, 3)]
    return holds(
        min(counts) == len(table),
        f"in {counts[0]} (nu = 2) and {counts[1]} (nu = 3) of {len(table)} structures",
    )


@claim(
    "4, Fig. 6",
    "nu = 3 has consistently a lower condition number than nu = 2.",
    source="fig6: nu2, nu3",
)
def nu3_below_nu2(tables: Tables) -> Finding:
    table = rows(tables, "fig6", n_max=4, l_max=16)
    lower = int((table.nu3 < table.nu2).sum())
    return holds(lower == len(table), f"in {lower} of {len(table)} structures")


@claim(
    "4, Fig. 6 left",
    "nu = 2 and nu = 3 have a more pronounced tail of high condition numbers than the density.",
    source="fig6: nu1, nu2, nu3",
)
def heavier_tail(tables: Tables) -> Finding:
    table = rows(tables, "fig6", n_max=4, l_max=16)
    tails = [table[f"nu{nu}"].quantile(0.95) / table[f"nu{nu}"].median() for nu in (1, 2, 3)]
    return holds(
        min(tails[1:]) > tails[0],
        "95 % quantile over median {:.2g}, {:.2g}, {:.2g} (nu = 1, 2, 3)".format(*tails),
    )


@claim(
    "4, Fig. 6 centre",
    "Structures with a high condition number for nu = 2 and 3 have a low one for the density: the"
    " discretisation is not the cause.",
    source="fig6: nu1, nu2, nu3",
)
def tail_is_not_discretisation(tables: Tables) -> Finding:
    table = rows(tables, "fig6", n_max=4, l_max=16)
    high = table[(table.nu2 >= table.nu2.quantile(0.9)) | (table.nu3 >= table.nu3.quantile(0.9))]
    return holds(
        bool((high.nu1 <= 0.5 * high[["nu2", "nu3"]].max(axis=1)).all()),
        f"density at most {high.nu1.max():.3g} (median of all {table.nu1.median():.3g}) where the"
        " others are in their top tenth",
    )


@claim(
    "4, Fig. 6 right",
    "Structures with a high condition number for nu = 2 have a comparatively high one for nu = 3.",
    source="fig6: nu2, nu3",
)
def high_nu2_means_high_nu3(tables: Tables) -> Finding:
    table = rows(tables, "fig6", n_max=4, l_max=16)
    high = table[table.nu2 >= table.nu2.quantile(0.9)]
    above = int((high.nu3 > table.nu3.median()).sum())
    correlation = table.nu2.rank().corr(table.nu3.rank())
    return holds(
        above == len(high),
        f"{above} of the {len(high)} highest in nu = 2 lie above the median of nu = 3 (rank"
        f" correlation {correlation:.2f})",
    )


@claim(
    "4, Fig. 6 right",
    "None of the 100 random structures is close to a degenerate singularity, where nu = 2 alone"
    " would have a large condition number.",
    printed="0 of 100",
    source="fig6: nu2, nu3",
)
def none_near_degenerate(tables: Tables) -> Finding:
    table = rows(tables, "fig6", n_max=4, l_max=16)
    ratio = table.nu2 / table.nu3
    found = int((ratio > 10 * ratio.median()).sum())
    return holds(
        found == 0,
        f"{found} of {len(table)} with a ratio of nu = 2 to nu = 3 above ten times its median"
        f" {ratio.median():.2g} (largest {ratio.max():.3g})",
    )
