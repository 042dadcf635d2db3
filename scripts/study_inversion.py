"""How well structures are found from their features, and where twins are found instead."""

from pathlib import Path

import pandas as pd
from threadpoolctl import threadpool_limits

from command import parser, run
from descriptor_sensitivity import inversion_study
from descriptor_sensitivity.files import write_csv


def main(argv: list[str] | None = None) -> None:
    options = parser(__doc__)
    for name in ("success", "steps", "twins", "table"):
        options.add_argument(f"--{name}", type=Path, required=True, help="csv to write")
    paths = options.parse_args(argv)
    tables = {}
    with threadpool_limits(1):
        for name in ("success", "steps", "twins"):
            study = getattr(inversion_study, name)
            parts = [study(nu, one) for nu, one in inversion_study.descriptors().items()]
            tables[name] = pd.concat(parts, ignore_index=True)
            write_csv(tables[name], getattr(paths, name))
    write_csv(inversion_study.summary(*tables.values()), paths.table)


if __name__ == "__main__":
    run(main)
