"""How far two environments are from being one: the best rotation, reflection and exchange."""

from itertools import permutations

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial.transform import Rotation

ENUMERATED = 6
"""Up to this many neighbours all exchanges are tried."""

STARTS, ROUNDS = 200, 20
"""Random rotations to start from beyond that, and exchanges adjusted to a rotation and back."""


def matched(
    vectors: np.ndarray, other: np.ndarray, species: np.ndarray | None = None
) -> tuple[float, np.ndarray]:
    """The least distance (Å, over all 3N coordinates) of two environments, and the second as it
    lies then, (N, 3).

    Least over rotations and reflections about the centre and exchanges of like neighbours: exact up
    to `ENUMERATED` neighbours, an upper bound beyond.

    Args:
        vectors, other: (N, 3) neighbours of equal species, Å.
        species: (N,) of both; all alike if not given.
    """
    n = len(vectors)
    kinds = np.zeros(n, dtype=int) if species is None else np.asarray(species)
    exchanges = _all(kinds) if n <= ENUMERATED else _suitable(vectors, other, kinds)
    images = _laid(vectors, other[exchanges])
    distances = np.linalg.norm((images - vectors).reshape(len(images), -1), axis=1)
    best = int(np.argmin(distances))
    return float(distances[best]), images[best]


def _all(kinds: np.ndarray) -> np.ndarray:
    """Permutations (n, N) among like neighbours."""
    every = np.array(list(permutations(range(len(kinds)))))
    return every[(kinds[every] == kinds).all(axis=1)]


def _suitable(vectors: np.ndarray, other: np.ndarray, kinds: np.ndarray) -> np.ndarray:
    """Permutations (n, N) reached from random rotations by alternate assignment and rotation."""
    turns = Rotation.random(STARTS, rng=np.random.default_rng(0)).as_matrix()
    found = set()
    for turn in np.concatenate([turns, -turns]):
        images, before = other @ turn, None
        for _ in range(ROUNDS):
            cost = np.sum((vectors[:, None] - images) ** 2, axis=-1)
            cost[kinds[:, None] != kinds] = 1e6
            exchange = tuple(linear_sum_assignment(cost)[1].tolist())
            if exchange == before:
                break
            before = exchange
            # the images in the order of `other`, laid on what they are assigned to
            back = np.argsort(exchange)
            images = _laid(vectors[back], other[None])[0]
        found.add(exchange)
    return np.array(sorted(found))


def _laid(vectors: np.ndarray, images: np.ndarray) -> np.ndarray:
    """Each of the images (n, N, 3) rotated or reflected to lie closest to `vectors` (Kabsch)."""
    u, _, vt = np.linalg.svd(vectors.T @ images)
    return images @ (u @ vt).swapaxes(1, 2)
