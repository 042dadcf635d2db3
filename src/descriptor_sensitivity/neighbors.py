"""Neighbours in molecules, crystals, slabs and wires, and what a structure must be to have any."""

import sys

import ase
import numpy as np

# vesin loads torch, where it is installed, for tensors that nobody hands it here: 2 s and 200 MB.
if _hidden := "torch" not in sys.modules:
    sys.modules["torch"] = None  # type: ignore[assignment]
from vesin import NeighborList  # noqa: E402

if _hidden:
    del sys.modules["torch"]

from descriptor_sensitivity.environments import COINCIDENT  # noqa: E402
from descriptor_sensitivity.errors import InputError  # noqa: E402

FLAT = 1e-6
"""Cell vectors are dependent whose volume is below this fraction of the product of lengths."""

DENSEST = 1.0
"""Å^3 of cell for each atom: no solid is denser, and a smaller cell stands for none at all."""

FEW = 100
"""Atoms up to which all pairs are cheaper than a list of cells."""

SHELL = 1e-3
"""Half the width (Å) of a shell: distances that are equal but for the accuracy of coordinates."""

TOUCHING = 1e-6
"""Å below the cutoff that are nothing: a lattice constant of seven digits, times a root."""

WINDOW = 0.05
"""Å about a shell in which no other distance lies. In a liquid or a rattled crystal many do."""


def neighbors(atoms: ase.Atoms, cutoff: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pairs i, j closer than `cutoff` (Å) and the vectors from i to j, ascending in i.

    r_ij = r_j - r_i + sum_k S_k a_k for the cell vectors a_k and integer shifts S, zero where the
    structure is not periodic. Every image counts, those of the centre itself too. A shell at the
    cutoff, which rounding would cut in two, is left out as a whole: what is within `TOUCHING` of
    the cutoff, or within `SHELL` if nothing else is near (see `shell_at`).
    """
    return neighbors_and_shell(atoms, cutoff)[:3]


def neighbors_and_shell(
    atoms: ase.Atoms, cutoff: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The pairs of `neighbors`, and how many neighbours (n_atoms,) a shell at the cutoff took."""
    positions, cell = atoms.positions, atoms.cell.array
    if atoms.pbc.any() or len(atoms) > FEW:
        search = NeighborList(cutoff=cutoff + WINDOW, full_list=True, sorted=True, n_threads=1)
        i, j, shifts = search.compute(positions, cell, atoms.pbc, "ijS")
        i, j = i.astype(int), j.astype(int)
        vectors = positions[j] - positions[i]
        for k in range(3):
            vectors = vectors + shifts[:, k, None] * cell[k]
    else:
        i, j = np.nonzero(~np.eye(len(atoms), dtype=bool))
        vectors = positions[j] - positions[i]
    lengths = np.linalg.norm(vectors, axis=-1)
    margin = SHELL if shell_at(cutoff, lengths) else TOUCHING
    near = lengths < cutoff - margin
    left_out = np.bincount(i[~near & (lengths < cutoff + margin)], minlength=len(atoms))
    return i[near], j[near], vectors[near], left_out


def shell_at(cutoff: float, lengths: np.ndarray) -> bool:
    """Whether a shell of equal distances (n,) lies at the cutoff (Å), which no digit puts inside.

    It does if all distances within `WINDOW` of the cutoff are within `SHELL` of it, and one of
    them is not below it by more than `TOUCHING`.
    """
    off = lengths[np.abs(lengths - cutoff) < WINDOW] - cutoff
    return bool(off.size and np.abs(off).max() < SHELL and off.max() > -TOUCHING)


def check_atoms(atoms: ase.Atoms, name: str) -> None:
    """Raise InputError, a sentence on the structure `name`, if it can have no neighbours."""
    if len(atoms) == 0:
        raise InputError(f"{name} holds no atoms.")
    if not np.all(np.isfinite(atoms.positions)) or not np.all(np.isfinite(atoms.cell.array)):
        raise InputError(f"{name} has a coordinate that is not a finite number.")
    if atoms.numbers.min() < 1:
        raise InputError(
            f"{name}: atom {atoms.numbers.argmin()} is of no element (X); name its element, or"
            " remove it."
        )
    if atoms.pbc.any():
        _check_cell(atoms, name)


def _check_cell(atoms: ase.Atoms, name: str) -> None:
    periodic = atoms.cell.array[atoms.pbc]
    lengths = np.linalg.norm(periodic, axis=1)
    volume = np.sqrt(max(np.linalg.det(periodic @ periodic.T), 0.0))
    if volume <= FLAT * lengths.prod() or (lengths < COINCIDENT).any():
        raise InputError(
            f"{name} is periodic in a direction without a cell vector; give its cell, or say that"
            " it is not periodic there (pbc)."
        )
    if len(periodic) == 3 and volume <= DENSEST * len(atoms):
        raise InputError(
            f"{name} has {len(atoms)} atoms in a cell of {volume:.3g} Å^3, which cannot be its"
            " cell; give the right one, or say that it is not periodic (pbc)."
        )
