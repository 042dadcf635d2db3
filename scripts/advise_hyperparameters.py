"""The cheapest basis that sees a data set nearly as well as the best: a sweep on a sample of it."""

from pathlib import Path

import pandas as pd
from threadpoolctl import threadpool_limits

from command import parser, run
from descriptor_sensitivity.audit.advice import COLUMNS, try_settings
from descriptor_sensitivity.audit.chunks import sample_batches
from descriptor_sensitivity.files import atomic, write_csv


def main(argv: list[str] | None = None) -> None:
    options = parser(
        __doc__,
        "name, descriptor, center_species, n_max, l_max, sigma, factor, singular, n_environments",
    )
    options.add_argument("--sample", type=Path, required=True, help="of split_dataset.py")
    options.add_argument("--table", type=Path, required=True, help="csv to write")
    paths = options.parse_args(argv)
    settings, sample = paths.settings, paths.sample
    cutoff, center = settings.descriptor["cutoff"], settings.center_species
    if settings.descriptor["kind"] != "density":
        with atomic(paths.table) as partial:  # there is nothing to choose
            pd.DataFrame(columns=COLUMNS).to_csv(partial, index=False)
        return
    with threadpool_limits(1):
        table = try_settings(
            settings.name,
            settings.descriptor,
            {key: getattr(settings, key) for key in ("n_max", "l_max", "sigma")},
            sample_batches(sample, cutoff, center, settings.n_environments),
            sample_batches(sample, cutoff, center),
            settings.factor,
            settings.singular,
            str(sample),
        )
    write_csv(table, paths.table, digits=6)


if __name__ == "__main__":
    run(main)
