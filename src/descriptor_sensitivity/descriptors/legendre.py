"""Legendre polynomials and associated Legendre functions, with their derivatives."""

import numpy as np


def legendre(x: np.ndarray, l_max: int) -> tuple[np.ndarray, np.ndarray]:
    """P_l(x) and P_l'(x) for l = 0..l_max; two arrays (l_max + 1, *x.shape)."""
    p = np.zeros((l_max + 1, *x.shape))
    d = np.zeros_like(p)
    p[0] = 1.0
    if l_max > 0:
        p[1], d[1] = x, 1.0
    for degree in range(2, l_max + 1):
        p[degree] = ((2 * degree - 1) * x * p[degree - 1] - (degree - 1) * p[degree - 2]) / degree
        d[degree] = d[degree - 2] + (2 * degree - 1) * p[degree - 1]
    return p, d


def associated_legendre(x: np.ndarray, l_max: int) -> tuple[np.ndarray, np.ndarray]:
    """Q_lm(x) = sqrt((2l + 1)/(4 pi) (l - m)!/(l + m)!) d^m P_l / dx^m, and dQ_lm/dx.

    Two arrays (e, l_max + 1, l_max + 1, N, N) for x (e, N, N); zero where m > l.
    """
    q = np.zeros((l_max + 1, l_max + 2, *x.shape))
    for m in range(l_max + 1):
        if m == 0:
            q[0, 0] = np.sqrt(1 / (4 * np.pi))
        else:
            q[m, m] = np.sqrt((2 * m + 1) / (2 * m)) * q[m - 1, m - 1]
        if m < l_max:
            q[m + 1, m] = np.sqrt(2 * m + 3) * x * q[m, m]
        for degree in range(m + 2, l_max + 1):
            a = np.sqrt((4 * degree**2 - 1) / (degree**2 - m**2))
            b = np.sqrt(((degree - 1) ** 2 - m**2) / (4 * (degree - 1) ** 2 - 1))
            q[degree, m] = a * (x * q[degree - 1, m] - b * q[degree - 2, m])
    degrees, orders = np.arange(l_max + 1)[:, None], np.arange(l_max + 1)[None]
    raising = np.sqrt(np.maximum((degrees - orders) * (degrees + orders + 1), 0))
    slope = raising[..., None, None, None] * q[:, 1:]
    return q[:, :-1].transpose(2, 0, 1, 3, 4).copy(), slope.transpose(2, 0, 1, 3, 4).copy()
