"""Crystals: the primitive cell, and the operations that lay one crystal on another.

A crystal is the same whatever cell or supercell it is written in, wherever its origin lies and
however it is turned. So two of them are compared in their primitive cells: an isometry x -> S x + t
has to take the lattice of one to that of the other, which leaves a finite number of S (48 at most
of a lattice on itself), and an atom of the species that is rarest to one of the same species, which
leaves a few t; each is tried on all atoms.
"""

from itertools import product

import ase
import numpy as np
from ase.geometry import minkowski_reduce
from scipy.spatial import KDTree

from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.tolerances import COORDINATES

FIRST = 8
"""Atoms that are tried before all of them are: most operations fail at the first."""


def primitive(atoms: ase.Atoms, tolerance: float = COORDINATES) -> ase.Atoms:
    """The same crystal in a smallest cell, with the shortest vectors.

    Of m translations that lay the crystal on itself, those of the cell counted as one, each is a
    multiple of 1 / m of the cell vectors, so that the lattice they span is found in integers.

    Args:
        atoms: periodic in three directions.
        tolerance: largest distance (Å) of a shifted atom from the atom it falls on.

    Raises:
        InputError: the atoms of a smaller cell are about as far off as the tolerance.
    """
    place = _Places(atoms, tolerance)
    mine = _rarest(atoms.numbers)
    moves = [
        place.of(atoms.positions + atoms.positions[k] - atoms.positions[mine[0]]) for k in mine
    ]
    shifts = [k for k, move in zip(mine, moves, strict=True) if move is not None]
    moved = np.array([move for move in moves if move is not None])
    if (np.sort(moved[:, shifts], axis=0) != np.sort(shifts)[:, None]).any():  # no group
        raise InputError(
            f"The atoms of {atoms.get_chemical_formula()} repeat in a smaller cell for some and not"
            f" for others, to the {tolerance:g} Å that count as nothing; make them repeat exactly."
        )
    fractions = (atoms.positions[shifts] - atoms.positions[mine[0]]) @ np.linalg.inv(atoms.cell)
    m = len(shifts)
    rows = np.vstack([np.rint(m * fractions).astype(int), m * np.eye(3, dtype=int)])
    kept = moved.min(axis=0) == np.arange(len(atoms))
    cell = minkowski_reduce(_basis(rows.tolist()) @ atoms.cell.array / m)[0]
    return ase.Atoms(atoms.numbers[kept], atoms.positions[kept], cell=cell, pbc=True)


def crystal_isometries(
    a: ase.Atoms, b: ase.Atoms, tolerance: float = COORDINATES
) -> list[np.ndarray]:
    """The matrices S (3, 3) with S a + t = b for some t; a and b in primitive cells.

    Args:
        tolerance: largest distance (Å) of an image from the atom it falls on, and by which the
            lengths of cell vectors may differ.
    """
    if sorted(a.numbers) != sorted(b.numbers):
        return []
    place = _Places(b, 2 * tolerance)
    first = _rarest(a.numbers)[0]
    found = []
    for matrix in _lattice_isometries(a.cell.array, b.cell.array, tolerance):
        turned = a.positions @ matrix.T
        for target in np.flatnonzero(b.numbers == a.numbers[first]):
            images = turned + b.positions[target] - turned[first]
            onto = place.of(images, a.numbers)
            if onto is None:
                continue
            off = place.offsets(images, onto)
            if np.linalg.norm(off - off.mean(axis=0), axis=1).max() <= tolerance:
                found.append(matrix)
                break
    return found


class _Places:
    """The atoms of a crystal, to be found by where they are.

    Args:
        tolerance: Å, within which a point is at an atom.
    """

    def __init__(self, atoms: ase.Atoms, tolerance: float) -> None:
        self.numbers, self.tolerance = atoms.numbers, tolerance
        self.cell, self.inverse = atoms.cell.array, np.linalg.inv(atoms.cell.array)
        self.fractions = self._wrapped(atoms.positions)
        self.tree = KDTree(self.fractions, boxsize=1.0)
        self.reach = tolerance * float(np.linalg.norm(self.inverse, 2))

    def _wrapped(self, points: np.ndarray) -> np.ndarray:
        fractions = points @ self.inverse
        fractions = fractions - np.floor(fractions)
        return np.where(fractions < 1.0, fractions, 0.0)

    def of(self, points: np.ndarray, numbers: np.ndarray | None = None) -> np.ndarray | None:
        """The atoms (n,) at n points, of the species `numbers` (n,), else None.

        By default the species are those of the crystal itself.
        """
        numbers = self.numbers if numbers is None else numbers
        for few in (slice(FIRST), slice(None)):
            wrapped = self._wrapped(points[few])
            _, found = self.tree.query(wrapped, distance_upper_bound=2 * self.reach)
            if (found == len(self.numbers)).any():
                return None
        far = np.linalg.norm(self.offsets(points, found), axis=1) > self.tolerance
        return None if far.any() or (self.numbers[found] != numbers).any() else found

    def offsets(self, points: np.ndarray, found: np.ndarray) -> np.ndarray:
        """Vectors (n, 3), Å, from the nearest images of some atoms to points."""
        fractions = points @ self.inverse - self.fractions[found]
        return (fractions - np.rint(fractions)) @ self.cell


def _rarest(numbers: np.ndarray) -> np.ndarray:
    """The atoms of the species of which there are fewest."""
    kinds, counts = np.unique(numbers, return_counts=True)
    return np.flatnonzero(numbers == kinds[counts.argmin()])


def _basis(rows: list[list[int]]) -> np.ndarray:
    """A basis (3, 3) of the integer lattice that rows of rank 3 span, by Euclid's algorithm."""
    basis = []
    for column in range(3):
        while len(live := [row for row in rows if row[column]]) > 1:
            pivot = min(live, key=lambda row: abs(row[column]))
            rows = [row for row in rows if not row[column]] + [pivot]
            for row in live:
                if row is not pivot:
                    times = row[column] // pivot[column]
                    rows.append([x - times * y for x, y in zip(row, pivot, strict=True)])
        basis += live
        rows = [row for row in rows if not row[column] and any(row)]
    return np.array(basis)


def _lattice_isometries(cell: np.ndarray, other: np.ndarray, tolerance: float) -> list[np.ndarray]:
    """The orthogonal matrices that take the lattice of one cell (3, 3) to that of another.

    Each takes the cell vectors to three lattice vectors of the same lengths and mutual distances;
    of the same volume, these are a cell again.
    """
    lengths = np.linalg.norm(cell, axis=1)
    volumes = [abs(np.linalg.det(each)) for each in (cell, other)]
    if abs(volumes[0] - volumes[1]) > tolerance * lengths.max() ** 2 * 3:
        return []
    most = np.floor((lengths.max() + tolerance) * np.linalg.norm(np.linalg.inv(other), axis=0))
    grid = product(*(range(-int(n), int(n) + 1) for n in most))
    vectors = np.array(list(grid)) @ other
    sizes = np.linalg.norm(vectors, axis=1)
    x, y, z = (vectors[abs(sizes - length) <= tolerance] for length in lengths)
    found = []
    for i, j in np.argwhere(_as_far(x, y, cell[0] - cell[1], tolerance)):
        fits = _as_far(x[i : i + 1], z, cell[0] - cell[2], tolerance)[0]
        fits &= _as_far(y[j : j + 1], z, cell[1] - cell[2], tolerance)[0]
        for third in z[fits]:
            u, _, vt = np.linalg.svd(np.linalg.solve(cell, [x[i], y[j], third]))
            found.append((u @ vt).T)
    return found


def _as_far(one: np.ndarray, other: np.ndarray, like: np.ndarray, tolerance: float) -> np.ndarray:
    """Which of the vectors (n, 3) and (m, 3) are as far from each other as `like` is long."""
    distances = np.linalg.norm(one[:, None] - other, axis=-1)
    return abs(distances - np.linalg.norm(like)) <= 2 * tolerance
