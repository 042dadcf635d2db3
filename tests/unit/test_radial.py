"""Radial integrals against direct integration, and the table against the integrals."""

import numpy as np
import pytest
import scipy.integrate
import scipy.special

from descriptor_sensitivity.descriptors.density import Density
from descriptor_sensitivity.descriptors.optimal import radial_basis
from descriptor_sensitivity.descriptors.radial import (
    complete_basis,
    dvr_basis,
    gto_basis,
    scaled_bessel,
)
from descriptor_sensitivity.environments import batch_from_vectors
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.structures.methane import random_methane


def test_scaled_bessel_matches_scipy():
    z = np.array([1e-6, 0.1, 1.0, 30.0, 600.0, 6400.0])
    values = scaled_bessel(z, 20)
    for degree in range(21):
        expected = scipy.special.ive(degree + 0.5, z) * np.sqrt(np.pi / (2 * z))
        assert np.allclose(values[degree], expected, rtol=1e-12, atol=0)
    assert np.array_equal(scaled_bessel(np.zeros(1), 2)[:, 0], [1, 0, 0])


@pytest.mark.parametrize("degree", [0, 3])
def test_gto_integral_is_the_three_dimensional_projection(degree):
    """<R_n Y_lm | g> by quadrature over r and the polar angle, neighbour on the z axis."""
    sigma, cutoff, n_max, r = 0.4, 3.0, 3, 1.3
    basis = gto_basis(n_max, degree, sigma, cutoff)
    # The orbitals at any x, from the contraction at the grid points.
    orbitals = basis.contraction[0][degree] / (np.sqrt(basis.weights) * basis.points)
    norm = np.sqrt((2 * degree + 1) / (4 * np.pi))

    def angular(x):
        def integrand(cosine):
            distance = x**2 + r**2 - 2 * x * r * cosine
            return scipy.special.eval_legendre(degree, cosine) * np.exp(-distance / (2 * sigma**2))

        return scipy.integrate.quad(integrand, -1, 1, epsabs=1e-14)[0]

    density = np.array([angular(x) for x in basis.points]) * 2 * np.pi * norm
    density /= (2 * np.pi * sigma**2) ** 1.5
    expected = orbitals @ (basis.weights * basis.points**2 * density)
    # c_nl0 = I_nl Y_l0(z), and Y_l0(z) = norm.
    integrals = basis.integrals(np.array([r]))[0, degree] * norm
    assert np.allclose(integrals, expected, rtol=1e-9)


def test_gto_are_orthonormal_even_when_nearly_dependent():
    for n_max in (1, 4, 20):
        basis = gto_basis(n_max, 0, 0.3, 4.0)
        # The grid ends 9 sigma past the cutoff: orbitals that reach further keep a norm below one.
        overlap = basis.contraction[0][0] @ basis.contraction[0][0].T
        assert np.linalg.eigvalsh(overlap)[-1] < 1 + 1e-12


@pytest.mark.parametrize("sigma", [0.05, 0.3, 1.0])
@pytest.mark.parametrize("make", [gto_basis, dvr_basis])
def test_table_has_machine_precision(make, sigma):
    basis = make(6, 5, sigma, 4.0)
    r = np.random.default_rng(0).uniform(0.01, 4.0, (50, 4))
    values, slopes = basis(r, np.array([1, 1, 1, 1]))
    exact = basis.integrals(r.ravel()).reshape(values.shape)
    assert abs(values - exact).max() < 1e-13 * abs(exact).max()
    step = 1e-3 * sigma
    around = [basis.integrals(r.ravel() + i * step).reshape(values.shape) for i in (-2, -1, 1, 2)]
    numerical = (around[0] - 8 * around[1] + 8 * around[2] - around[3]) / (12 * step)
    assert abs(slopes - numerical).max() < 1e-9 * abs(slopes).max()


@pytest.mark.parametrize("l_max, sigma", [(6, 0.3), (20, 0.05), (4, 1.0)])
def test_complete_basis_is_the_overlap_of_smeared_points(l_max, sigma):
    """sum_n I_nl(r) I_nl(r') in closed form, and its slopes by differences of that."""
    basis = complete_basis(l_max, sigma, 4.0)
    r = np.random.default_rng(1).uniform(0.3, 4.0, 30)
    values, slopes = (x[0].swapaxes(0, 1) for x in basis(r[None], np.ones(30, dtype=int)))

    def overlap(first, second):
        z = np.outer(first, second) / (2 * sigma**2)
        gauss = np.exp(-(np.subtract.outer(first, second) ** 2) / (4 * sigma**2))
        return 4 * np.pi * (4 * np.pi * sigma**2) ** -1.5 * gauss * scaled_bessel(z, l_max)

    expected = overlap(r, r)
    assert abs(values @ values.swapaxes(1, 2) - expected).max() < 1e-13 * expected.max()
    step = 1e-3 * sigma
    around = [overlap(r, r + i * step) for i in (-2, -1, 1, 2)]
    numerical = (around[0] - 8 * around[1] + 8 * around[2] - around[3]) / (12 * step)
    found = values @ slopes.swapaxes(1, 2)
    assert abs(found - numerical).max() < 1e-9 * abs(numerical).max()


def test_equal_radii_stay_equal_at_the_boundary_of_a_piece():
    """1 Å and the next number below it: a null vector needs their slopes to agree."""
    basis = gto_basis(8, 6, 0.2, 2.5)
    r = np.array([[1.0, np.nextafter(1.0, 0)]])
    values, slopes = basis(r, np.array([1, 1]))
    assert abs(np.diff(values, axis=1)).max() < 1e-14 * abs(values).max()
    assert abs(np.diff(slopes, axis=1)).max() < 1e-14 * abs(slopes).max()


def test_pieces_join_smoothly():
    """Value and slope at the end of each piece are those at the start of the next."""
    table = gto_basis(8, 6, 0.1, 4.0)._table
    k = np.arange(table.shape[1])
    for at_end, at_start, tolerance in (
        (np.ones(len(k)), (-1.0) ** k, 1e-14),
        (k**2, -((-1.0) ** k) * k**2, 1e-11),
    ):
        end = np.einsum("k,pkn->pn", at_end, table)[:-1]
        start = np.einsum("k,pkn->pn", at_start, table)[1:]
        assert abs(end - start).max() < tolerance * abs(end).max()


def test_radial_basis_survives_its_file(tmp_path):
    radial = gto_basis(4, 3, 0.3, 4.0)
    radial.save(tmp_path / "basis.npz", fitted_on="random")
    batch = batch_from_vectors(random_methane(2, seed=1), [1, 1, 8, 8])
    again = radial_basis(str(tmp_path / "basis.npz"), 4, 3, 0.3, 4.0)
    with pytest.raises(InputError, match=r"fitted for sigma = 0\.3 Å"):
        radial_basis(str(tmp_path / "basis.npz"), 4, 3, 0.2, 4.0)
    with pytest.raises(InputError, match=r"no radial basis at none\.npz"):
        radial_basis("none.npz", 4, 3, 0.2, 4.0)
    for nu in (1, 2):
        one, two = (Density(nu, r).features(batch) for r in (radial, again))
        assert np.array_equal(one, two)
