"""J J^T of density correlations of any order, with or without the centre's own density."""

from collections.abc import Iterator
from math import comb

import numpy as np

from descriptor_sensitivity.descriptors.expansion import NeighborDensity
from descriptor_sensitivity.environments import Batch
from descriptor_sensitivity.gram.neighbors import LocalGram, Neighbors
from descriptor_sensitivity.gram.pairs import Gram, first_order, isotropic, second_order
from descriptor_sensitivity.gram.rotations import rotation_average
from descriptor_sensitivity.gram.triples import third_order


def correlation_gram(near: Neighbors, nu: int, center: float = 0.0) -> LocalGram:
    """J J^T of the correlations of order `nu` of a batch.

    A centre of its own species with coefficient `center` (its norm) adds its square to the overlap
    of two densities, whose power is then sum_k binom(nu, k) o^k center^(2 (nu - k)):

        G'_nu = sum_(k = 1..nu) binom(nu, k) center^(2 (nu - k)) G_k,

    with nu = 1 kept at l = 0 (the invariant part). The density itself (nu = 1) has no such terms.
    """
    matrix, noise = _bare(near, nu)
    if center and nu > 1:
        for order in range(1, nu):
            weight = comb(nu, order) * center ** (2 * (nu - order))
            more, more_noise = isotropic(near) if order == 1 else _bare(near, order)
            matrix = matrix + weight * more
            noise = noise + weight * more_noise
    return LocalGram(matrix, noise, near.axes)


def _bare(near: Neighbors, nu: int) -> Gram:
    closed = {1: first_order, 2: second_order, 3: third_order}
    return closed[nu](near) if nu in closed else rotation_average(near, nu)


def gram_blocks(
    density: NeighborDensity, batch: Batch, nu: int, center: float = 0.0
) -> Iterator[tuple[np.ndarray, LocalGram]]:
    """`correlation_gram` of a batch, block by block: which environments, and their J J^T.

    Environments with neighbours of one species, for which there is a shorter way, stand together,
    so that the numbers of each do not depend on the others.
    """
    step = environments_at_once(nu, batch.n_neighbors, density.radial.l_max)
    species = np.broadcast_to(batch.species, (len(batch), batch.n_neighbors))
    pure = (species == species[:, :1]).all(axis=1)
    for group in (np.flatnonzero(pure), np.flatnonzero(~pure)):
        for start in range(0, len(group), step):
            block = group[start : start + step]
            yield block, correlation_gram(Neighbors(density, batch[block]), nu, center)


def environments_at_once(nu: int, n_neighbors: int, l_max: int) -> int:
    """How many environments to treat at once so that the arrays in use fit the cache."""
    count = 6400 // n_neighbors**2
    if nu == 3:
        row = (2 * l_max + 1) ** 2 * sum((2 * degree + 1) ** 2 for degree in range(l_max + 1))
        count = min(count, 300_000 // row)
    if nu > 3:
        count = 1
    return int(np.clip(count, 1, 256))
