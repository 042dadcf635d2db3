r"""Radial integrals of a Gaussian density, for any radial basis, to machine precision.

A neighbour at distance r contributes a normalised Gaussian of width sigma. Its coefficient on the
radial function R_n and the real spherical harmonic Y_lm is I_nl(r) Y_lm(r_hat) with

    I_nl(r) = 4 pi (2 pi sigma^2)^(-3/2) int_0^inf x^2 R_n(x) exp(-(x - r)^2 / 2 sigma^2)
              [exp(-z) i_l(z)] dx,        z = x r / sigma^2,

i_l being the modified spherical Bessel function. On a Gauss-Legendre grid (x_k, w_k) the functions
that are 1 / (sqrt(w_k) x_k) at x_k and zero at the other points are an orthonormal basis, the
discrete variable representation (DVR), with integrals

    I_kl(r) = 4 pi (2 pi sigma^2)^(-3/2) sqrt(w_k) x_k exp(-(x_k - r)^2 / 2 sigma^2)
              [exp(-z) i_l(z)],

and every other basis is a contraction I_nl = sum_k C_nk I_kl.
"""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import scipy.special

from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.files import write_arrays

DEGREE = 11
"""Degree of the Chebyshev pieces of the table; pieces of sigma / 2 reach 1e-14 (slopes 1e-12)."""

_TABLE_BYTES = 1.5e8
"""Of the primitive functions at the radii of a table, above which it is made in slices."""

_DENSE_GRID = 1000
"""Points up to which all eigenvalues of a full matrix, n^3, give a grid; beyond, of a band, n^2."""

_SLICE = 40
"""Pieces of a table in a slice of it: 20 sigma."""

_REACH = 12
"""Widths sigma beyond a slice at which a Gaussian is nothing: exp(-72)."""


def pieces(sigma: float, cutoff: float) -> int:
    """Into how many pieces of sigma / 2 a table is cut."""
    return max(int(np.ceil(cutoff / (0.5 * sigma))), 1)


def resolving_points(sigma: float, cutoff: float) -> int:
    """Points that integrate Gaussians of width sigma, up to 9 sigma past the cutoff."""
    return int(np.ceil(np.pi * (cutoff + 9 * sigma) / (2 * 0.55 * sigma)))


def scaled_bessel(z: np.ndarray, l_max: int) -> np.ndarray:
    """exp(-z) i_l(z) for l = 0..l_max and z >= 0; shape (l_max + 1, *z.shape).

    Downward recurrence i_{l-1} = i_{l+1} + (2l + 1) i_l / z, stable for every z.
    """
    z = np.asarray(z, dtype=float)
    safe = np.maximum(z, 1e-8)
    scale = np.sqrt(np.pi / (2 * safe))
    values = np.empty((l_max + 2, *z.shape))
    for degree in (l_max + 1, l_max):
        values[degree] = scale * scipy.special.ive(degree + 0.5, safe)
    for degree in range(l_max, 0, -1):
        values[degree - 1] = values[degree + 1] + (2 * degree + 1) / safe * values[degree]
    small = z < 1e-8
    values[:, small] = 0.0
    values[0, small] = 1.0
    return values[: l_max + 1]


def legendre_grid(n_points: int, end: float) -> tuple[np.ndarray, np.ndarray]:
    """Gauss-Legendre points and weights on [0, end] Å."""
    dense = n_points <= _DENSE_GRID
    points, weights = (
        np.polynomial.legendre.leggauss(n_points)
        if dense
        else scipy.special.roots_legendre(n_points)
    )
    return end * (points + 1) / 2, end * weights / 2


def dvr_integrals(
    r: np.ndarray, points: np.ndarray, weights: np.ndarray, sigma: float, l_max: int
) -> np.ndarray:
    """Integrals I_kl(r) of the DVR functions; (l_max + 1, len(r), n_points), Å^(-3/2)."""
    z = np.outer(r, points) / sigma**2
    gauss = np.exp(-((points - r[:, None]) ** 2) / (2 * sigma**2))
    prefactor = 4 * np.pi * (2 * np.pi * sigma**2) ** -1.5
    return prefactor * np.sqrt(weights) * points * gauss * scaled_bessel(z, l_max)


def gto_contraction(
    n_max: int, cutoff: float, points: np.ndarray, weights: np.ndarray, end: float
) -> np.ndarray:
    """Contraction (n_max, n_points) to orthonormal Gaussian-type orbitals, for a grid on [0, end].

    R_n is proportional to r^n exp(-r^2 / 2 s_n^2) with s_n = cutoff max(sqrt(n), 1) / n_max,
    n = 0..n_max-1, made orthonormal symmetrically (Loewdin) on [0, inf) (Musil et al., J. Chem.
    Phys. 154, 114109). With the functions sampled as the rows of A = U S V^T that is U V^T, which,
    unlike the inverse root of the overlap A A^T, keeps its digits when they are nearly dependent.
    A second grid, from `end` to where the widest orbital has died out, completes the overlaps.
    """
    n = np.arange(n_max)[:, None]
    width = cutoff * np.maximum(np.sqrt(n), 1) / n_max
    tail, tail_weights = legendre_grid(400, 10 * width.max())
    x = np.concatenate([points, end + tail])
    w = np.concatenate([weights, tail_weights])
    log_norm = 0.5 * (np.log(2) - (2 * n + 3) * np.log(width) - scipy.special.gammaln(n + 1.5))
    sampled = np.exp(log_norm + n * np.log(x) - (x / width) ** 2 / 2) * x * np.sqrt(w)
    left, _, right = np.linalg.svd(sampled, full_matrices=False)
    return (left @ right)[:, : len(points)]


@dataclass(frozen=True)
class RadialBasis:
    """A radial basis as a contraction of DVR functions, the same or another for each species.

    Attributes:
        sigma, cutoff: width of the Gaussians and cutoff, Å.
        points, weights: (n_points,) the Gauss-Legendre grid, Å.
        contraction: species -> (l_max + 1, n_max, n_points). The key 0 stands for every species
            that is not named.
    """

    sigma: float
    cutoff: float
    points: np.ndarray
    weights: np.ndarray
    contraction: dict[int, np.ndarray]

    @property
    def n_max(self) -> int:
        """Number of radial functions."""
        return next(iter(self.contraction.values())).shape[1]

    @property
    def l_max(self) -> int:
        """Largest angular momentum."""
        return next(iter(self.contraction.values())).shape[0] - 1

    def truncated(self, n_max: int, l_max: int) -> "RadialBasis":
        """The leading `n_max` functions up to `l_max`."""
        if n_max > self.n_max or l_max > self.l_max:
            raise InputError(
                f"The radial basis was fitted for n_max = {self.n_max}, l_max = {self.l_max}, and"
                f" cannot give n_max = {n_max}, l_max = {l_max}; fit it with larger values."
            )
        contraction = {
            species: matrix[: l_max + 1, :n_max] for species, matrix in self.contraction.items()
        }
        return RadialBasis(self.sigma, self.cutoff, self.points, self.weights, contraction)

    def integrals(self, r: np.ndarray, species: int = 0) -> np.ndarray:
        """I_nl(r) without any table: (len(r), l_max + 1, n_max), Å^(-3/2)."""
        primitives = dvr_integrals(r, self.points, self.weights, self.sigma, self.l_max)
        return (primitives @ self._matrix(species).transpose(0, 2, 1)).transpose(1, 0, 2)

    def __call__(self, r: np.ndarray, species: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """I_nl and dI_nl/dr at distances r (n_env, N) of neighbours of `species` (N,) or like r.

        Returns two arrays (n_env, N, l_max + 1, n_max), from the tabulated pieces: at t in [-1, 1]
        of a piece, I = sum_k a_k T_k(t) and dI/dt = sum_k a_k k U_{k-1}(t).
        """
        n_pieces = pieces(self.sigma, self.cutoff)
        width = self.cutoff / n_pieces
        # Radii that are equal but for rounding share a piece, also at a boundary such as 1 Å.
        piece = np.minimum((r / width + 1e-9).astype(int), n_pieces - 1)
        t = 2 * (r / width - piece) - 1
        chebyshev = np.zeros((*r.shape, 2, DEGREE + 1))
        first, second = chebyshev[..., 0, :], chebyshev[..., 1, :]
        first[..., 0], first[..., 1], second[..., 1] = 1.0, t, 1.0
        for k in range(2, DEGREE + 1):
            first[..., k] = 2 * t * first[..., k - 1] - first[..., k - 2]
            second[..., k] = 2 * first[..., k - 1] + 2 * t * second[..., k - 1] - second[..., k - 2]
        second *= 2 / width
        keys = np.array(list(self.contraction))
        known = np.where(np.isin(species, keys), species, 0)
        if not np.isin(known, keys).all():
            missing = sorted(set(np.ravel(species).tolist()) - set(self.contraction))
            raise InputError(
                f"The optimal radial basis was not fitted for neighbours of species {missing}."
            )
        rows = np.argmax(known[..., None] == keys, axis=-1) * n_pieces + piece
        values = chebyshev @ self._table[rows]
        values = values.reshape(*r.shape, 2, self.l_max + 1, self.n_max)
        return values[..., 0, :, :], values[..., 1, :, :]

    @cached_property
    def _table(self) -> np.ndarray:
        """Chebyshev coefficients (n_species * n_pieces, degree + 1, (l_max + 1) * n_max)."""
        k = np.arange(DEGREE + 1)
        nodes = np.cos(np.pi * (k + 0.5) / len(k))
        to_coefficients = 2 / len(k) * np.cos(np.outer(k, np.arccos(nodes)))
        to_coefficients[0] /= 2
        n_pieces = pieces(self.sigma, self.cutoff)
        r = (np.arange(n_pieces)[:, None] + (nodes + 1) / 2) * (self.cutoff / n_pieces)
        shape = (len(self.contraction), n_pieces, len(k), (self.l_max + 1) * self.n_max)
        tables = np.empty(shape)
        sliced = 8 * r.size * (self.l_max + 1) * len(self.points) > _TABLE_BYTES
        step, reach = (_SLICE, _REACH * self.sigma) if sliced else (len(r), np.inf)
        for start in range(0, len(r), step):
            some = r[start : start + step]
            near = (self.points > some.min() - reach) & (self.points < some.max() + reach)
            grid = self.points[near], self.weights[near]
            primitives = dvr_integrals(some.ravel(), *grid, self.sigma, self.l_max)
            for table, matrix in zip(tables, self.contraction.values(), strict=True):
                values = (primitives @ matrix[..., near].transpose(0, 2, 1)).transpose(1, 0, 2)
                table[start : start + step] = to_coefficients @ values.reshape(*some.shape, -1)
        return tables.reshape(-1, *shape[2:])

    def _matrix(self, species: int) -> np.ndarray:
        return self.contraction.get(species, self.contraction.get(0))  # type: ignore[return-value]

    def save(self, path: str | Path, **provenance: Any) -> None:
        """Write the basis as .npz, with named arrays and its provenance as JSON text."""
        arrays = {f"contraction_{species}": matrix for species, matrix in self.contraction.items()}
        header = {"sigma": self.sigma, "cutoff": self.cutoff, **provenance}
        arrays |= {"points": self.points, "weights": self.weights}
        write_arrays(path, header=np.array(json.dumps(header, sort_keys=True)), **arrays)

    @classmethod
    def load(cls, path: str | Path) -> "RadialBasis":
        """Read a basis written by `save`."""
        if not Path(path).is_file():
            raise InputError(f"There is no radial basis at {path}; fit and save it first.")
        with np.load(path) as data:
            header = json.loads(str(data["header"]))
            contraction = {
                int(name.removeprefix("contraction_")): data[name]
                for name in data.files
                if name.startswith("contraction_")
            }
            return cls(
                header["sigma"], header["cutoff"], data["points"], data["weights"], contraction
            )


def _check(n_max: int, l_max: int, sigma: float, cutoff: float) -> None:
    if n_max < 1:
        raise InputError(f"`n_max` must be at least 1, not {n_max}.")
    if l_max < 0:
        raise InputError(f"`l_max` must be 0 or more, not {l_max}.")
    if not sigma > 0:
        raise InputError(f"`sigma` must be above 0 Å, not {sigma}.")
    if not cutoff > 0:
        raise InputError(f"`cutoff` must be above 0 Å, not {cutoff}.")


def dvr_basis(n_max: int, l_max: int, sigma: float, cutoff: float) -> RadialBasis:
    """The DVR functions of an n_max-point grid on [0, cutoff + 3 sigma]."""
    _check(n_max, l_max, sigma, cutoff)
    points, weights = legendre_grid(n_max, cutoff + 3 * sigma)
    identity = np.broadcast_to(np.eye(n_max), (l_max + 1, n_max, n_max))
    return RadialBasis(sigma, cutoff, points, weights, {0: identity})


def complete_basis(l_max: int, sigma: float, cutoff: float) -> RadialBasis:
    """The limit n_max -> infinity, to rounding: the DVR functions of a grid that resolves sigma.

    Every basis leaves the same scalar products of radial vectors in that limit, overlaps of smeared
    points, and singular values depend on nothing else:

        sum_n I_nl(r) I_nl(r') = 4 pi (4 pi sigma^2)^(-3/2) exp(-(r - r')^2 / 4 sigma^2)
                                 [exp(-z) i_l(z)],        z = r r' / 2 sigma^2.

    The density beyond the cutoff counts, as the integrals go to infinity.
    """
    _check(1, l_max, sigma, cutoff)
    points, weights = _resolved_grid(sigma, cutoff)
    identity = np.broadcast_to(np.eye(len(points)), (l_max + 1, len(points), len(points)))
    return RadialBasis(sigma, cutoff, points, weights, {0: identity})


def _resolved_grid(sigma: float, cutoff: float, at_least: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Points and weights on [0, cutoff + 9 sigma], as many as `resolving_points` or more."""
    return legendre_grid(max(resolving_points(sigma, cutoff), at_least), cutoff + 9 * sigma)


def gto_basis(n_max: int, l_max: int, sigma: float, cutoff: float) -> RadialBasis:
    """Orthonormal Gaussian-type orbitals, integrated on a grid that resolves sigma."""
    _check(n_max, l_max, sigma, cutoff)
    points, weights = _resolved_grid(sigma, cutoff, at_least=4 * n_max + 20)
    contraction = gto_contraction(n_max, cutoff, points, weights, cutoff + 9 * sigma)
    return RadialBasis(
        sigma,
        cutoff,
        points,
        weights,
        {0: np.broadcast_to(contraction, (l_max + 1, *contraction.shape))},
    )
