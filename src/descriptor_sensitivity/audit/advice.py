"""The cheapest basis that sees a data set nearly as well as the best: a sweep on a sample of it."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from descriptor_sensitivity.audit.table import environment_rows, needs_fit
from descriptor_sensitivity.descriptors.base import Descriptor
from descriptor_sensitivity.descriptors.registry import build_descriptor
from descriptor_sensitivity.environments import Batch
from descriptor_sensitivity.errors import InputError


def feature_count(descriptor: Descriptor, batches: Sequence[Batch]) -> int:
    """Features of the environment with the most species."""
    richest = max(batches, key=lambda batch: len(set(batch.species)))
    return descriptor.features(richest[:1]).shape[1]


def try_settings(
    density: Mapping[str, Any],
    n_max: Iterable[int],
    l_max: Iterable[int],
    sigma: Iterable[float],
    batches: Sequence[Batch],
    fit_batches: Sequence[Batch],
    factor: float,
    name: str,
) -> tuple[pd.DataFrame, int]:
    """Mean and median CN of every n_max, l_max and sigma (Å), all on the same environments.

    An environment that symmetry hides is singular whatever the basis: those that are singular in
    every setting are left out of mean and median.

    Args:
        density: the other settings.
        batches: the environments.
        fit_batches: those that optimal radial bases are fitted on.
        factor: `allowed` are settings with a mean CN of up to factor * the least one.
        name: of the sample, for messages.

    Returns:
        n_max, l_max, sigma, n_features, n_environments, mean, median, allowed; and how many
        environments were left out.

    Raises InputError where there is no environment, and where every setting has singular ones.
    """
    if not batches:
        raise InputError(f"{name}: no environment can be used; see skipped.csv.")
    columns, numbers = [], []
    grid = list(itertools.product(sigma, n_max, l_max))
    for width, n, l in tqdm(grid, desc="settings", unit="setting"):
        settings = {**density, "sigma": width, "n_max": n, "l_max": l}
        built = build_descriptor("advice", settings, fit_batches if needs_fit(settings) else None)
        rows, _ = environment_rows(built, batches, "sample")
        numbers.append(rows.set_index(["frame", "center"])["condition_number"])
        count = feature_count(built, batches)
        columns.append({"n_max": n, "l_max": l, "sigma": width, "n_features": count})
    condition = pd.concat(numbers, axis=1).to_numpy()
    regular = np.isfinite(condition).any(axis=1)
    table = pd.DataFrame(columns)
    table["n_environments"] = int(regular.sum())
    table["mean"] = condition[regular].mean(axis=0) if regular.any() else np.inf
    table["median"] = np.median(condition[regular], axis=0) if regular.any() else np.inf
    if not np.isfinite(table["mean"]).any():
        raise InputError(
            f"{name}: every setting has singular environments; widen the ranges of "
            "n_max, l_max and sigma in the section `audit.advice`."
        )
    table["allowed"] = table["mean"] <= factor * table["mean"].min()
    return table, int((~regular).sum())


def in_words(table: pd.DataFrame, singular: int, factor: float) -> str:
    """The cheapest allowed setting and the best one, in markdown.

    Args:
        table, singular: of `try_settings`.
    """
    allowed = table[table["allowed"]].sort_values(["n_features", "mean"], kind="stable")
    cheapest, best = allowed.iloc[0], table.loc[table["mean"].idxmin()]
    setting = "n_max = {n_max:.0f}, l_max = {l_max:.0f}, sigma = {sigma:g} Å".format
    return (
        f"Cheapest setting with a mean condition number within {factor:g} of the best: "
        f"**{setting(**cheapest)}** ({cheapest.n_features:.0f} features, mean CN "
        f"{cheapest['mean']:.3g}).\n\nBest of the {len(table)} tried: {setting(**best)} "
        f"({best.n_features:.0f} features, mean CN {best['mean']:.3g}). From "
        f"{int(best.n_environments)} environments; {singular} more are singular in "
        "every setting, by symmetry or degeneracy, and left out.\n"
    )
