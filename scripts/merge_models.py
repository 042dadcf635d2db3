"""Machine-learned potentials of all libraries in one table, in the order of the configuration."""

from pathlib import Path

import pandas as pd

from command import parser, run
from descriptor_sensitivity.files import write_csv


def main(argv: list[str] | None = None) -> None:
    options = parser(__doc__, "names")
    options.add_argument("tables", type=Path, nargs="+", help="csv, one per library")
    options.add_argument("--table", type=Path, required=True, help="csv to write")
    paths = options.parse_args(argv)
    table = pd.concat([pd.read_csv(path) for path in paths.tables], ignore_index=True)
    table["order"] = table.model.map({name: n for n, name in enumerate(paths.settings.names)})
    table = table.sort_values("order", kind="stable").drop(columns="order")
    write_csv(table, paths.table)


if __name__ == "__main__":
    run(main)
