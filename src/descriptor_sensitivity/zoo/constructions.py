"""Members of the zoo that a formula says more shortly than coordinates. Å and degrees."""

from itertools import product

import numpy as np

from descriptor_sensitivity.theory import families

GOLDEN = (1 + np.sqrt(5)) / 2


def polyhedron(solid: str) -> np.ndarray:
    """Vertices of a solid about the origin: octahedron, cube, fcc (the shell), icosahedron,
    dodecahedron, or cube_octahedron, a cube and the octahedron on its axes."""
    cube = np.array(list(product([1.0, -1.0], repeat=3)))
    octahedron = np.vstack([np.eye(3), -np.eye(3)])
    solids = {
        "octahedron": octahedron,
        "cube": cube,
        "fcc": _cyclic(1.0, 1.0),
        "icosahedron": _cyclic(1.0, GOLDEN),
        "dodecahedron": np.vstack([cube, _cyclic(1 / GOLDEN, GOLDEN)]),
        "cube_octahedron": np.vstack([cube, octahedron]),
    }
    return solids[solid]


def _cyclic(a: float, b: float) -> np.ndarray:
    """(0, +-a, +-b) and its cyclic exchanges (12, 3)."""
    signs = product([a, -a], [b, -b])
    return np.array([np.roll([0.0, s, t], turn) for s, t in signs for turn in range(3)])


def chosen_vertices(solid: str, indices: list[int]) -> np.ndarray:
    """Some vertices of a `polyhedron`."""
    return polyhedron(solid)[indices]


def chain(sign: int, k: int) -> np.ndarray:
    """k atoms on a line, 5 apart, and an end at each side that is bent: to one side (`sign` = 1)
    or to both (-1). Shape (k + 2, 3)."""
    line = np.array([[0.0, 5.0 * i, 0.0] for i in range(k)])
    return np.vstack([[sign * 4.0, -3.0, 0.0], line, [4.0, 5.0 * k - 2.0, 0.0]])


def prl_member(branch: int, azimuth: float = 144.0, elevation: float = 0.0) -> np.ndarray:
    """One member (4, 3) of `families.mirror_manifold`."""
    return families.mirror_manifold(branch, np.array([azimuth]), np.array([elevation]))[0]


def flat(radii: list[float], azimuths: list[float]) -> np.ndarray:
    """Neighbours in one plane with the centre."""
    angles = np.deg2rad(azimuths)
    return np.stack([radii * np.cos(angles), radii * np.sin(angles), 0 * angles], axis=1)


def heptagon(radius: float = 1.5, height: float = 1.0) -> np.ndarray:
    """Vertices 0, 1, 2, 4 of a regular heptagon, and one atom above and one below its middle."""
    angles = 2 * np.pi / 7 * np.array([0, 1, 2, 4])
    ring = radius * np.stack([np.cos(angles), np.sin(angles), 0 * angles], axis=1)
    return np.vstack([ring, [[0.0, 0.0, height], [0.0, 0.0, -height]]])


def centred(family: str, **arguments: float) -> np.ndarray:
    """A molecule: the centre and the neighbours of a family of `theory.families`."""
    neighbors = getattr(families, family)(**arguments)
    return np.vstack([np.zeros(3), neighbors])
