"""Correlations of order nu = 4: meaning, derivatives, and what they see that nu = 3 cannot."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from descriptor_sensitivity.adapters.base import central_differences
from descriptor_sensitivity.descriptors.density import Density
from descriptor_sensitivity.descriptors.radial import gto_basis
from descriptor_sensitivity.descriptors.trispectrum import Trispectrum
from descriptor_sensitivity.environments import batch_from_vectors
from descriptor_sensitivity.singular import sensitivity
from descriptor_sensitivity.theory.families import double_ring, double_ring_singular


@pytest.fixture
def pair() -> np.ndarray:
    """Two unrelated environments of three neighbours, (2, 3, 3) Å."""
    return np.random.default_rng(5).uniform(-1.2, 1.2, size=(2, 3, 3))


def test_scalar_product_is_the_average_over_rotations_of_the_overlap_to_the_fourth(pair):
    l_max = 2
    radial = gto_basis(2, l_max, 0.4, 3.0)
    features = Trispectrum(radial).features(batch_from_vectors(pair))
    # Exact quadrature over O(3): the integrand has degree 4 l_max in each Euler angle.
    n = 4 * l_max + 1
    cosines, weights = np.polynomial.legendre.leggauss(n)
    turns = 2 * np.pi * np.arange(n) / n
    a, b, c = (x.ravel() for x in np.meshgrid(turns, np.arccos(cosines), turns, indexing="ij"))
    weight = np.tile(np.repeat(weights, n), n) / (2 * n * n)
    matrices = Rotation.from_euler("ZYZ", np.stack([a, b, c], 1)).as_matrix()
    density = Density(1, radial)
    fixed = density.features(batch_from_vectors(pair[0]))[0]
    average = 0.0
    for sign in (1, -1):
        turned = density.features(batch_from_vectors(sign * pair[1] @ matrices.swapaxes(1, 2)))
        average += 0.5 * np.sum(weight * (turned @ fixed) ** 4)
    assert features[0] @ features[1] == pytest.approx(average, rel=1e-11)


def test_jacobian_matches_central_differences(pair):
    representation = Trispectrum(gto_basis(2, 3, 0.4, 3.0), cutoff_width=1.0)
    batch = batch_from_vectors(pair, species=[1, 1, 8])
    _, jacobian = representation.jacobian(batch)
    difference = central_differences(representation.features, batch)
    assert np.abs(jacobian - difference).max() < 1e-11 * np.abs(jacobian).max()


def test_separates_the_seven_neighbour_pair_that_nu_3_cannot():
    radial = gto_basis(3, 3, 0.5, 3.0)
    batch = batch_from_vectors(np.array([double_ring(1), double_ring(-1)]))
    for nu, low, high in ((2, 0, 1e-13), (3, 0, 1e-13), (4, 1e-7, 1)):
        representation = Trispectrum(radial) if nu == 4 else Density(nu, radial)
        plus, minus = representation.features(batch)
        distance = np.linalg.norm(plus - minus) / np.linalg.norm(plus)
        assert low <= distance < high, nu


def test_lifts_the_singular_point_of_nu_3():
    radial = gto_basis(3, 4, 0.3, 3.0)  # l_max = 3 is too small: it leaves a null vector of its own
    batch = batch_from_vectors(double_ring_singular())
    smallest = {}
    for nu in (3, 4):
        representation = Trispectrum(radial) if nu == 4 else Density(nu, radial)
        values, _ = sensitivity(representation, batch)
        smallest[nu] = values[0, -1] / values[0, 0]
    assert smallest[3] < 1e-14
    assert smallest[4] > 1e-4
