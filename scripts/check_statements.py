"""Check numerically the statements that the papers make in their text and no figure shows."""

import argparse

import pandas as pd
from ase.io import iread

from command import run
from descriptor_sensitivity.files import write_csv
from descriptor_sensitivity.statements import check_statements


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--structures", required=True, help="the structures of the sweeps")
    parser.add_argument("--output", required=True, help="CSV file to write: name, value")
    arguments = parser.parse_args(argv)
    values = check_statements(iread(arguments.structures))
    write_csv(pd.DataFrame({"name": values.keys(), "value": values.values()}), arguments.output)


if __name__ == "__main__":
    run(main)
