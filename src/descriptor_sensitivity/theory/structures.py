r"""Which displacements of a whole structure a correlation order cannot see, without a basis.

The rooted tuples (i; j_1 .. j_nu) of all centres i, with neighbours j in the environment of i, are
pooled over the blocks of a partition of the centres. A displacement of the atoms (images move
along) is invisible to first order exactly when, for every block and every distinct value of the
invariants (species, radii, mutual distances), their changes summed over the tuples of that block
with that value vanish. The partition says what is made of the features:

    concatenated  each centre alone: the features of all centres side by side.
    multiset      centres of equal features together: what any smooth sum_i e(F_i) can see.
    summed        centres of one species together: what a linear model can see.

Each sees no more than the one before. The part of a null space that no correlation order sees is
that of symmetry (see `theory.sites`), the rest is degenerate.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import ase
import numpy as np
from scipy.sparse import block_diag, csr_array, vstack

from descriptor_sensitivity.descriptors.compression import r_factor
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.gram.structure import internal_displacements
from descriptor_sensitivity.theory.nullspace import labels, length_gradients, ordered_tuples
from descriptor_sensitivity.theory.sites import Site, seen_of, sites_of, symmetric_displacements
from descriptor_sensitivity.tolerances import COORDINATES

Partition = Literal["concatenated", "multiset", "summed"]
PARTITIONS: tuple[Partition, ...] = ("concatenated", "multiset", "summed")

PANEL = 4096
"""Conditions that are folded into a triangle at once."""


@dataclass(frozen=True)
class StructureNullSpace:
    """The predicted null space of a structure's features of correlation order `order`.

    Attributes:
        order: nu.
        partition: what is made of the features of its centres.
        basis: (3M, d) orthonormal displacements, without rigid motions, that are not seen.
        symmetric: (3M, d_s) the part of it that symmetry hides at any order.
        degenerate: (3M, d_d) the rest.
        singular_values: of the conditions, descending, in units of the largest of single sites
            whose neighbours move each on its own: at high symmetry those of a structure vanish.
    """

    order: int
    partition: Partition
    basis: np.ndarray
    symmetric: np.ndarray
    degenerate: np.ndarray
    singular_values: np.ndarray

    @property
    def dimension(self) -> int:
        """d, the number of displacements that are not seen."""
        return self.basis.shape[1]


def structure_null_space(
    atoms: ase.Atoms,
    cutoff: float,
    order: int,
    partition: Partition = "concatenated",
    tolerance: float = COORDINATES,
) -> StructureNullSpace:
    """Predicted null space of nu = `order` of a molecule or a crystal whose cell is fixed.

    Args:
        cutoff: of every environment, Å. An atom seen in several images has one displacement.
        order: nu >= 1. Cost grows as M N^nu.
        tolerance: as of `null_space`: lengths closer than twice this (Å) coincide, and singular
            values up to tolerance / (shortest length) count as null.

    Raises:
        InputError: an order below 1, or a partition of another name.
    """
    if order < 1:
        raise InputError(f"correlation order {order} does not exist; use 1 or more.")
    if partition not in PARTITIONS:
        raise InputError(f"`{partition}` is no partition of centres; use one of {PARTITIONS}.")
    sites = sites_of(atoms, cutoff, tolerance=tolerance)
    internal = internal_displacements(atoms, rotations=True)
    if not sites or internal.shape[1] == 0:
        empty = internal[:, :0]
        return StructureNullSpace(order, partition, internal, internal, empty, np.zeros(0))
    lengths, gradients, kind, kinds = _lengths(sites, tolerance)
    values, site, columns = _tuples(kind, kinds, order)
    alone = _sums(_blocks("concatenated", sites, site, values), columns, len(lengths)) @ gradients
    sums = _sums(_blocks(partition, sites, site, values), columns, len(lengths)) @ gradients
    folded = _fold(sums @ vstack([_moves(each, len(atoms)) for each in sites]), internal)
    _, found, right = np.linalg.svd(folded, full_matrices=True)
    found = np.pad(found / _largest(alone, sites), (0, len(right) - len(found)))
    hidden = right[found <= tolerance / lengths.min()].T
    symmetric = symmetric_displacements(sites, tolerance)
    seen = internal.T @ seen_of(sites, len(atoms), partition != "concatenated", symmetric)
    overlap, mixing = np.linalg.svd(_range(seen, tolerance).T @ hidden, full_matrices=True)[1:]
    n_degenerate = int(np.sum(overlap > 0.5))
    split = internal @ hidden @ mixing.T
    return StructureNullSpace(
        order, partition, internal @ hidden, split[:, n_degenerate:], split[:, :n_degenerate], found
    )


def _lengths(
    sites: list[Site], tolerance: float
) -> tuple[np.ndarray, csr_array, list[np.ndarray], list[np.ndarray]]:
    """All lengths of the sites, their gradients, and what kinds they are.

    Of each site the N radii, then the distances of its pairs first < second.

    Returns:
        lengths; gradients (n_lengths, sum 3N), the neighbours of each site moving on their own; and
        for each site the kind (N,) of every radius and (N, N) of every distance, -1 on the
        diagonal. Kinds tell centre, species and length.
    """
    pairs = [np.triu_indices(len(site.species), 1) for site in sites]
    radii = [np.linalg.norm(site.vectors, axis=1) for site in sites]
    between = [
        np.linalg.norm(site.vectors[i] - site.vectors[j], axis=1)
        for site, (i, j) in zip(sites, pairs, strict=True)
    ]
    ends = np.cumsum([len(each) for each in radii])[:-1]
    group = np.concatenate([np.stack([s.species, 0 * s.species + s.center], 1) for s in sites])
    kind = np.split(labels(group, np.concatenate(radii), tolerance), ends)
    group = np.concatenate(
        [np.sort(np.stack([k[i], k[j]], 1), 1) for k, (i, j) in zip(kind, pairs, strict=True)]
    )
    cuts = np.cumsum([len(each) for each in between])[:-1]
    flat = np.split(labels(group, np.concatenate(between), tolerance), cuts)
    kinds, gradients = [], []
    for site, (i, j), label in zip(sites, pairs, flat, strict=True):
        square = np.full((len(site.species),) * 2, -1)
        square[i, j] = square[j, i] = label
        kinds.append(square)
        gradients.append(csr_array(length_gradients(site.vectors, i, j)))
    lengths = np.concatenate([np.concatenate(two) for two in zip(radii, between, strict=True)])
    return lengths, csr_array(block_diag(gradients)), kind, kinds


def _moves(site: Site, n_atoms: int) -> csr_array:
    """P (3N, 3M) of one site."""
    n = len(site.species)
    rows = np.tile(np.arange(3 * n), 2)
    atoms = np.concatenate([site.members[:-1], np.repeat(site.members[-1], n)])
    columns = (3 * atoms[:, None] + np.arange(3)).ravel()
    signs = np.repeat([1.0, -1.0], 3 * n)
    return csr_array((signs, (rows, columns)), shape=(3 * n, 3 * n_atoms))


def _tuples(
    kind: list[np.ndarray], kinds: list[np.ndarray], order: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of all rooted tuples: the value of their invariants, their site, the lengths they hold.

    Returns values (n,), sites (n,) and lengths (n, nu (nu + 1) / 2), -1 for an atom with itself.
    """
    i, j = np.triu_indices(order, 1)
    keys, sites, columns, start = [], [], [], 0
    for site, (mine, distances) in enumerate(zip(kind, kinds, strict=True)):
        n = len(mine)
        tuples = ordered_tuples(mine, order)
        first, second = np.triu_indices(n, 1)
        place = np.full((n, n), -1)
        place[first, second] = place[second, first] = start + n + np.arange(len(first))
        pairs = tuples[:, i], tuples[:, j]
        keys.append(np.column_stack([mine[tuples], distances[pairs]]))
        columns.append(np.column_stack([start + tuples, place[pairs]]))
        sites.append(np.full(len(tuples), site))
        start += n + len(first)
    _, values = np.unique(np.concatenate(keys), axis=0, return_inverse=True)
    return values.ravel(), np.concatenate(sites), np.concatenate(columns)


def _blocks(
    partition: Partition, sites: list[Site], site: np.ndarray, values: np.ndarray
) -> np.ndarray:
    """A number (n,) for each tuple: that of its value within the block of its centre."""
    block = np.arange(len(sites))
    if partition == "summed":
        block = np.array([each.center for each in sites])
    elif partition == "multiset":
        ones = np.ones(len(site), dtype=int)
        counts = csr_array((ones, (site, values)), shape=(len(sites), values.max() + 1))
        counts.sum_duplicates()
        equal: dict[tuple[bytes, bytes], int] = {}
        for index in range(len(sites)):
            mine = slice(*counts.indptr[index : index + 2])
            key = counts.indices[mine].tobytes(), counts.data[mine].tobytes()
            block[index] = equal.setdefault(key, len(equal))
    return np.unique(np.stack([block[site], values], 1), axis=0, return_inverse=True)[1].ravel()


def _sums(block: np.ndarray, columns: np.ndarray, n_lengths: int) -> csr_array:
    """Conditions on lengths: sums over the m tuples of a block over sqrt(m), slot by slot."""
    slots = columns.shape[1]
    weights = np.broadcast_to(1 / np.sqrt(np.bincount(block))[block][:, None], columns.shape)
    rows = block[:, None] * slots + np.arange(slots)
    real = columns >= 0
    shape = ((block.max() + 1) * slots, n_lengths)
    return csr_array((weights[real], (rows[real], columns[real])), shape=shape)


def _largest(conditions: csr_array, sites: list[Site]) -> float:
    """The largest singular value of the conditions (n, sum 3N) of single sites."""
    square = csr_array(conditions.T @ conditions)
    ends = np.cumsum([0, *(3 * len(site.species) for site in sites)])
    blocks = (square[a:b, a:b].toarray() for a, b in pairwise(ends))
    return float(np.sqrt(max(np.linalg.eigvalsh(block)[-1] for block in blocks)))


def _fold(conditions: csr_array, internal: np.ndarray) -> np.ndarray:
    """Triangle of conditions (n, 3M) on internal displacements."""
    folded = np.zeros((0, internal.shape[1]))
    for start in range(0, conditions.shape[0], PANEL):
        panel = conditions[start : start + PANEL] @ internal
        folded = r_factor(np.concatenate([folded, panel]))
    return folded


def _range(matrix: np.ndarray, tolerance: float) -> np.ndarray:
    """Orthonormal basis of the columns of a matrix, what is below `tolerance` left out."""
    left, size, _ = np.linalg.svd(matrix, full_matrices=False)
    return left[:, size > tolerance * size.max(initial=1.0)]
