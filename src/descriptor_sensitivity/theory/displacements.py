"""Displacement patterns (N, 3) of unit norm: of symmetric structures, and null vectors of families.

They come without infinitesimal rotation, which no invariant feature answers to. Where a family of
degenerate pairs A+- meets itself (see `families`), the way from A- to A+ is a null vector: a
displacement that the features cannot see to first order.
"""

import numpy as np

from descriptor_sensitivity.tolerances import DIRECTION_LOST


def breathing(vectors: np.ndarray) -> np.ndarray:
    """All bonds stretch alike: u_j = r_j / (|r_j| sqrt(N))."""
    return _directions(vectors) / np.sqrt(len(vectors))


def two_up_two_down(vectors: np.ndarray) -> np.ndarray:
    """Of four bonds the first two stretch and the last two shrink by the same length."""
    return _directions(vectors) * np.array([[0.5], [0.5], [-0.5], [-0.5]])


def two_pairs_deformations(vectors: np.ndarray) -> np.ndarray:
    """Two displacements (2, 4, 3) of `two_pairs` that a mirror plane turns into their opposites.

    First, one bond of the xz pair stretches while the other shrinks (odd under x -> -x); second,
    the xz pair swings along y against the other two (odd under y -> -y). Both obey Eq. (17) of
    paper 1, so no smooth invariant feature changes to first order.
    """
    stretch, swing = np.zeros((2, 4, 3))
    stretch[:2] = _directions(vectors[:2]) * np.array([[1.0], [-1.0]])
    swing[:2, 1] = 1.0
    return np.array([without_rotation(vectors, pattern) for pattern in (stretch, swing)])


def mirror_null(vectors: np.ndarray) -> np.ndarray:
    """Null vector of `mirror_singular` at nu = 2: c moves along +y, rotation taken out.

    At A0 the pairs (c, b-) and (c, b+) have the same radii and cosine, and moving c by dy changes
    the two cosines by -+ dy cos e sin p / r_c: opposite, so their multiset stays. Nothing else
    that involves c changes, as c and a have no y component.
    """
    return without_rotation(vectors, _single(len(vectors), 3, np.array([0.0, 1.0, 0.0])))


def ring_null(vectors: np.ndarray, apex: int = 0) -> np.ndarray:
    """Null vector of `ring` at nu = 2, for the apex at index `apex`, rotation taken out.

    With the ring held still, the apex moves across its own direction a so that the sum of the
    cosines with the ring, a.(u1 + u2 + u3), stays: along a x (u1 + u2 + u3), the sign taken.
    """
    directions = _directions(vectors)
    others = np.delete(directions, apex, axis=0).sum(axis=0)
    step = np.cross(directions[apex], others)
    return without_rotation(vectors, _single(len(vectors), apex, step))


def double_ring_null(vectors: np.ndarray) -> np.ndarray:
    """Null vector of `double_ring_singular` at nu = 3: ring 1 up, ring 2 down, without rotation."""
    pattern = np.zeros((7, 3))
    pattern[:3, 2], pattern[3:6, 2] = 1.0, -1.0
    return without_rotation(vectors, pattern)


def without_rotation(vectors: np.ndarray, displacement: np.ndarray) -> np.ndarray:
    """`displacement` (N, 3) minus its infinitesimal rotation about the centre, at unit norm.

    The rotation w x r_j nearest to u_j solves I w = sum_j r_j x u_j with the inertia tensor
    I = sum_j (|r_j|^2 - r_j r_j^T); for neighbours on a line the shortest w is taken.
    """
    inertia = np.sum(vectors**2) * np.eye(3) - vectors.T @ vectors
    torque = np.cross(vectors, displacement).sum(axis=0)
    w = np.linalg.lstsq(inertia, torque, rcond=DIRECTION_LOST)[0]
    left = displacement - np.cross(w, vectors)
    return left / np.linalg.norm(left)


def fixed_sign(displacement: np.ndarray) -> np.ndarray:
    """`displacement` or its opposite, so that its first large component is positive.

    Large means above half of the largest magnitude. A singular vector has no sign of its own; this
    rule keeps figures from flipping.
    """
    flat = displacement.ravel()
    first = np.argmax(np.abs(flat) > 0.5 * np.abs(flat).max())
    return displacement * np.sign(flat[first])


def _directions(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def _single(n_neighbors: int, index: int, step: np.ndarray) -> np.ndarray:
    """The displacement of neighbour `index` alone."""
    pattern = np.zeros((n_neighbors, 3))
    pattern[index] = step
    return pattern
