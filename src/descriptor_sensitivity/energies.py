"""Reference energies of manifolds of methane: files of energies, finished rows, their check."""

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from ase.units import Hartree

from descriptor_sensitivity import scf
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.files import atomic
from descriptor_sensitivity.fingerprint import fingerprint
from descriptor_sensitivity.manifolds import Manifold
from descriptor_sensitivity.scf import Level, along_path, check_level, single_point
from descriptor_sensitivity.store import Task, finish, load

log = logging.getLogger(__name__)

METHANE = (6, 1, 1, 1, 1)
"""Atomic numbers, the centre first."""

SAME_POSITION = 1e-10
"""Structures agree when no coordinate differs by more than this (Å)."""

CONVERGED, FAILED = "converged", "not converged"


def provenance(level: Level, manifold: Manifold) -> dict[str, Any]:
    """What an energies file says about itself: level, versions, and the structures it is for."""
    return {
        "level": asdict(level),
        "versions": {name: version(name) for name in ("pyscf", "numpy", "scipy")},
        "structures": {
            "numbers": list(METHANE),
            "vectors_angstrom": manifold.vectors.tolist(),
            "displacements": manifold.displacements.tolist(),
            "length_angstrom": manifold.length,
            "deltas": manifold.deltas.tolist(),
            "sha256": manifold.digest(),
        },
    }


def mismatch(found: dict[str, Any], level: Level, manifold: Manifold) -> str | None:
    """Why energies with provenance `found` are not for `manifold` at `level`, or None if they are.

    Versions may differ: a random handful of points is recomputed in every run for that.
    """
    if found["level"] != asdict(level):
        return "the level of theory differs"
    wanted = provenance(level, manifold)["structures"]
    for key in ("vectors_angstrom", "displacements", "length_angstrom", "deltas"):
        ours, theirs = np.array(wanted[key]), np.array(found["structures"][key])
        if ours.shape != theirs.shape or np.abs(ours - theirs).max() > SAME_POSITION:
            return f"the structures differ ({key})"
    return None


def read_energies(path: str | Path) -> tuple[dict[str, Any], pd.DataFrame]:
    """Provenance and table of an energies file.

    The first line is `# ` and the provenance as JSON, the rest CSV with columns point (index in
    the manifold), delta_1, delta_2, energy_ha and status.
    """
    header, *lines = Path(path).read_text().splitlines()
    try:
        found = json.loads(header.removeprefix("# "))
        rows = [line.split(",") for line in lines[1:]]
        table = pd.DataFrame(
            {
                "point": [int(row[0]) for row in rows],
                "delta_1": [float(row[1]) for row in rows],
                "delta_2": [float(row[2]) for row in rows],
                "energy_ha": [float(row[3]) for row in rows],
                "status": [row[4] for row in rows],
            }
        )
    except (ValueError, IndexError) as error:
        raise InputError(
            f"{path} is not a file of energies ({error}); delete it to have them computed."
        ) from None
    return found, table


def unfit(path: str | Path, level: Level, manifold: Manifold) -> str | None:
    """Why a file does not hold every energy of `manifold` at `level`, or None if it does."""
    found, table = read_energies(path)
    reason = mismatch(found, level, manifold)
    if reason is None and set(table.point) != set(range(len(manifold))):
        reason = f"{len(table)} of {len(manifold)} points are there"
    return f"{path} is not used, {reason}" if reason else None


def write_energies(path: str | Path, level: Level, manifold: Manifold, table: pd.DataFrame) -> None:
    """Write a file that `read_energies` reads, the energies with all their digits.

    Args:
        table: columns energy_ha and status, one row for each point, in their order.
    """
    header = json.dumps(provenance(level, manifold), sort_keys=True)
    lines = [f"# {header}", "point,delta_1,delta_2,energy_ha,status"]
    for point, (first, second) in enumerate(manifold.coordinates):
        energy, status = table.energy_ha.iloc[point], table.status.iloc[point]
        lines.append(f"{point},{first:.6g},{second:.6g},{energy:.12f},{status}")
    with atomic(path) as partial:
        partial.write_text("\n".join(lines) + "\n")


def compute_energies(
    manifolds: Mapping[str, Manifold], level: Level, folder: Path, processes: int = 1
) -> dict[str, pd.DataFrame]:
    """Energies of all points of some manifolds, as columns energy_ha and status.

    A row of equal Delta_1 is one piece of work, kept in `folder`: along it each SCF starts from the
    density of the point before it, so that the energies do not depend on where a run was stopped.
    """
    check_level(level, METHANE)
    shared = {
        "code": fingerprint(scf.__file__),
        "pyscf": version("pyscf"),
        "numbers": METHANE,
        "level": asdict(level),
    }
    rows = {
        name: np.split(manifold.positions, len(manifold.deltas))
        for name, manifold in manifolds.items()
    }

    def task(name: str, number: int, positions: np.ndarray) -> Task:
        settings = {"positions_angstrom": positions.tolist()}
        return Task(f"{name}_{number:02d}", settings, lambda: (METHANE, positions, level))

    tasks = [
        task(name, number, positions)
        for name, mine in rows.items()
        for number, positions in enumerate(mine)
    ]
    files = iter(finish(along_path, tasks, folder, shared, processes, "energies", unit="row"))
    tables = {name: _joined([load(next(files)) for _ in mine]) for name, mine in rows.items()}
    for name, table in tables.items():
        for point in np.flatnonzero(table.status == FAILED):
            delta = manifolds[name].coordinates[point].tolist()
            log.warning("%s: the SCF of point %d (Delta %s) did not converge", name, point, delta)
    return tables


def _joined(rows: list[dict[str, np.ndarray]]) -> pd.DataFrame:
    converged = np.concatenate([row["converged"] for row in rows])
    energies = np.concatenate([row["energy_ha"] for row in rows])
    return pd.DataFrame({"energy_ha": energies, "status": np.where(converged, CONVERGED, FAILED)})


def recomputed(
    manifolds: Mapping[str, Manifold],
    tables: Mapping[str, pd.DataFrame],
    level: Level,
    count: int,
    seed: int,
) -> pd.DataFrame:
    """A random handful of energies of each manifold, computed again, beside those in use.

    Returns columns structure, point, energy_ha, recomputed_ha, difference_uev.
    """
    generator = np.random.default_rng(seed)
    rows = []
    for name, manifold in manifolds.items():
        known = tables[name].query("status == @CONVERGED").set_index("point").energy_ha
        positions = manifold.positions
        for point in np.sort(generator.choice(known.index, count, replace=False)):
            energy, _, _ = single_point(METHANE, positions[point], level)
            difference = 1e6 * Hartree * (energy - known[point])
            rows.append((name, point, known[point], energy, difference))
    columns = ["structure", "point", "energy_ha", "recomputed_ha", "difference_uev"]
    return pd.DataFrame(rows, columns=columns)


def require_same(check: pd.DataFrame, tolerance: float) -> None:
    """Raise `InputError` where an energy of `recomputed` is off by more than `tolerance` (ueV)."""
    worst = check.loc[check.difference_uev.abs().idxmax()]
    if not abs(worst.difference_uev) <= tolerance:
        raise InputError(
            f"Point {worst.point} of the {worst.structure} manifold has an energy that differs by"
            f" {worst.difference_uev:.3g} ueV from the one in use; set `recompute: true` in the"
            " section `singular` of the configuration to compute all of them here."
        )


def relative_energies(table: pd.DataFrame, manifold: Manifold) -> np.ndarray:
    """`energies_ev` minus the energy of the reference structure, which has to be there."""
    energies = energies_ev(table, len(manifold))
    if np.isnan(energies[manifold.middle]):
        raise InputError(
            f"The SCF of point {manifold.middle}, the reference structure, did not converge; choose"
            " another level of theory or another structure."
        )
    return energies - energies[manifold.middle]


def energies_ev(table: pd.DataFrame, n_points: int) -> np.ndarray:
    """Energies (n_points,) in eV; NaN at points whose SCF did not converge."""
    energies = np.full(n_points, np.nan)
    good = table[table.status == CONVERGED]
    energies[good.point] = good.energy_ha * Hartree
    return energies
