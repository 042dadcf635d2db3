"""Draw one figure from its tables."""

import importlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from ase.io import read

from command import parser, run
from descriptor_sensitivity.drawing.style import save, use_style
from descriptor_sensitivity.files import read_csv, write_csv


def load(path: Path) -> Any:
    """A table, named arrays, structures, or whatever a JSON file holds."""
    if path.suffix == ".csv":
        return read_csv(path)
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    if path.suffix == ".npz":
        with np.load(path) as stored:
            return dict(stored)
    if path.suffix == ".json":
        return json.loads(path.read_text())
    return read(path, ":") if path.stat().st_size else []


def main(argv: list[str] | None = None) -> None:
    options = parser(__doc__)
    options.add_argument("--module", required=True, help="of descriptor_sensitivity.drawing")
    options.add_argument("--table", nargs="*", default=[], help="argument=file, one for each table")
    options.add_argument("--digits", type=int, default=10, help="significant digits of the data")
    options.add_argument("--figure", type=Path, required=True, help="file without suffix")
    paths = options.parse_args(argv)

    tables = dict(pair.split("=", 1) for pair in paths.table)
    module = importlib.import_module(f"descriptor_sensitivity.drawing.{paths.module}")
    use_style()
    picture, data = module.draw(**{name: load(Path(file)) for name, file in tables.items()})
    for part, table in data.items():
        name = f"{paths.figure.name}_{part}" if part else paths.figure.name
        write_csv(table, paths.figure.parent / "data" / f"{name}.csv", paths.digits)
    save(picture, paths.figure)


if __name__ == "__main__":
    run(main)
