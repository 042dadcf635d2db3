"""Section 1: incompleteness, limits of the density's Jacobian, symmetry, the two kinds of zeros."""

import numpy as np

from descriptor_sensitivity.claims.judge import (
    CLEAR,
    LOCAL,
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

CLAIMS: list[Claim] = []
claim = recorder(CLAIMS, "local", LOCAL)

ONE_RATE = 1.25
"""Rates within this factor of one another are one rate."""


@claim(
    "1.1",
    "Environments of four neighbours exist that no symmetry relates and that nu = 2 features"
    " cannot tell apart.",
    source="statements: pair_four_nu2, pair_four_nu3",
)
def incomplete_nu2(tables: Tables) -> Finding:
    same, other = value(tables, "pair_four_nu2"), value(tables, "pair_four_nu3")
    return holds(
        same < ZERO and other > CLEAR,
        f"relative distance of the pair {same:.0e} (nu = 2), {other:.2g} (nu = 3)",
    )


@claim(
    "1.1",
    "Environments of seven neighbours exist that nu = 3 features cannot tell apart.",
    source="statements: pair_seven_nu3, pair_seven_omfp",
)
def incomplete_nu3(tables: Tables) -> Finding:
    same, other = value(tables, "pair_seven_nu3"), value(tables, "pair_seven_omfp")
    return holds(
        same < ZERO and other > 1e-8,
        f"relative distance of the pair {same:.0e} (nu = 3), {other:.2g} (OMFP)",
    )


@claim(
    "1.1",
    "The shortcoming is one of every discretisation of low-order correlations, whatever the basis.",
    source="statements: pair_four_nu2_any_basis",
)
def incomplete_in_any_basis(tables: Tables) -> Finding:
    worst = value(tables, "pair_four_nu2_any_basis")
    return holds(worst < ZERO, f"largest relative distance over bases and smearings {worst:.0e}")


@claim(
    "1.2",
    "Overlap-matrix fingerprints tell the degenerate pairs of nu = 2 and nu = 3 apart.",
    source="statements: pair_four_omfp, pair_seven_omfp",
)
def omfp_separates_pairs(tables: Tables) -> Finding:
    four, seven = value(tables, "pair_four_omfp"), value(tables, "pair_seven_omfp")
    return holds(
        min(four, seven) > 1e-8, f"relative distance {four:.2g} (four), {seven:.2g} (seven)"
    )


@claim(
    "2",
    "Turning features by an orthogonal matrix changes neither singular values nor left vectors.",
    source="statements: turned_values_change, turned_vectors_change",
)
def independent_of_basis(tables: Tables) -> Finding:
    s, u = value(tables, "turned_values_change"), value(tables, "turned_vectors_change")
    return holds(max(s, u) < 1e-9, f"relative change {s:.0e} (values), {u:.0e} (vectors)")


@claim(
    "1.5, Eq. (7)",
    "Product of two rows of the density's Jacobian, called exact.",
    printed="one component of the distance in the exponent",
    source="theory_gram: numerical, printed, corrected",
)
def equation_7(tables: Tables) -> Finding:
    table = rows(tables, "theory_gram")
    unit = table["numerical"].max()
    printed, corrected = (
        float((table[name] - table["numerical"]).abs().max() / unit)
        for name in ("printed", "corrected")
    )
    why = "misprint" if corrected < 1e-6 < printed else "no explanation"
    return holds(
        printed < 1e-6,
        f"deviates by {printed:.2g} of the diagonal from a converged basis",
        f"{why}: with the whole distance in the exponent it deviates by {corrected:.0e}; an index"
        " summed over would read so, one component for a given alpha, as printed, does not",
    )


@claim(
    "1.5",
    "For atoms that do not overlap all singular values of the density's Jacobian are equal to"
    " 1 / sqrt(16 pi^(3/2) sigma^5).",
    printed="1, in this unit",
    source="theory_limit: r0_over_sigma, largest, smallest",
)
def common_singular_value(tables: Tables) -> Finding:
    table = rows(tables, "theory_limit")
    apart = table[table.r0_over_sigma > 12]
    if apart.empty:
        raise Untestable("no structure has neighbours further apart than 12 sigma")
    worst = float((apart[["smallest", "largest"]] - 1).abs().to_numpy().max())
    return holds(worst < 1e-9, f"within {worst:.0e} at r_0 > 12 sigma ({len(apart)} cases)")


@claim(
    "1.5",
    "In this limit the condition number of the density tends to one for every structure.",
    printed="1",
    source="theory_smearing: r0_over_sigma, condition_number",
)
def condition_number_tends_to_one(tables: Tables) -> Finding:
    table = rows(tables, "theory_smearing")
    apart = table[table.r0_over_sigma > 8].condition_number
    near_by = table[table.r0_over_sigma < 1].condition_number
    if apart.empty or near_by.empty:
        raise Untestable("the structures do not span r_0 from sigma to 8 sigma")
    return holds(
        float(apart.max()) < 1.001,
        f"at most {apart.max():.6f} at r_0 > 8 sigma, {near_by.median():.2g} (median) below sigma",
    )


@claim(
    "1.5, Eq. (12)",
    "What overlap adds to the condition number falls at least as fast as exp(-r_0^2 / 8 sigma^2).",
    printed="bounded, up to a constant",
    source="theory_smearing: r0_over_sigma, condition_number",
)
def overlap_bound(tables: Tables) -> Finding:
    table = rows(tables, "theory_smearing")
    apart = table[(table.r0_over_sigma > 4) & (table.r0_over_sigma < 12)]
    if len(apart) < 10:
        raise Untestable("fewer than ten structures have r_0 between 4 and 12 sigma")
    ratio = (apart.condition_number - 1) / np.exp(-(apart.r0_over_sigma**2) / 8)
    return holds(
        float(ratio.max()) < 10, f"CN - 1 is at most {ratio.max():.2g} times the exponential"
    )


@claim(
    "1.5, Eq. (12)",
    "What truncation adds falls as exp(-c sigma min(n_max, l_max)), with one c.",
    printed="exponential, rate proportional to sigma",
    source="theory_basis: sigma, size, median",
)
def truncation_decays(tables: Tables) -> Finding:
    constants, fits = {}, []
    for sigma, curve in rows(tables, "theory_basis").groupby("sigma"):
        curve = curve[(curve["median"] < 1) & (curve["median"] > 10 * curve["median"].min())]
        if len(curve) >= 3:
            slope, _ = np.polyfit(curve["size"], np.log(curve["median"]), 1)
            constants[float(sigma)] = -slope / float(sigma)
            fits.append(np.corrcoef(curve["size"], np.log(curve["median"]))[0, 1] ** 2)
    if len(constants) < 2:
        raise Untestable("the decay was resolved at fewer than two smearings")
    spread = max(constants.values()) / min(constants.values())
    listed = ", ".join(f"{c:.2f}/Å at {sigma:g} Å" for sigma, c in constants.items())
    return holds(
        min(constants.values()) > 0 and spread < ONE_RATE and min(fits) > 0.9,
        f"c = {listed}; R^2 of the exponential at least {min(fits):.2f}",
    )


@claim(
    "1.6",
    "Three singular values of rotation-invariant features vanish because of rigid rotations; none"
    " is left at a generic environment when these are projected out.",
    printed="3",
    source="statements: trivial_zeros_nu2, generic_zeros_nu2, trivial_zeros_nu3, generic_zeros_nu3",
)
def rotations_are_trivial(tables: Tables) -> Finding:
    before = [value(tables, f"trivial_zeros_nu{order}") for order in (2, 3)]
    after = [value(tables, f"generic_zeros_nu{order}") for order in (2, 3)]
    return holds(
        before == [3, 3] and after == [0, 0],
        f"{before[0]:.0f} and {before[1]:.0f} before, {after[0]:.0f} and {after[1]:.0f} after"
        " projection (nu = 2, nu = 3)",
    )


@claim(
    "1.6",
    "Features that depend on the distances to the centre only have at most N non-zero singular"
    " values.",
    printed="<= N",
    source="statements: radial_rank",
)
def distances_only(tables: Tables) -> Finding:
    rank, n = value(tables, "radial_rank"), value(tables, "radial_neighbors")
    return holds(rank <= n, f"{rank:.0f} of 3N = {3 * n:.0f}, N = {n:.0f}")


@claim(
    "1.7",
    "x^2 has a symmetric singularity, and yet every even function of x is a smooth function of it.",
    source="pedagogical: degree, rmse in x^2",
)
def symmetric_singularity_is_harmless(tables: Tables) -> Finding:
    table = rows(tables, "pedagogical").sort_values("degree")
    first, last = table["rmse in x^2"].iloc[[0, -1]]
    return holds(
        last < 1e-6 * first,
        f"error of a polynomial fit falls from {first:.2g} to {last:.0e} at degree"
        f" {table.degree.iloc[-1]:.0f}",
    )


@claim(
    "1.7",
    "cos x has a degenerate singularity at pi, and no function of it has the odd part of y there.",
    source="pedagogical: degree, rmse in cos x, odd part about pi",
)
def degenerate_singularity_is_not(tables: Tables) -> Finding:
    last = rows(tables, "pedagogical").sort_values("degree").iloc[-1]
    error, odd = last["rmse in cos x"], last["odd part about pi"]
    return holds(
        error >= (1 - 1e-9) * odd > 0,
        f"error {error:.4g} at degree {last.degree:.0f}; the odd part is {odd:.4g}",
    )
