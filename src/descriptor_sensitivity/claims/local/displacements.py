"""Section 2, Figure 2: how features and energies change along two displacements."""

from collections.abc import Sequence

import numpy as np

from descriptor_sensitivity.claims.judge import (
    CLOSE,
    LOCAL,
    Claim,
    Finding,
    Tables,
    Untestable,
    holds,
    recorder,
    rows,
)
from descriptor_sensitivity.claims.reading import (
    NAMES,
    change_curve,
    expansion,
    grid_cut,
    growth_exponent,
    odd_part,
    oddness,
)

CLAIMS: list[Claim] = []
claim = recorder(CLAIMS, "local", LOCAL)

ALIGNED = 0.99
"""Cosine above which two directions are one: 8 degrees."""

VISIBLE = 0.1
"""Part of the quadratic coefficient (Delta up to 1) above which a linear one shows in a figure."""


@claim(
    "2, Fig. 2 left",
    "Small displacements of a generic structure change all features linearly.",
    source="fig2: row, direction, change",
)
def generic_is_linear(tables: Tables) -> Finding:
    worst = {
        name: min(oddness(change_curve(tables, "asymmetric", name, k)) for k in (1, 2))
        for name in NAMES
    }
    return holds(
        min(worst.values()) > 0.75,
        "odd share of the first step "
        + ", ".join(f"{ratio:.2g} ({NAMES[name]})" for name, ratio in worst.items()),
    )


def energy_ratio(tables: Tables) -> float:
    """Slope of the energy along u_1 over that along u_2, at the asymmetric structure."""
    curves = [change_curve(tables, "asymmetric", "energy", k) for k in (1, 2)]
    if min(oddness(curve) for curve in curves) < 0.5:
        raise Untestable("the energy has hardly any slope along one of the two directions")
    return abs(odd_part(curves[0]) / odd_part(curves[1]))


def followers(tables: Tables, names: Sequence[str]) -> tuple[dict[str, bool], str]:
    """Whether features are steeper along the same direction as the energy, to an order of it."""
    energy = energy_ratio(tables)
    ratios = {}
    for name in names:
        first, second = (odd_part(change_curve(tables, "asymmetric", name, k)) for k in (1, 2))
        ratios[name] = abs(first / second) if second else np.inf
    follows = {
        name: (ratio > 1) == (energy > 1) and 0.1 < ratio / energy < 10
        for name, ratio in ratios.items()
    }
    listed = ", ".join(f"{NAMES[name]} {ratio:.2g}" for name, ratio in ratios.items())
    return follows, f"slope along u_1 over u_2: energy {energy:.2g}, {listed}"


@claim(
    "2, Fig. 2 left",
    "The relative slope of the energy along the two directions is, qualitatively, that of nu = 2,"
    " nu = 3 and OMFP.",
    printed="same direction steeper",
    source="fig2: row, direction, change",
)
def slopes_follow_energy(tables: Tables) -> Finding:
    follows, text = followers(tables, ("nu2", "nu3", "omfp"))
    return holds(all(follows.values()), text)


@claim(
    "2, Fig. 2 left",
    "The relative slope of smooth OMFP is another one.",
    source="fig2: row, direction, change",
)
def smooth_omfp_do_not_follow(tables: Tables) -> Finding:
    follows, text = followers(tables, ("s-omfp",))
    return holds(not follows["s-omfp"], text)


@claim(
    "2, Fig. 2 left",
    "The slope of nu = 2 along the two directions is the singular value that belongs to each.",
    printed="1, over the singular value",
    source="fig2: row, direction, change; convergence: k, value, length",
)
def slopes_are_singular_values(tables: Tables) -> Finding:
    table = rows(tables, "convergence", structure="asymmetric").sort_values("k")
    ratios = []
    for direction, s in ((1, table.value.iloc[0]), (2, table.value.iloc[-1])):
        curve = change_curve(tables, "asymmetric", "nu2", direction)
        middle = len(curve) // 2
        step = curve.index[middle + 1] * table.length.iloc[0]
        ratios.append(abs(odd_part(curve)) / step / s)
    return holds(
        all(1 / CLOSE < ratio < CLOSE for ratio in ratios),
        f"slope over singular value {ratios[0]:.3f} (largest), {ratios[1]:.3f} (smallest)",
    )


@claim(
    "2",
    "At n_max = l_max = 20 and sigma = 0.05 Å singular values and vectors of nu = 2 are converged.",
    source="convergence: value, twice_l_max, overlap",
)
def highly_converged(tables: Tables) -> Finding:
    table = rows(tables, "convergence").query("value > 0")
    share, overlap = table.value / table.twice_l_max, table.overlap
    return holds(
        bool(share.between(1 / CLOSE, CLOSE).all() and (overlap > ALIGNED).all()),
        f"{share.min():.2f} to {share.max():.2f} of the values of a complete radial basis with"
        f" twice the l_max; |U_k . U'_k| {overlap.min():.2f} to {overlap.max():.2f}",
    )


@claim(
    "2, Fig. 2 centre",
    "All features change linearly along the breathing mode of the symmetric structure.",
    source="fig2: row, direction, change",
)
def breathing_is_linear(tables: Tables) -> Finding:
    ratios = {name: oddness(change_curve(tables, "symmetric", name, 1)) for name in NAMES}
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
    curves = {name: change_curve(tables, "symmetric", name, 2) for name in ("nu2", "nu3")}
    return holds(
        all(oddness(c) < 1e-4 and abs(growth_exponent(c) - 2) < 0.2 for c in curves.values()),
        ", ".join(
            f"exponent {growth_exponent(c):.2f} ({NAMES[name]})" for name, c in curves.items()
        ),
    )


@claim(
    "2, Fig. 2 centre",
    "Along it OMFP have a cusp.",
    printed="exponent 1, even",
    source="fig2: row, direction, change",
)
def omfp_has_a_cusp(tables: Tables) -> Finding:
    curve = change_curve(tables, "symmetric", "omfp", 2)
    exponent = growth_exponent(curve)
    return holds(
        oddness(curve) < 1e-4 and abs(exponent - 1) < 0.2,
        f"exponent {exponent:.2f}, even",
    )


@claim(
    "2, Fig. 2 centre",
    "Smooth OMFP lose the cusp and have no slope.",
    printed="exponent 2",
    source="fig2: row, direction, change",
)
def smooth_omfp_have_none(tables: Tables) -> Finding:
    curve = change_curve(tables, "symmetric", "s-omfp", 2)
    exponent = growth_exponent(curve)
    return holds(
        oddness(curve) < 1e-4 and abs(exponent - 2) < 0.2,
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
    curves = {name: change_curve(tables, "degenerate", name, 2) for name in ("nu2", "nu3", "omfp")}
    exponents = [growth_exponent(curve) for curve in curves.values()]
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
    parts = [expansion(tables, "asymmetric", direction) for direction in (1, 2)]
    return holds(
        all(abs(slope) > VISIBLE * abs(curvature) for slope, curvature in parts),
        "linear and quadratic coefficient "
        + ", ".join(f"{1e3 * slope:.3g} and {1e3 * bent:.3g} meV" for slope, bent in parts),
    )


@claim(
    "2, Fig. 2 centre",
    "Around the minimum the energy is parabolic along both directions.",
    source="symmetric: energy_ev",
)
def symmetric_parabola(tables: Tables) -> Finding:
    ratios = []
    for direction in (1, 2):
        slope, curvature = expansion(tables, "symmetric", direction)
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
    slope = np.gradient(grid_cut(tables, "symmetric", 1).energy_ev.to_numpy())[-1]
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
    slope, curvature = expansion(tables, "degenerate", 2)
    return holds(
        abs(slope) > VISIBLE * abs(curvature),
        f"linear coefficient {1e3 * slope:.3g} meV, quadratic {1e3 * curvature:.3g} meV",
    )
