"""The zoo against all libraries and the layers of potentials in one table, and one to read."""

from pathlib import Path

import pandas as pd

from command import parser, run
from descriptor_sensitivity.files import atomic, write_csv
from descriptor_sensitivity.zoo.table import markdown, merged


def main(argv: list[str] | None = None) -> None:
    options = parser(__doc__)
    options.add_argument("tables", type=Path, nargs="+", help="csv, one per library")
    options.add_argument("--potentials", type=Path, nargs="+", required=True, help="csv of theirs")
    options.add_argument("--table", type=Path, required=True, help="csv to write")
    options.add_argument("--markdown", type=Path, required=True, help="the same to read")
    paths = options.parse_args(argv)
    tables, potentials = (
        [pd.read_csv(path, dtype={"null_dimension": str}) for path in files]
        for files in (paths.tables, paths.potentials)
    )
    table = merged(tables, potentials)
    write_csv(table, paths.table)
    with atomic(paths.markdown) as partial:
        partial.write_text(markdown(table), encoding="utf-8")


if __name__ == "__main__":
    run(main)
