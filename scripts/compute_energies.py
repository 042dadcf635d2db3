"""Energies of all structures of a manifold: the shipped ones where they fit, computed otherwise."""

import argparse
import logging
import os
import shutil
from pathlib import Path

from tqdm import tqdm

from command import run
from descriptor_sensitivity.energies import (
    CONVERGED,
    Level,
    check_level,
    energies_file_head,
    energies_file_line,
    energies_of_points,
    mismatch,
    read_energies,
)
from descriptor_sensitivity.files import atomic
from descriptor_sensitivity.manifolds import Manifold

log = logging.getLogger("energies")


def finished(path: Path | None, level: Level, manifold: Manifold) -> dict:
    """The points that a file of energies has for these structures at this level."""
    if not path or not path.exists():
        return {}
    provenance, table = read_energies(path)
    reason = mismatch(provenance, level, manifold)
    if reason:
        log.warning("%s is not used: %s", path, reason)
        return {}
    return {int(row.point): row for row in table.itertuples()}


def write_energies(path: Path, done: dict, level: Level, manifold: Manifold) -> None:
    """All finished points, in order."""
    lines = [
        energies_file_line(manifold, point, row.energy_ha, row.status == CONVERGED)
        for point, row in sorted(done.items())
    ]
    with atomic(path) as partial:
        partial.write_text(energies_file_head(level, manifold) + "".join(lines))


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--manifold", type=Path, required=True, help="npz file of structures")
    parser.add_argument("--functional", required=True, help="as PySCF spells it")
    parser.add_argument("--basis", required=True, help="as PySCF spells it")
    parser.add_argument("--shipped", type=Path, help="energies computed earlier")
    parser.add_argument(
        "--partial", type=Path, required=True, help="where finished points are kept"
    )
    parser.add_argument("--threads", type=int, default=1, help="processes")
    parser.add_argument("--output", type=Path, required=True, help="csv file to write")
    arguments = parser.parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(message)s")

    level = Level(arguments.functional, arguments.basis)
    check_level(level, [6, 1])
    manifold = Manifold.load(arguments.manifold)
    name = arguments.manifold.stem
    if len(finished(arguments.shipped, level, manifold)) == len(manifold):
        arguments.output.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(arguments.shipped, arguments.output)
        return

    done = finished(arguments.partial, level, manifold)
    arguments.partial.parent.mkdir(parents=True, exist_ok=True)
    write_energies(arguments.partial, done, level, manifold)
    missing = [point for point in range(len(manifold)) if point not in done]
    bar = tqdm(total=len(manifold), initial=len(done), desc=f"energies, {name}", unit=" points")
    with arguments.partial.open("a") as lines, bar:

        def record(point: int, energy: float, converged: bool) -> None:
            lines.write(energies_file_line(manifold, point, energy, converged))
            lines.flush()
            bar.update()
            if not converged:
                log.warning(
                    "%s: the SCF of point %d (Delta %s) did not converge; it is kept apart",
                    name,
                    point,
                    manifold.coordinates[point].tolist(),
                )

        energies_of_points(manifold, level, missing, record, arguments.threads)

    done = finished(arguments.partial, level, manifold)
    write_energies(arguments.output, done, level, manifold)
    os.remove(arguments.partial)


if __name__ == "__main__":
    run(main)
