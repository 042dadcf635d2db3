"""Check numerically the statements that the papers make in their text and no figure shows."""

from pathlib import Path

import pandas as pd
from ase.io import iread

from command import parser, run
from descriptor_sensitivity.files import write_csv
from descriptor_sensitivity.statements import check_statements


def main(argv: list[str] | None = None) -> None:
    options = parser(__doc__)
    options.add_argument("--structures", type=Path, required=True, help="those of the sweeps")
    options.add_argument("--table", type=Path, required=True, help="csv to write: name, value")
    paths = options.parse_args(argv)
    values = check_statements(iread(paths.structures))
    write_csv(pd.DataFrame({"name": values.keys(), "value": values.values()}), paths.table)


if __name__ == "__main__":
    run(main)
