"""What the features of all atoms together see of each structure in one chunk of a data set."""

from pathlib import Path

import pandas as pd
from ase.io import write
from threadpoolctl import threadpool_limits

from command import parser, run
from descriptor_sensitivity.audit.chunks import DataSet
from descriptor_sensitivity.audit.structure_table import structures_of_chunk
from descriptor_sensitivity.files import atomic


def main(argv: list[str] | None = None) -> None:
    options = parser(
        __doc__, "name, descriptor, center_species, symmetry, singular, most (structures), shown"
    )
    options.add_argument("--chunk", type=Path, required=True, help="a file of split_dataset.py")
    options.add_argument("--frames", type=Path, required=True, help="json of split_dataset.py")
    options.add_argument("--sample", type=Path, required=True, help="frames to fit a basis on")
    options.add_argument("--rows", type=Path, required=True, help="of audit_chunk.py")
    options.add_argument("--table", type=Path, required=True, help="parquet to write")
    options.add_argument("--worst", type=Path, required=True, help="extended xyz to write")
    paths = options.parse_args(argv)
    rows = pd.read_parquet(paths.rows, columns=["frame", "center", "condition_number"])
    with threadpool_limits(1):
        table, worst = structures_of_chunk(
            DataSet.read(paths.frames), paths.chunk, paths.sample, rows, **vars(paths.settings)
        )
    with atomic(paths.table) as partial:
        table.to_parquet(partial, index=False)
    with atomic(paths.worst) as partial:
        partial.touch()
        if worst:
            write(partial, worst, format="extxyz")


if __name__ == "__main__":
    run(main)
