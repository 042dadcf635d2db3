"""The orbits published with the Comment, from librascal features and 20000 Euler steps each."""

import json

import numpy as np
import pytest

from descriptor_sensitivity.descriptors.density import Density
from descriptor_sensitivity.descriptors.optimal import optimal_basis
from descriptor_sensitivity.descriptors.radial import gto_basis
from descriptor_sensitivity.environments import batch_from_vectors
from descriptor_sensitivity.orbits import follow, kept_arc_lengths
from descriptor_sensitivity.theory.families import COMMENT_SINGULAR, tetrahedral


@pytest.fixture(scope="module")
def published(root) -> dict[tuple[float, float], dict]:
    """(sigma, c) -> condition numbers and positions of an orbit."""
    orbits = json.loads((root / "tests/data/published_orbits.json").read_text())
    return {(orbit["sigma"], orbit["c"]): orbit for orbit in orbits}


@pytest.fixture(scope="module")
def distorted() -> np.ndarray:
    """(200, 4, 3), Å: the optimal basis is fitted on these; the authors' frames are lost."""
    noise = np.random.default_rng(1).normal(scale=0.2, size=(200, 4, 3))
    return tetrahedral(1.09) + noise


@pytest.mark.parametrize(
    ("sigma", "c"),
    [(0.5, 1.0), (0.1, 1.0)] + [pytest.param(s, 0.1, marks=pytest.mark.slow) for s in (0.5, 0.1)],
)
def test_positions_and_condition_numbers(published, distorted, sigma, c):
    """Theirs were taken one step (1e-4 Å) before the positions, and with another fit."""
    positions = {int(point): np.array(at) for point, at in published[sigma, c]["positions"].items()}
    first = np.array(published[0.5, 1.0]["positions"]["0"])
    start = COMMENT_SINGULAR + c * (first - COMMENT_SINGULAR)
    np.testing.assert_allclose(start, positions[0], atol=2e-9)

    basis = optimal_basis(gto_basis(20, 8, sigma, 2.5), [batch_from_vectors(distorted)], 8)
    arc = kept_arc_lengths(201, 1e-4, 100)
    orbit = follow(Density(2, basis), batch_from_vectors(start), arc, 1e-4)
    assert not orbit.stopped
    assert orbit.evaluations < 6000  # of the 20000 that the Euler steps take
    for point, at in positions.items():
        assert np.abs(orbit.vectors[point] - at).max() < 1e-3
    ours, theirs = orbit.condition_numbers[1:], published[sigma, c]["condition_number"]
    assert abs(np.median(ours) / theirs["median"] - 1) < 0.01
    assert abs(ours.min() / theirs["min"] - 1) < 0.01
    # The largest is met where a step happens to pass a singular point.
    assert 0.5 < ours.max() / theirs["max"] < 2
