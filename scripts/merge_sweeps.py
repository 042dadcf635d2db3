"""Every point of the sweeps in one table, and structures side by side over the order nu."""

from pathlib import Path

import pandas as pd

from command import parser, run
from descriptor_sensitivity.files import write_csv
from descriptor_sensitivity.sweeps import by_structure


def main(argv: list[str] | None = None) -> None:
    options = parser(__doc__, "n_scatter")
    options.add_argument("tables", type=Path, nargs="+", help="csv files of the sweeps")
    options.add_argument("--values", type=Path, required=True, help="parquet, one row per CN")
    options.add_argument("--table", type=Path, required=True, help="csv, one row per point")
    options.add_argument("--structures", type=Path, required=True, help="csv, one row a structure")
    paths = options.parse_args(argv)
    merged = pd.concat([pd.read_csv(table) for table in paths.tables]).drop_duplicates()
    write_csv(merged, paths.table)
    values = pd.read_parquet(paths.values)
    write_csv(by_structure(values, paths.settings.n_scatter), paths.structures)


if __name__ == "__main__":
    run(main)
