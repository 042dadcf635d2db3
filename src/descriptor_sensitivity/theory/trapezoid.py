r"""Singular environments of five neighbours at nu = 2 that are no crossings of degenerate pairs.

a, a' and b, b' are mirror images of each other and lie in one plane with the centre, the corners of
a trapezoid; the fifth, c, is anywhere else:

    a, a' = r_a (cos s, +-sin s, 0),    b, b' = r_b (cos t, +-sin t, 0),    c = (c_x, c_y, c_z).

a.b = a'.b' and a.b' = a'.b, so that nu = 2 sees the sums of these products only. Turning a, a' in
the plane against b, b' makes one of each grow and the other shrink, and what c loses by it the four
give back by leaving the plane: nothing is seen to first order. To second order it is: no two
environments of other shapes and equal features lie near (docs/theory.md, Proposition 8). Found by
the census of singular points.
"""

from itertools import combinations

import numpy as np

from descriptor_sensitivity.theory.families import checked


def trapezoid(
    r_a: float = 1.0,
    r_b: float = 1.2,
    s: float = 35.0,
    t: float = 115.0,
    c: tuple[float, float, float] = (0.3, 0.5, 0.9),
) -> np.ndarray:
    """Neighbours a, a', b, b', c (5, 3), Å; angles in degrees.

    Raises:
        InputError: two atoms collide.
    """
    angles = np.deg2rad([s, -s, t, -t])
    radii = np.array([r_a, r_a, r_b, r_b])
    flat = np.stack([radii * np.cos(angles), radii * np.sin(angles), np.zeros(4)], axis=1)
    return checked("trapezoid", np.vstack([flat, c]), r_a=r_a, r_b=r_b, s=s, t=t, c=c)


def is_trapezoid(vectors: np.ndarray, tolerance: float) -> bool:
    """Whether five neighbours are of this family, for some choice of the roles.

    Args:
        tolerance: of heights, radii and distances, Å.
    """
    if len(vectors) != 5:
        return False
    r = np.linalg.norm(vectors, axis=1)
    for four in combinations(range(5), 4):
        if np.linalg.svd(vectors[list(four)], compute_uv=False)[2] > tolerance:
            continue
        a, *others = four
        for a_ in others:
            b, b_ = (k for k in others if k != a_)
            across = [np.linalg.norm(vectors[i] - vectors[j]) for i, j in ((a, b), (a, b_))]
            beside = [np.linalg.norm(vectors[i] - vectors[j]) for i, j in ((a_, b_), (a_, b))]
            gaps = [r[a] - r[a_], r[b] - r[b_], *np.subtract(across, beside)]
            if np.abs(gaps).max() <= tolerance:
                return True
    return False
