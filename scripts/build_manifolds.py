"""Build the grids of displaced methane structures of Figure 2, one for each of its columns."""

import json
from pathlib import Path

import pandas as pd
from ase.io import write

from command import parser, run
from descriptor_sensitivity.files import atomic, write_csv
from descriptor_sensitivity.grids import build
from descriptor_sensitivity.manifolds import geometry, training_line


def main(argv: list[str] | None = None) -> None:
    options = parser(__doc__, "n_points, training_grids, structures, directions")
    options.add_argument("--equilibrium", type=Path, required=True, help="json with bond_length")
    options.add_argument("--manifolds", type=Path, nargs="+", required=True, help="<name>.npz")
    options.add_argument("--xyz", type=Path, nargs="+", required=True, help="to look at")
    options.add_argument("--table", type=Path, required=True, help="csv, references and patterns")
    paths = options.parse_args(argv)
    settings = paths.settings

    bond_length = json.loads(paths.equilibrium.read_text())["bond_length"]
    for n_train in settings.training_grids:  # now, and not after the energies are there
        training_line(settings.n_points, n_train)
    tables = []
    for file, xyz in zip(paths.manifolds, paths.xyz, strict=True):
        mine = settings.structures[file.stem]
        manifold = build(file.stem, mine, settings.n_points, bond_length, settings.directions)
        manifold.save(file)
        with atomic(xyz) as partial:
            write(partial, manifold.frames(), format="extxyz")
        tables.append(geometry(manifold).assign(structure=file.stem))
    write_csv(pd.concat(tables), paths.table)


if __name__ == "__main__":
    run(main)
