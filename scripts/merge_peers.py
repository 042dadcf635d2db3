"""The descriptors of all libraries in one table, by correlation order."""

from pathlib import Path

import pandas as pd

from command import parser, run
from descriptor_sensitivity.files import write_csv


def main(argv: list[str] | None = None) -> None:
    options = parser(__doc__)
    options.add_argument("tables", type=Path, nargs="+", help="csv, one per library")
    options.add_argument("--table", type=Path, required=True, help="csv to write")
    paths = options.parse_args(argv)
    table = pd.concat([pd.read_csv(path) for path in paths.tables], ignore_index=True)
    by_order = table.sort_values("nu", kind="stable", na_position="last", ignore_index=True)
    write_csv(by_order, paths.table)


if __name__ == "__main__":
    run(main)
