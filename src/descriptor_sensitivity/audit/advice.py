"""The cheapest basis that sees a data set nearly as well as the best: a sweep on a sample of it."""

import itertools
import time
from collections.abc import Iterator, Mapping, Sequence
from math import ceil
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from descriptor_sensitivity.audit.companion import LARGEST
from descriptor_sensitivity.audit.rounding import singular_from
from descriptor_sensitivity.audit.table import environment_rows, needs_fit
from descriptor_sensitivity.descriptors.base import Descriptor
from descriptor_sensitivity.descriptors.registry import build_descriptor
from descriptor_sensitivity.environments import Batch
from descriptor_sensitivity.errors import InputError

COLUMNS = ["representation", "n_max", "l_max", "sigma", "cutoff", "n_features", "ms", "audited"]
COLUMNS += ["n_environments", "n_singular", "mean", "median", "allowed"]

TIMED = 20
"""Environments whose features are timed, about."""


def settings_to_try(
    density: Mapping[str, Any],
    n_max: Sequence[int],
    l_max: Sequence[int],
    sigma: Sequence[float],
) -> Iterator[dict[str, Any]]:
    """The audited settings, then those with other n_max, l_max and sigma (Å).

    A complete radial basis has no n_max; three-point correlations are tried up to `LARGEST`.
    """
    yield dict(density)
    largest = LARGEST if density["nu"] >= 3 else {}
    radial: Sequence[int | None] = n_max if density.get("n_max") is not None else [None]
    for width, n, l in itertools.product(sigma, radial, l_max):
        other = {**density, "sigma": width, "l_max": l} | ({"n_max": n} if n else {})
        if other != density and all(other[key] <= most for key, most in largest.items()):
            yield other


def try_settings(
    name: str,
    density: Mapping[str, Any],
    grid: Mapping[str, Sequence[Any]],
    batches: Sequence[Batch],
    fit_batches: Sequence[Batch],
    factor: float,
    singular: float,
    sample: str,
) -> pd.DataFrame:
    """Mean and median CN of every setting, all on the same environments.

    An environment that symmetry hides is singular whatever the basis: those that are singular in
    every setting are left out of mean and median.

    Args:
        name, density: the audited descriptor and its settings.
        grid: n_max, l_max and sigma to try.
        batches: the environments.
        fit_batches: those that optimal radial bases are fitted on.
        factor: `allowed` are settings with a mean CN of up to factor * the least one.
        singular: CN from which an environment is singular.
        sample: name of the sample, for messages.

    Returns:
        COLUMNS; `ms` is the time that the features of one environment take, in milliseconds.

    Raises InputError where there is no environment, and where every setting has singular ones.
    """
    if not batches:
        raise InputError(f"{sample}: no environment can be used; see skipped.csv.")
    columns, numbers = [], []
    every = list(settings_to_try(density, **grid))
    for number, settings in enumerate(tqdm(every, desc=f"settings of {name}", unit="setting")):
        built = build_descriptor(name, settings, fit_batches if needs_fit(settings) else None)
        rows, _ = environment_rows(built, batches, "sample")
        rows = rows.set_index(["frame", "center"])
        limit = singular_from(singular, rows["last_digit"].to_numpy())
        numbers.append(rows["condition_number"].where(rows["condition_number"] < limit, np.inf))
        features, seconds = timed(built, batches)
        chosen = {key: settings.get(key) for key in ("n_max", "l_max", "sigma", "cutoff")}
        cost = {"n_features": features, "ms": 1000 * seconds, "audited": number == 0}
        columns.append({"representation": name, **chosen, **cost})
    condition = pd.concat(numbers, axis=1).to_numpy()
    regular = np.isfinite(condition).any(axis=1)
    table = pd.DataFrame(columns)
    table["n_environments"] = int(regular.sum())
    table["n_singular"] = int((~regular).sum())
    table["mean"] = condition[regular].mean(axis=0) if regular.any() else np.inf
    table["median"] = np.median(condition[regular], axis=0) if regular.any() else np.inf
    if not np.isfinite(table["mean"]).any():
        raise InputError(
            f"{sample}: every setting of {name} has singular environments; widen the ranges of "
            "n_max, l_max and sigma in the section `audit.advice`."
        )
    table["allowed"] = table["mean"] <= factor * table["mean"].min()
    return table[COLUMNS]


def timed(descriptor: Descriptor, batches: Sequence[Batch]) -> tuple[int, float]:
    """Features of the environment with the most species, and seconds that one takes on average."""
    richest = max(batches, key=lambda batch: len(set(batch.species)))
    count = descriptor.features(richest[:1]).shape[1]
    most = max(1, len(batches) // TIMED)
    some = [batch[:TIMED] for batch in batches[::most]]
    started = time.perf_counter()
    for batch in some:
        descriptor.features(batch)
    return count, (time.perf_counter() - started) / sum(map(len, some))


def in_words(table: pd.DataFrame, factor: float) -> str:
    """The audited setting, the cheapest allowed one and the best one of a descriptor.

    Args:
        table: of `try_settings`.
    """
    name = table["representation"].iloc[0]
    audited = table[table["audited"]].iloc[0]
    allowed = table[table["allowed"]].sort_values(["n_features", "mean"], kind="stable")
    cheapest, best = allowed.iloc[0], table.loc[table["mean"].idxmin()]
    rule = ceil(round(cheapest["cutoff"] / cheapest["sigma"], 9))
    said = [
        f"{name} as audited (cutoff {audited['cutoff']:g} Å): {_setting(audited)}; "
        + ("good enough." if audited["allowed"] else f"not within {factor:g} of the best."),
        f"Cheapest setting of this basis and cutoff with a mean condition number within {factor:g} "
        f"of the best of {len(table)} tried: **{_setting(cheapest)}**.",
        f"Best: {_setting(best)}.",
    ]
    if pd.notna(cheapest["n_max"]):
        said.append(
            f"The rule of thumb n_max >= cutoff / sigma asks for n_max = {rule} at this sigma."
        )
    said.append(
        f"From {best['n_environments']} environments; {best['n_singular']} more are singular in "
        "every setting, by symmetry or degeneracy, and left out. Times are those of this code on "
        "one core."
    )
    return "\n\n".join(said) + "\n"


def _setting(row: pd.Series) -> str:
    n_max = f"n_max = {row['n_max']:.0f}, " if pd.notna(row["n_max"]) else ""
    return (
        f"{n_max}l_max = {row['l_max']:.0f}, sigma = {row['sigma']:g} Å ({row['n_features']} "
        f"features, {row['ms']:.2g} ms per environment, mean CN {_condition(row['mean'])})"
    )


def _condition(mean: float) -> str:
    return f"{mean:.3g}" if np.isfinite(mean) else "infinite"
