"""Put tables with the same columns under one another, without repeated rows."""

import argparse
from pathlib import Path

import pandas as pd

from command import run
from descriptor_sensitivity.files import write_csv


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tables", type=Path, nargs="+", help="csv files")
    parser.add_argument("--output", type=Path, required=True, help="csv file")
    options = parser.parse_args(argv)
    merged = pd.concat([pd.read_csv(path) for path in options.tables]).drop_duplicates()
    write_csv(merged, options.output)


if __name__ == "__main__":
    run(main)
