r"""What J J^T is made of: local frames, scalar products of radial functions, harmonics.

A displacement of neighbour j has three components: along its direction u_j and along two tangents
t1_j, t2_j. Moving j changes the density coefficients c_nlm by a product,

    dc_(0,j) = I'_nl(r_j) Y_lm(u_j),        dc_(t,j) = I_nl(r_j) t_j . grad Y_lm(u_j),

a vector over n times one over m. J J^T (3N, 3N) needs the scalar products of the former over n,

    K_jk = I_l(r_j) . I_l(r_k),   Kq_jk = I_l(r_j) . I'_l(r_k),   Kpp_jk = I'_l(r_j) . I'_l(r_k),

zero between neighbours of different species: that is all a composition does. Components are
ordered (f, j) here, f = radial, first, second tangent; `LocalGram` turns them to (j, x y z).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from descriptor_sensitivity.descriptors.expansion import Geometry, NeighborDensity, harmonics
from descriptor_sensitivity.environments import Batch


def local_axes(unit: np.ndarray) -> np.ndarray:
    """(u, t1, t2), orthonormal and right-handed, for every unit vector (..., 3): (..., 3, 3).

    Without a direction where it fails: Duff et al., J. Comput. Graph. Tech. 6, 1 (2017).
    """
    x, y, z = np.moveaxis(unit, -1, 0)
    sign = np.copysign(1.0, z)
    a = -1 / (sign + z)
    b = x * y * a
    first = np.stack([1 + sign * x**2 * a, sign * b, -sign * x], -1)
    second = np.stack([b, sign + y**2 * a, -y], -1)
    return np.stack([unit, first, second], -2)


@dataclass(frozen=True)
class Kernels:
    """Scalar products over the radial index for one l: K, Kq, Kpp, each (n_env, N, N)."""

    k: np.ndarray
    kq: np.ndarray
    kpp: np.ndarray

    @cached_property
    def sizes(self) -> tuple[np.ndarray, np.ndarray]:
        """|I_l(r_j)|^2 and |I'_l(r_j)|^2, (n_env, N) each."""
        return np.diagonal(self.k, 0, 1, 2), np.diagonal(self.kpp, 0, 1, 2)

    def of_components(self, angular: np.ndarray) -> np.ndarray:
        """The scalar products of dc for an `angular` part (n_env, 3N, 3N): times K, Kq or Kpp."""
        n_env, n = self.k.shape[:2]
        out = angular.reshape(n_env, 3, n, 3, n).copy()
        out[:, 0, :, 0] *= self.kpp
        out[:, 1:, :, 0] *= self.kq[:, None]
        out[:, 0, :, 1:] *= self.kq.swapaxes(1, 2)[:, :, None]
        out[:, 1:, :, 1:] *= self.k[:, None, :, None]
        return out.reshape(angular.shape)

    def squares(self) -> np.ndarray:
        """|radial part of dc|^2 of each component, (n_env, 3N)."""
        value, slope = self.sizes
        return np.concatenate([slope, value, value], 1)


class Neighbors:
    """The neighbours of a batch of environments, whatever their species.

    Attributes:
        l_max: largest angular momentum.
        r, axes: distances (n_env, N) in Å and local axes (n_env, N, 3, 3).
        value, slope: f_c I_nl and its derivative, (n_env, N, l_max + 1, n_max).
        same: (n_env or 1, N, N) whether two neighbours are of one species; None if all are.
    """

    def __init__(self, density: NeighborDensity, batch: Batch) -> None:
        self.vectors = batch.vectors
        self.r = np.linalg.norm(batch.vectors, axis=-1)
        self.axes = local_axes(batch.vectors / self.r[..., None])
        self.value, self.slope = density.radial_values(batch, self.r)
        self.l_max = self.value.shape[2] - 1
        species = np.atleast_2d(batch.species)
        same = species[:, :, None] == species[:, None]
        self.same = None if same.all() else same

    @cached_property
    def cosine(self) -> np.ndarray:
        """u_j . u_k, (n_env, N, N)."""
        unit = self.axes[:, :, 0]
        return np.clip(unit @ unit.swapaxes(1, 2), -1.0, 1.0)

    @cached_property
    def toward(self) -> np.ndarray:
        """t_j . u_k / r_j, how u_j . u_k changes with a tangential step of j: (n_env, 2, N, N)."""
        unit = self.axes[:, :, 0].swapaxes(1, 2)[:, None]
        tangents = self.axes[:, :, 1:].swapaxes(1, 2)
        toward = np.ascontiguousarray(tangents) @ unit / self.r[:, None, :, None]
        each = np.arange(self.r.shape[1])
        toward[:, :, each, each] = 0.0
        return toward

    @cached_property
    def angular(self) -> np.ndarray:
        """Y_lm of the neighbours, then its change along both tangents: (n_env, 3N, lm)."""
        values, gradients = harmonics(Geometry(self.vectors), self.l_max)
        tangents = self.axes[:, :, 1:]
        turned = tangents @ gradients
        every = np.concatenate([values[:, :, None], turned], 2).swapaxes(1, 2)
        return every.reshape(len(values), -1, values.shape[-1])

    def kernels(self, degree: int) -> Kernels:
        """The scalar products over n for one l."""
        value, slope = self.value[:, :, degree], self.slope[:, :, degree]
        right, steep = value.swapaxes(1, 2), slope.swapaxes(1, 2)
        k, kq, kpp = value @ right, value @ steep, slope @ steep
        if self.same is None:
            return Kernels(k, kq, kpp)
        return Kernels(k * self.same, kq * self.same, kpp * self.same)


@dataclass(frozen=True)
class LocalGram:
    """J J^T of a batch of environments in components (f, j).

    Attributes:
        matrix: (n_env, 3N, 3N), (feature unit / Å)^2.
        noise: (n_env, 3N) squares of the terms that make up each component of J: where the diagonal
            of `matrix` is much smaller, digits were lost in their sum.
        axes: (n_env, N, 3, 3) directions of the components f of each neighbour.
    """

    matrix: np.ndarray
    noise: np.ndarray
    axes: np.ndarray

    def cartesian(self) -> np.ndarray:
        """J J^T in components (j, x y z): (n_env, 3N, 3N)."""
        n_env, n = self.axes.shape[:2]
        axes = self.axes.swapaxes(1, 2)
        half = np.einsum("efja,efjgk->ejagk", axes, self.matrix.reshape(n_env, 3, n, 3, n))
        whole = np.einsum("ejagk,egkb->ejakb", half, axes).reshape(self.matrix.shape)
        return (whole + whole.swapaxes(1, 2)) / 2

    def displacements(self, local: np.ndarray) -> np.ndarray:
        """Displacements (n_env, 3N, k) in components (j, x y z) from components (f, j)."""
        n_env, n = self.axes.shape[:2]
        axes = self.axes.swapaxes(1, 2)
        turned = np.einsum("efja,efjk->ejak", axes, local.reshape(n_env, 3, n, -1))
        return turned.reshape(local.shape)
