r"""J J^T of any nu as an average over rotations.

The scalar product of the features of order nu of two densities is the mean over O(3) of o(R)^nu,

    o(R) = <A | R B> = sum_l tr(D_l(R) c_A^T c_B),

D_l the matrices that turn real spherical harmonics. Its mixed derivative at A = B is

    G_xy = mean over R of nu (nu - 1) o^(nu-2) o_x(R) o_y(R^-1) + nu o^(nu-1) o_xy(R),
    o_x = sum_l y_x^T D_l a_x,     o_xy = sum_l (A_x . A_y) y_x^T D_l y_y,

with y_x, a_x and A_x as in `triples`. All are polynomials of degree nu l_max in D_1, which a
product grid of Euler angles integrates exactly; an inversion changes the sign of odd l alone. It
costs (nu l_max)^3 / 2 rotations times N l_max^3, for any number of channels.
"""

from functools import cache

import numpy as np
import sphericart

from descriptor_sensitivity.gram.neighbors import Neighbors
from descriptor_sensitivity.gram.pairs import Gram
from descriptor_sensitivity.gram.triples import Contracted


@cache
def rotation_grid(degree: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rotations that average polynomials of `degree` in D_1 exactly.

    z-y-z Euler angles, even steps in the outer two and Gauss-Legendre points in cos(beta). Returns
    matrices (n, 3, 3), weights (n,) of sum 1, and for each rotation the index of its inverse.
    """
    turns = degree + 1 + (degree + 1) % 2
    nodes, weights = np.polynomial.legendre.leggauss(degree // 2 + 1)
    first, middle, last = np.indices((turns, len(nodes), turns)).reshape(3, -1)
    alpha, gamma, cosine = 2 * np.pi * first / turns, 2 * np.pi * last / turns, nodes[middle]
    matrices = _about_z(alpha) @ _about_y(cosine) @ _about_z(gamma)
    # (a, b, c)^-1 = (pi - c, b, -pi - a): turning about y by -b is turning by b between half turns
    back = (turns // 2 - last) % turns, middle, (turns // 2 - first) % turns
    inverse = np.ravel_multi_index(back, (turns, len(nodes), turns))
    return matrices, weights[middle] / 2 / turns**2, inverse


def _about_z(angle: np.ndarray) -> np.ndarray:
    turned = np.zeros((len(angle), 3, 3))
    turned[:, 0, 0] = turned[:, 1, 1] = np.cos(angle)
    turned[:, 1, 0] = np.sin(angle)
    turned[:, 0, 1] = -turned[:, 1, 0]
    turned[:, 2, 2] = 1.0
    return turned


def _about_y(cosine: np.ndarray) -> np.ndarray:
    turned = np.zeros((len(cosine), 3, 3))
    turned[:, 0, 0] = turned[:, 2, 2] = cosine
    turned[:, 0, 2] = np.sqrt((1 - cosine) * (1 + cosine))
    turned[:, 2, 0] = -turned[:, 0, 2]
    turned[:, 1, 1] = 1.0
    return turned


@cache
def turning_matrices(degree: int, l_max: int) -> tuple[np.ndarray, np.ndarray]:
    """D_l of every rotation of `rotation_grid`, of even l below each other, then of odd l.

    Two arrays (sum (2l + 1)^2, n). D_l = sum_i w_i Y_l(R x_i) Y_l(x_i)^T over a grid on the sphere
    exact to 2 l_max.
    """
    rotations, _, _ = rotation_grid(degree)
    nodes, weights = np.polynomial.legendre.leggauss(l_max + 1)
    turns = 2 * l_max + 1
    ring, step = np.indices((l_max + 1, turns)).reshape(2, -1)
    radius, angle = np.sqrt(1 - nodes[ring] ** 2), 2 * np.pi * step / turns
    points = np.stack([radius * np.cos(angle), radius * np.sin(angle), nodes[ring]], -1)
    calculator = sphericart.SphericalHarmonics(l_max)
    still = calculator.compute(points) * (2 * np.pi / turns * weights[ring])[:, None]
    parts: tuple[list[np.ndarray], list[np.ndarray]] = ([], [])
    for portion in np.array_split(rotations, max(1, len(rotations) // 500)):
        turned = np.ascontiguousarray((points @ portion.swapaxes(1, 2)).reshape(-1, 3))
        values = calculator.compute(turned).reshape(len(portion), len(points), -1)
        for parity, found in enumerate(parts):
            products = [np.zeros((0, len(portion)))]
            for l in range(parity, l_max + 1, 2):
                m = slice(l**2, (l + 1) ** 2)
                product = values[..., m].swapaxes(1, 2) @ still[:, m]
                products.append(product.reshape(len(portion), -1).T)
            found.append(np.concatenate(products))
    even, odd = (np.concatenate(found, 1) for found in parts)
    return even, odd


def rotation_average(near: Neighbors, nu: int) -> Gram:
    """J J^T of order nu >= 2, see the head of the module."""
    parts = Contracted(near)
    n_env, n_rows = len(near.r), 3 * near.r.shape[1]
    _, weights, inverse = rotation_grid(nu * near.l_max)
    matrices = turning_matrices(nu * near.l_max, near.l_max)
    degrees = [range(parity, near.l_max + 1, 2) for parity in (0, 1)]
    nothing = [np.zeros((n_env, n_rows + 1, 0))]
    overlap, slope = [], []
    for turned, some in zip(matrices, degrees, strict=True):
        rows = [
            np.concatenate([parts.gradients(l), parts.k[l].reshape(n_env, 1, -1)], 1) for l in some
        ]
        both = np.concatenate(nothing + rows, -1) @ turned
        overlap.append(both[:, -1])
        slope.append(both[:, :-1])
    gram = np.zeros((n_env, n_rows, n_rows))
    power = np.zeros((2, n_env, len(weights)))
    for sign in (1, -1):
        o = overlap[0] + sign * overlap[1]
        o_x = slope[0] + sign * slope[1]
        outer = weights / 2 * nu * (nu - 1) * o ** (nu - 2)
        gram += (o_x * outer[:, None]) @ o_x[..., inverse].swapaxes(1, 2)
        once = weights / 2 * nu * o ** (nu - 1)
        power[0] += once
        power[1] += sign * once
    noise = np.zeros((n_env, n_rows))
    for parity, some in enumerate(degrees):
        means = (matrices[parity] @ power[parity][..., None])[..., 0]
        start = 0
        for l in some:
            size = 2 * l + 1
            mean = means[:, start : start + size**2].reshape(n_env, size, size)
            start += size**2
            term = parts.kernels[l].of_components(parts.y[l] @ mean @ parts.y[l].swapaxes(1, 2))
            gram += (term + term.swapaxes(1, 2)) / 2
            noise += np.diagonal(term, 0, 1, 2)
    return (gram + gram.swapaxes(1, 2)) / 2, nu * noise
