"""Energies of small molecules from density-functional theory (PySCF)."""

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from ase.data import chemical_symbols
from scipy.optimize import minimize_scalar

from descriptor_sensitivity.errors import InputError


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


def along_path(
    numbers: Iterable[int], positions: np.ndarray, level: Level
) -> dict[str, np.ndarray]:
    """Energies of geometries (n, A, 3), Å, each SCF started from the density of the one before.

    Returns:
        energy_ha: (n,), Ha.
        converged: (n,) whether the SCF did; the next one then starts from atoms.
    """
    numbers = list(numbers)
    energies, flags = np.zeros(len(positions)), np.zeros(len(positions), dtype=bool)
    density = None
    for point, geometry in enumerate(positions):
        energies[point], flags[point], density = single_point(numbers, geometry, level, density)
        if not flags[point]:
            density = None
    return {"energy_ha": energies, "converged": flags}


def equilibrium_bond_length(
    numbers: Sequence[int],
    directions: np.ndarray,
    level: Level,
    start: float = 1.1,
    tolerance: float = 1e-5,
) -> float:
    """Common length (Å) of the bonds of a star-shaped molecule that minimises its energy.

    Args:
        numbers: (N + 1,) atomic numbers, the centre first.
        directions: (N, 3) unit vectors of the bonds.
        level: level of theory.
        start: the length is sought within a tenth of this, Å.
        tolerance: of the length, Å.

    Raises InputError for an unknown level, and where the SCF does not converge.
    """
    check_level(level, numbers)
    density = None

    def energy(bond_length: float) -> float:
        nonlocal density
        positions = np.vstack([np.zeros(3), bond_length * directions])
        value, converged, density = single_point(numbers, positions, level, density)
        if not converged:
            raise InputError(
                f"The SCF at a bond length of {bond_length:.4f} Å does not converge at"
                f" {level.functional}/{level.basis}; choose another level of theory."
            )
        return value

    bounds = (0.9 * start, 1.1 * start)
    found = minimize_scalar(energy, bounds=bounds, method="bounded", options={"xatol": tolerance})
    return float(found.x)
