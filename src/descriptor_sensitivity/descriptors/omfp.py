"""Overlap-matrix fingerprints (OMFP): the spectrum of an artificial minimal-basis overlap matrix.

Every atom i of the environment, the centre included, carries one s and three p Gaussian orbitals of
width w_i. T_ij = f(r_i) f(r_j) <i|j> is their overlap matrix, damped towards the cutoff (paper 1,
Eq. 3); its sorted spectrum is the OMFP. The spectrum has kinks where eigenvalues cross; symmetric
functions of it do not (paper 1, Eqs. 4-5).
"""

import numpy as np
from ase.data import covalent_radii

from descriptor_sensitivity.descriptors.base import Cost, Descriptor
from descriptor_sensitivity.environments import Batch
from descriptor_sensitivity.settings import DescriptorSettings

WIDTHS = {1: 0.37, 6: 0.77}
"""Orbital widths w (Å) of hydrogen and carbon; other elements take ASE's covalent radius."""

CROSSING = 1e-9
"""Eigenvalues closer than this fraction of the largest one count as equal."""


def pair_overlaps(
    displacements: np.ndarray, width_i: np.ndarray, width_j: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Overlaps of the orbitals (s, px, py, pz) of two atoms, and their gradients.

    The normalised orbitals are s ~ exp(-x^2 / 2w^2) and p_a ~ x_a exp(-x^2 / 2w^2). With
    d = R_i - R_j, rho = 1 / 2(w_i^2 + w_j^2) and S = (4 rho w_i w_j)^(3/2) exp(-rho d^2),

        <s|s>   = S                       <s|p_b>   = sqrt8 w_j rho S d_b
        <p_a|s> = -sqrt8 w_i rho S d_a    <p_a|p_b> = 4 w_i w_j rho S (delta_ab - 2 rho d_a d_b)

    since p_a = sqrt2 w ds/dR_a turns each of them into a derivative of S.

    Args:
        displacements: (..., 3) d, Å.
        width_i, width_j: widths (Å), shapes that broadcast to (...).

    Returns:
        overlaps: (..., 4, 4).
        gradients: (..., 3, 4, 4), their derivatives with respect to d, 1/Å.
    """
    d = np.asarray(displacements, dtype=float)
    w_i, w_j = np.broadcast_arrays(width_i, width_j)
    rho = 0.5 / (w_i**2 + w_j**2)
    s = (4 * rho * w_i * w_j) ** 1.5 * np.exp(-rho * np.sum(d**2, axis=-1))
    to_s, to_p = np.sqrt(8) * w_i * rho, np.sqrt(8) * w_j * rho
    p_p = 4 * w_i * w_j * rho
    shape = np.broadcast_shapes(d.shape[:-1], rho.shape)
    unit = np.eye(3)

    # overlap = s * shape_factor; the gradient of s is -2 rho d s
    factor = np.empty((*shape, 4, 4))
    factor[..., 0, 0] = 1
    factor[..., 0, 1:] = to_p[..., None] * d
    factor[..., 1:, 0] = -to_s[..., None] * d
    d_d = d[..., :, None] * d[..., None, :]
    factor[..., 1:, 1:] = p_p[..., None, None] * (unit - 2 * rho[..., None, None] * d_d)

    slope = np.zeros((*shape, 3, 4, 4))
    slope[..., 0, 1:] = to_p[..., None, None] * unit
    slope[..., 1:, 0] = -to_s[..., None, None] * unit
    d_unit = unit[:, :, None] * d[..., None, None, :] + unit[:, None, :] * d[..., None, :, None]
    slope[..., 1:, 1:] = -2 * (p_p * rho)[..., None, None, None] * d_unit
    slope += (-2 * rho[..., None] * d)[..., None, None] * factor[..., None, :, :]
    return s[..., None, None] * factor, s[..., None, None, None] * slope


def cutoff_function(radii: np.ndarray, cutoff: float) -> tuple[np.ndarray, np.ndarray]:
    """f(r) = (1 - r^2 / r_cut^2)^2 inside the cutoff, zero outside, and df/dr (1/Å)."""
    inside = np.clip(1 - (radii / cutoff) ** 2, 0, None)
    return inside**2, -4 * inside * radii / cutoff**2


class OMFP(Descriptor):
    """OMFP: the 4 (N + 1) eigenvalues of T, descending (paper 1, section 1.2).

    Args:
        cutoff: radius r_cut where the damping f reaches zero, Å.
        name: label in tables and figures.
    """

    invariant = True

    def __init__(self, cutoff: float = 6.0, name: str = "omfp") -> None:
        self.cutoff = cutoff
        self.name = name

    @classmethod
    def cost(cls, settings: DescriptorSettings, n_neighbors: int, n_species: int) -> Cost:
        """As in `Descriptor`: a block of overlaps, and the eigenvectors of (4A)^2 of them."""
        size = 4 * (n_neighbors + 1)
        return Cost(1e8 + 3 * 8 * 15 * size**2, 3e-4 + 5e-9 * size**3)

    def features(self, batch: Batch) -> np.ndarray:
        """Eigenvalues (n_env, 4 (N + 1)), descending."""
        return np.linalg.eigvalsh(self._matrix(batch)[0])[:, ::-1]

    def jacobian(self, batch: Batch) -> tuple[np.ndarray, np.ndarray]:
        """Eigenvalues and their Hellmann-Feynman derivatives v_k^T (dT/dR) v_k, 1/Å.

        A sorted eigenvalue has no derivative where eigenvalues cross: there every member of the
        group of equal eigenvalues is given the derivative of their mean, which does exist.
        """
        matrix, rows = self._matrix(batch)
        n_env, n_atoms = len(batch), batch.n_neighbors + 1
        values, vectors = np.linalg.eigh(matrix)
        values, vectors = values[:, ::-1], vectors[:, :, ::-1]
        blocks = vectors.reshape(n_env, n_atoms, 1, 4, -1)
        slopes = 2 * np.sum(blocks[:, 1:] * (rows @ vectors[:, None, None]), axis=3)
        slopes = slopes.reshape(n_env, 3 * batch.n_neighbors, -1)
        gaps = values[:, :-1] - values[:, 1:] > CROSSING * values[:, :1]
        group = np.pad(np.cumsum(gaps, axis=1), ((0, 0), (1, 0)))
        same = (group[:, :, None] == group[:, None, :]).astype(float)
        return values, slopes @ (same / same.sum(axis=1, keepdims=True))

    def block_size(self, batch: Batch) -> int:
        """Few enough for the overlaps and their derivatives, 15 numbers for each of (4A)^2."""
        size = 8 * 15 * (4 * (batch.n_neighbors + 1)) ** 2
        return int(np.clip(1e8 / size, 1, 64))

    def _matrix(self, batch: Batch) -> tuple[np.ndarray, np.ndarray]:
        """T (n_env, 4A, 4A) and the derivative of its four rows of atom a with respect to R_a.

        The latter is (n_env, N, 3, 4, 4A) for the N neighbours, A = N + 1: dT/dR_a has these rows,
        their transpose in its columns, and nothing else.
        """
        n_env, n_atoms = len(batch), batch.n_neighbors + 1
        positions = np.concatenate([np.zeros((n_env, 1, 3)), batch.vectors], axis=1)
        numbers = [batch.center, *batch.species]
        widths = np.array([WIDTHS.get(int(z), covalent_radii[z]) for z in numbers])
        radii = np.linalg.norm(positions, axis=2)
        damping, slope = cutoff_function(radii, self.cutoff)
        direction = positions / np.where(radii > 0, radii, 1)[..., None]
        overlaps, gradients = pair_overlaps(
            positions[:, :, None] - positions[:, None], widths[:, None], widths[None]
        )
        gradients[:, range(n_atoms), range(n_atoms)] = 0
        weights = damping[:, :, None] * damping[:, None]
        matrix = weights[..., None, None] * overlaps
        rows = weights[..., None, None, None] * gradients
        pull = (slope[..., None] * direction)[:, :, None] * damping[:, None, :, None]
        rows += pull[..., None, None] * overlaps[..., None, :, :]
        size = 4 * n_atoms
        return (
            matrix.transpose(0, 1, 3, 2, 4).reshape(n_env, size, size),
            rows[:, 1:].transpose(0, 1, 3, 4, 2, 5).reshape(n_env, n_atoms - 1, 3, 4, size),
        )


class SmoothOMFP(Descriptor):
    """Smooth OMFP: sums of cosines and sines of the eigenvalues tau_k of T (paper 1, Eq. 5),

        sum_k cos(q tau_k / K),  sum_k sin(q tau_k / K),  q = 1 .. n_waves.

    Symmetric functions of the spectrum are differentiable everywhere. The paper gives neither the
    number of waves nor K ("of the order of the range spanned by the spectrum"). Here K = 1.5, the
    mean range for distorted methane, and ten waves: as many features as the 20 eigenvalues they
    stand for. The constant q = 0 is left out.

    Args:
        cutoff: radius r_cut where the damping f reaches zero, Å.
        scale: K, of the eigenvalues.
        n_waves: largest q, the number of waves.
        name: label in tables and figures.
    """

    invariant = True

    def __init__(
        self, cutoff: float = 6.0, scale: float = 1.5, n_waves: int = 10, name: str = "s-omfp"
    ) -> None:
        self.spectrum = OMFP(cutoff)
        self.frequencies = np.arange(1, n_waves + 1) / scale
        self.name = name

    @classmethod
    def cost(cls, settings: DescriptorSettings, n_neighbors: int, n_species: int) -> Cost:
        """That of the spectrum."""
        return OMFP.cost(settings, n_neighbors, n_species)

    def block_size(self, batch: Batch) -> int:
        """That of the spectrum."""
        return self.spectrum.block_size(batch)

    def features(self, batch: Batch) -> np.ndarray:
        """(n_env, 2 n_waves): all cosines, then all sines."""
        phases = self.frequencies[:, None] * self.spectrum.features(batch)[:, None]
        return np.concatenate([np.cos(phases), np.sin(phases)], axis=1).sum(axis=2)

    def jacobian(self, batch: Batch) -> tuple[np.ndarray, np.ndarray]:
        """The features and their derivatives (n_env, 3N, 2 n_waves), 1/Å."""
        values, slopes = self.spectrum.jacobian(batch)
        phases = self.frequencies[:, None] * values[:, None]
        cosine, sine = np.cos(phases), np.sin(phases)
        outer = np.concatenate(
            [-self.frequencies[:, None] * sine, self.frequencies[:, None] * cosine], axis=1
        )
        features = np.concatenate([cosine, sine], axis=1).sum(axis=2)
        return features, slopes @ outer.transpose(0, 2, 1)
