"""Section 4, Figure 4: condition numbers of the density against basis and smearing."""

import numpy as np
import pandas as pd

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
    value,
)
from descriptor_sensitivity.claims.reading import against_n_max, best_sigma, converged_at, swept

CLAIMS: list[Claim] = []
claim = recorder(CLAIMS, "local", LOCAL)


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
    table = swept(tables, nu=1, sigma=0.1)
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
    curve = against_n_max(tables, nu=1, radial_basis="optimal")
    reached = converged_at(curve)
    return holds(
        6 <= reached <= 10, f"within 25 % of the limit ({curve.iloc[-1]:.3g}) from {reached} on"
    )


@claim(
    "4, Fig. 4 left",
    "A very large l_max is needed as well.",
    source="condition_numbers: mean",
)
def large_l_max_needed(tables: Tables) -> Finding:
    table = swept(tables, nu=1, sigma=0.1)
    counts = table.groupby("n_max").size()
    n_max = counts[counts == counts.max()].index.max()
    table = table[table.n_max == n_max].sort_values("l_max")
    curve = pd.Series(table["mean"].to_numpy(), index=table.l_max)
    reached = converged_at(curve)
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
    optimal = against_n_max(tables, nu=1, radial_basis="optimal")
    gto = against_n_max(tables, nu=1, radial_basis="gto")
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
    best = best_sigma(tables)
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
    best = best_sigma(tables)
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
    best = {size: sigma for size, (sigma, _, _) in best_sigma(tables).items()}
    return near(
        float(np.median(list(best.values()))) / smallest,
        0.5,
        limit=2.0,
        text=", ".join(f"{sigma / smallest:.2f} for {size}" for size, sigma in best.items()),
        comment=f"smallest distance of the set {smallest:.2f} Å; the smallest distances of its"
        f" structures average to {typical:.2f} Å",
    )
