"""What counts as low sensitivity: medians of a data set, and of nu = 1 and 3 on a sample of it."""

import argparse
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
from ase.data import chemical_symbols
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from command import run
from descriptor_sensitivity.audit.audit import (
    Distribution,
    is_regular,
    needs_fit,
    parts,
    sample_batches,
)
from descriptor_sensitivity.audit.diagnosis import without_orientation
from descriptor_sensitivity.descriptors.registry import build_descriptor
from descriptor_sensitivity.files import atomic
from descriptor_sensitivity.singular import condition_number, singular_values


def medians(distributions: dict[str, Distribution]) -> dict[str, float | None]:
    """Median CN by centre species; null where there is no regular environment."""
    found = {species: each.quantile(0.5) for species, each in sorted(distributions.items())}
    return {species: None if np.isnan(median) else median for species, median in found.items()}


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--rows", type=Path, required=True, help="folder of audit_chunk.py's tables"
    )
    parser.add_argument("--sample", type=Path, required=True, help="extended xyz file")
    parser.add_argument("--density", type=json.loads, required=True, help="density settings, json")
    parser.add_argument("--center-species", help="centre on these atoms only")
    parser.add_argument("--most", type=int, default=300, help="environments of the sample used")
    parser.add_argument("--singular", type=float, default=1e6, help="CN that counts as infinite")
    parser.add_argument("--nu3-neighbors", type=int, default=20, help="most neighbours for nu = 3")
    parser.add_argument("--output", type=Path, required=True, help="json to write")
    options = parser.parse_args(argv)

    every: dict[str, Distribution] = {}
    regular: dict[str, Distribution] = {}
    n_singular: Counter = Counter()
    columns = ["species", "n_neighbors", "condition_number"]
    for path in tqdm(sorted(options.rows.glob("*.parquet")), desc="reading", mininterval=2):
        for species, rows in pd.read_parquet(path, columns=columns).groupby("species"):
            condition = rows["condition_number"].to_numpy()
            kept = is_regular(condition, rows["n_neighbors"].to_numpy(), options.singular)
            for where, chosen in ((every, condition), (regular, condition[kept])):
                where.setdefault(str(species), Distribution.empty()).add(chosen)
            n_singular[str(species)] += int(np.sum(condition >= options.singular))

    species, cutoff = options.center_species, options.density["cutoff"]
    fit = sample_batches(options.sample, cutoff, species) if needs_fit(options.density) else None
    few = sample_batches(options.sample, cutoff, species, options.most)
    higher: dict[int, dict[str, Distribution]] = {1: {}, 3: {}}
    with threadpool_limits(1):
        for nu, most in ((1, np.inf), (3, options.nu3_neighbors)):
            density = build_descriptor(f"nu{nu}", {**options.density, "nu": nu}, fit)
            for batch in tqdm(few, desc=f"nu = {nu} on the sample", unit="batch", mininterval=2):
                if batch.n_neighbors > most:
                    continue
                found = higher[nu].setdefault(chemical_symbols[batch.center], Distribution.empty())
                for part in parts(density, batch):
                    jacobian = density.reduced_jacobian(part)
                    if nu == 1:
                        jacobian = without_orientation(jacobian, part.vectors)
                    condition = condition_number(singular_values(jacobian, part.vectors))
                    found.add(condition[is_regular(condition, batch.n_neighbors, options.singular)])
    thresholds = {
        "median": medians(regular),
        "median_nu1": medians(higher[1]),
        "median_nu3": medians(higher[3]),
        "quantiles": {
            name: {str(q): found.quantile(q) for q in (0.5, 0.9, 0.99, 1.0)}
            for name, found in sorted(every.items())
        },
        "n_environments": {name: found.total for name, found in sorted(every.items())},
        "n_singular": dict(sorted(n_singular.items())),
    }
    with atomic(options.output) as partial:
        partial.write_text(json.dumps(thresholds, indent=1) + "\n")


if __name__ == "__main__":
    run(main)
