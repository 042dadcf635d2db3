"""The density of an environment on radial functions and real spherical harmonics (nu = 1).

c_nlm = sum_j f_c(r_j) I_nl(r_j) Y_lm(r_j)    (paper 1, section 1)
"""

from collections.abc import Iterable, Sequence
from functools import cache

import numpy as np
import sphericart

from descriptor_sensitivity.descriptors.radial import RadialBasis
from descriptor_sensitivity.environments import Batch
from descriptor_sensitivity.errors import InputError


class Geometry:
    """Distances, directions and cosines of a batch, with the gradients of the cosines.

    r (e, N), unit (e, N, 3), cosine (e, N, N); slope (e, a, j, 3) is the gradient of
    cos(a, j) with respect to the position of j: (u_a - cos u_j) / r_j.
    """

    def __init__(self, vectors: np.ndarray) -> None:
        self.vectors = vectors
        self.r = np.linalg.norm(vectors, axis=-1)
        self.unit = vectors / self.r[..., None]
        cosine = self.unit @ self.unit.transpose(0, 2, 1)
        self.cosine = np.clip(cosine, -1.0, 1.0)
        self.slope = (self.unit[:, :, None] - self.cosine[..., None] * self.unit[:, None]) / self.r[
            :, None, :, None
        ]


def harmonics(geometry: Geometry, l_max: int) -> tuple[np.ndarray, np.ndarray]:
    """Y_lm of the neighbours (e, N, lm) and their gradients (e, N, 3, lm), per Å."""
    shape = geometry.vectors.shape
    calculator = _calculator(l_max)
    flat = np.ascontiguousarray(geometry.vectors.reshape(-1, 3))
    values, gradients = calculator.compute_with_gradients(flat)
    return values.reshape(*shape[:2], -1), gradients.reshape(*shape, -1)


@cache
def _calculator(l_max: int) -> sphericart.SphericalHarmonics:
    return sphericart.SphericalHarmonics(l_max)


def expansion(geometry: Geometry, radial: np.ndarray, l_max: int) -> np.ndarray:
    """c_nlm, ordered (channel, lm): (e, channels (l_max + 1)^2)."""
    angular, _ = harmonics(geometry, l_max)
    parts = [
        radial[:, degree].transpose(0, 2, 1) @ angular[..., degree**2 : (degree + 1) ** 2]
        for degree in range(l_max + 1)
    ]
    return np.concatenate(parts, -1).reshape(len(radial), -1)


def expansion_jacobian(
    geometry: Geometry, radial: np.ndarray, slope: np.ndarray, l_max: int
) -> np.ndarray:
    """dc_nlm/dr_ja = I'_nl u_a Y_lm + I_nl d_a Y_lm: (e, 3N, channels (l_max + 1)^2)."""
    angular, gradient = harmonics(geometry, l_max)
    n_env, n_neighbors, _ = geometry.vectors.shape
    parts = []
    for degree in range(l_max + 1):
        m = slice(degree**2, (degree + 1) ** 2)
        outward = geometry.unit[..., None] * angular[:, :, None, m]
        parts.append(
            slope[:, degree, :, None, :, None] * outward[:, :, :, None]
            + radial[:, degree, :, None, :, None] * gradient[:, :, :, None, m]
        )
    return np.concatenate(parts, -1).reshape(n_env, 3 * n_neighbors, -1)


def isotropic_jacobian(geometry: Geometry, slope: np.ndarray) -> np.ndarray:
    """The part l = 0 of `expansion_jacobian`, I'_n0 u_a / sqrt(4 pi): (e, 3N, channels)."""
    outward = geometry.unit[..., None] * slope[:, 0, :, None] / np.sqrt(4 * np.pi)
    return outward.reshape(len(slope), -1, slope.shape[-1])


class NeighborDensity:
    """The radial functions at the neighbours of a batch, with a block of channels per species.

    Args:
        radial: the radial basis, which also holds sigma, cutoff, n_max and l_max.
        cutoff_width: width in Å of a shifted-cosine cutoff function; 0 for a hard cutoff.
        species: the neighbour species that get channels of their own; by default those of the
            batch at hand.
    """

    def __init__(
        self,
        radial: RadialBasis,
        cutoff_width: float = 0.0,
        species: Sequence[int] | None = None,
    ) -> None:
        if not 0 <= cutoff_width <= radial.cutoff:
            raise InputError(f"`cutoff_width` must lie in 0..cutoff, not {cutoff_width}.")
        self.radial = radial
        self.cutoff_width = cutoff_width
        self.species = species

    def blocks(self, batch: Batch) -> list[int]:
        """The block of radial channels that each neighbour writes to, one block per species."""
        if batch.species.ndim == 2:
            raise ValueError("a batch of several compositions has no common features")
        present = sorted(set(batch.species.tolist()))
        species = list(self.species) if self.species is not None else present
        self._check_species(present)
        return [species.index(s) for s in batch.species]

    def radial_values(self, batch: Batch, r: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """f_c I_nl and its derivative at distances r (n_env, N): (n_env, N, l_max + 1, n_max)."""
        if r.max(initial=0.0) > self.radial.cutoff * (1 + 1e-12):
            raise InputError(
                f"A neighbour lies {r.max():.4f} Å from its centre, beyond the cutoff of"
                f" {self.radial.cutoff:g} Å."
            )
        self._check_species(set(batch.species.ravel().tolist()))
        value, derivative = self.radial(r, batch.species)
        if self.cutoff_width > 0:
            switch, fall = shifted_cosine(r, self.radial.cutoff, self.cutoff_width)
            derivative = derivative * switch[..., None, None] + value * fall[..., None, None]
            value = value * switch[..., None, None]
        return value, derivative

    def radial_functions(self, batch: Batch, geometry: Geometry) -> tuple[np.ndarray, np.ndarray]:
        """f_c I_nl and its derivative, (n_env, l_max + 1, N, channels), channels = (species, n)."""
        value, derivative = self.radial_values(batch, geometry.r)
        value, derivative = value.transpose(0, 2, 1, 3), derivative.transpose(0, 2, 1, 3)
        blocks = self.blocks(batch)
        n_blocks = max(blocks) + 1 if self.species is None else len(self.species)
        if n_blocks == 1:
            return value, derivative
        n_max = self.radial.n_max
        out = np.zeros((2, *value.shape[:3], n_blocks * n_max))
        for j, block in enumerate(blocks):
            channels = slice(block * n_max, (block + 1) * n_max)
            out[0, :, :, j, channels] = value[:, :, j]
            out[1, :, :, j, channels] = derivative[:, :, j]
        return out[0], out[1]

    def _check_species(self, present: Iterable[int]) -> None:
        missing = sorted(set(present) - set(self.species if self.species is not None else present))
        if missing:
            raise InputError(f"There are no features for neighbours of species {missing}.")


def shifted_cosine(r: np.ndarray, cutoff: float, width: float) -> tuple[np.ndarray, np.ndarray]:
    """f_c = (1 + cos(pi (r - cutoff + width) / width)) / 2 in the last `width` Å, and df_c/dr."""
    x = np.pi * np.clip(r - cutoff + width, 0, width) / width
    return (1 + np.cos(x)) / 2, -np.pi / (2 * width) * np.sin(x)
