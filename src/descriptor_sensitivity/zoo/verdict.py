"""The verdict of the tuple theory on a pair: congruent or not, and the order that separates them.

With a complete basis the features of order nu of an environment are the multiset, over its ordered
nu-tuples of neighbours, of their invariants (see `theory.nullspace`): two environments are told
apart exactly where these multisets differ. Of whole structures they are pooled over centres.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Literal

import ase
import numpy as np

from descriptor_sensitivity.gram.structure import environments_with_atoms
from descriptor_sensitivity.theory.nullspace import labels, ordered_tuples
from descriptor_sensitivity.theory.symmetry import isometries
from descriptor_sensitivity.tolerances import COORDINATES

Congruence = Literal["no", "rotation", "reflection"]

TUPLES = 300_000
"""Orders with more ordered tuples than this are not tried."""

LARGEST = 5
"""The largest order that is tried."""

ROUNDS = 20
"""Of the colouring of a graph: more than any structure of the zoo needs."""

Environment = tuple[np.ndarray, np.ndarray, int]
"""Neighbours (N, 3) in Å, their species (N,), the species of the centre."""


def environments_of(
    atoms: ase.Atoms, cutoff: float, center: int | None = None
) -> list[Environment]:
    """The environments of all centres that have neighbours, or of one atom."""
    return [
        (vectors, species, batch.center)
        for batch, _ in environments_with_atoms(atoms, cutoff)
        for vectors, species, index in zip(batch.vectors, batch.species, batch.centers, strict=True)
        if center in (None, index)
    ]


def congruence(
    a: np.ndarray, b: np.ndarray, species: np.ndarray | None = None, tolerance: float = COORDINATES
) -> Congruence:
    """What lays the neighbours a (N, 3) on b, about the centre: a rotation, only a reflection, no.

    `rotation` also of a reflection that some symmetry makes into one.
    """
    found = isometries(a, b, species, tolerance)
    if not found:
        return "no"
    if np.linalg.matrix_rank(a, tol=tolerance) < 3:
        return "rotation"  # the reflection at the plane turns every operation into a proper one
    proper = any(np.linalg.det(operation.matrix) > 0 for operation in found)
    return "rotation" if proper else "reflection"


def structure_congruence(a: ase.Atoms, b: ase.Atoms, tolerance: float = COORDINATES) -> Congruence:
    """The same of two molecules, translations included: about their centres of geometry."""
    if sorted(a.numbers) != sorted(b.numbers):
        return "no"
    first, second = (each[np.argsort(each.numbers, kind="stable")] for each in (a, b))
    points, others = (each.positions - each.positions.mean(axis=0) for each in (first, second))
    # an atom in the centre of geometry opens no angle: it must be in both, and is left out
    middle, other = (np.linalg.norm(each, axis=1) <= tolerance for each in (points, others))
    if sorted(first.numbers[middle]) != sorted(second.numbers[other]):
        return "no"
    return congruence(points[~middle], others[~other], first.numbers[~middle], tolerance)


def tuple_counts(
    environments: Sequence[Environment], order: int, tolerance: float = COORDINATES
) -> list[Counter]:
    """Of each environment how often each value of the invariants occurs among its nu-tuples.

    Lengths closer than twice the tolerance (Å), of any of the environments, are one value.
    """
    sizes = [len(vectors) for vectors, _, _ in environments]
    pairs = [np.triu_indices(size, 1) for size in sizes]
    groups = np.concatenate([np.column_stack([s, 0 * s + center]) for _, s, center in environments])
    radii = np.concatenate([np.linalg.norm(vectors, axis=1) for vectors, _, _ in environments])
    kind = np.split(labels(groups, radii, tolerance), np.cumsum(sizes)[:-1])
    ends = [np.sort(np.column_stack([k[i], k[j]])) for k, (i, j) in zip(kind, pairs, strict=True)]
    apart = [
        np.linalg.norm(vectors[i] - vectors[j], axis=1)
        for (vectors, _, _), (i, j) in zip(environments, pairs, strict=True)
    ]
    label = labels(np.concatenate(ends), np.concatenate(apart), tolerance)
    distance = np.split(label, np.cumsum([len(each) for each in apart])[:-1])
    first, second = np.triu_indices(order, 1)
    counts = []
    for mine, between, (i, j) in zip(kind, distance, pairs, strict=True):
        kinds = np.full((len(mine), len(mine)), -1)
        kinds[i, j] = kinds[j, i] = between
        tuples = ordered_tuples(mine, order)
        keys = np.column_stack([mine[tuples], kinds[tuples[:, first], tuples[:, second]]])
        values, number = np.unique(keys, axis=0, return_counts=True)
        counts.append(Counter(dict(zip(map(tuple, values.tolist()), number.tolist(), strict=True))))
    return counts


def same_order(
    a: Sequence[Environment],
    b: Sequence[Environment],
    order: int,
    summed: bool = False,
    tolerance: float = COORDINATES,
) -> bool:
    """Whether all centres together have the same features of this order in both structures.

    Args:
        summed: of the features added up for each species of centre; else of their multiset.
    """
    counts = tuple_counts([*a, *b], order, tolerance)
    pools: list[Counter] = []
    for part, found in ((a, counts[: len(a)]), (b, counts[len(a) :])):
        pool: Counter = Counter()
        for (_, _, center), count in zip(part, found, strict=True):
            if summed:
                pool.update({(center, *value): number for value, number in count.items()})
            else:
                pool[(center, frozenset(count.items()))] += 1
        pools.append(pool)
    return pools[0] == pools[1]


def separating_order(
    a: Sequence[Environment],
    b: Sequence[Environment],
    summed: bool = False,
    tolerance: float = COORDINATES,
) -> int | None:
    """The smallest order that tells two structures (of one environment, or of many) apart.

    None where no order up to `largest_order` does.
    """
    for order in range(1, largest_order([*a, *b]) + 1):
        if not same_order(a, b, order, summed, tolerance):
            return order
    return None


def largest_order(environments: Sequence[Environment]) -> int:
    """The largest order of which there are no more than `TUPLES` tuples, and at most `LARGEST`."""
    sizes = [len(vectors) for vectors, _, _ in environments]
    counts = (sum(n**order for n in sizes) for order in range(1, LARGEST + 1))
    return max(1, sum(count <= TUPLES for count in counts))


def graph_round(
    a: ase.Atoms, b: ase.Atoms, cutoff: float, tolerance: float = COORDINATES
) -> int | None:
    """The round in which colours of atoms tell two graphs of distances apart (1-WL); None if never.

    A colour is an atom's own and the multiset of (distance, colour) of the atoms within the cutoff;
    round 0 knows species alone, and round 1 is order 1 of all centres.
    """
    sizes = len(a), len(b)
    apart = [np.linalg.norm(each.positions[:, None] - each.positions, axis=-1) for each in (a, b)]
    flat = np.concatenate([each.ravel() for each in apart])
    label = labels(np.zeros((len(flat), 1), dtype=int), flat, tolerance)
    edges = [part.reshape(n, n) for part, n in zip(_cut(label, sizes), sizes, strict=True)]
    colors = [each.numbers.tolist() for each in (a, b)]
    for turn in range(ROUNDS):
        if Counter(colors[0]) != Counter(colors[1]):
            return turn
        names: dict[tuple, int] = {}
        colors = [
            [_color(i, mine, edge, length <= cutoff, names) for i in range(len(mine))]
            for mine, edge, length in zip(colors, edges, apart, strict=True)
        ]
    return None


def _cut(flat: np.ndarray, sizes: tuple[int, int]) -> list[np.ndarray]:
    return [flat[: sizes[0] ** 2], flat[sizes[0] ** 2 :]]


def _color(
    i: int, colors: list[int], edges: np.ndarray, near: np.ndarray, names: dict[tuple, int]
) -> int:
    """The next colour of atom i, a number that equal neighbourhoods share."""
    around = sorted((int(edges[i, j]), c) for j, c in enumerate(colors) if j != i and near[i, j])
    return names.setdefault((colors[i], *around), len(names))


def hop_environments(atoms: ase.Atoms, cutoff: float, hops: int) -> list[Environment]:
    """Of each atom those it reaches over so many bonds, which are shorter than the cutoff."""
    near = np.linalg.norm(atoms.positions[:, None] - atoms.positions, axis=-1) <= cutoff
    reached = np.linalg.matrix_power(near.astype(int), hops) > 0
    out = []
    for i, row in enumerate(reached):
        others = np.flatnonzero(row & (np.arange(len(atoms)) != i))
        vectors = atoms.positions[others] - atoms.positions[i]
        out.append((vectors, atoms.numbers[others], int(atoms.numbers[i])))
    return out


def same_environments(
    a: Sequence[Environment], b: Sequence[Environment], tolerance: float = COORDINATES
) -> bool:
    """Whether the environments of a are those of b, each up to rotation and reflection."""
    left = list(b)
    for vectors, species, center in a:
        for k, (other, kinds, middle) in enumerate(left):
            if middle == center and np.array_equal(np.sort(species), np.sort(kinds)):
                one, two = np.argsort(species, kind="stable"), np.argsort(kinds, kind="stable")
                if isometries(vectors[one], other[two], species[one], tolerance):
                    del left[k]
                    break
        else:
            return False
    return not left


def separating_hops(
    a: ase.Atoms, b: ase.Atoms, cutoff: float, tolerance: float = COORDINATES
) -> int | None:
    """The number of bonds that environments must span to differ in the two; None if none does."""
    for hops in range(1, len(a)):
        first, second = (hop_environments(atoms, cutoff, hops) for atoms in (a, b))
        if not same_environments(first, second, tolerance):
            return hops
    return None
