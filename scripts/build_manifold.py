"""Build the grid of displaced methane structures of one column of Figure 2."""

import argparse
import json
from pathlib import Path

from ase import Atoms
from ase.io import write

from command import run
from descriptor_sensitivity.descriptors.radial import dvr_basis
from descriptor_sensitivity.files import atomic
from descriptor_sensitivity.grids import asymmetric, degenerate, symmetric
from descriptor_sensitivity.manifolds import square_grid, training_line


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--structure", choices=["asymmetric", "symmetric", "degenerate"])
    parser.add_argument("--equilibrium", type=Path, required=True, help="json with bond_length")
    parser.add_argument("--length", type=float, required=True, help="of Delta = 1, Å")
    parser.add_argument("--n-points", type=int, required=True, help="along each direction, odd")
    parser.add_argument("--training-grids", type=int, nargs="+", help="checked to fit n-points")
    parser.add_argument("--distortion", type=float, help="of each H when asymmetric, Å")
    parser.add_argument("--seed", type=int, help="of the distortion")
    parser.add_argument("--mirror", type=json.loads, help="parameters of the degenerate structure")
    parser.add_argument("--sigma", type=float, help="density smearing for the directions, Å")
    parser.add_argument("--l-max", type=int, help="angular basis for the directions")
    parser.add_argument("--n-max", type=int, help="DVR functions for the directions")
    parser.add_argument("--cutoff", type=float, help="cutoff for the directions, Å")
    parser.add_argument("--output", type=Path, required=True, help="npz file, all digits")
    parser.add_argument("--xyz", type=Path, required=True, help="the same structures to look at")
    arguments = parser.parse_args(argv)

    bond_length = json.loads(arguments.equilibrium.read_text())["bond_length"]
    grid = arguments.length, square_grid(arguments.n_points)
    for n_train in arguments.training_grids:  # now, and not after the energies are there
        training_line(arguments.n_points, n_train)
    if arguments.structure == "symmetric":
        manifold = symmetric(bond_length, *grid)
    else:
        basis = dvr_basis(arguments.n_max, arguments.l_max, arguments.sigma, arguments.cutoff)
        if arguments.structure == "asymmetric":
            distortion = arguments.distortion, arguments.seed
            manifold = asymmetric(bond_length, *distortion, *grid, basis)
        else:
            manifold = degenerate(*grid, basis, **arguments.mirror)
    manifold.save(arguments.output)
    frames = [
        Atoms("CH4", positions=positions, info={"delta_1": float(first), "delta_2": float(second)})
        for positions, (first, second) in zip(manifold.positions, manifold.coordinates, strict=True)
    ]
    with atomic(arguments.xyz) as partial:
        write(partial, frames, format="extxyz")


if __name__ == "__main__":
    run(main)
