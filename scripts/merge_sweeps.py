"""Every point of the sweeps in one table, without repeated rows."""

from pathlib import Path

import pandas as pd

from command import parser, run
from descriptor_sensitivity.files import read_csv, write_csv


def main(argv: list[str] | None = None) -> None:
    options = parser(__doc__)
    options.add_argument("tables", type=Path, nargs="+", help="csv files of the sweeps")
    options.add_argument("--table", type=Path, required=True, help="csv, one row per point")
    paths = options.parse_args(argv)
    merged = pd.concat([read_csv(table) for table in paths.tables]).drop_duplicates()
    write_csv(merged, paths.table)


if __name__ == "__main__":
    run(main)
