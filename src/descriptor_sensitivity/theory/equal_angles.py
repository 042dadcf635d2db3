r"""Two pairs of neighbours that open the same angle: environments degenerate at nu = 2.

a, a' of one radius and b, b' of another open the same angle w. Then b and b' are, up to their
length, what a rotation R about the centre makes of a and a'. With a, a' = r_a (c, +-s, 0), where
c, s = cos w/2, sin w/2, the scalar products of unit vectors are

    a.b, a'.b' = c^2 R_xx + s^2 R_yy +- c s (R_xy + R_yx),
    a'.b, a.b' = c^2 R_xx - s^2 R_yy +- c s (R_yx - R_xy).

For a turn by an angle theta about the axis n, R_xy + R_yx = 2 n_x n_y (1 - cos theta) and
R_yx - R_xy = 2 n_z sin theta. Turning the sign of n_x exchanges a.b with a'.b' and leaves all else:
the multiset of (radius, radius, cosine), hence nu = 2, stays, while triples, and the shape, change.
The two are congruent only where n_x n_y = 0 or n_z sin theta = 0. At n_x = 0 (or n_y = 0) the pair
meets in a singular environment, which in general has no symmetry.

The family was found by searching for singular points next to random methane.
"""

import numpy as np
from scipy.spatial.transform import Rotation

from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.theory.families import checked


def equal_angles(
    sign: int,
    r_a: float = 1.0,
    r_b: float = 1.2,
    opening: float = 90.0,
    n_x: float = 0.5,
    n_y: float = 0.4,
    theta: float = 100.0,
) -> np.ndarray:
    """A+ (`sign` = 1) or A- (-1): neighbours a, a', b, b' (4, 3), Å.

    Args:
        r_a, r_b: radii of a, a' and of b, b', Å.
        opening: angle between a and a', and between b and b', degrees.
        n_x, n_y: of the unit axis n of the rotation that takes a, a' to b, b'; n_z >= 0 follows.
        theta: its angle, degrees.

    Raises:
        InputError: n_x^2 + n_y^2 > 1, or two atoms collide.
    """
    parameters = {"r_a": r_a, "r_b": r_b, "opening": opening}
    parameters |= {"n_x": n_x, "n_y": n_y, "theta": theta}
    rest = 1 - n_x**2 - n_y**2
    if rest < 0:
        raise InputError(
            f"n_x = {n_x}, n_y = {n_y} are not part of a unit axis; choose n_x^2 + n_y^2 <= 1."
        )
    half = np.deg2rad(opening) / 2
    first = np.array([[np.cos(half), np.sin(half), 0.0], [np.cos(half), -np.sin(half), 0.0]])
    axis = np.array([sign * n_x, n_y, np.sqrt(rest)])
    second = Rotation.from_rotvec(np.deg2rad(theta) * axis).apply(first)
    return checked("equal_angles", np.vstack([r_a * first, r_b * second]), **parameters)


def equal_angles_singular(
    r_a: float = 1.0,
    r_b: float = 1.2,
    opening: float = 90.0,
    n_y: float = 0.4,
    theta: float = 100.0,
) -> np.ndarray:
    """A0: n_x = 0, where A+ and A- are one environment."""
    return equal_angles(1, r_a, r_b, opening, 0.0, n_y, theta)


def is_equal_angles(vectors: np.ndarray, tolerance: float) -> bool:
    """Whether four neighbours are an A0 of this family: |a| = |a'|, |b| = |b'|, one angle, and
    a.b = a'.b', for some choice of the roles, lengths and distances to `tolerance` Å.
    """
    if len(vectors) != 4:
        return False
    r = np.linalg.norm(vectors, axis=1)
    for first, second in (((0, 1), (2, 3)), ((0, 2), (1, 3)), ((0, 3), (1, 2))):
        a, a_ = first
        if abs(r[a] - r[a_]) > tolerance or abs(r[second[0]] - r[second[1]]) > tolerance:
            continue
        units = vectors / r[:, None]
        chords = [np.linalg.norm(units[i] - units[j]) for i, j in (first, second)]
        if abs(chords[0] - chords[1]) * r.max() > tolerance:
            continue
        for b, b_ in (second, second[::-1]):
            one, other = vectors[a] - vectors[b], vectors[a_] - vectors[b_]
            if abs(np.linalg.norm(one) - np.linalg.norm(other)) <= tolerance:
                return True
    return False
