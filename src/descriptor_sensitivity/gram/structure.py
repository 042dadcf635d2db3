r"""Sensitivity of a whole structure: the features of all its centres side by side.

An atom is a neighbour of many centres, and where the cell is small of one centre more than once.
With the displacements d of the M atoms, environment i sees d_k - d_i for its neighbour k, and so

    G = sum_i P_i^T G_i P_i,        P_i (3N, 3M): +1 where neighbour k is that atom, -1 at i,

with the G_i of single environments, which need no features (see the package's head).
"""

from collections.abc import Iterator

import ase
import numpy as np

from descriptor_sensitivity.descriptors.base import Descriptor
from descriptor_sensitivity.descriptors.compression import r_factor, triangle
from descriptor_sensitivity.environments import Batch
from descriptor_sensitivity.gram.certified import ACCURACY, EIGENVALUES
from descriptor_sensitivity.mixture import compositions
from descriptor_sensitivity.neighbors import neighbors
from descriptor_sensitivity.tolerances import DIRECTION_LOST


def environments_with_atoms(
    atoms: ase.Atoms, cutoff: float, center_species: int | None = None
) -> Iterator[tuple[Batch, np.ndarray]]:
    """Environments of a structure in mixtures of equal centre species and N, with their atoms.

    Yields a batch and the indices (n_env, N + 1) of neighbours and, last, of the centre. A centre
    without neighbours is in none: it sees no displacement.
    """
    i, j, vectors = neighbors(atoms, cutoff)
    order = np.lexsort((j, atoms.numbers[j], i))
    i, j, vectors = i[order], j[order], vectors[order]
    count = np.bincount(i, minlength=len(atoms))
    first = np.concatenate([[0], np.cumsum(count)[:-1]])
    for center in np.unique(atoms.numbers):
        if center_species not in (None, center):
            continue
        for n in np.unique(count[(atoms.numbers == center) & (count > 0)]):
            mine = np.flatnonzero((atoms.numbers == center) & (count == n))
            pairs = first[mine, None] + np.arange(n)
            frames = np.zeros(len(mine), dtype=int)
            species = atoms.numbers[j[pairs]]
            batch = Batch(vectors[pairs], species, int(center), frames, mine)
            yield batch, np.concatenate([j[pairs], mine[:, None]], axis=1)


def structure_gram(
    descriptor: Descriptor, atoms: ase.Atoms, cutoff: float, center_species: int | None = None
) -> np.ndarray:
    """J J^T (3M, 3M) of the features of all centres (of one species, if given) side by side."""
    total = np.zeros((len(atoms), 3, len(atoms), 3))
    for batch, members in environments_with_atoms(atoms, cutoff, center_species):
        n = batch.n_neighbors
        for gram, rows in zip(_grams(descriptor, batch), members, strict=True):
            onto, here = moves(rows)
            half = np.tensordot(onto, gram.reshape(n, 3, n, 3), axes=(1, 0))
            block = np.tensordot(half, onto, axes=(2, 1))  # (atom, x, y, atom)
            total[here[:, None], :, here[None], :] += block.transpose(0, 3, 1, 2)
    return total.reshape(3 * len(atoms), -1)


def _grams(descriptor: Descriptor, batch: Batch) -> np.ndarray:
    """J J^T (n_env, 3N, 3N), each the cheaper way: without features, or from the Jacobian."""
    found = np.empty((len(batch), *2 * (3 * batch.n_neighbors,)))
    pays = descriptor.gram_pays(batch)
    found[pays] = descriptor.gram(batch[pays])
    found[~pays] = Descriptor.gram(descriptor, batch[~pays])
    return found


def structure_triangle(
    descriptor: Descriptor, atoms: ase.Atoms, cutoff: float, center_species: int | None = None
) -> np.ndarray:
    """T (3M, 3M) with the singular values and left vectors of the features of all centres.

    The triangle of each centre's Jacobian is spread over the atoms, and as many of them as make 3M
    rows are folded in by one more QR decomposition: nothing is squared, and never more than these
    are kept.
    """
    size = 3 * len(atoms)
    folded, waiting = np.zeros((0, size)), 0
    parts: list[np.ndarray] = []
    for rows in _spread_triangles(descriptor, atoms, cutoff, center_species):
        parts.append(rows)
        waiting += len(rows)
        if waiting >= size:
            folded, parts, waiting = r_factor(np.concatenate([folded, *parts])), [], 0
    return r_factor(np.concatenate([folded, *parts])).T


def _spread_triangles(
    descriptor: Descriptor, atoms: ase.Atoms, cutoff: float, center_species: int | None
) -> Iterator[np.ndarray]:
    """Of each centre the triangle of its Jacobian on all atoms, transposed: (k, 3M)."""
    for mixture, members in environments_with_atoms(atoms, cutoff, center_species):
        for mine, batch in compositions(mixture):
            size = descriptor.block_size(batch)
            for start in range(0, len(batch), size):
                block = slice(start, start + size)
                triangles = triangle(descriptor.reduced_jacobian(batch[block]))
                for short, rows in zip(triangles, members[mine[block]], strict=True):
                    onto, here = moves(rows)
                    spread = np.zeros((len(atoms), 3, short.shape[-1]))
                    seen = short.reshape(batch.n_neighbors, 3, -1)
                    spread[here] = np.tensordot(onto, seen, axes=(1, 0))
                    yield spread.reshape(3 * len(atoms), -1).T


class StructureJacobian:
    """The features of all centres of one structure, restricted to spaces of displacements.

    Values are read from J J^T where the descriptor has a form of it without features and the
    smallest is certain to 1e-9 relative (see `certified`), otherwise from the triangle of J,
    computed when first needed.
    """

    def __init__(
        self,
        descriptor: Descriptor,
        atoms: ase.Atoms,
        cutoff: float,
        center_species: int | None = None,
    ) -> None:
        self.arguments = descriptor, atoms, cutoff, center_species
        has_form = type(descriptor).gram is not Descriptor.gram
        self.gram = structure_gram(*self.arguments) if has_form else None
        self.folded: np.ndarray | None = None

    def within(self, basis: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Singular values (k,), descending, and patterns (3M, k) of J on orthonormal (3M, k)."""
        if self.gram is not None:
            squares, patterns = np.linalg.eigh(basis.T @ self.gram @ basis)
            squares, patterns = squares[::-1], basis @ patterns[:, ::-1]
            # a sum of matrices of one sign: its elements are as large as those of its terms
            size = max(squares.max(initial=0.0), np.trace(self.gram))
            if EIGENVALUES * np.finfo(float).eps * size < ACCURACY * squares.min(initial=np.inf):
                return np.sqrt(squares), patterns
        if self.folded is None:
            self.folded = structure_triangle(*self.arguments)
        left, values, _ = np.linalg.svd(basis.T @ self.folded, full_matrices=True)
        return np.pad(values, (0, basis.shape[1] - len(values))), basis @ left


def structure_sensitivities(
    descriptor: Descriptor, atoms: ase.Atoms, cutoff: float, center_species: int | None = None
) -> np.ndarray:
    """Singular values of the features of all centres, descending, rigid motions left out.

    There are 3M - 3 in a crystal and 3M - 6 in a molecule that is not linear (rotations count for
    invariant descriptors).
    """
    internal = internal_displacements(atoms, descriptor.invariant)
    return StructureJacobian(descriptor, atoms, cutoff, center_species).within(internal)[0]


def internal_displacements(atoms: ase.Atoms, rotations: bool) -> np.ndarray:
    """Orthonormal displacements (3M, k) orthogonal to `rigid_motions`."""
    rigid = rigid_motions(atoms, rotations)
    return np.linalg.qr(rigid, mode="complete")[0][:, rigid.shape[1] :]


def rigid_motions(atoms: ase.Atoms, rotations: bool) -> np.ndarray:
    """Orthonormal translations and rotations (3M, k) that leave a structure as it is.

    All rotations of a molecule, the one about its axis of a structure periodic along one.
    """
    moves = [np.tile(np.eye(3), (len(atoms), 1))]
    periodic = np.flatnonzero(atoms.pbc)
    if rotations and len(periodic) < 2:
        axes = np.eye(3) if len(periodic) == 0 else atoms.cell.array[periodic]
        centred = atoms.positions - atoms.positions.mean(axis=0)
        turned = np.cross(axes[None], centred[:, None]).swapaxes(1, 2)
        moves.append(turned.reshape(3 * len(atoms), -1))
    every = np.concatenate(moves, axis=1)
    left, size, _ = np.linalg.svd(every / np.linalg.norm(every), full_matrices=False)
    return left[:, size > DIRECTION_LOST * size[0]]


def moves(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """P_i^T (k, N) on the k atoms of one environment, and the indices of these atoms."""
    here, place = np.unique(rows, return_inverse=True)
    n = len(rows) - 1
    onto = np.zeros((len(here), n))
    onto[place[:n], np.arange(n)] += 1.0
    onto[place[n]] -= 1.0
    return onto, here
