"""What the features of each audited descriptor know of those of the others, on a data set."""

from pathlib import Path

from threadpoolctl import threadpool_limits

from command import parser, run
from descriptor_sensitivity.audit.chunks import sample_batches
from descriptor_sensitivity.audit.table import fit_batches
from descriptor_sensitivity.descriptors.registry import build_descriptor
from descriptor_sensitivity.files import write_csv
from descriptor_sensitivity.reconstruction import common_features, reconstruction_errors


def main(argv: list[str] | None = None) -> None:
    options = parser(__doc__, "descriptors (pairs of name, settings), center_species (or null)")
    options.add_argument("--sample", type=Path, required=True, help="frames of the data set")
    options.add_argument("--table", type=Path, required=True, help="csv to write")
    paths = options.parse_args(argv)
    center, built, batches = paths.settings.center_species, {}, {}
    with threadpool_limits(1):
        for name, settings in paths.settings.descriptors:
            fitted_on = fit_batches(settings, paths.sample, center)
            built[name] = build_descriptor(name, settings, fitted_on)
            batches[name] = sample_batches(paths.sample, settings["cutoff"], center)
        write_csv(reconstruction_errors(common_features(built, batches)), paths.table)


if __name__ == "__main__":
    run(main)
