r"""Symmetrised correlations of the neighbour density, nu = 1, 2, 3, with analytic Jacobians.

The density of an environment is rho(x) = sum_j f_c(r_j) g(x - r_j), g a normalised Gaussian of
width sigma. On a radial basis R_n and real spherical harmonics its coefficients are

    c_nlm = sum_j I_nl(r_j) Y_lm(r_j)                                              (nu = 1)

with the radial integrals I_nl of `radial` (cutoff function included). The invariants are

    p_n1n2l = sum_m c_n1lm c_n2lm / sqrt(2l + 1)                                   (nu = 2)
    b_n1l1n2l2n3l3 = sum_m (l1 l2 l3; m1 m2 m3) c_n1l1m1 c_n2l2m2 c_n3l3m3         (nu = 3)

l1 + l2 + l3 even, so that reflections are symmetries too (paper 1, Eqs. 1-2; the factors make the
scalar product of features the average over rotations of the overlap of two densities to the power
nu). Each invariant that occurs k times by exchange of its indices is kept once, times sqrt(k).

Four facts make them cheap and exact:

* Addition theorem: sum_m Y_lm(a) Y_lm(b) = (2l + 1) / (4 pi) P_l(a . b), so nu = 2 needs Legendre
  polynomials of the cosines between neighbours and no harmonics.
* The same for three: the nu = 3 sum over m, taken in the frame whose z axis is a, is a polynomial
  G_l1l2l3 in the three cosines of a, b, c (see `triple_invariants`).
* J J^T, from which singular values can be read, is a sum of products of scalar products of radial
  functions and needs no features at all (see `gram`).
* Compression: for given l the coefficients and their gradients are combinations of the 2N radial
  vectors I_l(r_j), I'_l(r_j). Rotating the radial index on their span (the R factor of a QR
  decomposition) leaves singular values and left singular vectors as they are, for any n_max.
"""

from collections.abc import Iterator, Sequence
from math import comb, pi, sqrt

import numpy as np

from descriptor_sensitivity.descriptors.base import Cost, Descriptor
from descriptor_sensitivity.descriptors.bispectrum import TUPLE_LIMIT, bispectrum, bispectrum_values
from descriptor_sensitivity.descriptors.compression import common_channels, compress, folded
from descriptor_sensitivity.descriptors.cost import density_cost, gram_pays
from descriptor_sensitivity.descriptors.expansion import (
    Geometry,
    NeighborDensity,
    expansion,
    expansion_jacobian,
    isotropic_jacobian,
)
from descriptor_sensitivity.descriptors.optimal import radial_basis
from descriptor_sensitivity.descriptors.power_spectrum import power_spectrum
from descriptor_sensitivity.descriptors.radial import RadialBasis
from descriptor_sensitivity.descriptors.trispectrum import Trispectrum
from descriptor_sensitivity.environments import Batch
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.gram.correlations import gram_blocks
from descriptor_sensitivity.gram.neighbors import LocalGram
from descriptor_sensitivity.settings import DensitySettings, DescriptorSettings

_BLOCK_BYTES = 2e6


class Density(Descriptor):
    """Density correlations of order `nu` on a radial basis.

    Args:
        nu: 1 (coefficients, not invariant), 2 (power spectrum) or 3 (bispectrum).
        radial: the radial basis, which also holds sigma, cutoff, n_max and l_max.
        cutoff_width: width in Å of a shifted-cosine cutoff function; 0 for a hard cutoff.
        species: the neighbour species that get features of their own; by default those of the
            batch at hand.
        center_weight: weight w of a Gaussian for the central atom itself, as a species of its own
            that a complete basis holds: its norm is c = w (4 pi sigma^2)^(-3/4). The features of
            order nu > 1 gain those of every lower order k, times sqrt(binom(nu, k)) c^(nu - k), of
            nu = 1 the part with l = 0 alone, and the constant c^nu.
    """

    def __init__(
        self,
        nu: int,
        radial: RadialBasis,
        cutoff_width: float = 0.0,
        species: Sequence[int] | None = None,
        center_weight: float = 0.0,
    ) -> None:
        if nu not in (1, 2, 3):
            raise InputError(f"`nu` must be 1, 2 or 3, not {nu}.")
        self.nu = nu
        self.radial = radial
        self.density = NeighborDensity(radial, cutoff_width, species)
        self.center = center_weight * (4 * np.pi * radial.sigma**2) ** -0.75
        self.invariant = nu > 1
        self.name = f"nu{nu}"

    @classmethod
    def settings_model(cls, kind: str) -> type[DescriptorSettings]:
        """Settings name the radial basis by its kind and size."""
        return DensitySettings

    @classmethod
    def build(
        cls, settings: DescriptorSettings, fit_batches: Sequence[Batch] | None = None
    ) -> Descriptor:
        """Correlations with these settings; an optimal basis is fitted on `fit_batches`."""
        if not isinstance(settings, DensitySettings):
            raise TypeError(f"{settings} are not settings of a density")
        radial = radial_basis(
            settings.radial_basis,
            settings.n_max,
            settings.l_max,
            settings.sigma,
            settings.cutoff,
            settings.primitive,
            settings.n_primitive,
            fit_batches,
        )
        if settings.nu == 4:
            return Trispectrum(radial, settings.cutoff_width, settings.center_weight)
        return cls(settings.nu, radial, settings.cutoff_width, center_weight=settings.center_weight)

    @classmethod
    def cost(cls, settings: DescriptorSettings, n_neighbors: int, n_species: int) -> Cost:
        """As in `Descriptor`, by the sizes of the arrays."""
        if not isinstance(settings, DensitySettings):
            raise TypeError(f"{settings} are not settings of a density")
        return density_cost(settings, n_neighbors, n_species)

    def features(self, batch: Batch) -> np.ndarray:
        """Features (n_env, n_features); see the module's head for their definition."""
        if self.nu != 1:
            return self.jacobian(batch)[0]
        geometry = Geometry(batch.vectors)
        radial, _ = self.density.radial_functions(batch, geometry)
        return expansion(geometry, radial, self.radial.l_max)

    def jacobian(self, batch: Batch) -> tuple[np.ndarray, np.ndarray]:
        """Features and Jacobian; features in Å^(-3 nu / 2), Jacobian per Å more."""
        geometry = Geometry(batch.vectors)
        radial, slope = self.density.radial_functions(batch, geometry)
        return self._correlate(geometry, radial, slope)

    def reduced_jacobian(self, batch: Batch) -> np.ndarray:
        """The Jacobian in the compressed radial basis of each environment."""
        geometry = Geometry(batch.vectors)
        radial, slope = self.density.radial_functions(batch, geometry)
        radial, slope, n_solid = compress(
            radial, slope, np.array(self.density.blocks(batch)), self.radial.n_max
        )
        if self.nu == 1:
            return self._correlate(geometry, radial, slope)[1]
        l_max, parts = self.radial.l_max, []
        if self.nu == 3:
            panels = bispectrum(geometry, radial, slope, l_max, n_solid)
            parts = folded(jacobian for _, jacobian in panels)
        if self.nu == 2 or self.center:
            pairs = power_spectrum(geometry, radial, slope, l_max, n_solid)[1]
            if not self.center:
                return pairs
            parts.append(self._lower(2) * pairs)
            parts.append(self._lower(1) * isotropic_jacobian(geometry, slope))
        return np.concatenate(parts, -1)

    def gram(self, batch: Batch) -> np.ndarray:
        """As in `Descriptor`, without features."""
        out = np.empty((len(batch), *2 * (3 * batch.n_neighbors,)))
        for block, gram in self.local_grams(batch):
            out[block] = gram.cartesian()
        return out

    def local_grams(self, batch: Batch) -> Iterator[tuple[np.ndarray, LocalGram]]:
        """As in `Descriptor`; there is one for every order."""
        return gram_blocks(self.density, batch, self.nu, self.center)

    def gram_pays(self, batch: Batch) -> np.ndarray:
        """As in `Descriptor`, by counting (see `cost.gram_pays`)."""
        n = batch.n_neighbors
        species = np.sort(np.broadcast_to(batch.species, (len(batch), n)), axis=1)
        n_species = 1 + (np.diff(species, axis=1) != 0).sum(axis=1)
        return gram_pays(self.nu, self.radial.n_max, self.radial.l_max, n, n_species)

    def along(
        self, batch: Batch, reference: Batch, displacements: np.ndarray
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """As in `Descriptor`; for nu = 3 one panel for each (l2, l3), on common channels."""
        if self.nu < 3 or batch.n_neighbors > TUPLE_LIMIT or self.center:
            yield from super().along(batch, reference, displacements)
            return
        l_max = self.radial.l_max
        geometry, center = Geometry(batch.vectors), Geometry(reference.vectors)
        radial, _ = self.density.radial_functions(batch, geometry)
        value, slope = self.density.radial_functions(reference, center)
        radial, value, slope = common_channels(radial, value, slope)
        directions = displacements.reshape(len(displacements), -1)
        values = bispectrum_values(geometry, radial, l_max)
        gradients = bispectrum(center, value, slope, l_max)
        for features, (_, jacobian) in zip(values, gradients, strict=True):
            yield features, directions @ jacobian[0]

    def block_size(self, batch: Batch) -> int:
        """Environments to treat at once so that the arrays in use fit the processor's cache."""
        # nu = 3 works on panels of a few l1, over channels that hold values (see `compress`).
        per_species = batch.n_neighbors if self.nu == 3 else 2 * batch.n_neighbors
        n = min(self.radial.n_max, per_species) * len(set(batch.species))
        degrees = self.radial.l_max + 1
        columns = {1: n * degrees**2, 2: (n**2 + 1) // 2 * degrees, 3: degrees * n**3}[self.nu]
        return max(1, min(256, int(_BLOCK_BYTES / (8 * columns * 3 * batch.n_neighbors))))

    def _lower(self, order: int) -> float:
        """sqrt(binom(nu, k)) c^(nu - k), the factor of features of order k (`center_weight`)."""
        return sqrt(comb(self.nu, order)) * float(self.center) ** (self.nu - order)

    def _correlate(
        self, geometry: Geometry, radial: np.ndarray, slope: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        l_max = self.radial.l_max
        if self.nu == 1:
            features = expansion(geometry, radial, l_max)
            return features, expansion_jacobian(geometry, radial, slope, l_max)
        parts = []
        if self.nu == 3:
            parts += list(bispectrum(geometry, radial, slope, l_max))
        if self.nu == 2 or self.center:
            features, jacobian = power_spectrum(geometry, radial, slope, l_max)
            if not self.center:
                return features, jacobian
            parts.append((self._lower(2) * features, self._lower(2) * jacobian))
            alone = radial[:, 0].sum(axis=1) / sqrt(4 * pi)
            outward = isotropic_jacobian(geometry, slope)
            parts.append((self._lower(1) * alone, self._lower(1) * outward))
            constant = np.full((len(radial), 1), float(self.center) ** self.nu)
            parts.append((constant, np.zeros((*outward.shape[:2], 1))))
        values, gradients = zip(*parts, strict=True)
        return np.concatenate(values, -1), np.concatenate(gradients, -1)
