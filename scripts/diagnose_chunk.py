"""Say why each low-sensitivity environment of one chunk is seen badly."""

import json
from pathlib import Path

import pandas as pd
from ase.io import write
from threadpoolctl import threadpool_limits

from command import parser, run
from descriptor_sensitivity.audit.chunks import DataSet
from descriptor_sensitivity.audit.findings import diagnose_chunk
from descriptor_sensitivity.audit.thresholds import Thresholds
from descriptor_sensitivity.files import atomic


def main(argv: list[str] | None = None) -> None:
    options = parser(__doc__, "name, descriptor, density, center_species, criteria, shown")
    options.add_argument("--chunk", type=Path, required=True, help="parquet of split_dataset.py")
    options.add_argument("--frames", type=Path, required=True, help="json of split_dataset.py")
    options.add_argument("--sample", type=Path, required=True, help="frames to fit a basis on")
    options.add_argument("--rows", type=Path, required=True, help="table of audit_chunk.py")
    options.add_argument("--thresholds", type=Path, required=True, help="json of set_thresholds.py")
    options.add_argument("--findings", type=Path, required=True, help="csv to write")
    options.add_argument("--worst", type=Path, required=True, help="extended xyz file to write")
    paths = options.parse_args(argv)
    settings = vars(paths.settings)
    thresholds = Thresholds.of(json.loads(paths.thresholds.read_text()), settings.pop("criteria"))
    rows = pd.read_parquet(paths.rows)
    with threadpool_limits(1):
        table, worst = diagnose_chunk(
            DataSet.read(paths.frames), paths.chunk, paths.sample, rows, thresholds, **settings
        )
    with atomic(paths.findings) as partial:
        table.to_csv(partial, index=False)
    with atomic(paths.worst) as partial:
        partial.touch()
        if worst:
            write(partial, worst, format="extxyz")


if __name__ == "__main__":
    run(main)
