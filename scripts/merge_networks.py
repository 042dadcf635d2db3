"""One table of all networks, and their mean and spread over seeds beside the printed errors."""

import argparse
from pathlib import Path

import pandas as pd

from command import run
from descriptor_sensitivity.files import write_csv
from descriptor_sensitivity.network import RUNS


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tables", nargs="+", type=Path, help="csv of each run")
    parser.add_argument("--printed", type=Path, required=True, help="csv of the printed errors")
    parser.add_argument("--output", type=Path, required=True, help="csv, one row per network")
    parser.add_argument("--summary", type=Path, required=True, help="csv, one row per run")
    options = parser.parse_args(argv)

    table = pd.concat([pd.read_csv(path, dtype={"run": str}) for path in options.tables])
    table["order"] = table.run.map(RUNS.index)
    table = table.sort_values(["sigma", "order", "seed"]).drop(columns="order")
    write_csv(table, options.output)
    groups = table.groupby(["sigma", "run"], sort=False)
    columns = [name for name in table.columns if name.startswith(("rmse", "mae"))]
    summary = groups[columns].agg(["mean", "std"])
    summary.columns = ["_".join(column) for column in summary.columns]
    summary.insert(0, "seeds", groups.size())
    printed = pd.read_csv(options.printed, dtype={"run": str})
    write_csv(summary.reset_index().merge(printed, on="run", how="left"), options.summary, digits=4)


if __name__ == "__main__":
    run(main)
