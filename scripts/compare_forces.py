"""The reference force along what each structure hides from a potential, and its force errors."""

from pathlib import Path

import pandas as pd

from command import parser, run
from descriptor_sensitivity.audit.chunks import DataSet
from descriptor_sensitivity.audit.forces import compared, frames_with_forces
from descriptor_sensitivity.audit.forces_outcome import outcome
from descriptor_sensitivity.files import write_csv

COLUMNS = ["frame", "condition_number", "displacement"]


def main(argv: list[str] | None = None) -> None:
    options = parser(__doc__, "descriptors (name and settings, of kind mlip), singular, seed")
    options.add_argument("--path", type=Path, required=True, help="file of structures and forces")
    options.add_argument("--pieces", type=Path, required=True, help="folder of the chunks' tables")
    options.add_argument("--frames", type=Path, required=True, help="json of split_dataset.py")
    options.add_argument("--table", type=Path, required=True, help="csv to write")
    options.add_argument("--outcome", type=Path, required=True, help="csv to write")
    paths = options.parse_args(argv)
    settings, chunks = paths.settings, DataSet.read(paths.frames).chunks
    judged, tables, outcomes = {}, [], []
    for name, _ in settings.descriptors:
        files = [paths.pieces / "structures" / name / f"{chunk}.parquet" for chunk in chunks]
        judged[name] = pd.concat([pd.read_parquet(file, columns=COLUMNS) for file in files])
    numbers = {int(number) for table in judged.values() for number in table["frame"]}
    frames = frames_with_forces(paths.path, numbers)
    for name, descriptor in settings.descriptors:
        table, left_out = compared(name, descriptor, judged[name], frames)
        tables.append(table)
        said = outcome(table, left_out, settings.singular, settings.seed)
        outcomes.append({"representation": name, **said})
    write_csv(pd.concat(tables), paths.table, digits=7)
    write_csv(pd.DataFrame(outcomes), paths.outcome, digits=7)


if __name__ == "__main__":
    run(main)
