"""Invariants of order nu = 3, l1 + l2 + l3 even, over triples of neighbours or over harmonics.

b_n1l1n2l2n3l3 = sum_m (l1 l2 l3; m1 m2 m3) c_n1l1m1 c_n2l2m2 c_n3l3m3    (paper 1, Eq. 2)"""

from collections.abc import Iterator
from functools import cache
from itertools import permutations

import numpy as np

from descriptor_sensitivity.descriptors.expansion import Geometry, harmonics
from descriptor_sensitivity.descriptors.legendre import associated_legendre
from descriptor_sensitivity.descriptors.wigner import axial_3j, even_triples, real_3j

TUPLE_LIMIT = 10
"""Up to this many neighbours nu = 3 sums over triples of neighbours, beyond it over harmonics."""


@cache
def _triple_channels(l1: int, l2: int, l3: int, channels: int) -> tuple[np.ndarray, np.ndarray]:
    """Channel triples kept for given l, as flat indices, and the square root of their number.

    Exchanging the three (channel, l) labels gives the same invariant; one of each set is kept.
    """
    a, b, c = np.indices((channels,) * 3).reshape(3, -1)
    keep = np.ones(len(a), dtype=bool)
    if l1 == l2:
        keep &= a <= b
    if l2 == l3:
        keep &= b <= c
    a, b, c = a[keep], b[keep], c[keep]
    same12 = (a == b) & (l1 == l2)
    same23 = (b == c) & (l2 == l3)
    orderings = np.where(same12 & same23, 1, np.where(same12 | same23, 3, 6))
    return np.flatnonzero(keep), np.sqrt(orderings)


def bispectrum(
    geometry: Geometry,
    radial: np.ndarray,
    slope: np.ndarray,
    l_max: int,
    n_solid: int | None = None,
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """nu = 3: panels of features (e, k) and Jacobian (e, 3N, k), over (l1 <= l2 <= l3, channels).

    A neighbour j may stand at each of the three positions of an invariant. Its own factor is
    I'_nl(r_j) u_j for a radial motion and I_nl(r_j) for the angular ones (`own`); what surrounds it
    there, summed over the other two positions, is a `Surroundings`. Where only the first `n_solid`
    channels hold values, invariants with one other channel have a gradient by j's radial motion
    alone, and those with two or more have none; the former are added at the end of a panel (their
    features, zero, are left out). With `n_solid` equal invariants stay in the Jacobian side by
    side, which is the same to its singular values and quicker than leaving them out.
    """
    n_env, n_neighbors, _ = geometry.vectors.shape
    n = radial.shape[-1] if n_solid is None else n_solid
    own = np.zeros((n_env, l_max + 1, n_neighbors, 3, n, 4))
    own[..., 0] = slope[..., None, :n] * geometry.unit[:, None, :, :, None]
    for alpha in range(3):
        own[:, :, :, alpha, :, 1 + alpha] = radial[..., :n]
    own = own.reshape(n_env, l_max + 1, n_neighbors, 3 * n, 4)
    loose = (slope[..., None, n:] * geometry.unit[:, None, :, :, None])[..., None]
    route = _by_tuples if n_neighbors <= TUPLE_LIMIT else _by_harmonics
    for triples, surroundings in route(geometry, radial[..., :n], l_max):
        shape = (n_env, len(triples), 3 * n_neighbors, n, n, n)
        l1, l2, l3 = np.transpose(triples)
        gradient = (own[:, l1] @ surroundings[0]).reshape(shape)
        gradient += (own[:, l2] @ surroundings[1]).reshape(shape).swapaxes(3, 4)
        gradient += (own[:, l3] @ surroundings[2]).reshape(shape).transpose(0, 1, 2, 4, 5, 3)
        value = radial[:, l1, :, :n].swapaxes(2, 3) @ surroundings[0][:, :, :, 0]
        orderings = np.array([len(set(permutations(triple))) for triple in triples])
        kept = [_triple_channels(*triple, n) for triple in triples]
        index = np.concatenate([i * n**3 + keep for i, (keep, _) in enumerate(kept)])
        weight = np.concatenate([weights for _, weights in kept])
        gradient = gradient.swapaxes(1, 2).reshape(n_env, 3 * n_neighbors, -1)
        if n_solid is None:
            gradient = gradient[..., index] * weight
        else:
            gradient *= np.repeat(np.sqrt(orderings), n**3)
        parts = [gradient]
        if loose.size:
            for degrees, around in zip((l1, l2, l3), surroundings, strict=True):
                alone = loose[:, degrees] * around[:, :, :, None, None, 0]
                alone *= np.sqrt(orderings).reshape(-1, 1, 1, 1, 1)
                parts.append(
                    alone.swapaxes(1, 3).swapaxes(1, 2).reshape(n_env, 3 * n_neighbors, -1)
                )
        whole = np.concatenate(parts, -1) if loose.size else parts[0]
        yield value.reshape(n_env, -1)[:, index] * weight, whole


def bispectrum_values(geometry: Geometry, radial: np.ndarray, l_max: int) -> Iterator[np.ndarray]:
    """The features of the panels of `bispectrum` on the route of `_by_tuples`, no gradients."""
    n_env, n_neighbors, _ = geometry.vectors.shape
    channels = radial.shape[-1]
    t = _azimuthal(geometry.cosine, l_max)[:, :, 0]
    q, _ = associated_legendre(geometry.cosine, l_max)
    for l2 in range(l_max + 1):
        for l3 in range(l2, min(2 * l2, l_max) + 1):
            m = slice(0, l2 + 1)
            f = q[:, l2, m, :, :, None] * q[:, l3, m, :, None, :] * t[:, m]
            invariants = _axial_weights(l2, l3) @ f.reshape(n_env, l2 + 1, -1)
            pairs = radial[:, l2, :, None, :, None] * radial[:, l3, None, :, None, :]
            pairs = pairs.reshape(n_env, n_neighbors**2, -1)
            panel = []
            for index, l1 in enumerate(range(l3 - l2, l2 + 1, 2)):
                angular = invariants[:, index].reshape(n_env, n_neighbors, -1)
                value = radial[:, l1].swapaxes(1, 2) @ (angular @ pairs)
                keep, weight = _triple_channels(l1, l2, l3, channels)
                panel.append(value.reshape(n_env, -1)[:, keep] * weight)
            yield np.concatenate(panel, -1)


Triple = tuple[int, int, int]


Surroundings = tuple[np.ndarray, np.ndarray, np.ndarray]
"""One array per position of an invariant: (e, triples, N, 4, channels^2), the sum over the other
two positions as a function of neighbour j: its value, then its gradient along x, y, z of r_j at
fixed distance."""


def _by_tuples(
    geometry: Geometry, radial: np.ndarray, l_max: int
) -> Iterator[tuple[list[Triple], Surroundings]]:
    r"""The surroundings as sums over triples of neighbours a, b, c; one item for each (l2, l3).

    In the frame with z along a, and for l1 + l2 + l3 even,

        G = sum_m (l1 l2 l3; m1 m2 m3) Y_l1m1(a) Y_l2m2(b) Y_l3m3(c)
          = sum_{m >= 0} w_m Q_l2m(x) Q_l3m(y) t_m(u, v),
        w_m = sqrt((2 l1 + 1) / 4 pi) (2 - delta_m0) (-1)^m (l1 l2 l3; 0 m -m),

    with x = a.b, y = a.c, z = b.c, u = z - x y, v = (1 - x^2)(1 - y^2). Q_lm is the normalised
    associated Legendre function without its factor (1 - x^2)^(m/2), and t_m = v^(m/2) cos(m phi),
    phi being the angle between b and c about a. All are polynomials in x, y and z, so that no
    direction is singular, collinear neighbours included.
    """
    n_env, n_neighbors, _ = geometry.vectors.shape
    t = _azimuthal(geometry.cosine, l_max)
    q, dq = associated_legendre(geometry.cosine, l_max)
    for l2 in range(l_max + 1):
        for l3 in range(l2, min(2 * l2, l_max) + 1):
            degrees = list(range(l3 - l2, l2 + 1, 2))
            triples = [(l1, l2, l3) for l1 in degrees]
            m = slice(0, l2 + 1)
            left, right = q[:, l2, m, :, :, None], q[:, l3, m, :, None, :]
            both = left * right
            f = both[:, :, None] * t[:, m]
            f[:, :, 1] += dq[:, l2, m, :, :, None] * right * t[:, m, 0]
            f[:, :, 2] += left * dq[:, l3, m, :, None, :] * t[:, m, 0]
            g = _axial_weights(l2, l3) @ f.reshape(n_env, l2 + 1, -1)
            g = g.reshape(n_env, len(degrees), 4, *(n_neighbors,) * 3)
            value, by_ab, by_ac, by_bc = (g[:, :, i] for i in range(4))
            r1, r2, r3 = radial[:, degrees], radial[:, None, l2], radial[:, None, l3]
            first = _surround(value, by_ab, by_ac, geometry, r2, r3)
            value, by_ab, by_bc = (x.swapaxes(2, 3) for x in (value, by_ab, by_bc))
            second = _surround(value, by_ab, by_bc, geometry, r1, r3)
            value, by_bc = (x.transpose(0, 1, 4, 3, 2) for x in (value, by_bc))
            third = _surround(value, by_ac.transpose(0, 1, 4, 2, 3), by_bc, geometry, r1, r2)
            yield triples, (first, second, third)


def _surround(
    value: np.ndarray,
    by_p: np.ndarray,
    by_q: np.ndarray,
    geometry: Geometry,
    radial_p: np.ndarray,
    radial_q: np.ndarray,
) -> np.ndarray:
    """Sum the other two neighbours p, q of a triple with their radial functions.

    `value` (e, l1, j, p, q) is the invariant, `by_p` and `by_q` its derivatives with respect to
    cos(j, p) and cos(j, q). Returns (e, l1, j, 4, channels^2): value and gradient with respect
    to r_j.
    """
    n_env, n_degrees, n_neighbors = value.shape[:3]
    toward = geometry.slope.transpose(0, 2, 3, 1)[:, None]
    around = np.empty((n_env, n_degrees, n_neighbors, 4, n_neighbors, n_neighbors))
    around[:, :, :, 0] = value
    np.multiply(by_p[:, :, :, None], toward[..., None], out=around[:, :, :, 1:])
    around[:, :, :, 1:] += by_q[:, :, :, None] * toward[..., None, :]
    pairs = radial_p[..., :, None, :, None] * radial_q[..., None, :, None, :]
    pairs = pairs.reshape(*pairs.shape[:2], n_neighbors**2, -1)
    summed = around.reshape(n_env, n_degrees, 4 * n_neighbors, -1) @ pairs
    return summed.reshape(n_env, n_degrees, n_neighbors, 4, -1)


@cache
def _axial_weights(l2: int, l3: int) -> np.ndarray:
    """w_m of `_by_tuples` for every l1 that goes with l2 <= l3: (n_l1, l2 + 1)."""
    m = np.arange(l2 + 1)
    sign = np.where(m == 0, 1.0, 2.0) * (-1.0) ** m
    return np.array(
        [
            np.sqrt((2 * l1 + 1) / (4 * np.pi)) * sign * axial_3j(l1, l2, l3)
            for l1 in range(l3 - l2, l2 + 1, 2)
        ]
    )


def _azimuthal(cosine: np.ndarray, l_max: int) -> np.ndarray:
    """t_m(u, v) of `_by_tuples` and dt_m/dx, dt_m/dy, dt_m/dz: (e, l_max + 1, 4, N, N, N).

    t_m = v^(m/2) T_m(u / v^(1/2)) with T_m the Chebyshev polynomial, and with
    s_m = v^(m/2) U_m(u / v^(1/2)): dt_m/du = m s_{m-1}, dt_m/dv = -(m / 2) s_{m-2}.
    """
    x, y, z = cosine[:, :, :, None], cosine[:, :, None, :], cosine[:, None, :, :]
    u, v = z - x * y, (1 - x**2) * (1 - y**2)
    n_env, n_neighbors = cosine.shape[:2]
    t = np.zeros((l_max + 1, *u.shape))
    s = np.zeros((l_max + 3, *u.shape))  # s[m + 2] holds s_m; s_{-2} and s_{-1} never count
    t[0], s[2] = 1.0, 1.0
    for m in range(1, l_max + 1):
        t[m] = u if m == 1 else 2 * u * t[m - 1] - v * t[m - 2]
        s[m + 2] = 2 * u if m == 1 else 2 * u * s[m + 1] - v * s[m]
    orders = np.arange(l_max + 1).reshape(-1, 1, 1, 1, 1)
    by_u, by_v = orders * s[1:-1], -orders / 2 * s[:-2]
    out = np.empty((n_env, l_max + 1, 4, *(n_neighbors,) * 3))
    out[:, :, 0] = t.swapaxes(0, 1)
    out[:, :, 1] = (-y * by_u - 2 * x * (1 - y**2) * by_v).swapaxes(0, 1)
    out[:, :, 2] = (-x * by_u - 2 * y * (1 - x**2) * by_v).swapaxes(0, 1)
    out[:, :, 3] = by_u.swapaxes(0, 1)
    return out


def _by_harmonics(
    geometry: Geometry, radial: np.ndarray, l_max: int
) -> Iterator[tuple[list[Triple], Surroundings]]:
    """The surroundings from the expansion coefficients, for many neighbours; one item per triple.

    sum_{m2 m3} W c_l2m2 c_l3m3 is contracted with Y_l1m1 of neighbour j and its gradient, and
    likewise for the other two positions.
    """
    n_env, n_neighbors, _ = geometry.vectors.shape
    angular, gradient = harmonics(geometry, l_max)
    probe = np.concatenate([angular[:, :, None], gradient], 2)
    probe = probe.reshape(n_env, 4 * n_neighbors, -1)
    m = [slice(degree**2, (degree + 1) ** 2) for degree in range(l_max + 1)]
    c = [radial[:, i].swapaxes(1, 2) @ angular[..., m[i]] for i in range(l_max + 1)]
    shape = (n_env, 1, n_neighbors, 4, -1)
    for l1, l2, l3 in even_triples(l_max):
        w = real_3j(l1, l2, l3)
        outer = (
            np.einsum("abc,ekb,elc->eakl", w, c[l2], c[l3], optimize=True),
            np.einsum("abc,eka,elc->ebkl", w, c[l1], c[l3], optimize=True),
            np.einsum("abc,eka,elb->eckl", w, c[l1], c[l2], optimize=True),
        )
        one, two, three = (
            (probe[..., m[degree]] @ block.reshape(n_env, 2 * degree + 1, -1)).reshape(shape)
            for degree, block in zip((l1, l2, l3), outer, strict=True)
        )
        yield [(l1, l2, l3)], (one, two, three)
