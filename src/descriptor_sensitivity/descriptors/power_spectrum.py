"""Invariants of order nu = 2 by the addition theorem, without harmonics.

p_n1n2l = sum_m c_n1lm c_n2lm / sqrt(2l + 1)    (paper 1, Eq. 2)"""

from functools import cache

import numpy as np

from descriptor_sensitivity.descriptors.expansion import Geometry
from descriptor_sensitivity.descriptors.legendre import legendre


@cache
def _pairs(channels: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The channel pairs a <= b and the square root of how often each occurs."""
    first, second = np.triu_indices(channels)
    return first, second, np.where(first == second, 1.0, np.sqrt(2.0))


def power_spectrum(
    geometry: Geometry,
    radial: np.ndarray,
    slope: np.ndarray,
    l_max: int,
    n_solid: int | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """nu = 2: p_abl = sqrt(2l + 1) / (4 pi) sum_jj' I_al(r_j) I_bl(r_j') P_l(cos jj').

    Features (e, (l, a <= b)) and Jacobian (e, 3N, the same). Where only the first `n_solid`
    channels hold values, the pairs of one of them with another channel have a gradient by radial
    motions alone, added at the end for each l (their features, zero, are left out).
    """
    n_env, n_neighbors, _ = geometry.vectors.shape
    n = radial.shape[-1] if n_solid is None else n_solid
    p, d = legendre(geometry.cosine, l_max)
    factor = np.sqrt(2 * np.arange(l_max + 1) + 1) / (4 * np.pi)
    p = (p * factor[:, None, None, None]).swapaxes(0, 1)
    d = (d * factor[:, None, None, None]).swapaxes(0, 1)
    bent = (d[..., None] * geometry.slope[:, None]).reshape(*d.shape[:3], -1)
    first, second, weight = _pairs(n)

    # What neighbour j sees of the others, (e, l, channels, N), and its angular gradient.
    values = radial[..., :n]
    transposed = values.swapaxes(2, 3)
    seen = transposed @ p
    turned = (transposed @ bent).reshape(n_env, l_max + 1, n, n_neighbors, 3)
    features = (seen @ values)[:, :, first, second] * weight

    along = geometry.unit[:, None, :, :, None] * seen.transpose(0, 1, 3, 2)[:, :, :, None]
    across = turned.transpose(0, 1, 3, 4, 2)
    outer = slope[:, :, :, None, :n, None] * along[..., None, :]
    outer += values[:, :, :, None, :, None] * across[..., None, :]
    outer = outer.reshape(*along.shape[:-1], n * n)
    parts = [(outer[..., n * first + second] + outer[..., n * second + first]) * weight]
    if n < radial.shape[-1]:
        loose = np.sqrt(2) * slope[:, :, :, None, n:, None] * along[..., None, :]
        parts.append(loose.reshape(*along.shape[:-1], -1))
    gradient = np.concatenate(parts, -1).transpose(0, 2, 3, 1, 4)
    return features.reshape(n_env, -1), gradient.reshape(n_env, 3 * n_neighbors, -1)
