"""Recompute the energies of a random handful of points and compare them with those in use."""

from pathlib import Path

from command import parser, run
from descriptor_sensitivity.energies import read_energies, recomputed, require_same
from descriptor_sensitivity.files import write_csv
from descriptor_sensitivity.manifolds import Manifold
from descriptor_sensitivity.scf import Level


def main(argv: list[str] | None = None) -> None:
    options = parser(__doc__, "functional, basis, check {count, seed, tolerance (ueV)}")
    options.add_argument("--manifolds", type=Path, nargs="+", required=True, help="<name>.npz")
    options.add_argument("--energies", type=Path, nargs="+", required=True, help="<name>.csv")
    options.add_argument("--output", type=Path, required=True, help="csv")
    paths = options.parse_args(argv)
    settings = paths.settings

    level = Level(settings.functional, settings.basis)
    manifolds = {file.stem: Manifold.load(file) for file in paths.manifolds}
    tables = {file.stem: read_energies(file)[1] for file in paths.energies}
    found = recomputed(manifolds, tables, level, settings.check["count"], settings.check["seed"])
    require_same(found, settings.check["tolerance"])
    write_csv(found, paths.output, digits=14)


if __name__ == "__main__":
    run(main)
