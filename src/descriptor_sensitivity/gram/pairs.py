r"""J J^T of nu = 1 and nu = 2.

nu = 2: with fac_l = sqrt(2l + 1) / 4 pi the gradient of p_ab,l along component x is M + M^T,
M = A_x B_x^T, in which A_x is the radial vector of the neighbour that moves (its slope for f = 0)
and B_x = sum_k X_xk I_l(r_k) what it sees of the others,

    X_(0,j)k = fac_l P_l(cos jk),        X_(t,j)k = fac_l P_l'(cos jk) (t_j . u_k) / r_j.

The sum over the pairs (a, b) of channels is then

    G_xy = 2 sum_l [(A_x . A_y)(B_x . B_y) + (B_x . A_y)(B_y . A_x)],

and every scalar product comes from K, Kq, Kpp: B_x . B_y = X K X^T, B_x . A_y = X Kq or X K.
"""

import numpy as np

from descriptor_sensitivity.descriptors.legendre import legendre
from descriptor_sensitivity.gram.neighbors import Kernels, Neighbors

Gram = tuple[np.ndarray, np.ndarray]
"""J J^T (n_env, 3N, 3N) in components (f, j), and the squares (n_env, 3N) of the terms that make up
each component: where G_xx is much smaller, digits were lost in their sum."""


def first_order(near: Neighbors) -> Gram:
    """nu = 1: G_xy = sum_l (A_x . A_y) sum_m y_xm y_ym, y the harmonics and their changes."""
    rows = near.angular.shape[:2]
    gram, noise = np.zeros((*rows, rows[1])), np.zeros(rows)
    for degree in range(near.l_max + 1):
        y = np.ascontiguousarray(near.angular[..., degree**2 : (degree + 1) ** 2])
        kernels = near.kernels(degree)
        term = kernels.of_components(y @ y.swapaxes(1, 2))
        gram += term
        noise += np.diagonal(term, 0, 1, 2)
    return gram, noise


def isotropic(near: Neighbors) -> Gram:
    """nu = 1, l = 0 alone: the radial components, Kpp / 4 pi."""
    n_env, n = near.r.shape
    gram = np.zeros((n_env, 3 * n, 3 * n))
    gram[:, :n, :n] = near.kernels(0).kpp / (4 * np.pi)
    return gram, np.diagonal(gram, 0, 1, 2)


def second_order(near: Neighbors) -> Gram:
    """nu = 2, see the head of the module."""
    n_env, n = near.r.shape
    p, d = legendre(near.cosine, near.l_max)
    gram, noise = np.zeros((n_env, 3, n, 3, n)), np.zeros((n_env, 3 * n))
    for degree in range(near.l_max + 1):
        factor = np.sqrt(2 * degree + 1) / (4 * np.pi)
        x = np.empty((n_env, 3, n, n))
        np.multiply(p[degree], factor, out=x[:, 0])
        np.multiply((factor * d[degree])[:, None], near.toward, out=x[:, 1:])
        x = x.reshape(n_env, 3 * n, n)
        kernels = near.kernels(degree)
        _add_pairs(gram, kernels, *_products(near, degree, kernels, x))
        noise += _noise(near, kernels, factor * p[degree], factor * d[degree])
    gram[:, 0, :, 1:] = gram[:, 1:, :, 0].transpose(0, 3, 1, 2)
    return 2 * gram.reshape(n_env, 3 * n, 3 * n), noise


def _products(
    near: Neighbors, degree: int, kernels: Kernels, x: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """X K, X Kq (n_env, 3N, N), X K X^T (n_env, 3N, 3N), through the channels if they are few."""
    value, slope = near.value[:, :, degree], near.slope[:, :, degree]
    if near.same is None and near.r.shape[1] > 2 * value.shape[-1]:
        seen = x @ value
        along, steep = (seen @ part.swapaxes(1, 2) for part in (value, slope))
        return along, steep, seen @ seen.swapaxes(1, 2)
    along = x @ kernels.k
    return along, x @ kernels.kq, along @ x.swapaxes(1, 2)


def _noise(near: Neighbors, kernels: Kernels, p: np.ndarray, d: np.ndarray) -> np.ndarray:
    """4 |A_x|^2 sum_k X_xk^2 |I_l(r_k)|^2 with t_j . u_k, a sum itself, at its largest: 1."""
    value, _ = kernels.sizes
    others = ~np.eye(p.shape[-1], dtype=bool)
    radial = ((p * p) @ value[:, :, None])[..., 0]
    tangential = ((d * d * others) @ value[:, :, None])[..., 0] / near.r**2
    return 4 * kernels.squares() * np.concatenate([radial, tangential, tangential], 1)


def _add_pairs(
    gram: np.ndarray, kernels: Kernels, along: np.ndarray, steep: np.ndarray, seen: np.ndarray
) -> None:
    """Add (A_x . A_y)(B_x . B_y) + (B_x . A_y)(B_y . A_x) of one l, radial rows only on (0, 0)."""
    n_env, _, n = gram.shape[:3]
    h, hq = along.reshape(n_env, 3, n, n), steep.reshape(n_env, 3, n, n)
    y = seen.reshape(gram.shape)
    gram[:, 0, :, 0] += kernels.kpp * y[:, 0, :, 0]
    gram[:, 0, :, 0] += hq[:, 0] * hq[:, 0].swapaxes(1, 2)
    gram[:, 1:, :, 0] += kernels.kq[:, None] * y[:, 1:, :, 0]
    gram[:, 1:, :, 0] += hq[:, 1:] * h[:, 0].swapaxes(1, 2)[:, None]
    gram[:, 1:, :, 1:] += kernels.k[:, None, :, None] * y[:, 1:, :, 1:]
    gram[:, 1:, :, 1:] += h[:, 1:, :, None] * h[:, 1:].transpose(0, 3, 1, 2)[:, None]
