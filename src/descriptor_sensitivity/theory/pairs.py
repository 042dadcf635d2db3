"""The singular environment A0 of ring kind, and the pairs of environments that meet there."""

import numpy as np

from descriptor_sensitivity.errors import InputError


def closest_ring(vectors: np.ndarray) -> tuple[np.ndarray, int]:
    """A0 in closed form: the `families.ring` environment next to `vectors` (4, 3), and its apex.

    For each choice of the apex the other three get their mean radius and their mean angle to it,
    and keep their azimuths; the choice that moves them least is taken.

    Raises:
        InputError: each neighbour has another one on its axis, which has no azimuth.
    """
    candidates = []
    for apex in range(4):
        axis = vectors[apex] / np.linalg.norm(vectors[apex])
        others = np.delete(np.arange(4), apex)
        radii = np.linalg.norm(vectors[others], axis=1)
        heights = vectors[others] @ axis
        sideways = vectors[others] - heights[:, None] * axis
        away = np.linalg.norm(sideways, axis=1)
        if away.min() < 1e-9 * radii.min():
            continue
        sideways /= away[:, None]
        polar = np.arccos(heights / radii).mean()
        moved = vectors.copy()
        moved[others] = radii.mean() * (np.cos(polar) * axis + np.sin(polar) * sideways)
        candidates.append((float(np.linalg.norm(moved - vectors)), apex, moved))
    if not candidates:
        raise InputError("Each neighbour has another one on its axis: there is no ring next to it.")
    _, apex, moved = min(candidates, key=lambda candidate: candidate[0])
    return moved, apex


def pair_manifolds(ring: np.ndarray, apex: int, distances: np.ndarray) -> np.ndarray:
    """A+ and A-, degenerate pairs for nu = 2 that meet at a ring A0: (2, n, 4, 3), Å.

    The ring is held. Moving the apex a changes the set of (radius, radius, cosine) only through
    |a| and its products g_j = a . r_j with the ring. A+ has a(t) and A- has a'(t) with the products
    of a(t) in cyclic order, g' = (g_3, g_1, g_2), and both have |a| = |a'| = |a_0|: two equations
    that leave a curve through A0, where all g are equal. Newton's method for each distance t of
    a(t) from a_0 along the null vector.

    Args:
        ring: (4, 3) a ring A0, its apex at index `apex`.
        distances: (n,) in Å, of either sign, in any order.

    Raises:
        InputError: there is no pair that far from A0.
    """
    others = np.delete(np.arange(4), apex)
    products = ring[others]
    exchange = np.linalg.solve(products, products[[2, 0, 1]])
    origin = ring[apex]
    null = np.cross(origin, products.sum(axis=0))
    null /= np.linalg.norm(null)
    manifolds = np.repeat(np.repeat(ring[None, None], len(distances), axis=1), 2, axis=0)
    for index, distance in enumerate(distances):
        a = origin + distance * null
        for _ in range(50):
            image = exchange @ a
            error = np.array(
                [
                    (a @ a - origin @ origin) / 2,
                    (image @ image - origin @ origin) / 2,
                    null @ (a - origin) - distance,
                ]
            )
            step = np.linalg.solve(np.array([a, image @ exchange, null]), error)
            a = a - step
            if np.linalg.norm(step) < 1e-15:
                break
        image = exchange @ a
        if not max(abs(a @ a - image @ image), abs(a @ a - origin @ origin)) < 1e-12:
            raise InputError(
                f"There is no degenerate pair {distance:g} Å from this A0; ask for less."
            )
        manifolds[0, index, apex], manifolds[1, index, apex] = a, image
    return manifolds
