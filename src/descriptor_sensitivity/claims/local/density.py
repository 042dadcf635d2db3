"""Section 4, Figure 4: condition numbers of the density against basis and smearing."""

import pandas as pd

from descriptor_sensitivity.claims.judge import (
    CLOSE,
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
from descriptor_sensitivity.claims.reading import (
    Size,
    against_l_max,
    against_n_max,
    converged_at,
    falls_to_the_end,
    functions,
    smearing_curves,
    swept,
    swept_l_max,
)
from descriptor_sensitivity.report.cells import condition_text

CLAIMS: list[Claim] = []
claim = recorder(CLAIMS, "local", LOCAL)

ENOUGH = 8
"""The n_max at which the paper says that the optimal basis has converged."""


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
    "A large basis is needed to bring the mean condition number of the density close to one.",
    printed="towards 1",
    source="condition_numbers: mean",
)
def large_basis_needed(tables: Tables) -> Finding:
    table = swept(tables, nu=1)
    largest = table.loc[functions(table).idxmax()]
    small = table[(table.n_max <= largest.n_max / 2) & (table.l_max <= largest.l_max / 2)]
    if small.empty:
        raise Untestable("no basis of half the largest size was computed at these settings")
    best = small.loc[small["mean"].idxmin()]
    text = (
        f"{largest['mean']:.3g} at ({largest.n_max:.0f}, {largest.l_max:.0f}), the largest basis;"
        f" {condition_text(small['mean'].max())} to {best['mean']:.3g} in bases of at most half its"
        " n_max and l_max"
    )
    if best["mean"] <= largest["mean"]:
        return holds(False, text)
    return near(largest["mean"], 1, limit=3.0, text=text)


@claim(
    "4, Fig. 4 centre",
    "With a large l_max the optimal basis comes down to its limit at n_max about 8.",
    printed="8",
    source="condition_numbers: mean",
)
def optimal_converges_at_eight(tables: Tables) -> Finding:
    l_max = swept_l_max(tables, 1)[-1]
    curve = against_n_max(tables, l_max, nu=1)
    reached = converged_at(curve)
    before = curve[curve.index < reached]
    above = bool((before > curve.iloc[-1]).all())
    listed = ", ".join(f"{cn:.3g} ({n})" for n, cn in curve.items())
    return holds(
        abs(reached - ENOUGH) <= 2 and above,
        f"at l_max {l_max} within 25 % of the last value from {reached} on; at n_max: {listed}",
        "" if above else "fewer radial functions give a lower condition number, not a higher one",
    )


@claim(
    "4, Fig. 4 left",
    "At that n_max a very large l_max is needed as well.",
    source="condition_numbers: mean",
)
def large_l_max_needed(tables: Tables) -> Finding:
    curve = against_l_max(tables, ENOUGH, nu=1)
    reached = converged_at(curve)
    return holds(
        reached > ENOUGH and falls_to_the_end(curve),
        f"at n_max {ENOUGH} within 25 % of the last value ({curve.iloc[-1]:.3g} at l_max"
        f" {curve.index[-1]}) from l_max {reached} on",
    )


@claim(
    "4, Fig. 4 centre",
    "GTO converge more slowly with n_max than the optimal basis, at both l_max.",
    source="condition_numbers: mean",
)
def gto_slower(tables: Tables) -> Finding:
    optimal, gto = swept(tables, nu=1), swept(tables, nu=1, radial_basis="gto")
    both = optimal.merge(gto, on=["n_max", "l_max"], suffixes=("_optimal", "_gto"))
    both = both[both.n_max <= ENOUGH].assign(worse=lambda t: t.mean_gto > t.mean_optimal)
    if both.l_max.nunique() < 2:
        raise Untestable(f"GTO and optimal basis share fewer than two l_max up to n_max {ENOUGH}")
    counts = both.groupby("l_max").worse.agg(["sum", "size"])
    return holds(
        bool(both.worse.all()),
        f"the mean of GTO is the larger one up to n_max {ENOUGH} in "
        + ", ".join(f"{row['sum']} of {row['size']} (l_max {l})" for l, row in counts.iterrows()),
    )


@claim(
    "4, Fig. 4 centre",
    "The DVR basis with n_max = 4 has a mean condition number above 1e6.",
    printed="> 1e6",
    source="condition_numbers: mean",
)
def dvr_at_four(tables: Tables) -> Finding:
    table = swept(tables, nu=1, radial_basis="dvr")
    mean = rows({"dvr": table}, "dvr", n_max=4)["mean"]
    return holds(bool((mean > 1e6).all()), " and ".join(condition_text(cn) for cn in mean))


@claim(
    "4, Fig. 4 right",
    "With decreasing smearing the condition number first falls, then rises again, for every basis.",
    source="condition_numbers: mean",
)
def optimal_smearing_exists(tables: Tables) -> Finding:
    curves = smearing_curves(tables)
    return holds(
        all(_has_one_minimum(curve) for curve in curves.values()),
        ", ".join(
            f"best at {curve.idxmin():.2g} Å{_at_the_end(curve)} for {size}"
            for size, curve in curves.items()
        ),
    )


@claim(
    "4, Fig. 4 right",
    "The best smearing shifts to smaller values as the basis grows.",
    source="condition_numbers: mean",
)
def best_smearing_shifts(tables: Tables) -> Finding:
    best = {size: curve.idxmin() for size, curve in smearing_curves(tables).items()}
    pairs = [(a, b) for a in best for b in best if _refines(b, a)]
    if not pairs:
        raise Untestable("no basis that was swept over sigma refines another at these settings")
    smallest, largest = list(best)[0], list(best)[-1]
    return holds(
        all(best[b] <= best[a] for a, b in pairs) and best[largest] < best[smallest],
        ", ".join(f"{sigma:.2g} Å for {size}" for size, sigma in best.items()),
    )


@claim(
    "4",
    "The best smearing is about half of the smallest interatomic separation of a structure.",
    printed="0.5",
    source="condition_numbers: mean; statements: separation_mean",
)
def half_of_separation(tables: Tables) -> Finding:
    separation = value(tables, "separation_mean")
    best = {size: curve.idxmin() / separation for size, curve in smearing_curves(tables).items()}
    furthest = max(best.values(), key=lambda ratio: max(ratio / 0.5, 0.5 / ratio))
    return near(
        furthest,
        0.5,
        limit=1.5,  # a third is not "about half"
        text=", ".join(f"{ratio:.2f} for {size}" for size, ratio in best.items()),
        comment=f"the smallest distances of the structures average to {separation:.2f} Å",
    )


@claim(
    "1.5",
    "At a given smearing a minimal resolution is required, and more of it does not make the"
    " sensitivity more uniform.",
    source="condition_numbers: mean",
)
def more_basis_does_not_help(tables: Tables) -> Finding:
    curves = smearing_curves(tables)
    if len(curves) < 3:
        raise Untestable("fewer than three basis sizes were swept over sigma at these settings")
    smallest, *_, second, largest = curves.values()
    shared = smallest.index.intersection(second.index).intersection(largest.index)
    sharp, broad = shared.min(), shared.max()
    gains = {
        "required": smallest[broad] / second[broad],
        "saturated": second[broad] / largest[broad],
        "sharp": second[sharp] / largest[sharp],
    }
    return holds(
        gains["required"] > CLOSE
        and gains["saturated"] < CLOSE < largest[broad]
        and gains["sharp"] > CLOSE,
        f"at {broad:g} Å {smallest[broad]:.3g}, {second[broad]:.3g}, {largest[broad]:.3g} in the"
        f" smallest and the two largest bases; at {sharp:g} Å {second[sharp]:.3g} and"
        f" {largest[sharp]:.3g} in the two largest",
    )


def _has_one_minimum(curve: pd.Series) -> bool:
    """Falls to its minimum, rises after it, and stands clearly above it at both ends."""
    low = curve.argmin()
    steps = curve.diff().to_numpy()[1:]
    one = (steps[:low] < 0).all() and (steps[low:] > 0).all()
    return bool(one and min(curve.iloc[0], curve.iloc[-1]) > CLOSE * curve.min())


def _at_the_end(curve: pd.Series) -> str:
    return ", where the sweep ends," if curve.idxmin() == curve.index[-1] else ""


def _refines(fine: Size, coarse: Size) -> bool:
    """Whether a basis has all functions of another one, and more."""
    return fine != coarse and fine[0] >= coarse[0] and fine[1] >= coarse[1]
