r"""What a density correlation will take, before it is computed.

Counted from the arrays that are alive together, in numbers of 8 bytes:

* the radial table, 2 cutoff / sigma pieces x 12 x (l_max + 1) n_max, once for each species if the
  basis is optimal;
* J J^T, (3N)^2, with the bilinear form at nu = 3, ((2 l_max + 1)^2 sum_l (2l + 1)^2), and at nu = 4
  3N + 1 numbers for each of (4 l_max + 1)^2 (2 l_max + 1) rotations;
* the Jacobian of what J J^T is not certain of, with n channels that hold values (see
  `compression`): 3N n^2 (l_max + 1) at nu = 2, panels of 3N n^3 at nu = 3, all of it at nu = 4.

The factors before them, and the seconds, are measured; the tests compare estimates with measured
peaks over orders, bases, neighbours and species.
"""

from dataclasses import dataclass

import numpy as np

from descriptor_sensitivity.descriptors.base import Cost
from descriptor_sensitivity.descriptors.bispectrum import TUPLE_LIMIT
from descriptor_sensitivity.descriptors.compression import FOLDED_BYTES
from descriptor_sensitivity.descriptors.radial import DEGREE, pieces, resolving_points
from descriptor_sensitivity.descriptors.wigner import even_triples
from descriptor_sensitivity.gram.correlations import environments_at_once
from descriptor_sensitivity.settings import DensitySettings

SMALL = 3e7
"""Bytes of everything that does not grow."""

SLICED, NEAR = 480, 126
"""Radii in a slice of a large table, and points of a grid that are near them (see `radial`)."""

ROTATION_TIME, BILINEAR_TIME, ENTRY_TIME, TABLE_TIME, FLOP_TIME = 4e-10, 1e-8, 6e-8, 2e-8, 2e-10
"""Seconds of one core for a number of the rotation average, of the bilinear form of nu = 3, of a
Jacobian up to its singular values, of the radial table, and for a step in a product of matrices."""


ELEMENT_COST = 4.0
"""Time of one element of a Jacobian, up to its singular values, over that of one element of the
bilinear form of nu = 3 (measured, 10 to 65 ns against 6 to 14)."""

FEATURES_PER_ROW = 3
"""Features of nu = 2 for each displacement below which J J^T is seldom certain (measured: 1 of 60
random environments of 30 to 100 neighbours with up to 2.8 was, and all of 90 with 4 and more)."""


def gram_pays(
    nu: int, n_max: int, l_max: int, n_neighbors: int, n_species: np.ndarray
) -> np.ndarray:
    """For which numbers of species (n_env,) J J^T is likely cheaper than the Jacobian.

    nu = 2: where features are few for 3N displacements, condition numbers are such that J J^T would
    be uncertain. nu = 3: (sum_l (2l + 1)^2)^2 is compared with rows times features, those of one
    species.
    """
    if nu == 2:
        channels = n_max * n_species
        features = channels * (channels + 1) // 2 * (l_max + 1)
        return features >= FEATURES_PER_ROW * 3 * n_neighbors
    if nu == 3:
        alone = _Sizes(nu, l_max, n_max, n_neighbors, 1)
        return np.full(n_species.shape, alone.orders**2 < ELEMENT_COST * alone.entries)
    return np.ones(n_species.shape, dtype=bool)


@dataclass(frozen=True)
class _Sizes:
    """What the counts are made of, see the head of the module."""

    nu: int
    l_max: int
    n_max: int
    n: int
    species: int

    @property
    def rows(self) -> int:
        return 3 * self.n

    @property
    def orders(self) -> int:
        """sum_l (2l + 1)^2."""
        return sum((2 * degree + 1) ** 2 for degree in range(self.l_max + 1))

    @property
    def symbols(self) -> int:
        """Numbers in the 3j symbols of nu = 3."""
        every = even_triples(self.l_max)
        return sum((2 * a + 1) * (2 * b + 1) * (2 * c + 1) for a, b, c in every)

    @property
    def entries(self) -> int:
        """Numbers in a Jacobian, on the channels that are not zero."""
        if self.nu == 1:
            return self.rows * self.species * self.n_max * (self.l_max + 1) ** 2
        if self.nu == 2:
            channels = self.species * min(self.n_max, 2 * self.n)
            return self.rows * channels**2 * (self.l_max + 1)
        if self.nu == 3:
            channels = self.species * min(self.n_max, self.n)
            return self.rows * channels**3 * len(even_triples(self.l_max))
        pairs = (self.species * self.n_max * (self.l_max + 1)) ** 2 // 4
        return self.rows * (2 * self.l_max + 1) * pairs**2


def density_cost(settings: DensitySettings, n_neighbors: int, n_species: int) -> Cost:
    """What density correlations with these settings take for N neighbours of some species."""
    sizes = _Sizes(
        settings.nu,
        settings.l_max,
        settings.n_max or resolving_points(settings.sigma, settings.cutoff),
        n_neighbors,
        n_species,
    )
    numbers, seconds = _jacobian(sizes)
    if gram_pays(sizes.nu, sizes.n_max, sizes.l_max, n_neighbors, np.array(n_species)):
        more, quicker = _gram(sizes)
        numbers = max(numbers, more)
        # Where neighbours outnumber the channels, J J^T is seldom certain.
        seldom = sizes.nu in (1, 3) and n_neighbors > 4 * n_species * sizes.n_max
        seconds = quicker + (seconds if seldom else 0.0)
    table, making = _table(settings, sizes)
    seconds += TABLE_TIME * (DEGREE + 1) * n_neighbors * (sizes.l_max + 1) * sizes.n_max
    return Cost(8 * (table + max(numbers, making)) + SMALL, 1e-4 + seconds)


def _gram(sizes: _Sizes) -> tuple[float, float]:
    """Numbers and seconds of J J^T."""
    rows, n, l_max, orders = sizes.rows, sizes.n, sizes.l_max, sizes.orders
    together = environments_at_once(sizes.nu, n, l_max)
    numbers = 12 * rows**2 + 6 * n * (l_max + 1) * sizes.n_max
    seconds = FLOP_TIME * ((l_max + 1) * 3 * rows**2 * n + 5 * rows**3)
    if sizes.nu == 3:
        numbers += 5 * (2 * l_max + 1) ** 2 * orders + 3 * rows * orders
        seconds += orders**2 * (BILINEAR_TIME + FLOP_TIME * rows)
    numbers *= together
    if sizes.nu == 3:
        numbers += 3 * sizes.symbols
    if sizes.nu == 4:
        rotations = (4 * l_max + 1) ** 2 * (2 * l_max + 1)
        numbers += rotations * (orders + 8 * (rows + 1))
        seconds += ROTATION_TIME * rotations * rows * orders
    return numbers, seconds


def _jacobian(sizes: _Sizes) -> tuple[float, float]:
    """Numbers and seconds of the Jacobian of one environment and its singular values."""
    seconds = (ENTRY_TIME + FLOP_TIME / 2 * sizes.rows) * sizes.entries
    whole = 8 * sizes.rows**2
    if sizes.nu != 3:
        return whole + {1: 4, 2: 3, 4: 1}[sizes.nu] * sizes.entries, seconds
    by_tuples = sizes.n <= TUPLE_LIMIT
    triples = len(even_triples(sizes.l_max))
    panel = sizes.entries / triples * (sizes.l_max // 2 + 1 if by_tuples else 1)
    kept = 3 * min(FOLDED_BYTES / 8, sizes.rows**2 * triples)
    return whole + 5 * panel + kept + (0 if by_tuples else sizes.symbols), seconds


def _table(settings: DensitySettings, sizes: _Sizes) -> tuple[float, float]:
    """Numbers of the radial table, and of what else is alive while it is made."""
    degrees = sizes.l_max + 1
    optimal = settings.radial_basis == "optimal"
    grid = {"optimal": settings.n_primitive, "dvr": sizes.n_max}
    sigma, cutoff = settings.sigma, settings.cutoff
    points = grid.get(settings.radial_basis, resolving_points(sigma, cutoff))
    radii = pieces(sigma, cutoff) * (DEGREE + 1)
    table = radii * degrees * sizes.n_max * (sizes.species if optimal else 1)
    sliced = max(2e7, SLICED * degrees * min(points, NEAR))
    primitives = min(radii * degrees * points, sliced)
    fit = sizes.species * degrees * points**2 + 1.3e7 if optimal else 0
    unit = 0 if settings.radial_basis == "gto" else points**2
    return table, max(3 * primitives, fit) + unit
