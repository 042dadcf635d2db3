"""Orbits beside ordinary frames, and a basis beside its limit: what the tables say."""

import numpy as np
import pytest

from descriptor_sensitivity import orbit_surroundings
from descriptor_sensitivity.convergence import convergence
from descriptor_sensitivity.descriptors.density import Density
from descriptor_sensitivity.descriptors.optimal import radial_basis
from descriptor_sensitivity.environments import batch_from_vectors
from descriptor_sensitivity.manifolds import Manifold
from descriptor_sensitivity.orbit_surroundings import (
    basis_sensitivity,
    frame_sensitivity,
    training_distances,
)
from descriptor_sensitivity.quasi_constant import Features, orbit_name
from descriptor_sensitivity.singular import condition_number, sensitivities, sensitivity
from descriptor_sensitivity.theory.families import COMMENT_SINGULAR, distorted, tetrahedral

FEATURES = Features(cutoff=2.5, n_max=3, l_max=4, n_primitive=6, fit_every=2)
RNG = np.random.default_rng(0)
TRAINING = COMMENT_SINGULAR + 0.1 * RNG.normal(size=(20, 4, 3))
VALIDATION = COMMENT_SINGULAR + 0.1 * RNG.normal(size=(12, 4, 3))
ORBIT = COMMENT_SINGULAR + np.linspace(0.05, 0.1, 5)[:, None, None]


def test_quantiles_are_those_of_the_validation_frames(monkeypatch):
    monkeypatch.setattr(orbit_surroundings, "FRAMES", 4)
    table = frame_sensitivity(FEATURES, TRAINING, VALIDATION, [0.2, 0.3])
    density = FEATURES.fitted(TRAINING, 0.3)
    cn = condition_number(sensitivities(density, batch_from_vectors(VALIDATION[::3])))
    row = table.set_index("sigma").loc[0.3]
    assert row.n_frames == 4
    assert row["median"] == pytest.approx(np.median(cn))
    assert row.q05 < row["median"] < row.q95


def test_every_basis_sees_the_same_points():
    orbits = {orbit_name(0.3, c): ORBIT + 0.01 * c for c in (0.5, 1.0)}
    table = basis_sensitivity(FEATURES, TRAINING, orbits, [0.5, 1.0], 0.3)
    assert list(table.groupby(["l_max", "c"]).size()) == [5] * 6
    small = Features(2.5, 2, 2, 6, 2).fitted(TRAINING, 0.3)
    cn = condition_number(sensitivities(small, batch_from_vectors(orbits[orbit_name(0.3, 1.0)])))
    found = table.query("n_max == 2 and l_max == 2 and c == 1").condition_number
    np.testing.assert_allclose(found, cn)


def test_distances_are_to_the_nearest_training_frame(monkeypatch):
    monkeypatch.setattr(orbit_surroundings, "FRAMES", 7)  # blocks that do not divide the frames
    density = FEATURES.fitted(TRAINING, 0.3)
    table = training_distances(density, TRAINING, TRAINING[::2], ORBIT)
    known = density.features(batch_from_vectors(TRAINING))
    unit = np.sqrt(np.mean((known**2).sum(axis=1)))
    expected = [
        np.linalg.norm(known - one, axis=1).min() / unit
        for one in density.features(batch_from_vectors(ORBIT))
    ]
    np.testing.assert_allclose(table.query("set == 'orbit'").distance, expected)
    assert table.query("set == 'validation'").distance.max() < 1e-12


def test_a_basis_beside_its_limit():
    vectors = distorted(tetrahedral(1.1), 0.2, seed=0)
    manifold = Manifold(vectors, np.zeros((2, 4, 3)), 0.02, np.linspace(-1, 1, 3))
    settings = {"nu": 2, "l_max": 8, "sigma": 0.5, "cutoff": 3.0}
    size = {"sigma": 0.5, "cutoff": 3.0}
    for n_max, close in ((30, True), (2, False)):
        density = Density(2, radial_basis("gto", n_max, 8, **size))
        values, left = sensitivity(density, batch_from_vectors(vectors))
        table = convergence(manifold, values[0], left[0], settings)
        share = table.value / table.same_l_max
        assert (share.min() > 0.99 and table.overlap.min() > 0.99) == close
        assert (table.length == 0.02).all()
    # Twice the l_max sees more; a null value has no direction.
    assert (table.twice_l_max >= table.same_l_max * (1 - 1e-9)).all()
    values[0, -1] = 1e-16 * values[0, 0]
    last = convergence(manifold, values[0], left[0], settings).iloc[-1]
    assert last.value == 0 and np.isnan(last.overlap)
