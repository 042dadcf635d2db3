"""What the tuple theory says of two environments or two structures, without a basis.

Features of correlation order nu are the multiset of the invariants of ordered nu-tuples of
neighbours (see `theory.nullspace`). Two environments that share it are one to order nu. Of a
structure every atom is a centre, and its features are either *summed* over the centres of a species
or kept as a *multiset*, one set of features for each centre.
"""

from itertools import combinations

import ase
import numpy as np

from descriptor_sensitivity.theory.nullspace import labels, ordered_tuples
from descriptor_sensitivity.theory.symmetry import Operation, isometries
from descriptor_sensitivity.tolerances import COORDINATES

TUPLES = 2_000_000
"""Ordered tuples of all centres of two structures that are looked at, at most."""

POOLED = ("summed", "multiset")


def relation(a: ase.Atoms, b: ase.Atoms, scope: str, tolerance: float = COORDINATES) -> str:
    """`rotation`, `reflection` (but no rotation) or `different`: how a becomes b.

    Environments keep their centre, atom 0; structures may be shifted too.
    """
    found = _isometries(a, b, scope, tolerance)
    if not found:
        return "different"
    proper = any(np.linalg.det(operation.matrix) > 0 for operation in found)
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


def separating_order(
    a: ase.Atoms, b: ase.Atoms, scope: str, pooled: str = "multiset", highest: int = 4
) -> int | None:
    """The smallest nu up to `highest` whose features tell a from b; None if none does.

    Args:
        scope: of environments only atom 0 is a centre, of structures every atom.
        pooled: of structures, whether features are summed over centres or kept apart.
    """
    for order in range(1, highest + 1):
        if not same_features(a, b, order, scope, pooled):
            return order
    return None


def highest_order(atoms: ase.Atoms, scope: str) -> int:
    """The highest nu up to 4 that `TUPLES` allows: 4 up to 16 atoms that all are centres, or 31
    neighbours of one; 3 up to 32 atoms, or 100 neighbours."""
    centers = 1 if scope == "environment" else len(atoms)
    orders = (n for n in (4, 3, 2) if 2 * centers * (len(atoms) - 1) ** n <= TUPLES)
    return next(orders, 1)


def same_features(a: ase.Atoms, b: ase.Atoms, order: int, scope: str, pooled: str) -> bool:
    """Whether all features of correlation order nu = `order` of a and b are the same."""
    centers = [0] if scope == "environment" else list(range(len(a)))
    if len(a) != len(b) or sorted(a.numbers) != sorted(b.numbers):
        return False
    points = [(atoms, center) for atoms in (a, b) for center in centers]
    values = _tuple_values(points, order)
    half = len(centers)
    if pooled == "summed":
        return _counted(points[:half], values[:half]) == _counted(points[half:], values[half:])
    each = [
        (int(atoms.numbers[center]), *np.sort(mine))
        for (atoms, center), mine in zip(points, values, strict=True)
    ]
    return sorted(each[:half]) == sorted(each[half:])


def _tuple_values(points: list[tuple[ase.Atoms, int]], order: int) -> list[np.ndarray]:
    """A number for each ordered tuple about each centre, the same for the same invariants."""
    sites = [_around(atoms, center) for atoms, center in points]
    n = len(sites[0][1])
    first, second = np.triu_indices(n, 1)
    radii = np.concatenate([np.linalg.norm(vectors, axis=1) for vectors, _ in sites])
    species = np.concatenate([numbers for _, numbers in sites])
    kind = labels(species[:, None], radii, COORDINATES).reshape(len(sites), n)
    ends = np.sort(np.stack([kind[:, first], kind[:, second]], -1).reshape(-1, 2), axis=1)
    between = [np.linalg.norm(vectors[first] - vectors[second], axis=1) for vectors, _ in sites]
    pair = np.zeros(0, dtype=int)
    if len(first):
        pair = labels(ends, np.concatenate(between), COORDINATES)
    kinds = np.full((len(sites), n, n), -1)
    kinds[:, first, second] = kinds[:, second, first] = pair.reshape(len(sites), -1)
    keys = []
    for mine, distances in zip(kind, kinds, strict=True):
        tuples = ordered_tuples(mine, order)
        pairs = [distances[tuples[:, i], tuples[:, j]] for i, j in combinations(range(order), 2)]
        keys.append(np.column_stack([mine[tuples], *pairs]))
    _, values = np.unique(np.concatenate(keys), axis=0, return_inverse=True)
    return np.split(values.ravel(), np.cumsum([len(key) for key in keys])[:-1])


def _counted(points: list[tuple[ase.Atoms, int]], values: list[np.ndarray]) -> list[list[int]]:
    """All values about the centres of each species, sorted."""
    numbers = np.array([atoms.numbers[center] for atoms, center in points])
    return [
        np.sort(np.concatenate([values[k] for k in np.flatnonzero(numbers == number)])).tolist()
        for number in np.unique(numbers)
    ]


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
