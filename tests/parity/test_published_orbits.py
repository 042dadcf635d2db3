"""The orbits published with the Comment, from librascal features and 20000 Euler steps each."""

import numpy as np
import pandas as pd
import pytest
from ase.io import read

from descriptor_sensitivity.descriptors.density import Density
from descriptor_sensitivity.descriptors.optimal import optimal_basis
from descriptor_sensitivity.descriptors.radial import gto_basis
from descriptor_sensitivity.dynamics import methane_vectors
from descriptor_sensitivity.environments import batch_from_vectors
from descriptor_sensitivity.orbits import follow, kept_arc_lengths
from descriptor_sensitivity.singular import condition_number, sensitivity
from descriptor_sensitivity.theory.families import COMMENT_SINGULAR


@pytest.fixture(scope="module")
def published(reference):
    """Orbits, condition numbers, and the frames to fit the optimal basis on.

    The authors fitted it on training frames that are lost; the validation frames stand in.
    """
    folder = reference / "comment"
    path = folder / "val.xyz"
    frames = methane_vectors(read(path, "::10"), str(path), "bohr")
    table = pd.read_csv(folder / "orbits.csv").set_index(["sigma", "c"]).sort_index()
    return dict(np.load(folder / "orbits.npz")), table, [batch_from_vectors(frames)]


def representation(sigma: float, fit) -> Density:
    return Density(2, optimal_basis(gto_basis(20, 8, sigma, 2.5), fit, 8))


@pytest.mark.parametrize(
    ("sigma", "c"),
    [(0.5, 1.0), (0.1, 1.0)] + [pytest.param(s, 0.1, marks=pytest.mark.slow) for s in (0.5, 0.1)],
)
def test_positions_and_condition_numbers(published, sigma, c):
    orbits, table, fit = published
    positions = orbits[f"sigma{sigma}_c{c}"]
    start = COMMENT_SINGULAR + c * (orbits["sigma0.5_c1.0"][0] - COMMENT_SINGULAR)
    np.testing.assert_allclose(start, positions[0], atol=1e-9)
    arc = kept_arc_lengths(201, 1e-4, 100)
    orbit = follow(representation(sigma, fit), batch_from_vectors(start), arc, 1e-4)
    assert not orbit.stopped
    assert orbit.evaluations < 6000  # of the 20000 that the Euler steps take
    assert np.abs(orbit.vectors - positions).max() < 1e-3
    ours, theirs = orbit.condition_numbers[1:], table.loc[(sigma, c)].cn.to_numpy()[1:]
    assert abs(np.median(ours) / np.median(theirs) - 1) < 0.01


def test_condition_numbers_differ_only_by_the_basis_and_the_last_step(published):
    """At the published positions; theirs were taken one step (1e-4 Å) before them."""
    orbits, table, fit = published
    for sigma, limit in ((0.5, 0.01), (0.1, 0.01)):
        power_spectrum = representation(sigma, fit)
        values = sensitivity(power_spectrum, batch_from_vectors(orbits[f"sigma{sigma}_c1.0"]))[0]
        theirs = table.loc[(sigma, 1.0)].cn.to_numpy()[1:]
        ratio = condition_number(values)[1:] / theirs
        assert np.median(np.abs(ratio - 1)) < limit
