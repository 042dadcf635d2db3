"""Each library's singular values from our engine, with its hyperparameters translated.

Our engine takes any radial basis as a contraction, so the power spectra of featomic, DScribe and
QUIP are one formula with three bases. Not reproducible this way, because they expand no smeared
density on radial functions and spherical harmonics: ACSF, FCHL19, AEV, the Deep Potential, ACE and
QUIP's SO(4) bispectrum; for those tests/unit/test_peers.py asks what their order predicts.
"""

import numpy as np
import pytest

from descriptor_sensitivity.descriptors.density import Density
from descriptor_sensitivity.descriptors.radial import RadialBasis, gto_basis, legendre_grid
from descriptor_sensitivity.descriptors.registry import build_descriptor
from descriptor_sensitivity.environments import batch_from_vectors
from descriptor_sensitivity.singular import decompose

SETTINGS = {"n_max": 6, "l_max": 4, "sigma": 0.3, "cutoff": 4.0}
N_MAX, L_MAX, SIGMA, CUTOFF = SETTINGS.values()


@pytest.fixture(scope="module")
def batch():
    return batch_from_vectors(np.random.default_rng(3).uniform(-1.3, 1.3, size=(5, 4, 3)))


def factors(batch, theirs, radial, nu=2, center=0.0):
    """Ratio of their singular values to ours, (n_env, k).

    The centre's own Gaussian has the norm that the basis leaves it, not the whole one.
    """
    vectors = batch.vectors if nu > 1 else None
    norm = np.linalg.norm(radial.integrals(np.zeros(1))[0, 0]) / np.sqrt(4 * np.pi)
    weight = center * norm * (4 * np.pi * radial.sigma**2) ** 0.75
    ours = decompose(Density(nu, radial, center_weight=weight).jacobian(batch)[1], vectors)[0]
    return decompose(theirs, vectors)[0] / ours


@pytest.mark.parametrize("center", [0.0, 0.4, 1.0])
@pytest.mark.parametrize(("kind", "nu"), [("featomic_expansion", 1), ("featomic_soap", 2)])
def test_featomic(batch, kind, nu, center):
    """The same GTO; its Gaussian has unit L2 norm, (pi sigma^2)^(-3/4), ours unit integral."""
    pytest.importorskip("featomic")
    settings = SETTINGS | {"kind": kind, "spline_accuracy": None, "center_weight": center}
    peer = build_descriptor("featomic", settings)
    _, jacobian = peer.jacobian(batch)
    expected = ((2 * np.pi * SIGMA**2) ** 1.5 / (np.pi * SIGMA**2) ** 0.75) ** nu
    ratio = factors(batch, jacobian, gto_basis(N_MAX, L_MAX, SIGMA, CUTOFF), nu, center)
    assert np.abs(ratio / expected - 1).max() < 1e-10


@pytest.mark.parametrize("center", [0.0, 0.4, 1.0])
def test_dscribe(batch, center):
    """r^l exp(-alpha r^2) orbitals, unnormalised Gaussian, prefactor pi sqrt(8), n <= n' alone."""
    pytest.importorskip("dscribe")
    points, weights = legendre_grid(200, CUTOFF + 9 * SIGMA)
    contraction = []
    for degree in range(L_MAX + 1):
        reach = np.linspace(1, CUTOFF, N_MAX)
        alpha = np.log(1e3 * reach**degree) / reach**2
        orbitals = points**degree * np.exp(-alpha[:, None] * points**2) * points * np.sqrt(weights)
        values, vectors = np.linalg.eigh(orbitals @ orbitals.T)
        contraction.append(vectors / np.sqrt(values) @ vectors.T @ orbitals)
    radial = RadialBasis(SIGMA, CUTOFF, points, weights, {0: np.array(contraction)})
    settings = SETTINGS | {"kind": "dscribe_soap", "center_weight": center}
    features, jacobian = build_descriptor("dscribe", settings).jacobian(batch)
    first, second = np.triu_indices(N_MAX)
    weight = np.tile(np.where(first == second, 1.0, np.sqrt(2.0)), L_MAX + 1)
    # H with H, then each function of H with each of C, then C with C, which does not move
    assert not jacobian[..., len(weight) + N_MAX**2 * (L_MAX + 1) :].any()
    weight = np.pad(weight, (0, features.shape[1] - len(weight)), constant_values=np.sqrt(2.0))
    expected = np.pi * np.sqrt(8) * (2 * np.pi * SIGMA**2) ** 3
    ratio = factors(batch, jacobian * weight, radial, center=center)
    assert np.abs(ratio / expected - 1).max() < 1e-7  # its orthonormalisation loses some digits


def test_quip(batch):
    """The density at n_max shells, interpolated by Gaussians there, orthonormal by Cholesky."""
    pytest.importorskip("quippy")
    end = CUTOFF + SIGMA * np.sqrt(2 * 10 * np.log(10))  # basis_error_exponent = 10
    shells = np.maximum(np.arange(N_MAX) / N_MAX * end, 1e-9)
    points, weights = legendre_grid(400, end + 9 * SIGMA)
    gaussians = np.exp(-((points - shells[:, None]) ** 2) / (2 * SIGMA**2))
    overlap = (gaussians * weights * points**2) @ gaussians.T
    at_shells = np.exp(-((shells - shells[:, None]) ** 2) / (2 * SIGMA**2))
    contraction = np.linalg.cholesky(overlap).T @ np.linalg.inv(at_shells)
    contraction = np.broadcast_to(contraction, (L_MAX + 1, N_MAX, N_MAX))
    radial = RadialBasis(SIGMA, CUTOFF, shells, 1 / shells**2, {0: contraction})
    _, jacobian = build_descriptor("quip", SETTINGS | {"kind": "quippy_soap"}).jacobian(batch)
    ratio = factors(batch, jacobian, radial)
    assert np.abs(ratio / ratio[0, 0] - 1).max() < 1e-7  # one factor for all
