"""What counts as low sensitivity: medians of a whole data set, and of nu = 3 on a sample of it."""

import argparse
import json
from pathlib import Path

import pandas as pd
from sensitivity.audit import (
    Distribution,
    environment_rows,
    needs_fit,
    sample_batches,
)
from sensitivity.errors import run
from sensitivity.representations import build_representation
from sensitivity.tables import atomic
from threadpoolctl import threadpool_limits
from tqdm import tqdm


def regular_medians(distributions: dict[str, Distribution]) -> dict[str, float | None]:
    """Median CN by centre species; null where every environment is singular."""
    medians = {}
    for species, distribution in sorted(distributions.items()):
        median = distribution.regular_median()
        medians[species] = median if median == median else None
    return medians


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--rows", type=Path, required=True, help="folder of audit_chunk.py's tables"
    )
    parser.add_argument("--sample", type=Path, required=True, help="extended xyz file")
    parser.add_argument("--density", type=json.loads, required=True, help="density settings, json")
    parser.add_argument("--center-species", help="centre on these atoms only")
    parser.add_argument("--most", type=int, default=300, help="environments to evaluate nu = 3 on")
    parser.add_argument("--nu3-neighbors", type=int, default=20, help="and their largest number of")
    parser.add_argument("--output", type=Path, required=True, help="json to write")
    options = parser.parse_args(argv)

    distributions: dict[str, Distribution] = {}
    for path in tqdm(sorted(options.rows.glob("*.parquet")), desc="reading", mininterval=2):
        table = pd.read_parquet(path, columns=["species", "condition_number"])
        for species, rows in table.groupby("species"):
            found = distributions.setdefault(str(species), Distribution.empty())
            found.add(rows["condition_number"].to_numpy())

    density, species = {**options.density, "nu": 3}, options.center_species
    batches = sample_batches(options.sample, density["cutoff"], species)
    nu3 = build_representation("nu3", density, batches if needs_fit(density) else None)
    few = sample_batches(options.sample, density["cutoff"], species, options.most)
    few = [batch for batch in few if batch.n_neighbors <= options.nu3_neighbors]
    higher: dict[str, Distribution] = {}
    with threadpool_limits(1):
        for batch in tqdm(few, desc="nu = 3 on the sample", unit="batch", mininterval=2):
            for name, rows in environment_rows(nu3, [batch], "sample")[0].groupby("species"):
                found = higher.setdefault(str(name), Distribution.empty())
                found.add(rows["condition_number"].to_numpy())
    thresholds = {
        "median": regular_medians(distributions),
        "median_nu3": regular_medians(higher),
        "quantiles": {
            name: {str(q): found.quantile(q) for q in (0.5, 0.9, 0.99, 1.0)}
            for name, found in sorted(distributions.items())
        },
        "n_environments": {name: found.total for name, found in sorted(distributions.items())},
        "n_singular": {name: found.singular for name, found in sorted(distributions.items())},
    }
    with atomic(options.output) as partial:
        partial.write_text(json.dumps(thresholds, indent=1) + "\n")


if __name__ == "__main__":
    run(main)
