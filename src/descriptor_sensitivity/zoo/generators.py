"""Points of entries that no family of the theory makes: vertices of solids, chains, rings."""

from collections.abc import Sequence

import numpy as np

from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.theory.families import ring
from descriptor_sensitivity.theory.pairs import pair_manifolds

GOLDEN = (1 + 5**0.5) / 2


def solid(name: str, radius: float = 1.1) -> np.ndarray:
    """Vertices (n, 3) of a solid about its centre, the nearest at `radius`, Å.

    octahedron, cube, icosahedron, cuboctahedron (the shell of fcc), dodecahedron, and
    cube_octahedron: a cube and the octahedron that is its dual, at equal distances of the vertices
    from the planes through the centre (the octahedron's at half the cube's edge).
    """
    signs = np.array([(a, b, c) for a in (1, -1) for b in (1, -1) for c in (1, -1)], dtype=float)
    axes = np.array([one * sign for one in np.eye(3) for sign in (1, -1)])
    if name == "octahedron":
        points = axes
    elif name == "cube":
        points = signs
    elif name == "cube_octahedron":
        points = np.vstack([signs, axes])
    elif name == "icosahedron":
        points = _cyclic(1.0, GOLDEN)
    elif name == "cuboctahedron":
        points = _cyclic(1.0, 1.0)
    elif name == "dodecahedron":
        points = np.vstack([signs, _cyclic(1 / GOLDEN, GOLDEN)])
    else:
        raise InputError(f"`{name}` is no solid of the zoo.")
    return radius * points / np.linalg.norm(points, axis=1).min()


def _cyclic(first: float, second: float) -> np.ndarray:
    """(0, +-first, +-second) and its cyclic permutations, (12, 3)."""
    points = [(0, a, b) for a in (first, -first) for b in (second, -second)]
    return np.array([np.roll(point, shift) for shift in range(3) for point in points])


def vertices(name: str, indices: Sequence[int], radius: float = 1.1) -> np.ndarray:
    """Some vertices of a solid."""
    return solid(name, radius)[list(indices)]


def chain(sign: int, k: int) -> np.ndarray:
    """(-+4, -3, 0), (0, 5 i, 0) for i < k, (4, 5 k - 2, 0): k + 2 atoms, bonds of 5 Å.

    The two ends point to the same side (`sign` = -1) or to opposite sides (1): who is to tell
    them apart must see both ends at once, from one atom.
    """
    middle = [(0, 5 * i, 0) for i in range(k)]
    return np.array([(-4 * sign, -3, 0), *middle, (4, 5 * k - 2, 0)], dtype=float)


def on_line(*places: float) -> np.ndarray:
    """Points on the x axis."""
    return np.outer(places, [1.0, 0.0, 0.0])


def ruler(marks: Sequence[float], unit: float = 0.4) -> np.ndarray:
    """Marks of a ruler, in units of `unit` Å."""
    return on_line(*(unit * mark for mark in marks))


def ring_pair(sign: int, distance: float = 0.3, **parameters: float) -> np.ndarray:
    """A+ or A- (`sign` 1, -1) of the pair that meets in a `families.ring`, that far (Å) from it."""
    both = pair_manifolds(ring(**parameters), 0, np.array([distance]))  # type: ignore[arg-type]
    return both[0 if sign > 0 else 1, 0]


def square(radius: float = 1.1) -> np.ndarray:
    """Four neighbours in a square about the centre (D4h)."""
    corners = np.array([[1, 0, 0], [0, 1, 0], [-1, 0, 0], [0, -1, 0]], dtype=float)
    return radius * corners


def flat() -> np.ndarray:
    """Four neighbours in one plane with the centre, of distinct radii and angles."""
    azimuth = np.deg2rad([10, 100, 170, 280])
    directions = np.stack([np.cos(azimuth), np.sin(azimuth), np.zeros(4)], axis=1)
    return np.array([[1.0], [1.1], [1.2], [1.3]]) * directions


def heptagon() -> np.ndarray:
    """Corners 0, 1, 2, 4 of a regular heptagon of radius 1.5 Å, and two poles at 1 Å."""
    angles = 2 * np.pi / 7 * np.array([0, 1, 2, 4])
    corners = 1.5 * np.stack([np.cos(angles), np.sin(angles), np.zeros(4)], axis=1)
    return np.vstack([corners, [[0, 0, 1], [0, 0, -1]]])


def with_center(points: np.ndarray) -> np.ndarray:
    """The neighbours with their centre, first."""
    return np.vstack([np.zeros(3), points])
