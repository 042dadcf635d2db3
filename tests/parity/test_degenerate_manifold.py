"""Our degenerate methane manifolds against the published ones (scikit-matter's data set)."""

import numpy as np
from skmatter.datasets import load_degenerate_CH4_manifold

from descriptor_sensitivity.descriptors.density import Density
from descriptor_sensitivity.descriptors.optimal import radial_basis
from descriptor_sensitivity.environments import batch_from_vectors
from descriptor_sensitivity.theory.families import mirror_manifold


def test_power_spectra_of_both_branches_agree_row_by_row():
    published = load_degenerate_CH4_manifold().data.SOAP_power_spectrum
    vectors = np.concatenate([mirror_manifold(-1), mirror_manifold(1)])
    radial = radial_basis("gto", n_max=2, l_max=2, sigma=0.5, cutoff=4.0)
    ours = Density(2, radial, cutoff_width=0.5).features(batch_from_vectors(vectors))
    # One linear map of 9 features on 12 (order, scale, storing of n1, n2) holds for all 162 rows.
    assert ours.shape == (162, 9) and published.shape == (162, 12)
    mapped = ours @ np.linalg.lstsq(ours, published)[0]
    assert np.abs(mapped - published).max() < 1e-7 * np.abs(published).max()
    swapped = np.roll(ours, 81, axis=0)
    mapped = swapped @ np.linalg.lstsq(swapped, published)[0]
    assert np.abs(mapped - published).max() > 1e-3 * np.abs(published).max()


def test_branches_meet_in_feature_space_at_elevation_zero_only():
    minus, plus = load_degenerate_CH4_manifold().data.SOAP_power_spectrum.reshape(2, 9, 9, 12)
    apart = np.linalg.norm(plus - minus, axis=-1) / np.linalg.norm(plus, axis=-1)
    assert apart[:, 4].max() < 1e-7
    assert np.delete(apart, 4, axis=1).min() > 1e-6
