"""Recompute the energies of a random handful of points and compare them with those in use."""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from ase.units import Hartree
from tqdm import tqdm

from command import run
from descriptor_sensitivity.energies import CONVERGED, Level, read_energies, single_point
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.files import write_csv
from descriptor_sensitivity.manifolds import Manifold


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--manifolds", type=Path, nargs="+", required=True, help="npz files")
    parser.add_argument("--energies", type=Path, nargs="+", required=True, help="their csv files")
    parser.add_argument("--functional", required=True, help="as PySCF spells it")
    parser.add_argument("--basis", required=True, help="as PySCF spells it")
    parser.add_argument("--count", type=int, required=True, help="points of each manifold")
    parser.add_argument("--seed", type=int, required=True, help="of the choice of points")
    parser.add_argument("--tolerance", type=float, required=True, help="largest difference, ueV")
    parser.add_argument("--output", type=Path, required=True, help="csv file to write")
    arguments = parser.parse_args(argv)

    level = Level(arguments.functional, arguments.basis)
    generator = np.random.default_rng(arguments.seed)
    rows = []
    for path, source in zip(arguments.manifolds, arguments.energies, strict=True):
        manifold = Manifold.load(path)
        _, table = read_energies(source)
        table = table[table.status == CONVERGED].set_index("point")
        points = np.sort(generator.choice(table.index, arguments.count, replace=False))
        positions = manifold.positions
        for point in tqdm(points, desc=f"recomputing, {path.stem}", unit=" points"):
            energy, _, _ = single_point([6, 1, 1, 1, 1], positions[point], level)
            known = table.energy_ha[point]
            rows.append((path.stem, point, known, energy, 1e6 * Hartree * (energy - known)))
    columns = ["structure", "point", "energy_ha", "recomputed_ha", "difference_uev"]
    found = pd.DataFrame(rows, columns=columns)
    worst = found.loc[found.difference_uev.abs().idxmax()]
    if not abs(worst.difference_uev) <= arguments.tolerance:
        raise InputError(
            f"Point {worst.point} of the {worst.structure} manifold has an energy that differs by"
            f" {worst.difference_uev:.3g} ueV from the one in use; set `recompute: true` in the"
            " section `singular` of the configuration to compute all of them here."
        )
    write_csv(found, arguments.output, digits=14)


if __name__ == "__main__":
    run(main)
