"""Condition numbers of nu = 1, 2, 3 side by side, structure by structure."""

from pathlib import Path

import pandas as pd

from command import parser, run
from descriptor_sensitivity.files import write_csv
from descriptor_sensitivity.sweeps import by_structure


def main(argv: list[str] | None = None) -> None:
    options = parser(__doc__, "n_scatter")
    options.add_argument("--values", type=Path, required=True, help="parquet, one row per CN")
    options.add_argument("--table", type=Path, required=True, help="csv, one row a structure")
    paths = options.parse_args(argv)
    values = pd.read_parquet(paths.values)
    write_csv(by_structure(values, paths.settings.n_scatter), paths.table)


if __name__ == "__main__":
    run(main)
