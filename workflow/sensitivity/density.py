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

Three facts make them cheap and exact:

* Addition theorem: sum_m Y_lm(a) Y_lm(b) = (2l + 1) / (4 pi) P_l(a . b), so nu = 2 needs Legendre
  polynomials of the cosines between neighbours and no harmonics.
* The same for three: the nu = 3 sum over m, taken in the frame whose z axis is a, is a polynomial
  G_l1l2l3 in the three cosines of a, b, c (see `triple_invariants`).
* Compression: for given l the coefficients and their gradients are combinations of the 2N radial
  vectors I_l(r_j), I'_l(r_j). Rotating the radial index on their span (the R factor of a QR
  decomposition) leaves singular values and left singular vectors as they are, for any n_max.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import permutations
from typing import Any

import numpy as np
import sphericart

from .environments import Batch
from .errors import InputError
from .radial import (
    BASES,
    RadialBasis,
    dvr_basis,
    gto_basis,
    optimal_basis,
)
from .representations import Representation
from .singular import r_factor, triangle
from .wigner import axial_3j, even_triples, real_3j

TUPLE_LIMIT = 10
"""Up to this many neighbours nu = 3 sums over triples of neighbours, beyond it over harmonics."""

_BLOCK_BYTES = 2e6


class DensityCorrelations(Representation):
    """Density correlations of order `nu` on a radial basis.

    Args:
        nu: 1 (coefficients, not invariant), 2 (power spectrum) or 3 (bispectrum).
        radial: the radial basis, which also holds sigma, cutoff, n_max and l_max.
        cutoff_width: width in Å of a shifted-cosine cutoff function; 0 for a hard cutoff.
        species: the neighbour species that get features of their own; by default those of the
            batch at hand.
    """

    def __init__(
        self,
        nu: int,
        radial: RadialBasis,
        cutoff_width: float = 0.0,
        species: Sequence[int] | None = None,
    ) -> None:
        if nu not in (1, 2, 3):
            raise InputError(f"`nu` must be 1, 2 or 3, not {nu}.")
        if not 0 <= cutoff_width <= radial.cutoff:
            raise InputError(f"`cutoff_width` must lie in 0..cutoff, not {cutoff_width}.")
        self.nu = nu
        self.radial = radial
        self.cutoff_width = cutoff_width
        self.species = species
        self.invariant = nu > 1
        self.name = f"nu{nu}"

    def features(self, batch: Batch) -> np.ndarray:
        """Features (n_env, n_features); see the module's head for their definition."""
        if self.nu != 1:
            return self.jacobian(batch)[0]
        geometry = _Geometry(batch.vectors)
        radial, _ = self._radial(batch, geometry)
        return _expansion(geometry, radial, self.radial.l_max)

    def jacobian(self, batch: Batch) -> tuple[np.ndarray, np.ndarray]:
        """Features and Jacobian; features in Å^(-3 nu / 2), Jacobian per Å more."""
        geometry = _Geometry(batch.vectors)
        radial, slope = self._radial(batch, geometry)
        return self._correlate(geometry, radial, slope)

    def reduced_jacobian(self, batch: Batch) -> np.ndarray:
        """The Jacobian in the compressed radial basis of each environment."""
        geometry = _Geometry(batch.vectors)
        radial, slope = self._radial(batch, geometry)
        radial, slope, n_solid = _compress(
            radial, slope, np.array(self._blocks(batch)), self.radial.n_max
        )
        if self.nu == 1:
            return self._correlate(geometry, radial, slope)[1]
        if self.nu == 2:
            return _power_spectrum(geometry, radial, slope, self.radial.l_max, n_solid)[1]
        panels = _bispectrum(geometry, radial, slope, self.radial.l_max, n_solid)
        return np.concatenate([triangle(jacobian) for _, jacobian in panels], -1)

    def along(
        self, batch: Batch, reference: Batch, displacements: np.ndarray
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """As in `Representation`; for nu = 3 one panel for each (l2, l3), on common channels."""
        if self.nu < 3 or batch.n_neighbors > TUPLE_LIMIT:
            yield from super().along(batch, reference, displacements)
            return
        l_max = self.radial.l_max
        geometry, center = _Geometry(batch.vectors), _Geometry(reference.vectors)
        radial, _ = self._radial(batch, geometry)
        value, slope = self._radial(reference, center)
        radial, value, slope = _common_channels(radial, value, slope)
        directions = displacements.reshape(len(displacements), -1)
        values = _bispectrum_values(geometry, radial, l_max)
        gradients = _bispectrum(center, value, slope, l_max)
        for features, (_, jacobian) in zip(values, gradients, strict=True):
            yield features, directions @ jacobian[0]

    def block_size(self, batch: Batch) -> int:
        """Environments to treat at once so that the arrays in use fit the processor's cache."""
        # nu = 3 works on panels of a few l1, over channels that hold values (see `_compress`).
        per_species = batch.n_neighbors if self.nu == 3 else 2 * batch.n_neighbors
        n = min(self.radial.n_max, per_species) * len(set(batch.species))
        degrees = self.radial.l_max + 1
        columns = {1: n * degrees**2, 2: n**2 // 2 * degrees, 3: degrees * n**3}[self.nu]
        return max(1, min(256, int(_BLOCK_BYTES / (8 * columns * 3 * batch.n_neighbors))))

    def _correlate(
        self, geometry: "_Geometry", radial: np.ndarray, slope: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        l_max = self.radial.l_max
        if self.nu == 1:
            features = _expansion(geometry, radial, l_max)
            return features, _expansion_jacobian(geometry, radial, slope, l_max)
        if self.nu == 2:
            return _power_spectrum(geometry, radial, slope, l_max)
        features, jacobians = zip(*_bispectrum(geometry, radial, slope, l_max), strict=True)
        return np.concatenate(features, -1), np.concatenate(jacobians, -1)

    def _blocks(self, batch: Batch) -> list[int]:
        """The block of radial channels that each neighbour writes to, one block per species."""
        species = list(self.species) if self.species is not None else sorted(set(batch.species))
        missing = sorted(set(batch.species) - set(species))
        if missing:
            raise InputError(f"`{self.name}` has no features for neighbours of species {missing}.")
        return [species.index(s) for s in batch.species]

    def _radial(self, batch: Batch, geometry: "_Geometry") -> tuple[np.ndarray, np.ndarray]:
        """f_c I_nl and its derivative, (n_env, l_max + 1, N, channels), channels = (species, n)."""
        if geometry.r.max(initial=0.0) > self.radial.cutoff * (1 + 1e-12):
            raise InputError(
                f"A neighbour lies {geometry.r.max():.4f} Å from its centre, beyond the cutoff of"
                f" {self.radial.cutoff:g} Å."
            )
        value, derivative = self.radial(geometry.r, batch.species)
        if self.cutoff_width > 0:
            switch, fall = shifted_cosine(geometry.r, self.radial.cutoff, self.cutoff_width)
            derivative = derivative * switch[..., None, None] + value * fall[..., None, None]
            value = value * switch[..., None, None]
        value, derivative = value.transpose(0, 2, 1, 3), derivative.transpose(0, 2, 1, 3)
        blocks = self._blocks(batch)
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


def density_correlations(
    settings: Mapping[str, Any], fit_batches: Sequence[Batch] | None = None
) -> Representation:
    """Density correlations from config settings: nu, radial_basis, n_max, l_max, sigma, cutoff, ...

    With `radial_basis: optimal` the basis is fitted on `fit_batches` from `n_primitive` functions
    of the kind `primitive`. nu = 4 is `trispectrum`, for small bases.
    """
    radial = radial_basis(
        settings["radial_basis"],
        settings["n_max"],
        settings["l_max"],
        settings["sigma"],
        settings["cutoff"],
        settings.get("primitive", "dvr"),
        settings.get("n_primitive", 100),
        fit_batches,
    )
    cutoff_width = settings.get("cutoff_width", 0.0)
    if settings["nu"] == 4:
        from .trispectrum import Trispectrum

        return Trispectrum(radial, cutoff_width)
    return DensityCorrelations(settings["nu"], radial, cutoff_width)


def radial_basis(
    kind: str,
    n_max: int,
    l_max: int,
    sigma: float,
    cutoff: float,
    primitive: str = "dvr",
    n_primitive: int = 100,
    fit_batches: Sequence[Batch] | None = None,
) -> RadialBasis:
    """The radial basis of that name; `optimal` is fitted on `fit_batches`.

    The name may also be a file (.npz) written by `RadialBasis.save`.
    """
    plain = {"dvr": dvr_basis, "gto": gto_basis}
    if kind.endswith(".npz"):
        saved = RadialBasis.load(kind)
        if (saved.sigma, saved.cutoff) != (sigma, cutoff):
            raise InputError(
                f"{kind} was fitted for sigma = {saved.sigma} Å, cutoff = {saved.cutoff} Å, not for"
                f" sigma = {sigma} Å, cutoff = {cutoff} Å; fit a basis for these."
            )
        return saved.truncated(n_max, l_max)
    for name in (kind, primitive):
        if name not in BASES:
            raise InputError(f"`{name}` is no radial basis; choose one of {', '.join(BASES)}.")
    if kind != "optimal":
        return plain[kind](n_max, l_max, sigma, cutoff)
    if not fit_batches:
        raise InputError("The optimal radial basis needs environments to be fitted on.")
    start = plain[primitive](n_primitive, l_max, sigma, cutoff)
    return optimal_basis(start, list(fit_batches), n_max)


def shifted_cosine(r: np.ndarray, cutoff: float, width: float) -> tuple[np.ndarray, np.ndarray]:
    """f_c = (1 + cos(pi (r - cutoff + width) / width)) / 2 in the last `width` Å, and df_c/dr."""
    x = np.pi * np.clip(r - cutoff + width, 0, width) / width
    return (1 + np.cos(x)) / 2, -np.pi / (2 * width) * np.sin(x)


def legendre(x: np.ndarray, l_max: int) -> tuple[np.ndarray, np.ndarray]:
    """P_l(x) and P_l'(x) for l = 0..l_max; two arrays (l_max + 1, *x.shape)."""
    p = np.zeros((l_max + 1, *x.shape))
    d = np.zeros_like(p)
    p[0] = 1.0
    if l_max > 0:
        p[1], d[1] = x, 1.0
    for degree in range(2, l_max + 1):
        p[degree] = ((2 * degree - 1) * x * p[degree - 1] - (degree - 1) * p[degree - 2]) / degree
        d[degree] = d[degree - 2] + (2 * degree - 1) * p[degree - 1]
    return p, d


class _Geometry:
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


def _compress(
    radial: np.ndarray, slope: np.ndarray, blocks: np.ndarray, n_max: int
) -> tuple[np.ndarray, np.ndarray, int]:
    """Rotate the channels of each species on the span of its radial vectors, for each l.

    radial and slope (e, l, N, channels) become (e, l, N, k): with A the matrix whose columns are
    the values and slopes of the neighbours of one species, A = Q R and the rotated vectors are R.
    As R is triangular, values live on the first channels of a species alone; those of all species
    come first, and their number is returned too.
    """
    solid, loose = [], []
    for block in sorted(set(blocks)):
        mine = np.flatnonzero(blocks == block)
        channels = slice(block * n_max, (block + 1) * n_max)
        columns = np.concatenate([radial[:, :, mine, channels], slope[:, :, mine, channels]], 2)
        if n_max > len(mine):
            columns = r_factor(columns.swapaxes(2, 3)).swapaxes(2, 3)
        full = np.zeros((2, *radial.shape[:3], columns.shape[-1]))
        full[0][:, :, mine], full[1][:, :, mine] = np.split(columns, 2, axis=2)
        solid.append(full[..., : len(mine)])
        loose.append(full[..., len(mine) :])
    value, derivative = np.concatenate([*solid, *loose], -1)
    return value, derivative, sum(part.shape[-1] for part in solid)


def _common_channels(*radials: np.ndarray) -> list[np.ndarray]:
    """Rotate the channels of several arrays (e, l, N, channels) alike, on the span of all of them.

    The right singular vectors of all radial vectors of one l; those beyond rounding are left out.
    """
    n_degrees, channels = radials[0].shape[1], radials[0].shape[3]
    rows = [radial.swapaxes(0, 1).reshape(n_degrees, -1, channels) for radial in radials]
    stacked = r_factor(np.concatenate(rows, axis=1))
    _, size, axes = np.linalg.svd(stacked)
    kept = int((size > 1e-15 * size[:, :1]).sum(axis=1).max())
    return [radial @ axes[:, :kept].swapaxes(1, 2) for radial in radials]


def _harmonics(geometry: _Geometry, l_max: int) -> tuple[np.ndarray, np.ndarray]:
    """Y_lm of the neighbours (e, N, lm) and their gradients (e, N, 3, lm), per Å."""
    shape = geometry.vectors.shape
    calculator = _calculator(l_max)
    flat = np.ascontiguousarray(geometry.vectors.reshape(-1, 3))
    values, gradients = calculator.compute_with_gradients(flat)
    return values.reshape(*shape[:2], -1), gradients.reshape(*shape, -1)


@cache
def _calculator(l_max: int) -> sphericart.SphericalHarmonics:
    return sphericart.SphericalHarmonics(l_max)


def _expansion(geometry: _Geometry, radial: np.ndarray, l_max: int) -> np.ndarray:
    """c_nlm, ordered (channel, lm): (e, channels (l_max + 1)^2)."""
    angular, _ = _harmonics(geometry, l_max)
    parts = [
        radial[:, degree].transpose(0, 2, 1) @ angular[..., degree**2 : (degree + 1) ** 2]
        for degree in range(l_max + 1)
    ]
    return np.concatenate(parts, -1).reshape(len(radial), -1)


def _expansion_jacobian(
    geometry: _Geometry, radial: np.ndarray, slope: np.ndarray, l_max: int
) -> np.ndarray:
    """dc_nlm/dr_ja = I'_nl u_a Y_lm + I_nl d_a Y_lm: (e, 3N, channels (l_max + 1)^2)."""
    angular, gradient = _harmonics(geometry, l_max)
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


@cache
def _pairs(channels: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The channel pairs a <= b and the square root of how often each occurs."""
    first, second = np.triu_indices(channels)
    return first, second, np.where(first == second, 1.0, np.sqrt(2.0))


def _power_spectrum(
    geometry: _Geometry,
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


def _bispectrum(
    geometry: _Geometry,
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


def _bispectrum_values(geometry: _Geometry, radial: np.ndarray, l_max: int) -> Iterator[np.ndarray]:
    """The features of the panels of `_bispectrum` on the route of `_by_tuples`, no gradients."""
    n_env, n_neighbors, _ = geometry.vectors.shape
    channels = radial.shape[-1]
    t = _azimuthal(geometry.cosine, l_max)[:, :, 0]
    q, _ = _associated(geometry.cosine, l_max)
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
    geometry: _Geometry, radial: np.ndarray, l_max: int
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
    q, dq = _associated(geometry.cosine, l_max)
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
    geometry: _Geometry,
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


def _associated(x: np.ndarray, l_max: int) -> tuple[np.ndarray, np.ndarray]:
    """Q_lm(x) = sqrt((2l + 1)/(4 pi) (l - m)!/(l + m)!) d^m P_l / dx^m, and dQ_lm/dx.

    Two arrays (e, l_max + 1, l_max + 1, N, N) for x (e, N, N); zero where m > l.
    """
    q = np.zeros((l_max + 1, l_max + 2, *x.shape))
    for m in range(l_max + 1):
        if m == 0:
            q[0, 0] = np.sqrt(1 / (4 * np.pi))
        else:
            q[m, m] = np.sqrt((2 * m + 1) / (2 * m)) * q[m - 1, m - 1]
        if m < l_max:
            q[m + 1, m] = np.sqrt(2 * m + 3) * x * q[m, m]
        for degree in range(m + 2, l_max + 1):
            a = np.sqrt((4 * degree**2 - 1) / (degree**2 - m**2))
            b = np.sqrt(((degree - 1) ** 2 - m**2) / (4 * (degree - 1) ** 2 - 1))
            q[degree, m] = a * (x * q[degree - 1, m] - b * q[degree - 2, m])
    degrees, orders = np.arange(l_max + 1)[:, None], np.arange(l_max + 1)[None]
    raising = np.sqrt(np.maximum((degrees - orders) * (degrees + orders + 1), 0))
    slope = raising[..., None, None, None] * q[:, 1:]
    return q[:, :-1].transpose(2, 0, 1, 3, 4).copy(), slope.transpose(2, 0, 1, 3, 4).copy()


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
    geometry: _Geometry, radial: np.ndarray, l_max: int
) -> Iterator[tuple[list[Triple], Surroundings]]:
    """The surroundings from the expansion coefficients, for many neighbours; one item per triple.

    sum_{m2 m3} W c_l2m2 c_l3m3 is contracted with Y_l1m1 of neighbour j and its gradient, and
    likewise for the other two positions.
    """
    n_env, n_neighbors, _ = geometry.vectors.shape
    angular, gradient = _harmonics(geometry, l_max)
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
