"""Reference energies from density-functional theory (PySCF), point by point and resumable."""

import json
import warnings
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from importlib.metadata import version
from multiprocessing import get_context, parent_process
from pathlib import Path
from queue import Empty
from typing import Any

import numpy as np
import pandas as pd
from ase.data import chemical_symbols
from ase.units import Hartree
from scipy.optimize import minimize_scalar

from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.manifolds import Manifold
from descriptor_sensitivity.theory.families import tetrahedral

SAME_POSITION = 1e-10
"""Structures agree when no coordinate differs by more than this (Å)."""

CONVERGED, FAILED = "converged", "not converged"


@dataclass(frozen=True)
class Level:
    """A level of theory.

    Attributes:
        functional: exchange-correlation functional, as PySCF spells it.
        basis: orbital basis, as PySCF spells it.
        grid_level: PySCF's level of the integration grid, 0 (coarse) to 9.
        tolerance: change of the energy (Ha) at which the SCF stops. It converges quadratically in
            the density, so that energies are good to far less: 1e-12 leaves 1e-5 ueV.
        max_cycles: SCF cycles after which a point counts as not converged.
    """

    functional: str = "PBE"
    basis: str = "cc-pvdz"
    grid_level: int = 3
    tolerance: float = 1e-12
    max_cycles: int = 100


def check_level(level: Level, numbers: Iterable[int]) -> None:
    """Raise `InputError` unless PySCF knows the functional, and the basis for every element."""
    from pyscf import gto
    from pyscf.dft import libxc
    from pyscf.lib.exceptions import BasisNotFoundError

    try:
        known = level.functional.strip() != "" and libxc.parse_xc(level.functional) is not None
    except (KeyError, ValueError):
        known = False
    if not known:
        raise InputError(
            f"PySCF does not know the functional `{level.functional}`; set `functional` to one it"
            " knows, such as PBE or B3LYP."
        )
    for symbol in sorted({chemical_symbols[z] for z in numbers}):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                gto.basis.load(level.basis, symbol)
        except (BasisNotFoundError, KeyError, ValueError):
            raise InputError(
                f"PySCF has no basis `{level.basis}` for {symbol}; set `basis` to one it has, such"
                " as cc-pvdz or def2-svp."
            ) from None


def single_point(
    numbers: Iterable[int],
    positions: np.ndarray,
    level: Level,
    density: np.ndarray | None = None,
) -> tuple[float, bool, np.ndarray]:
    """Restricted Kohn-Sham energy of a neutral closed-shell molecule.

    Args:
        numbers: (A,) atomic numbers.
        positions: (A, 3), Å.
        level: level of theory.
        density: density matrix of a similar geometry to start from.

    Returns:
        energy (Ha), whether the SCF converged, and its density matrix.
    """
    from pyscf import dft, gto, lib

    lib.num_threads(1)
    molecule = gto.M(
        atom=[(chemical_symbols[z], p) for z, p in zip(numbers, positions, strict=True)],
        basis=level.basis,
        unit="Angstrom",
        verbose=0,
    )
    field = dft.RKS(molecule, xc=level.functional)
    field.grids.level = level.grid_level
    field.conv_tol = level.tolerance
    field.max_cycle = level.max_cycles
    energy = field.kernel(density)
    return float(energy), bool(field.converged), field.make_rdm1()


def equilibrium_bond_length(level: Level, start: float = 1.1, tolerance: float = 1e-5) -> float:
    """C-H distance (Å) that minimises the energy of tetrahedral methane at `level`."""
    numbers = [6, 1, 1, 1, 1]
    check_level(level, numbers)
    density = None

    def energy(bond_length: float) -> float:
        nonlocal density
        positions = np.vstack([np.zeros(3), tetrahedral(bond_length)])
        value, converged, density = single_point(numbers, positions, level, density)
        if not converged:
            raise InputError(
                f"The SCF of tetrahedral methane at {bond_length:.4f} Å does not converge at"
                f" {level.functional}/{level.basis}; choose another level of theory."
            )
        return value

    bounds = (0.9 * start, 1.1 * start)
    found = minimize_scalar(energy, bounds=bounds, method="bounded", options={"xatol": tolerance})
    return float(found.x)


def provenance(level: Level, manifold: Manifold) -> dict[str, Any]:
    """What an energies file says about itself: level, versions, and the structures it is for."""
    return {
        "level": asdict(level),
        "versions": {name: version(name) for name in ("pyscf", "numpy", "scipy")},
        "structures": {
            "numbers": [6, 1, 1, 1, 1],
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
    the manifold), delta_1, delta_2, energy_ha and status. A last line cut short by a killed run is
    left out.
    """
    text = Path(path).read_text()
    header, _, body = text.partition("\n")
    lines = body[: body.rfind("\n") + 1].splitlines()
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


def energies_file_head(level: Level, manifold: Manifold) -> str:
    """First two lines of an energies file."""
    header = json.dumps(provenance(level, manifold), sort_keys=True)
    return f"# {header}\npoint,delta_1,delta_2,energy_ha,status\n"


def energies_file_line(manifold: Manifold, point: int, energy: float, converged: bool) -> str:
    """One line of an energies file; the energy with all its digits."""
    first, second = manifold.coordinates[point]
    status = CONVERGED if converged else FAILED
    return f"{point},{first:.6g},{second:.6g},{energy:.12f},{status}\n"


def energies_of_points(
    manifold: Manifold,
    level: Level,
    points: Iterable[int],
    record: Callable[[int, float, bool], None],
    workers: int = 2,
) -> None:
    """Energies of some points of a manifold, in parallel over rows of equal Delta_1.

    Along a row each SCF starts from the density of the point before it. `record(point, energy,
    converged)` is called in this process as soon as a point is done, in no fixed order.
    """
    check_level(level, [6, 1])
    rows: dict[int, list[int]] = {}
    for point in points:
        rows.setdefault(point // len(manifold.deltas), []).append(point)
    positions = manifold.positions
    context = get_context("spawn")
    finished, stop = context.Queue(), context.Event()
    missing = sum(map(len, rows.values()))
    with ProcessPoolExecutor(workers, context, _start, (finished, stop)) as pool:
        tasks = [pool.submit(_row, row, positions[row], level) for row in rows.values()]
        try:
            while missing:
                try:
                    record(*finished.get(timeout=0.5))
                    missing -= 1
                except Empty:
                    for task in tasks:
                        if task.done():
                            task.result()  # raises what the worker raised
        except BaseException:
            stop.set()  # ends the rows at work at their next point
            pool.shutdown(cancel_futures=True)
            raise


_finished: Any = None
_stop: Any = None
"""In a worker process: the queue of finished points, and whether to stop."""


def _start(finished: Any, stop: Any) -> None:
    global _finished, _stop
    _finished, _stop = finished, stop


def _row(points: list[int], positions: np.ndarray, level: Level) -> None:
    density = None
    for point, geometry in zip(points, positions, strict=True):
        energy, converged, density = single_point([6, 1, 1, 1, 1], geometry, level, density)
        _finished.put((point, energy, converged))
        if not converged:
            density = None
        parent = parent_process()
        if _stop.is_set() or (parent is not None and not parent.is_alive()):
            return


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
