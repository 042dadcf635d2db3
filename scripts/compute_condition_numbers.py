"""Condition numbers of density correlations at every point of a sweep sheet.

Each finished point is kept beside the table, by a name that holds everything it depends on, so that
a killed run goes on where it stopped and a new row costs that row alone.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from ase.io import read

from command import parser, run
from descriptor_sensitivity.cutting import cut_environments
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.files import atomic, write_csv
from descriptor_sensitivity.fingerprint import fingerprint
from descriptor_sensitivity.store import file_digest
from descriptor_sensitivity.sweeps import read_sheet, summarise, sweep, table_of


def main(argv: list[str] | None = None) -> None:
    options = parser(__doc__, "cutoff, n_primitive, fit_structures, n_structures, bootstrap, seed")
    options.add_argument("--structures", type=Path, required=True, help="extended xyz file")
    options.add_argument("--sheet", type=Path, required=True, help="points, one row each")
    options.add_argument("--threads", type=int, default=1, help="points computed at once")
    options.add_argument("--bases", type=Path, required=True, help="folder of fitted radial bases")
    options.add_argument("--table", type=Path, required=True, help="csv, one row per point")
    options.add_argument("--values", type=Path, required=True, help="parquet, one row per CN")
    options.add_argument("--timings", type=Path, required=True, help="csv, seconds per point")
    paths = options.parse_args(argv)
    settings = paths.settings

    points = read_sheet(paths.sheet)
    needed = max(settings.n_structures, settings.fit_structures)
    frames = read(paths.structures, f":{needed}")
    if len(frames) < needed:
        raise InputError(
            f"{paths.structures} holds {len(frames)} structures and the sweep asks for {needed};"
            " lower `n_structures` or `fit_structures`, or prepare more."
        )
    averaged, fitted = (
        cut_environments(frames[:count], settings.cutoff, "C", name=str(paths.structures))
        for count in (settings.n_structures, settings.fit_structures)
    )
    shared = {
        "code": fingerprint(__file__),
        "structures": file_digest(paths.structures),
        "cutoff": settings.cutoff,
        "n_structures": settings.n_structures,
    }
    found = sweep(
        points,
        averaged,
        fitted,
        settings.cutoff,
        settings.n_primitive,
        paths.table.parent / "points",
        paths.bases,
        shared,
        paths.threads,
        paths.sheet.stem,
    )

    structure = np.concatenate([batch.frames for batch in averaged])
    rows, values, timings = [], [], []
    for point, arrays in zip(points, found, strict=True):
        condition_numbers = arrays["condition_number"]
        summary = summarise(condition_numbers, settings.bootstrap, settings.seed)
        rows.append({**point._asdict(), **summary})
        timings.append({**point._asdict(), "seconds": float(arrays["seconds"])})
        frame = pd.DataFrame({"structure": structure, "condition_number": condition_numbers})
        frame = frame.assign(**point._asdict()).astype({"n_max": "Int64"})
        values.append(frame.sort_values("structure"))
    write_csv(table_of(rows), paths.table)
    write_csv(table_of(timings), paths.timings, digits=3)
    with atomic(paths.values) as partial:
        pd.concat(values).to_parquet(partial, index=False)


if __name__ == "__main__":
    run(main)
