"""How each entry of Table 1 moves with the settings that the paper leaves open."""

from pathlib import Path

import pandas as pd
from ase.io import read

from command import parser, run
from descriptor_sensitivity.cutting import cut_environments
from descriptor_sensitivity.energies import energies_ev, read_energies
from descriptor_sensitivity.energy_models import decades
from descriptor_sensitivity.files import write_csv
from descriptor_sensitivity.manifold_features import read_features
from descriptor_sensitivity.manifolds import Manifold
from descriptor_sensitivity.scf import Level
from descriptor_sensitivity.store import file_digest
from descriptor_sensitivity.table1_study import (
    ASYMMETRIC,
    LENGTHS,
    at,
    differences,
    energy_surface,
    misfits,
    random_structures,
    ranges,
    stretched,
    study,
)


def main(argv: list[str] | None = None) -> None:
    options = parser(__doc__, "functional, basis, training_grids, gamma, sigma2, descriptors, ...")
    for name in ("manifolds", "energies", "features"):
        options.add_argument(f"--{name}", type=Path, nargs="+", required=True, help="in one order")
    options.add_argument("--random", type=Path, nargs="*", default=[], help="energies of others")
    options.add_argument("--structures", type=Path, required=True, help="to fit optimal bases on")
    options.add_argument("--printed", type=Path, required=True, help="csv, Table 1 as printed")
    options.add_argument("--pieces", type=Path, required=True, help="folder of finished pieces")
    options.add_argument("--threads", type=int, default=1, help="pieces computed at once")
    options.add_argument("--points", type=Path, required=True, help="csv, every value")
    options.add_argument("--table", type=Path, required=True, help="csv, ranges of entries")
    options.add_argument("--misfits", type=Path, required=True, help="csv, every value as a whole")
    paths = options.parse_args(argv)
    settings = paths.settings

    manifolds = {file.stem: Manifold.load(file) for file in paths.manifolds}
    energies = {
        file.stem: energies_ev(read_energies(file)[1], len(manifolds[file.stem]))
        for file in paths.energies
    }
    features = {
        file.stem: {name: arrays[0] for name, arrays in read_features(file).items()}
        for file in paths.features
    }
    others = []
    for name, manifold in manifolds.items():
        surface, _ = energy_surface(manifold.coordinates, energies[name])
        for factor in LENGTHS:
            longer = stretched(manifold, factor)
            known = at(surface, factor * manifold.coordinates)
            others.append((name, "length", factor, longer, known))
    level = Level(settings.functional, settings.basis)
    for number, one in enumerate(random_structures(paths.random, level, settings.n_points)):
        others.append((ASYMMETRIC, "random structure", float(number), *one))
    frames = read(paths.structures, f":{settings.fit_structures}")
    found = differences(
        [other[3] for other in others],
        {name: settings.descriptors[name] for name in settings.names},
        cut_environments(frames, settings.cutoff, "C", name=str(paths.structures)),
        paths.pieces,
        {"structures": file_digest(paths.structures), "cutoff": settings.cutoff},
        paths.threads,
    )
    tried = decades(*settings.gamma), decades(*settings.sigma2)
    points = study(manifolds, energies, features, others, found, settings.training_grids, *tried)
    write_csv(points, paths.points, digits=6)
    printed = pd.read_csv(paths.printed)
    write_csv(ranges(points, printed), paths.table, digits=6)
    write_csv(misfits(points, printed), paths.misfits, digits=6)


if __name__ == "__main__":
    run(main)
