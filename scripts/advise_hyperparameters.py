"""The cheapest basis that sees a data set nearly as well as the best: a sweep on a sample of it."""

from pathlib import Path

from threadpoolctl import threadpool_limits

from command import parser, run
from descriptor_sensitivity.audit.advice import in_words, try_settings
from descriptor_sensitivity.audit.chunks import sample_batches
from descriptor_sensitivity.files import atomic, write_csv


def main(argv: list[str] | None = None) -> None:
    options = parser(
        __doc__, "density, center_species, n_max, l_max, sigma, factor, n_environments"
    )
    options.add_argument("--sample", type=Path, required=True, help="extended xyz file")
    options.add_argument("--table", type=Path, required=True, help="csv to write")
    options.add_argument("--advice", type=Path, required=True, help="markdown to write")
    paths = options.parse_args(argv)
    settings, sample = paths.settings, paths.sample
    cutoff, center = settings.density["cutoff"], settings.center_species
    with threadpool_limits(1):
        table, singular = try_settings(
            settings.density,
            settings.n_max,
            settings.l_max,
            settings.sigma,
            sample_batches(sample, cutoff, center, settings.n_environments),
            sample_batches(sample, cutoff, center),
            settings.factor,
            str(sample),
        )
    write_csv(table, paths.table, digits=6)
    with atomic(paths.advice) as partial:
        partial.write_text(in_words(table, singular, settings.factor))


if __name__ == "__main__":
    run(main)
