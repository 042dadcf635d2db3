"""One table of all networks, and their mean and spread over seeds beside the printed errors."""

from pathlib import Path

import pandas as pd

from command import parser, run
from descriptor_sensitivity.files import write_csv
from descriptor_sensitivity.orbit_learning import RUNS, over_seeds


def main(argv: list[str] | None = None) -> None:
    options = parser(__doc__)
    options.add_argument("tables", nargs="+", type=Path, help="csv of each setting")
    options.add_argument("--printed", type=Path, required=True, help="csv of the printed errors")
    options.add_argument("--table", type=Path, required=True, help="csv, one row per network")
    options.add_argument("--summary", type=Path, required=True, help="csv, one row per run")
    paths = options.parse_args(argv)
    tables = [pd.read_csv(table, dtype={"run": str}) for table in paths.tables]
    merged = pd.concat(tables)
    merged["order"] = merged.run.map(RUNS.index)
    merged = merged.sort_values(["sigma", "scale", "order", "seed"]).drop(columns="order")
    write_csv(merged, paths.table)
    printed = pd.read_csv(paths.printed, dtype={"run": str})
    write_csv(over_seeds(merged, printed), paths.summary, digits=4)


if __name__ == "__main__":
    run(main)
