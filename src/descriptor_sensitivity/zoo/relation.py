"""What the tuple theory says of two environments or two structures, without a basis.

Features of correlation order nu are the multiset of the invariants of ordered nu-tuples of
neighbours (see `theory.nullspace`). Two environments that share it are one to order nu. Of a
structure every atom is a centre, and its features are either *summed* over the centres of a species
or kept as a *multiset*, one set of features for each centre. The atoms of a crystal see one another
up to a cutoff, and centres are counted per formula unit, whatever its cell.
"""

from itertools import combinations
from math import lcm

import ase
import numpy as np

from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.neighbors import neighbors
from descriptor_sensitivity.theory.crystals import crystal_isometries, primitive
from descriptor_sensitivity.theory.nullspace import labels, ordered_tuples
from descriptor_sensitivity.theory.symmetry import Operation, isometries
from descriptor_sensitivity.tolerances import COORDINATES

TUPLES = 2_000_000
"""Ordered tuples of all centres of two structures that are looked at, at most."""

POOLED = ("summed", "multiset")


def relation(a: ase.Atoms, b: ase.Atoms, scope: str, tolerance: float = COORDINATES) -> str:
    """`rotation`, `reflection` (but no rotation) or `different`: how a becomes b.

    Environments keep their centre, atom 0; structures may be shifted too, crystals be in any cell.
    """
    if a.pbc.any() or b.pbc.any():
        found = crystal_isometries(primitive(a, tolerance), primitive(b, tolerance), tolerance)
    else:
        found = [operation.matrix for operation in _isometries(a, b, scope, tolerance)]
    if not found:
        return "different"
    proper = any(np.linalg.det(matrix) > 0 for matrix in found)
    return "rotation" if proper else "reflection"


def _isometries(a: ase.Atoms, b: ase.Atoms, scope: str, tolerance: float) -> list[Operation]:
    """Operations that lay a on b: atom 0 on atom 0, or on any like atom of a structure."""
    if sorted(a.numbers) != sorted(b.numbers):
        return []
    around, species = _around(a, 0)
    places = [0] if scope == "environment" else np.flatnonzero(b.numbers == a.numbers[0])
    found = []
    for place in places:
        other, kinds = _around(b, int(place))
        if np.array_equal(species, kinds):
            found += isometries(around, other, species, tolerance)
    return found


Site = tuple[int, np.ndarray, np.ndarray]
"""Species of a centre, vectors (N, 3) to its neighbours, Å, and their species (N,), ascending."""


def sites(atoms: ase.Atoms, scope: str, cutoff: float = np.inf) -> list[Site]:
    """Atom 0 of an environment, or every atom, with the neighbours that it sees.

    Args:
        cutoff: Å, of a crystal; the atoms of a molecule see all others.
    """
    centers = range(1) if scope == "environment" else range(len(atoms))
    if not atoms.pbc.any():
        return [(int(atoms.numbers[center]), *_around(atoms, center)) for center in centers]
    i, j, vectors = neighbors(atoms, cutoff)
    if not len(i):
        raise InputError(f"No atom has a neighbour within the cutoff of {cutoff:g} Å; raise it.")
    order = np.lexsort((atoms.numbers[j], i))
    i, species, vectors = i[order], atoms.numbers[j[order]], vectors[order]
    return [(int(atoms.numbers[k]), vectors[i == k], species[i == k]) for k in centers]


def formula_units(one: int, other: int) -> tuple[int, int]:
    """How often to count the atoms of each of two structures, so that they are equally many."""
    both = lcm(one, other)
    return both // one, both // other


def separating_order(
    a: ase.Atoms,
    b: ase.Atoms,
    scope: str,
    pooled: str = "multiset",
    highest: int = 4,
    cutoff: float = np.inf,
    tolerance: float = COORDINATES,
) -> int | None:
    """The smallest nu up to `highest` whose features tell a from b; None if none does.

    Args:
        scope: of environments only atom 0 is a centre, of structures every atom.
        pooled: of structures, whether features are summed over centres or kept apart.
        cutoff: Å, of crystals.
        tolerance: lengths that differ by less than twice this (Å) coincide.
    """
    for order in range(1, highest + 1):
        if not same_features(a, b, order, scope, pooled, cutoff, tolerance):
            return order
    return None


def highest_order(atoms: ase.Atoms, scope: str, cutoff: float = np.inf) -> int:
    """The highest nu up to 4 that `TUPLES` allows: 4 up to 16 atoms that all are centres, or 31
    neighbours of one; 3 up to 32 atoms, or 100 neighbours."""
    around = [len(species) for _, _, species in sites(atoms, scope, cutoff)]
    orders = (n for n in (4, 3, 2) if 2 * sum(size**n for size in around) <= TUPLES)
    return next(orders, 1)


def same_features(
    a: ase.Atoms,
    b: ase.Atoms,
    order: int,
    scope: str,
    pooled: str,
    cutoff: float = np.inf,
    tolerance: float = COORDINATES,
) -> bool:
    """Whether all features of correlation order nu = `order` of a and b are the same."""
    first, second = (sites(atoms, scope, cutoff) for atoms in (a, b))
    values = _tuple_values([*first, *second], order, tolerance)
    times = formula_units(len(first), len(second))
    parts = zip((first, second), (values[: len(first)], values[len(first) :]), times, strict=True)
    one, other = (
        [(center, each) for (center, _, _), each in zip(part, mine, strict=True)] * n
        for part, mine, n in parts
    )
    if pooled == "summed":
        return _counted(one) == _counted(other)
    return _sorted(one) == _sorted(other)


def _tuple_values(points: list[Site], order: int, tolerance: float) -> list[np.ndarray]:
    """A number for each ordered tuple about each centre, the same for the same invariants."""
    pairs = [np.triu_indices(len(species), 1) for _, _, species in points]
    radii = [np.linalg.norm(vectors, axis=1) for _, vectors, _ in points]
    between = [
        np.linalg.norm(vectors[i] - vectors[j], axis=1)
        for (_, vectors, _), (i, j) in zip(points, pairs, strict=True)
    ]
    species = np.concatenate([species for _, _, species in points])
    every = labels(species[:, None], np.concatenate(radii), tolerance)
    kind = np.split(every, np.cumsum([len(each) for each in radii])[:-1])
    ends = [np.sort(np.stack([k[i], k[j]], -1), 1) for k, (i, j) in zip(kind, pairs, strict=True)]
    cuts = np.cumsum([len(each) for each in between])[:-1]
    pair = np.zeros(0, dtype=int)
    if sum(map(len, between)):
        pair = labels(np.concatenate(ends), np.concatenate(between), tolerance)
    keys = []
    for mine, (i, j), lengths in zip(kind, pairs, np.split(pair, cuts), strict=True):
        distances = np.full((len(mine),) * 2, -1)
        distances[i, j] = distances[j, i] = lengths
        tuples = ordered_tuples(mine, order)
        slots = [distances[tuples[:, p], tuples[:, q]] for p, q in combinations(range(order), 2)]
        keys.append(np.column_stack([mine[tuples], *slots]))
    _, values = np.unique(np.concatenate(keys), axis=0, return_inverse=True)
    return np.split(values.ravel(), np.cumsum([len(key) for key in keys])[:-1])


def _counted(centers: list[tuple[int, np.ndarray]]) -> list[tuple[int, list[int]]]:
    """All values about the centres of each species, sorted."""
    every: dict[int, list[np.ndarray]] = {}
    for number, values in centers:
        every.setdefault(number, []).append(values)
    return [(n, np.sort(np.concatenate(found)).tolist()) for n, found in sorted(every.items())]


def _sorted(centers: list[tuple[int, np.ndarray]]) -> list[tuple[int, list[int]]]:
    """The species of each centre and the values about it, sorted, and so are the centres."""
    return sorted((number, np.sort(values).tolist()) for number, values in centers)


def hops_needed(a: ase.Atoms, b: ase.Atoms, bond: float) -> int | None:
    """How many layers of message passing over bonds up to `bond` (Å) tell a from b; None if none.

    The most that L layers can know of an atom is where the atoms within L bonds of it are. Up to
    rotation and reflection the pieces around the atoms of a and of b are compared.
    """
    for layers in range(1, len(a)):
        pieces = [[_piece(atoms, i, bond, layers) for i in range(len(atoms))] for atoms in (a, b)]
        free = list(pieces[1])
        for piece in pieces[0]:
            match = (k for k, one in enumerate(free) if _one_piece(piece, one))
            place = next(match, None)
            if place is None:
                return layers
            free.pop(place)
    return None


def _one_piece(one: ase.Atoms, other: ase.Atoms) -> bool:
    return len(one) == len(other) and bool(_isometries(one, other, "environment", COORDINATES))


def _piece(atoms: ase.Atoms, center: int, bond: float, layers: int) -> ase.Atoms:
    """The centre, first, and the atoms that `layers` bonds reach from it."""
    bonded = atoms.get_all_distances() <= bond
    reached = np.arange(len(atoms)) == center
    for _ in range(layers):
        reached = bonded[reached].any(axis=0)
    reached[center] = False
    return atoms[[center, *np.flatnonzero(reached)]]


def _around(atoms: ase.Atoms, center: int) -> tuple[np.ndarray, np.ndarray]:
    """Neighbours (N, 3) of one atom, all others, and their species, ascending."""
    others = np.delete(np.arange(len(atoms)), center)
    others = others[np.argsort(atoms.numbers[others], kind="stable")]
    return atoms.positions[others] - atoms.positions[center], atoms.numbers[others]


def same_graph(a: ase.Atoms, b: ase.Atoms) -> bool:
    """Whether colour refinement (1-WL) of the complete graphs of distances cannot tell a from b.

    Every atom takes the multiset of (distance, colour) of all others as its next colour, until the
    colours of the two structures differ or as many rounds as there are atoms have gone by.
    """
    n = len(a)
    first, second = np.triu_indices(n, 1)
    lengths = np.concatenate([one.get_all_distances()[first, second] for one in (a, b)])
    kind = labels(np.zeros((len(lengths), 1), dtype=int), lengths, COORDINATES).reshape(2, -1)
    edges = np.full((2, n, n), -1)
    edges[:, first, second] = edges[:, second, first] = kind
    colors = np.stack([a.numbers, b.numbers]).tolist()
    for _ in range(n):
        names: dict[tuple, int] = {}
        colors = [
            [names.setdefault(_seen(i, mine, edge), len(names)) for i in range(n)]
            for mine, edge in zip(colors, edges, strict=True)
        ]
        if sorted(colors[0]) != sorted(colors[1]):
            return False
    return True


def _seen(atom: int, colors: list[int], edges: np.ndarray) -> tuple:
    """The colour of an atom, and the sorted (distance, colour) of all others."""
    return colors[atom], *sorted(zip(edges[atom].tolist(), colors, strict=True))
