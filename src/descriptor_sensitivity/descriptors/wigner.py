r"""Wigner 3j symbols as cached arrays, for complex and for real spherical harmonics."""

from functools import cache

import numpy as np
import wigners


def wigner_3j(l1: int, l2: int, l3: int) -> np.ndarray:
    """(l1 l2 l3; m1 m2 m3) as an array (2 l1 + 1, 2 l2 + 1, 2 l3 + 1), m = -l..l on each axis.

    The Clebsch-Gordan coefficients <l1 m1 l2 m2|l3 -m3> times (-1)^(l1 - l2 - m3) / sqrt(2 l3 + 1).
    """
    m3 = np.arange(-l3, l3 + 1)
    sign = (-1.0) ** (l1 - l2 - m3)
    return wigners.clebsch_gordan_array(l1, l2, l3)[:, :, ::-1] * sign / np.sqrt(2 * l3 + 1)


@cache
def axial_3j(l1: int, l2: int, l3: int) -> np.ndarray:
    """(l1 l2 l3; 0 m -m) for m = 0..min(l2, l3)."""
    m = np.arange(min(l2, l3) + 1)
    return wigner_3j(l1, l2, l3)[l1, l2 + m, l3 - m]


@cache
def real_3j(l1: int, l2: int, l3: int) -> np.ndarray:
    """The invariant tensor W of three real spherical harmonics.

    sum_m W[m1, m2, m3] Y_l1m1(a) Y_l2m2(b) Y_l3m3(c) does not change when a, b, c rotate together;
    it equals the sum of complex harmonics with `wigner_3j`, divided by i where l1 + l2 + l3 is odd
    (there it changes sign under reflection).
    """
    symbol = wigner_3j(l1, l2, l3).astype(complex)
    for axis, degree in enumerate((l1, l2, l3)):
        symbol = np.moveaxis(
            np.tensordot(_complex_from_real(degree), symbol, axes=(0, axis)), 0, axis
        )
    return np.ascontiguousarray(symbol.imag if (l1 + l2 + l3) % 2 else symbol.real)


@cache
def _complex_from_real(degree: int) -> np.ndarray:
    """U with Y^complex_m = sum_m' U[m, m'] Y^real_m' (real harmonics without Condon-Shortley)."""
    transform = np.zeros((2 * degree + 1, 2 * degree + 1), dtype=complex)
    transform[degree, degree] = 1.0
    for m in range(1, degree + 1):
        plus, minus = degree + m, degree - m
        transform[plus, plus] = (-1) ** m / np.sqrt(2)
        transform[plus, minus] = (-1) ** m * 1j / np.sqrt(2)
        transform[minus, plus] = 1 / np.sqrt(2)
        transform[minus, minus] = -1j / np.sqrt(2)
    return transform


@cache
def even_triples(l_max: int) -> tuple[tuple[int, int, int], ...]:
    """All l1 <= l2 <= l3 <= l_max that obey the triangle rule with l1 + l2 + l3 even."""
    return tuple(
        (l1, l2, l3)
        for l2 in range(l_max + 1)
        for l3 in range(l2, l_max + 1)
        for l1 in range(l3 - l2, l2 + 1, 2)
    )
