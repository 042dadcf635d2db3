"""What comes out of a comparison of forces: a rank correlation, and sentences."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from descriptor_sensitivity.audit.forces import NO_ENERGY, NO_FORCES

FEWEST = 10
"""Structures from which a correlation is given."""

FELT, NONE = 0.01, 1e-6
"""|f·u| above this part of |F·u| and above so many eV/Å: a force of the model along the move."""

RESAMPLES = 2000
"""Of the bootstrap."""


def outcome(
    table: pd.DataFrame, left_out: Mapping[str, int], singular: float, seed: int
) -> dict[str, Any]:
    """What comes out of the rows of one descriptor: numbers, and `because`, in sentences.

    `correlation` is Spearman's of reference_force and error, `low` to `high` its interval (see
    `rank_correlation`), `correlation_of_norm` that of reference_norm, which knows nothing of the
    descriptor, and error; n_blind counts structures of CN = `singular` and more.
    """
    found: dict[str, Any] = {"n_structures": len(table), "n_left_out": sum(left_out.values())}
    error = table["error"].to_numpy()
    nothing = (np.nan, np.nan, np.nan)
    enough = len(table) >= FEWEST
    along = rank_correlation(table["reference_force"].to_numpy(), error, seed)
    whole = rank_correlation(table["reference_norm"].to_numpy(), error, seed)
    keys = ("correlation", "low", "high")
    found |= dict(zip(keys, along if enough else nothing, strict=True))
    found |= {"correlation_of_norm": whole[0] if enough else np.nan, "seed": seed}
    blind = table[table["sensitivity"] <= 1 / singular]
    found["n_blind"] = len(blind)
    sentences = [_number_compared(len(table), left_out)]
    if len(table):
        sentences += [_sizes(table), _correlation(found), _bound(blind, singular)]
    return found | {"because": " ".join(sentences)}


def rank_correlation(x: np.ndarray, y: np.ndarray, seed: int) -> tuple[float, float, float]:
    """Spearman's rank correlation of x and y (n,), and where 95 % of bootstrap resamples have it.

    The correlation of the ranks, equal values sharing their mean rank; NaN where all x or all y are
    equal. Pairs are drawn anew `RESAMPLES` times with replacement, as if they were independent: for
    frames of one trajectory, which are not, the interval is too narrow.
    """
    value = float(_spearman(x, y)) if len(x) else np.nan
    if np.isnan(value):
        return (np.nan, np.nan, np.nan)
    drawn = np.random.default_rng(seed).integers(len(x), size=(RESAMPLES, len(x)))
    low, high = np.nanquantile(_spearman(x[drawn], y[drawn]), [0.025, 0.975])
    return value, float(low), float(high)


def _spearman(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    middle = (x.shape[-1] + 1) / 2
    a, b = rankdata(x, axis=-1) - middle, rankdata(y, axis=-1) - middle
    with np.errstate(invalid="ignore"):
        return (a * b).sum(-1) / np.sqrt((a**2).sum(-1) * (b**2).sum(-1))


def _number_compared(number: int, left_out: Mapping[str, int]) -> str:
    judged = number + sum(left_out.values())
    if not judged:
        return "No structure was judged as a whole, so no forces are compared."
    if set(left_out) == {NO_FORCES} and not number:
        return "The file holds no forces, so there is nothing to compare those of the model with."
    if set(left_out) == {NO_ENERGY} and not number:
        return "The model gives no energy, so it has no forces to compare."
    reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(left_out.items()))
    said = f"{number} of {judged} structures are compared"
    return f"{said}; left out: {reasons}." if reasons else f"{said}."


def _sizes(table: pd.DataFrame) -> str:
    middle = table.median(numeric_only=True)
    return (
        f"At the median |F·u| is {middle.reference_force:.2g} eV/Å and |f·u|"
        f" {middle.model_force:.2g}; the norm of the error is {middle.error:.2g} (a component"
        f" {middle.error_rmse:.2g}), that of F {middle.reference_norm:.2g}."
    )


def _correlation(found: Mapping[str, Any]) -> str:
    number = found["n_structures"]
    if number < FEWEST:
        return f"For a rank correlation {number} are too few ({FEWEST} at least)."
    if np.isnan(found["correlation"]):
        return "There is no rank correlation: |F·u| or the error is the same in all structures."
    return (
        f"The rank correlation (Spearman) of |F·u| with the norm of the error is"
        f" {found['correlation']:.2f} (n = {number}; 95 % of {RESAMPLES} bootstrap resamples, seed"
        f" {found['seed']}, lie between {found['low']:.2f} and {found['high']:.2f}); that of |F|,"
        f" which knows nothing of the descriptor, is {found['correlation_of_norm']:.2f}."
    )


def _bound(blind: pd.DataFrame, singular: float) -> str:
    if not len(blind):
        return (
            f"In none of them are all centres together blind to the move (CN of {singular:,.0f} and"
            " more), so |F·u| is no bound of the error, only an indication."
        )
    said = (
        f"In {len(blind)} of them all centres together are blind to the move (CN of {singular:,.0f}"
        " and more)"
    )
    felt = blind["model_force"] > np.maximum(FELT * blind["reference_force"], NONE)
    if felt.all():
        return (
            f"{said}, and yet the model has a force along it, |f·u| up to"
            f" {blind['model_force'].max():.1g} eV/Å: other layers or atoms see the move, and |F·u|"
            " is no bound of the error, only an indication."
        )
    still = blind.loc[~felt, "model_force"].max()
    where = "there" if not felt.any() else f"in {int((~felt).sum())} of these"
    return (
        f"{said}: |f·u| is at most {still:.1g} eV/Å {where}, and but for that |F·u| is a lower"
        " bound of the error; in the others it is only an indication."
    )
