"""Join what was found of the structures in each chunk of a data set: a table, and the worst."""

from pathlib import Path

from ase.io import write

from command import parser, run
from descriptor_sensitivity.audit.chunks import DataSet
from descriptor_sensitivity.audit.structure_table import merge_structures
from descriptor_sensitivity.files import atomic, write_csv


def main(argv: list[str] | None = None) -> None:
    options = parser(__doc__, "names (of descriptors, in order), factor, singular, shown")
    options.add_argument("--pieces", type=Path, required=True, help="folder of the chunks' tables")
    options.add_argument("--frames", type=Path, required=True, help="json of split_dataset.py")
    options.add_argument("--table", type=Path, required=True, help="csv to write")
    options.add_argument("--worst", type=Path, required=True, help="extended xyz to write")
    paths = options.parse_args(argv)
    table, worst = merge_structures(
        paths.pieces, DataSet.read(paths.frames), **vars(paths.settings)
    )
    write_csv(table, paths.table, digits=7)
    with atomic(paths.worst) as partial:
        partial.touch()
        if worst:
            write(partial, worst, format="extxyz")


if __name__ == "__main__":
    run(main)
