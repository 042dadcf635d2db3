"""The cheapest basis that sees a data set nearly as well as the best: a sweep on a sample of it."""

import argparse
import itertools
import json
from pathlib import Path

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from command import run
from descriptor_sensitivity.audit.audit import environment_rows, needs_fit, sample_batches
from descriptor_sensitivity.descriptors.base import Descriptor
from descriptor_sensitivity.descriptors.registry import build_descriptor
from descriptor_sensitivity.environments import Batch
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.files import atomic, write_csv


def feature_count(representation: Descriptor, batches: list[Batch]) -> int:
    """Features of the environment with the most species."""
    richest = max(batches, key=lambda batch: len(set(batch.species)))
    return representation.features(richest[:1]).shape[1]


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=Path, required=True, help="extended xyz file")
    parser.add_argument("--settings", type=json.loads, required=True, help="of the density, json")
    parser.add_argument("--n-max", type=int, nargs="+", required=True, help="values to try")
    parser.add_argument("--l-max", type=int, nargs="+", required=True, help="values to try")
    parser.add_argument("--sigma", type=float, nargs="+", required=True, help="values to try, Å")
    parser.add_argument("--factor", type=float, required=True, help="allowed loss of mean CN")
    parser.add_argument("--most", type=int, required=True, help="environments of the sample used")
    parser.add_argument("--center-species", help="centre on these atoms only")
    parser.add_argument("--table", type=Path, required=True, help="csv to write")
    parser.add_argument("--advice", type=Path, required=True, help="markdown to write")
    options = parser.parse_args(argv)

    cutoff = options.settings["cutoff"]
    every = sample_batches(options.sample, cutoff, options.center_species)
    batches = sample_batches(options.sample, cutoff, options.center_species, options.most)
    if not batches:
        raise InputError(f"{options.sample}: no environment can be used; see skipped.csv.")
    grid = list(itertools.product(options.sigma, options.n_max, options.l_max))
    columns, numbers = [], []
    with threadpool_limits(1):
        for sigma, n_max, l_max in tqdm(grid, desc="settings", unit="setting"):
            settings = {**options.settings, "sigma": sigma, "n_max": n_max, "l_max": l_max}
            representation = build_descriptor(
                "advice", settings, every if needs_fit(settings) else None
            )
            rows, _ = environment_rows(representation, batches, "sample")
            numbers.append(rows.set_index(["frame", "center"])["condition_number"])
            count = feature_count(representation, batches)
            columns.append({"n_max": n_max, "l_max": l_max, "sigma": sigma, "n_features": count})
    condition = pd.concat(numbers, axis=1).to_numpy()
    # An environment that symmetry hides is singular whatever the basis.
    regular = np.isfinite(condition).any(axis=1)
    table = pd.DataFrame(columns)
    table["n_environments"] = int(regular.sum())
    table["mean"] = condition[regular].mean(axis=0) if regular.any() else np.inf
    table["median"] = np.median(condition[regular], axis=0) if regular.any() else np.inf
    if not np.isfinite(table["mean"]).any():
        raise InputError(
            f"{options.sample}: every setting has singular environments; widen the ranges of "
            "n_max, l_max and sigma in the section `audit.advice`."
        )
    best = table["mean"].min()
    table["allowed"] = table["mean"] <= options.factor * best
    write_csv(table, options.table, digits=6)
    order = ["n_features", "mean"]
    cheapest = table[table["allowed"]].sort_values(order, kind="stable").iloc[0]
    top = table.loc[table["mean"].idxmin()]
    setting = "n_max = {n_max:.0f}, l_max = {l_max:.0f}, sigma = {sigma:g} Å".format
    with atomic(options.advice) as partial:
        partial.write_text(
            f"Cheapest setting with a mean condition number within {options.factor:g} of the best: "
            f"**{setting(**cheapest)}** ({cheapest.n_features:.0f} features, mean CN "
            f"{cheapest['mean']:.3g}).\n\nBest of the {len(table)} tried: {setting(**top)} "
            f"({top.n_features:.0f} features, mean CN {top['mean']:.3g}). From "
            f"{int(regular.sum())} environments; {int((~regular).sum())} more are singular in "
            "every setting, by symmetry or degeneracy, and left out.\n"
        )


if __name__ == "__main__":
    run(main)
