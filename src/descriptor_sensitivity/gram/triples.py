r"""J J^T of nu = 3.

b = sum_m W_m1m2m3 c_l1m1 c_l2m2 c_l3m3 (channels not written, W the 3j symbol of an even sum of
l's). Summed over channels, two coefficients leave K_l = c^T c, a coefficient and a gradient
D_x = dc_x^T c, both (2l + 1, 2l + 1). A neighbour may move at one position in both features or at
two different ones:

    G_xy = 3 sum W W' [dc_x^T dc_y]_l1 [K]_l2 [K]_l3 + 6 sum W W' [D_x]_l1 [D_y]_l2 [K]_l3.

As dc_x is a product (see `neighbors`), D_x = y_x a_x^T with a_x = sum_k (A_x . I_l(r_k)) Y_l(u_k).
K_l3 is contracted first, C = sum_l3 W K_l3 W; then both sums are bilinear forms in C.
"""

from functools import cache

import numpy as np

from descriptor_sensitivity.descriptors.wigner import real_3j
from descriptor_sensitivity.gram.neighbors import Kernels, Neighbors
from descriptor_sensitivity.gram.pairs import Gram


class Contracted:
    """Harmonics with the radial index summed over.

    Attributes:
        y: per l, Y_lm and its changes (n_env, 3N, 2l + 1).
        a: per l, a_x (n_env, 3N, 2l + 1).
        k: per l, K_l (n_env, 2l + 1, 2l + 1).
        kernels: per l, the scalar products over n.
        spread: per l, (2l + 1) / 4 pi sum_k |I_l(r_k)|^2: what K_l is summed from, (n_env,).
    """

    def __init__(self, near: Neighbors) -> None:
        n = near.r.shape[1]
        self.kernels = [near.kernels(degree) for degree in range(near.l_max + 1)]
        self.y, self.a, self.k, self.spread = [], [], [], []
        for degree, kernels in enumerate(self.kernels):
            y = np.ascontiguousarray(near.angular[..., degree**2 : (degree + 1) ** 2])
            still = y[:, :n]
            along = kernels.k @ still
            radial = kernels.kq.swapaxes(1, 2) @ still
            self.y.append(y)
            self.a.append(np.concatenate([radial, along, along], 1))
            self.k.append(still.swapaxes(1, 2) @ along)
            self.spread.append((2 * degree + 1) / (4 * np.pi) * kernels.sizes[0].sum(1))

    def gradients(self, degree: int) -> np.ndarray:
        """D_x of one l, (n_env, 3N, (2l + 1)^2)."""
        outer = self.y[degree][..., :, None] * self.a[degree][..., None, :]
        return outer.reshape(*outer.shape[:2], -1)


@cache
def _coupling(l1: int, l2: int, l_max: int) -> tuple[np.ndarray, np.ndarray]:
    """W of every l3 that couples l1 and l2, as ((m1 m2), (l3 m3)), and the indices l3^2.. of m3."""
    degrees = range(l1 - l2, min(l1 + l2, l_max) + 1, 2)
    symbols = [real_3j(l1, l2, l3).reshape(-1, 2 * l3 + 1) for l3 in degrees]
    index = np.concatenate([np.arange(l3**2, (l3 + 1) ** 2) for l3 in degrees])
    return np.ascontiguousarray(np.concatenate(symbols, 1)), index


def third_order(near: Neighbors) -> Gram:
    """nu = 3, see the head of the module."""
    parts = Contracted(near)
    n_env, l_max = len(near.r), near.l_max
    whole = np.zeros((n_env, (l_max + 1) ** 2, (l_max + 1) ** 2))
    for degree, k in enumerate(parts.k):
        m = slice(degree**2, (degree + 1) ** 2)
        whole[:, m, m] = k
    flat = np.concatenate([k.reshape(n_env, -1) for k in parts.k], 1)[:, :, None]
    gradients = np.concatenate([parts.gradients(degree) for degree in range(l_max + 1)], -1)
    ends = np.cumsum([0, *((2 * degree + 1) ** 2 for degree in range(l_max + 1))])
    same = [np.zeros((n_env, (2 * degree + 1) ** 2, 1)) for degree in range(l_max + 1)]
    crossed = np.zeros((n_env, *2 * (gradients.shape[1],)))
    for l1 in range(l_max + 1):
        row = np.concatenate([_contracted(whole, l1, l2, l_max) for l2 in range(l1 + 1)], 2)
        upto, mine = slice(0, ends[l1 + 1]), slice(ends[l1], ends[l1 + 1])
        same[l1] += row @ flat[:, upto]
        for l2 in range(l1):
            block = slice(ends[l2], ends[l2 + 1])
            same[l2] += row[:, :, block].swapaxes(1, 2) @ flat[:, mine]
        row[:, :, mine] /= 2
        crossed += (gradients[..., mine] @ row) @ gradients[..., upto].swapaxes(1, 2)
    gram = 6 * (crossed + crossed.swapaxes(1, 2))
    noise = np.zeros(gram.shape[:2])
    for degree, square in enumerate(same):
        y, kernels = parts.y[degree], parts.kernels[degree]
        size = 2 * degree + 1
        around = y @ square.reshape(n_env, size, size) @ y.swapaxes(1, 2)
        gram += 3 * kernels.of_components(around)
        noise += _noise(kernels, y, degree, parts.spread)
    return gram, noise


def _contracted(whole: np.ndarray, l1: int, l2: int, l_max: int) -> np.ndarray:
    """C of l1 >= l2 as ((m1 m1'), (m2' m2)): (n_env, (2 l1 + 1)^2, (2 l2 + 1)^2)."""
    coupling, index = _coupling(l1, l2, l_max)
    inner = whole[:, index[:, None], index]
    d1, d2 = 2 * l1 + 1, 2 * l2 + 1
    product = (coupling @ inner @ coupling.T).reshape(-1, d1, d2, d1, d2)
    return product.transpose(0, 1, 3, 4, 2).reshape(-1, d1 * d1, d2 * d2)


def _noise(kernels: Kernels, y: np.ndarray, degree: int, spread: list[np.ndarray]) -> np.ndarray:
    """9 |A_x|^2 |y_x|^2 / (2 l1 + 1) sum_l2l3 spread spread, as sum_m2m3 W W' = 1 / (2 l1 + 1)."""
    pairs = sum(
        spread[l2] * spread[l3]
        for l2 in range(len(spread))
        for l3 in range(abs(degree - l2), min(degree + l2, len(spread) - 1) + 1, 2)
    )
    size = (y * y).sum(-1)
    return 9 / (2 * degree + 1) * kernels.squares() * size * np.asarray(pairs)[:, None]
