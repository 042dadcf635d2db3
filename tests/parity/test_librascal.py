"""Our density correlations against numbers of librascal at the papers' commit.

librascal's Gaussian is exp(-x^2 / 2 sigma^2), ours is divided by (2 pi sigma^2)^(3/2); its
coefficients are besides divided by 4 pi^(3/2) with GTO and by 4 pi with DVR. It keeps (n1, n2) and
(n2, n1), where we keep one of the two, times sqrt(2).
"""

from pathlib import Path

import numpy as np
import pytest

from descriptor_sensitivity.adapters.librascal import has_librascal
from descriptor_sensitivity.descriptors.density import Density
from descriptor_sensitivity.descriptors.radial import RadialBasis, dvr_basis, gto_basis
from descriptor_sensitivity.descriptors.registry import build_descriptor
from descriptor_sensitivity.environments import batch_from_vectors
from descriptor_sensitivity.singular import decompose, sensitivities

CUTOFF = 4.0
EXACT = 1e-9
SETS = {
    "gto_n4_l4_s0.3_rc4.0_nospline": (gto_basis, 4 * np.pi**1.5, EXACT),
    "gto_n8_l6_s0.1_rc4.0_nospline": (gto_basis, 4 * np.pi**1.5, EXACT),
    "dvr_n8_l6_s0.1_rc4.0_nospline": (dvr_basis, 4 * np.pi, EXACT),
    "opt_n4_l4_s0.3_rc4.0_exact": (None, 4 * np.pi**1.5, 1e-7),
}


@pytest.fixture(scope="module")
def numbers():
    """Everything in tests/data/librascal.npz, which librascal.md beside it describes."""
    with np.load(Path(__file__).parents[1] / "data" / "librascal.npz") as stored:
        return dict(stored)


@pytest.fixture(scope="module")
def batch(numbers):
    """librascal's methane molecules: tetrahedral, distorted, random."""
    return batch_from_vectors(numbers["vectors"])


def load(numbers, tag):
    arrays = {
        name.removeprefix(f"{tag}/"): values
        for name, values in numbers.items()
        if name.startswith(f"{tag}/")
    }
    n_max, l_max, sigma = arrays["sizes"]
    return arrays, (int(n_max), int(l_max), float(sigma))


def basis_of(tag, arrays, n_max, l_max, sigma):
    """librascal's radial basis on our grid, and the factor between coefficients."""
    build, divisor, _ = SETS[tag]
    factor = (2 * np.pi * sigma**2) ** 1.5 / divisor
    if build is not None:
        return build(n_max, l_max, sigma, CUTOFF), factor
    primitive = gto_basis(arrays["projection_H"].shape[2], l_max, sigma, CUTOFF)
    contraction = arrays["projection_H"] @ primitive.contraction[0]
    return RadialBasis(sigma, CUTOFF, primitive.points, primitive.weights, {0: contraction}), factor


def assert_equal(ours, theirs, tolerance):
    assert ours.shape == theirs.shape
    assert np.abs(ours - theirs).max() < tolerance * np.abs(theirs).max()


@pytest.mark.parametrize("tag", SETS)
def test_expansion(numbers, batch, tag):
    arrays, sizes = load(numbers, tag)
    radial, factor = basis_of(tag, arrays, *sizes)
    features, jacobian = Density(1, radial).jacobian(batch)
    assert_equal(factor * features, arrays["nu1_x"], SETS[tag][2])
    assert_equal(factor * jacobian, arrays["nu1_J"], SETS[tag][2])
    values, _ = decompose(factor * jacobian)
    assert_equal(values, arrays["nu1_s12"], SETS[tag][2])


@pytest.mark.parametrize("tag", SETS)
def test_power_spectrum(numbers, batch, tag):
    arrays, (n_max, l_max, sigma) = load(numbers, tag)
    radial, factor = basis_of(tag, arrays, n_max, l_max, sigma)
    features, jacobian = Density(2, radial).jacobian(batch)
    first, second = np.triu_indices(n_max)
    weight = np.where(first == second, 1.0, np.sqrt(2.0))

    def ordered(array):
        array = array.reshape(*array.shape[:-1], n_max, n_max, l_max + 1)
        array = array[..., first, second, :].swapaxes(-1, -2) * weight
        return array.reshape(*array.shape[:-2], -1)

    assert_equal(factor**2 * features, ordered(arrays["ps_x"]), SETS[tag][2])
    assert_equal(factor**2 * jacobian, ordered(arrays["ps_J"]), SETS[tag][2])
    values, _ = decompose(factor**2 * jacobian, batch.vectors)
    assert_equal(values, arrays["ps_s9"], SETS[tag][2])


@pytest.mark.parametrize("tag", [tag for tag in SETS if "nospline" in tag])
def test_radial_spectrum(numbers, batch, tag):
    arrays, (n_max, _, sigma) = load(numbers, tag)
    radial, factor = basis_of(tag, arrays, n_max, 0, sigma)
    features, jacobian = Density(1, radial).jacobian(batch)
    assert_equal(factor * features, arrays["rs_x"], EXACT)
    assert_equal(factor * jacobian, arrays["rs_J"], EXACT)


def test_bispectrum_up_to_the_order_of_its_features(numbers, batch):
    """Norms and singular values; the slopes of librascal's splines are good to a few 1e-6."""
    arrays, (n_max, l_max, sigma) = load(numbers, "bispectrum_gto_n3_l3_s0.3_rc4.0")
    factor = ((2 * np.pi * sigma**2) ** 1.5 / (4 * np.pi**1.5)) ** 3
    radial = gto_basis(n_max, l_max, sigma, CUTOFF)
    features, jacobian = Density(3, radial).jacobian(batch)
    assert_equal(factor * np.linalg.norm(features, axis=1), arrays["bs_norm"], 1e-7)
    values, _ = decompose(factor * jacobian, batch.vectors)
    assert_equal(values, arrays["bs_s9"], 1e-5)
    assert np.abs(values[1:] / arrays["bs_s9"][1:] - 1).max() < 1e-4


def test_bispectrum_without_splines(batch):
    """The same against librascal itself, with exact radial integrals and differences of order 8."""
    if not has_librascal():
        pytest.skip("no Python with librascal (envs/librascal.yaml, LIBRASCAL_PYTHON)")
    settings = {"correlation": "bispectrum", "n_max": 2, "l_max": 3, "sigma": 0.3, "cutoff": CUTOFF}
    peer = build_descriptor("librascal", settings | {"kind": "librascal", "spline_accuracy": None})
    few = batch[1:3]
    theirs, _ = decompose(peer.jacobian(few)[1], few.vectors)
    _, jacobian = Density(3, gto_basis(2, 3, 0.3, CUTOFF)).jacobian(few)
    factor = ((2 * np.pi * 0.3**2) ** 1.5 / (4 * np.pi**1.5)) ** 3
    assert_equal(factor * decompose(jacobian, few.vectors)[0], theirs, EXACT)


@pytest.mark.parametrize("nu, n_max, l_max, tolerance", [(2, 4, 6, 1e-10), (3, 4, 4, 1e-8)])
@pytest.mark.parametrize("weight", [0, 1])
def test_density_of_the_centre_itself(numbers, nu, n_max, l_max, tolerance, weight):
    """All of librascal's blocks; its centre has the norm that its own finite basis leaves it."""
    expected, vectors = numbers[f"center/nu{nu}_s9_weight{weight}"], numbers["center/vectors"]
    radial = gto_basis(n_max, l_max, 0.1, CUTOFF)
    norm = np.linalg.norm(radial.integrals(np.zeros(1))[0, 0]) / np.sqrt(4 * np.pi)
    share = norm * (4 * np.pi * radial.sigma**2) ** 0.75
    assert share == pytest.approx(0.241529566391, abs=1e-9)
    descriptor = Density(nu, radial, center_weight=weight * share)
    found = sensitivities(descriptor, batch_from_vectors(vectors))
    factor = (2 * np.pi * radial.sigma**2) ** 1.5 / (4 * np.pi**1.5)
    assert_equal(found * factor**nu, expected, tolerance)
