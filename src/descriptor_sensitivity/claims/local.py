"""The statements of "Local invertibility and sensitivity of atomic structure-feature mappings".

Open Research Europe 1, 126 (2021). The tables that the rules read are named in `source`.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from descriptor_sensitivity.claims.judge import (
    CLEAR,
    ZERO,
    Claim,
    Finding,
    Tables,
    Untestable,
    holds,
    near,
    recorder,
    rows,
    value,
)

PAPER = "Local invertibility (2021)"
CLAIMS: list[Claim] = []
claim = recorder(CLAIMS, "local", PAPER)


# ---------------------------------------------------------------- Local invertibility, theory


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
        f"{why}: with the whole distance in the exponent it deviates by {corrected:.0e}",
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
        min(constants.values()) > 0 and spread < 2 and min(fits) > 0.9,
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


# ---------------------------------------------------------------- Local invertibility, section 2


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
    "Whether singular points exist that are not crossings of degenerate pairs is left open.",
    printed="open",
)
def other_singularities(tables: Tables) -> Finding:
    raise Untestable("no finite computation can exclude them")


@claim(
    "2, Fig. 2 left",
    "Small displacements of a generic structure change all features linearly.",
    source="fig2: row, direction, change",
)
def generic_is_linear(tables: Tables) -> Finding:
    worst = {
        name: min(_oddness(_curve(tables, "asymmetric", name, k)) for k in (1, 2)) for name in NAMES
    }
    return holds(
        min(worst.values()) > 0.75,
        "odd share of the first step "
        + ", ".join(f"{ratio:.2g} ({NAMES[name]})" for name, ratio in worst.items()),
    )


@claim(
    "2, Fig. 2 left",
    "Which of the two directions changes the energy more is reflected by all features except smooth"
    " OMFP.",
    printed="nu = 2, nu = 3, OMFP yes; smooth OMFP no",
    source="fig2: row, direction, change",
)
def slopes_follow_energy(tables: Tables) -> Finding:
    slopes = {
        name: [abs(_odd(_curve(tables, "asymmetric", name, k))) for k in (1, 2)]
        for name in (*NAMES, "energy")
    }
    ratios = {name: first / second for name, (first, second) in slopes.items()}
    energy = ratios.pop("energy")
    follows = {name: (ratio > 1) == (energy > 1) for name, ratio in ratios.items()}
    return holds(
        follows == {"nu2": True, "nu3": True, "omfp": True, "s-omfp": False},
        f"slope along u_1 over u_2: energy {energy:.2g}, "
        + ", ".join(f"{NAMES[name]} {ratio:.2g}" for name, ratio in ratios.items()),
    )


@claim(
    "2, Fig. 2 centre",
    "All features change linearly along the breathing mode of the symmetric structure.",
    source="fig2: row, direction, change",
)
def breathing_is_linear(tables: Tables) -> Finding:
    ratios = {name: _oddness(_curve(tables, "symmetric", name, 1)) for name in NAMES}
    return holds(
        min(ratios.values()) > 0.75,
        "odd share of the first step "
        + ", ".join(f"{ratio:.2g} ({NAMES[name]})" for name, ratio in ratios.items()),
    )


@claim(
    "2, Fig. 2 centre",
    "Along the two-up-two-down stretch of the symmetric structure nu = 2 and nu = 3 have no slope.",
    printed="exponent 2",
    source="fig2: row, direction, change",
)
def stretch_is_even(tables: Tables) -> Finding:
    curves = {name: _curve(tables, "symmetric", name, 2) for name in ("nu2", "nu3")}
    return holds(
        all(_oddness(c) < 1e-4 and abs(_exponent(c) - 2) < 0.2 for c in curves.values()),
        ", ".join(f"exponent {_exponent(c):.2f} ({NAMES[name]})" for name, c in curves.items()),
    )


@claim(
    "2, Fig. 2 centre",
    "Along it OMFP have a cusp.",
    printed="exponent 1, even",
    source="fig2: row, direction, change",
)
def omfp_has_a_cusp(tables: Tables) -> Finding:
    curve = _curve(tables, "symmetric", "omfp", 2)
    exponent = _exponent(curve)
    return holds(
        _oddness(curve) < 1e-4 and abs(exponent - 1) < 0.2,
        f"exponent {exponent:.2f}, even",
    )


@claim(
    "2, Fig. 2 centre",
    "Smooth OMFP lose the cusp and have no slope.",
    printed="exponent 2",
    source="fig2: row, direction, change",
)
def smooth_omfp_have_none(tables: Tables) -> Finding:
    curve = _curve(tables, "symmetric", "s-omfp", 2)
    exponent = _exponent(curve)
    return holds(
        _oddness(curve) < 1e-4 and abs(exponent - 2) < 0.2,
        f"exponent {exponent:.2f}, even",
    )


@claim(
    "2, Fig. 2 right",
    "At the degenerate structure nu = 2 features change quadratically along u_2, nu = 3 and OMFP"
    " linearly.",
    printed="exponents 2, 1, 1",
    source="fig2: row, direction, change",
)
def null_vector_in_figure_2(tables: Tables) -> Finding:
    curves = {name: _curve(tables, "degenerate", name, 2) for name in ("nu2", "nu3", "omfp")}
    exponents = [_exponent(curve) for curve in curves.values()]
    return holds(
        all(abs(e - p) < 0.2 for e, p in zip(exponents, (2, 1, 1), strict=True)),
        "exponents {:.2f}, {:.2f}, {:.2f}".format(*exponents),
    )


@claim(
    "2, Fig. 2 left",
    "The energy of the asymmetric structure has a non-zero gradient along both directions.",
    source="asymmetric: energy_ev",
)
def asymmetric_gradient(tables: Tables) -> Finding:
    slopes = [_expansion(tables, "asymmetric", direction)[0] for direction in (1, 2)]
    return holds(
        min(abs(slope) for slope in slopes) > 1e-6,  # eV, more than the energies are uncertain by
        f"dE/dDelta = {1e3 * slopes[0]:.3g} and {1e3 * slopes[1]:.3g} meV",
    )


@claim(
    "2, Fig. 2 centre",
    "Around the minimum the energy is parabolic along both directions.",
    source="symmetric: energy_ev",
)
def symmetric_parabola(tables: Tables) -> Finding:
    ratios = []
    for direction in (1, 2):
        slope, curvature = _expansion(tables, "symmetric", direction)
        ratios.append(abs(slope / curvature))
    return holds(
        max(ratios) < 0.05,
        f"linear over quadratic coefficient {ratios[0]:.1g} (breathing), {ratios[1]:.1g} (stretch)",
    )


@claim(
    "2, Fig. 2 centre",
    "At another bond length the energy has a slope along the breathing mode, but along the"
    " two-up-two-down stretch it stays even.",
    source="symmetric: energy_ev",
)
def symmetry_outlasts_the_minimum(tables: Tables) -> Finding:
    table = rows(tables, "symmetric")
    stretched = table[np.isclose(table.delta_1, table.delta_1.max())].sort_values("delta_2")
    energies = stretched.energy_ev.to_numpy()
    odd = np.abs(energies - energies[::-1]).max() / np.ptp(energies)
    slope = np.gradient(_cut(tables, "symmetric", 1).energy_ev.to_numpy())[-1]
    return holds(
        odd < 1e-3 and abs(slope) > 1e-4,
        f"at Delta_1 = 1 the slope is {1e3 * slope:.2g} meV per step of the grid, the odd part"
        f" along Delta_2 {odd:.0e} of the range",
    )


@claim(
    "2, Fig. 2 right",
    "The energy has a non-zero slope at the degenerate singularity, along the null vector.",
    source="degenerate: energy_ev",
)
def degenerate_slope(tables: Tables) -> Finding:
    slope, curvature = _expansion(tables, "degenerate", 2)
    return holds(
        abs(slope) > 0.1 * abs(curvature),
        f"linear coefficient {1e3 * slope:.3g} meV, quadratic {1e3 * curvature:.3g} meV",
    )


# ---------------------------------------------------------------- Local invertibility, section 3

STRUCTURES = ("asymmetric", "symmetric", "degenerate")

NAMES = {"nu2": "nu = 2", "nu3": "nu = 3", "omfp": "OMFP", "s-omfp": "smooth OMFP"}


def table_1_entry(structure: str, grid: str, representation: str) -> Claim:
    """One of the 24 entries; the paper does not give the length of its distortions."""

    def rule(tables: Tables) -> Finding:
        where = {"structure": structure, "grid": grid, "representation": representation}
        entry = rows(tables, "table1", **where).iloc[0]
        finding = near(entry.rmse_uev, entry.printed_uev, limit=3.0)
        return replace(finding, printed=f"{entry.printed_uev:g}")

    return Claim(
        f"local.table_1_{structure}_{grid}_{representation}",
        PAPER,
        "3, Table 1",
        f"Error of the model on {NAMES[representation]} features, {structure} structure, {grid}"
        " training grid (ueV).",
        "see Table 1",
        "table1: rmse_uev, printed_uev",
        rule,
    )


CLAIMS += [
    table_1_entry(structure, grid, representation)
    for structure in STRUCTURES
    for grid in ("3x3", "7x7")
    for representation in NAMES
]


@claim(
    "3, Table 1",
    "Ratio of the nu = 2 errors of the degenerate structure on the two grids: what the features"
    " cannot see does not depend on the length of the distortion.",
    printed="1.68",
    source="table1: rmse_uev",
)
def degenerate_ratio(tables: Tables) -> Finding:
    coarse, fine = (_rmse(tables, "degenerate", grid, "nu2") for grid in ("3x3", "7x7"))
    return near(coarse / fine, 9600 / 5700, limit=1.5)


@claim(
    "3",
    "For the asymmetric structure the three representations perform similarly (3 x 3 grid).",
    printed="errors within a factor 4.8",
    source="table1: rmse_uev",
)
def similar_on_asymmetric(tables: Tables) -> Finding:
    errors = [_rmse(tables, "asymmetric", "3x3", name) for name in ("nu2", "nu3", "omfp")]
    spread = max(errors) / min(errors)
    return holds(spread < 10, f"errors within a factor {spread:.1f}")


@claim(
    "3",
    "For the symmetric structure OMFP errors are considerably higher than all others.",
    printed="4 to 12 times (3x3), 6 to 7 times (7x7)",
    source="table1: rmse_uev",
)
def omfp_fails_on_symmetric(tables: Tables) -> Finding:
    ratios = {
        grid: _rmse(tables, "symmetric", grid, "omfp")
        / max(_rmse(tables, "symmetric", grid, name) for name in ("nu2", "nu3", "s-omfp"))
        for grid in ("3x3", "7x7")
    }
    return holds(
        min(ratios.values()) > 2,
        f"at least {ratios['3x3']:.1f} times (3x3), {ratios['7x7']:.1f} times (7x7)",
    )


@claim(
    "3",
    "For the symmetric structure smooth OMFP does about as well as nu = 2.",
    printed="48 against 49, 5.3 against 5.8 ueV",
    source="table1: rmse_uev",
)
def smoothness_cures_omfp(tables: Tables) -> Finding:
    ratios = [
        _rmse(tables, "symmetric", grid, "s-omfp") / _rmse(tables, "symmetric", grid, "nu2")
        for grid in ("3x3", "7x7")
    ]
    return holds(
        all(0.5 < ratio < 2 for ratio in ratios),
        f"{ratios[0]:.2f} (3x3) and {ratios[1]:.2f} (7x7) of the nu = 2 error",
    )


@claim(
    "3",
    "The energy around the degenerate structure cannot be fitted with nu = 2 features.",
    printed="64 times the next larger error (3x3)",
    source="table1: rmse_uev",
)
def nu2_cannot_fit_degenerate(tables: Tables) -> Finding:
    ratios = [
        _rmse(tables, "degenerate", grid, "nu2")
        / max(_rmse(tables, "degenerate", grid, name) for name in ("nu3", "omfp", "s-omfp"))
        for grid in ("3x3", "7x7")
    ]
    return holds(
        min(ratios) > 10, f"{ratios[0]:.3g} (3x3) and {ratios[1]:.3g} (7x7) times the next larger"
    )


@claim(
    "3",
    "For the degenerate structure OMFP does better than nu = 3.",
    printed="6.5 against 150, 0.11 against 0.42 ueV",
    source="table1: rmse_uev",
)
def omfp_best_on_degenerate(tables: Tables) -> Finding:
    pairs = [
        [_rmse(tables, "degenerate", grid, name) for name in ("omfp", "nu3")]
        for grid in ("3x3", "7x7")
    ]
    return holds(
        all(omfp < nu3 for omfp, nu3 in pairs),
        ", ".join(f"{omfp:.3g} against {nu3:.3g}" for omfp, nu3 in pairs) + " ueV",
    )


@claim(
    "3",
    "On the 7 x 7 grid every representation but nu = 2 converges with a small residual error.",
    printed="0.06 to 0.42 ueV",
    source="table1: rmse_uev",
)
def all_but_nu2_converge(tables: Tables) -> Finding:
    fine = {name: _rmse(tables, "degenerate", "7x7", name) for name in NAMES}
    coarse = {name: _rmse(tables, "degenerate", "3x3", name) for name in NAMES}
    others = [name for name in NAMES if name != "nu2"]
    return holds(
        all(fine[name] < min(1.0, 0.5 * coarse[name]) for name in others)
        and fine["nu2"] > 0.3 * coarse["nu2"],
        ", ".join(f"{NAMES[name]} {fine[name]:.2g}" for name in NAMES) + " ueV",
    )


@claim(
    "3, Table 1",
    "The energies of each grid span a few tens of meV.",
    printed="a few tens of meV",
    source="asymmetric: energy_ev; symmetric: energy_ev; degenerate: energy_ev",
)
def energy_range(tables: Tables) -> Finding:
    spans = {name: 1e3 * np.ptp(rows(tables, name).energy_ev) for name in STRUCTURES}
    return holds(
        all(10 <= span <= 100 for span in spans.values()),
        ", ".join(f"{span:.3g} meV ({name})" for name, span in spans.items()),
        "the length of the distortions is not given in the paper",
    )


@claim(
    "3, Fig. 3 left",
    "For the asymmetric structure errors are larger along u_1, of the largest singular value, than"
    " along u_2.",
    source="asymmetric: error_*_3x3_uev",
)
def larger_error_along_u1(tables: Tables) -> Finding:
    errors = {name: _cut_errors(tables, "asymmetric", name) for name in ("nu2", "nu3", "omfp")}
    return holds(
        all(first > second for first, second in errors.values()),
        ", ".join(
            f"{NAMES[name]} {first:.3g} and {second:.3g}"
            for name, (first, second) in errors.items()
        )
        + " ueV",
    )


@claim(
    "3, Fig. 3 centre",
    "For the symmetric structure the stretch, whose derivative symmetry forbids, is fitted much"
    " better than the breathing mode.",
    source="symmetric: error_*_3x3_uev",
)
def smaller_error_along_stretch(tables: Tables) -> Finding:
    errors = {name: _cut_errors(tables, "symmetric", name) for name in ("nu2", "nu3", "s-omfp")}
    return holds(
        all(second < 0.5 * first for first, second in errors.values()),
        ", ".join(
            f"{NAMES[name]} {first:.3g} and {second:.3g}"
            for name, (first, second) in errors.items()
        )
        + " ueV",
    )


@claim(
    "3, Fig. 3 centre",
    "Every model predicts an even curve along the stretch, but a small force at the minimum along"
    " the breathing mode.",
    source="symmetric: error_*_3x3_uev",
)
def force_at_the_minimum(tables: Tables) -> Finding:
    odd = {name: _odd_errors(tables, "symmetric", name) for name in NAMES}
    return holds(
        all(second < 1e-3 * first for first, second in odd.values()),
        "odd part of the error "
        + ", ".join(
            f"{first:.2g} and {second:.0e} ueV ({NAMES[name]})"
            for name, (first, second) in odd.items()
        ),
    )


@claim(
    "3, Fig. 3 right",
    "For the degenerate structure the nu = 2 model fails at Delta_2 = +-1 too, two of its training"
    " points.",
    source="degenerate: error_*_3x3_uev",
)
def fails_at_training_points(tables: Tables) -> Finding:
    cut = _cut(tables, "degenerate", 2)
    ends = cut[np.isclose(cut.delta_2.abs(), 1)]
    worst = {name: float(ends[f"error_{name}_3x3_uev"].abs().min()) for name in NAMES}
    others = max(error for name, error in worst.items() if name != "nu2")
    return holds(
        worst["nu2"] > 100 * others and worst["nu2"] > 1000,
        f"{worst['nu2']:.4g} ueV; at most {others:.2g} ueV with the other features",
    )


@claim(
    "3",
    "nu = 2 cannot give the energy its slope at the degenerate point.",
    source="degenerate: energy_ev, error_nu2_3x3_uev",
)
def no_force_at_degenerate(tables: Tables) -> Finding:
    cut = _cut(tables, "degenerate", 2)
    prediction = cut.energy_ev + 1e-6 * cut.error_nu2_3x3_uev
    slopes = [_slope(cut.delta_2, energy) for energy in (prediction, cut.energy_ev)]
    return holds(
        abs(slopes[0]) < 0.01 * abs(slopes[1]),
        f"dE/dDelta_2 = {1e3 * slopes[0]:.2g} meV predicted, {1e3 * slopes[1]:.3g} meV computed",
    )


# ---------------------------------------------------------------- Local invertibility, section 4


@claim(
    "4",
    "A discretisation with fewer features than 3N - 6 leaves the Jacobian short of rank.",
    source="statements: few_features, few_features_zeros",
)
def too_few_features(tables: Tables) -> Finding:
    features, zeros = value(tables, "few_features"), value(tables, "few_features_zeros")
    return holds(
        features < 6 and zeros >= 9 - features,
        f"{features:.0f} features, {zeros:.0f} of 9 singular values vanish",
    )


@claim(
    "4, Fig. 4 left",
    "With a large basis the mean condition number of the density approaches one.",
    printed="towards 1",
    source="condition_numbers: mean",
)
def large_basis_needed(tables: Tables) -> Finding:
    table = _sweep(tables, nu=1, sigma=0.1)
    at, worst = table.loc[table["mean"].idxmin()], table["mean"].max()
    return near(
        at["mean"],
        1,
        limit=3.0,
        text=f"{at['mean']:.3g} at (n_max, l_max) = ({at.n_max:.0f}, {at.l_max:.0f}), up to"
        f" {worst:.2g} in small bases",
    )


@claim(
    "4, Fig. 4 centre",
    "The optimal basis approaches its limit at n_max about 8.",
    printed="8",
    source="condition_numbers: mean",
)
def optimal_converges_at_eight(tables: Tables) -> Finding:
    curve = _against_n_max(tables, nu=1, radial_basis="optimal")
    reached = _converged_at(curve)
    return holds(
        6 <= reached <= 10, f"within 25 % of the limit ({curve.iloc[-1]:.3g}) from {reached} on"
    )


@claim(
    "4, Fig. 4 left",
    "A very large l_max is needed as well.",
    source="condition_numbers: mean",
)
def large_l_max_needed(tables: Tables) -> Finding:
    table = _sweep(tables, nu=1, sigma=0.1)
    counts = table.groupby("n_max").size()
    n_max = counts[counts == counts.max()].index.max()
    table = table[table.n_max == n_max].sort_values("l_max")
    curve = pd.Series(table["mean"].to_numpy(), index=table.l_max)
    reached = _converged_at(curve)
    return holds(
        reached >= 10,
        f"at n_max {n_max} within 25 % of the limit ({curve.iloc[-1]:.3g}) from l_max {reached} on",
    )


@claim(
    "4, Fig. 4 centre",
    "GTO converge more slowly with n_max than the optimal basis.",
    source="condition_numbers: mean",
)
def gto_slower(tables: Tables) -> Finding:
    optimal = _against_n_max(tables, nu=1, radial_basis="optimal")
    gto = _against_n_max(tables, nu=1, radial_basis="gto")
    shared = [n for n in optimal.index.intersection(gto.index) if n <= 8]
    if not shared:
        raise Untestable("GTO and optimal basis share no n_max up to 8 at these settings")
    larger = [n for n in shared if gto[n] > optimal[n]]
    return holds(
        len(larger) == len(shared),
        ", ".join(f"{gto[n]:.3g} against {optimal[n]:.3g} at {n}" for n in shared),
    )


@claim(
    "4, Fig. 4 centre",
    "The DVR basis with n_max = 4 has a mean condition number above 1e6.",
    printed="> 1e6",
    source="condition_numbers: mean",
)
def dvr_at_four(tables: Tables) -> Finding:
    mean = rows(tables, "condition_numbers", nu=1, radial_basis="dvr", n_max=4, sigma=0.1)["mean"]
    return holds(bool((mean > 1e6).all()), " and ".join(f"{cn:.2g}" for cn in mean))


@claim(
    "4, Fig. 4 right",
    "With decreasing smearing the condition number first falls, then rises again.",
    source="condition_numbers: mean",
)
def optimal_smearing_exists(tables: Tables) -> Finding:
    best = _best_sigma(tables)
    rises = [sigma > low for sigma, low, _ in best.values()]
    inside = [low < sigma < high for sigma, low, high in best.values()]
    return holds(
        all(rises) and any(inside),
        ", ".join(
            f"best at {sigma:.2g} Å{'' if sigma < high else ', where the sweep ends,'} for {size}"
            for size, (sigma, _, high) in best.items()
        ),
    )


@claim(
    "4, Fig. 4 right",
    "The best smearing shifts to smaller values as the basis grows.",
    source="condition_numbers: mean",
)
def best_smearing_shifts(tables: Tables) -> Finding:
    best = _best_sigma(tables)
    if len(best) < 2:
        raise Untestable("only one basis size was swept over sigma at these settings")
    sigmas = [sigma for sigma, _, _ in best.values()]
    return holds(
        all(np.diff(sigmas) <= 0) and sigmas[-1] < sigmas[0],
        ", ".join(f"{sigma:.2g} Å for {size}" for size, sigma in zip(best, sigmas, strict=True)),
    )


@claim(
    "4",
    "The best smearing is about half of the smallest interatomic separation.",
    printed="0.5",
    source="condition_numbers: mean; statements: separation_min, separation_mean",
)
def half_of_separation(tables: Tables) -> Finding:
    smallest, typical = value(tables, "separation_min"), value(tables, "separation_mean")
    best = {size: sigma for size, (sigma, _, _) in _best_sigma(tables).items()}
    return near(
        float(np.median(list(best.values()))) / smallest,
        0.5,
        limit=2.0,
        text=", ".join(f"{sigma / smallest:.2f} for {size}" for size, sigma in best.items()),
        comment=f"smallest distance of the set {smallest:.2f} Å; the smallest distances of its"
        f" structures average to {typical:.2f} Å",
    )


@claim(
    "4, Fig. 5",
    "The mean condition number of nu = 2 is higher than that of the density at the same basis.",
    source="condition_numbers: mean",
)
def nu2_above_density(tables: Tables) -> Finding:
    both = _shared(tables, 1, 2)
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
    table = _sweep(tables, nu=2, sigma=0.1)
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
        _converged_at(_against_n_max(tables, nu=nu, radial_basis="optimal")) for nu in (1, 2)
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
    table = _sweep(tables, nu=3, sigma=0.1).sort_values("l_max")
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
    table = _sweep(tables, nu=3, sigma=0.1)
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
    table = _sweep(tables, nu=3, sigma=0.1)
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


# ---------------------------------------------------------------- helpers of the rules


def _curve(tables: Tables, structure: str, row: str, direction: int) -> pd.Series:
    """One curve of Fig. 2, change against Delta."""
    table = rows(tables, "fig2", structure=structure, row=row, direction=direction)
    return table.set_index("delta")["change"].sort_index()


def _odd(curve: pd.Series) -> float:
    """Odd part of a curve at the first step h from the middle, [c(h) - c(-h)] / 2."""
    middle = len(curve) // 2
    return float(curve.iloc[middle + 1] - curve.iloc[middle - 1]) / 2


def _oddness(curve: pd.Series) -> float:
    """|odd| / (|odd| + |even|) of a curve at the first step: 1 if linear, 0 if it has no slope."""
    middle = len(curve) // 2
    even = abs(float(curve.iloc[middle + 1] + curve.iloc[middle - 1]) / 2)
    odd = abs(_odd(curve))
    return odd / (odd + even) if odd + even else 0.0


def _exponent(curve: pd.Series) -> float:
    """p of |c| ~ |Delta|^p between the first and the second step, both sides together."""
    middle = len(curve) // 2
    sizes = [abs(curve.iloc[middle + step]) + abs(curve.iloc[middle - step]) for step in (1, 2)]
    return float(np.log2(sizes[1] / sizes[0]))


def _cut(tables: Tables, structure: str, direction: int) -> pd.DataFrame:
    """The points of a grid where only Delta_`direction` changes, in order."""
    table = rows(tables, structure)
    other = table[f"delta_{3 - direction}"]
    return table[np.isclose(other, 0)].sort_values(f"delta_{direction}")


def _expansion(tables: Tables, structure: str, direction: int) -> tuple[float, float]:
    """Linear and quadratic coefficient (eV) of the energy in Delta along one direction."""
    cut = _cut(tables, structure, direction)
    delta, energy = cut[f"delta_{direction}"], cut["energy_ev"]
    return _slope(delta, energy), _slope(delta, energy, power=2)


def _slope(delta: pd.Series, energy: pd.Series, power: int = 1) -> float:
    """Coefficient of Delta^power in a polynomial of degree 6 fitted to a cut."""
    fit = np.polynomial.Polynomial.fit(delta, energy, deg=6, domain=[-1, 1], window=[-1, 1])
    return float(fit.coef[power])


def _cut_errors(tables: Tables, structure: str, representation: str) -> tuple[float, float]:
    """Root mean square error (ueV) along the cuts in Delta_1 and Delta_2, 3 x 3 grid."""
    column = f"error_{representation}_3x3_uev"
    first, second = (_cut(tables, structure, d)[column].to_numpy() for d in (1, 2))
    return float(np.sqrt(np.mean(first**2))), float(np.sqrt(np.mean(second**2)))


def _odd_errors(tables: Tables, structure: str, representation: str) -> tuple[float, float]:
    """Largest odd part (ueV) of the error along the cuts in Delta_1 and Delta_2, 3 x 3 grid."""
    column = f"error_{representation}_3x3_uev"
    first, second = (_cut(tables, structure, d)[column].to_numpy() for d in (1, 2))
    return float(np.abs(first - first[::-1]).max() / 2), float(
        np.abs(second - second[::-1]).max() / 2
    )


def _rmse(tables: Tables, structure: str, grid: str, representation: str) -> float:
    table = rows(tables, "table1", structure=structure, grid=grid, representation=representation)
    return float(table["rmse_uev"].iloc[0])


def _sweep(tables: Tables, nu: int, sigma: float) -> pd.DataFrame:
    return rows(tables, "condition_numbers", nu=nu, radial_basis="optimal", sigma=sigma)


def _against_n_max(tables: Tables, nu: int, radial_basis: str) -> pd.Series:
    """Mean CN against n_max at sigma 0.1 Å and the largest l_max that has the most n_max."""
    table = rows(tables, "condition_numbers", nu=nu, radial_basis=radial_basis, sigma=0.1)
    counts = table.groupby("l_max").size()
    l_max = counts[counts == counts.max()].index.max()
    if counts.max() < 3:
        raise Untestable("fewer than three n_max were computed at these settings")
    table = table[table.l_max == l_max].sort_values("n_max")
    return pd.Series(table["mean"].to_numpy(), index=table.n_max)


def _converged_at(curve: pd.Series) -> int:
    """The first abscissa from which on the curve stays within 25 % of its last value."""
    if len(curve) < 3:
        raise Untestable("fewer than three points of the sweep were computed at these settings")
    outside = np.flatnonzero(np.abs(curve.to_numpy() / curve.iloc[-1] - 1) > 0.25)
    return int(curve.index[outside[-1] + 1 if len(outside) else 0])


def _best_sigma(tables: Tables) -> dict[str, tuple[float, float, float]]:
    """Basis size -> sigma of the smallest mean CN of the density, and the range swept (Å)."""
    table = rows(tables, "condition_numbers", nu=1, radial_basis="optimal")
    best = {}
    for (n_max, l_max), group in table.groupby(["n_max", "l_max"]):
        if len(group) >= 5:
            sigma = float(group.loc[group["mean"].idxmin(), "sigma"])
            best[f"({n_max}, {l_max})"] = (sigma, group.sigma.min(), group.sigma.max())
    if not best:
        raise Untestable("no basis size was swept over five smearings at these settings")
    return best


def _shared(tables: Tables, *orders: int) -> pd.DataFrame:
    """Rows of the sigma = 0.1 Å sweeps at the (n_max, l_max) that all `orders` share."""
    shared = None
    for nu in orders:
        table = _sweep(tables, nu=nu, sigma=0.1)[["n_max", "l_max", "mean"]]
        table = table.rename(columns={"mean": f"mean_{nu}"})
        shared = table if shared is None else shared.merge(table, on=["n_max", "l_max"])
    if shared is None or shared.empty:
        raise Untestable("the orders share no basis size at these settings")
    return shared
