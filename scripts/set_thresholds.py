"""What counts as low sensitivity on a data set, and a sample of its environments to look at."""

import json
from pathlib import Path

from ase.io import write
from threadpoolctl import threadpool_limits

from command import parser, run
from descriptor_sensitivity.audit.chunks import DataSet
from descriptor_sensitivity.audit.thresholds import find_thresholds
from descriptor_sensitivity.audit.worst import sampled
from descriptor_sensitivity.files import atomic


def main(argv: list[str] | None = None) -> None:
    options = parser(__doc__, "name, descriptor, density, center_species, singular, nu3_neighbors")
    options.add_argument("--pieces", type=Path, required=True, help="folder of the chunks' tables")
    options.add_argument("--frames", type=Path, required=True, help="json of split_dataset.py")
    options.add_argument("--sample", type=Path, required=True, help="extended xyz file")
    options.add_argument("--thresholds", type=Path, required=True, help="json to write")
    options.add_argument("--sampled", type=Path, required=True, help="extended xyz to write")
    paths = options.parse_args(argv)
    settings, dataset = paths.settings, DataSet.read(paths.frames)
    rows, center = paths.pieces / "rows" / settings.name, settings.center_species
    with threadpool_limits(1):
        thresholds = find_thresholds(
            [rows / f"{chunk}.parquet" for chunk in dataset.chunks],
            paths.sample,
            settings.density,
            center,
            settings.singular,
            settings.nu3_neighbors,
        )
        clusters = sampled(paths.sample, settings.name, settings.descriptor, center)
    with atomic(paths.thresholds) as partial:
        partial.write_text(json.dumps(thresholds, indent=1) + "\n")
    with atomic(paths.sampled) as partial:
        partial.touch()
        if clusters:
            write(partial, clusters, format="extxyz")


if __name__ == "__main__":
    run(main)
