"""The Jacobian of a whole molecule seen from several centres."""

import numpy as np
import pytest

from descriptor_sensitivity.centers import (
    centered_environment,
    distance,
    internal_singular_values,
    molecule_jacobian,
    pair_distances,
    singular_methanes,
    values_by_centers,
)
from descriptor_sensitivity.descriptors.density import Density
from descriptor_sensitivity.descriptors.radial import gto_basis
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.theory.families import mirror_singular

NU2 = Density(2, gto_basis(4, 4, 0.3, 2.5), species=(1, 6))
NUMBERS = np.array([6, 1, 1, 1, 1])
POSITIONS = np.concatenate([np.zeros((1, 3)), mirror_singular()])


class Uncompressed(Density):
    def reduced_jacobian(self, batch):
        return self.jacobian(batch)[1]


def test_is_the_derivative_with_respect_to_every_atom():
    representation = Uncompressed(2, gto_basis(4, 4, 0.3, 2.5), species=(1, 6))
    rng = np.random.default_rng(0)
    positions = POSITIONS + 0.05 * rng.normal(size=(5, 3))
    centers = [0, 3]

    def features(x):
        parts = [representation.features(centered_environment(x, NUMBERS, c)) for c in centers]
        return np.concatenate(parts, axis=1)[0]

    jacobian = molecule_jacobian(representation, positions, NUMBERS, centers)
    move = rng.normal(size=(5, 3))
    numerical = (features(positions + 1e-5 * move) - features(positions - 1e-5 * move)) / 2e-5
    np.testing.assert_allclose(move.ravel() @ jacobian, numerical, atol=1e-7 * abs(jacobian).max())


def test_hydrogens_lift_the_zero_of_the_carbon():
    ratio = {}
    for name, centers in {"C": [0], "H": [1, 2, 3, 4], "all": range(5)}.items():
        jacobian = molecule_jacobian(NU2, POSITIONS, NUMBERS, centers)
        assert np.abs(jacobian.reshape(5, 3, -1).sum(axis=0)).max() < 1e-12  # translations
        values = internal_singular_values(jacobian, POSITIONS)
        assert len(values) == 9
        ratio[name] = values[-1] / values[0]
    assert ratio["C"] < 1e-13
    assert ratio["H"] > 1e-2
    assert ratio["all"] > 1e-2


def test_no_center():
    with pytest.raises(InputError, match="at least one centre"):
        molecule_jacobian(NU2, POSITIONS, NUMBERS, [])


def test_every_center_lifts_the_singularity_and_tells_pairs_apart():
    environments, pairs = singular_methanes()
    assert list(environments) == [f"{family} {x}" for family in pairs for x in ("A0", "A+", "A-")]
    values = values_by_centers(NU2, environments)
    last = values[values.k == 9].set_index(["environment", "centers"]).ratio
    for family in ("mirror", "ring"):
        assert last[f"{family} A0", "C"] < 1e-12 < 1e-4 < last[f"{family} A0", "all"]
    assert last["ring A+", "C"] > 1e-5
    first = values[values.k == 1]
    assert (first.ratio == 1).all() and (first.value > 0).all()
    apart = pair_distances(NU2, pairs).set_index(["pair", "centers"]).distance
    for family in ("mirror", "ring"):
        assert apart[family, "C"] < 1e-12 < 1e-4 < apart[family, "H"]
        assert 0 < apart[family, "all"] < apart[family, "H"]


def test_order_of_the_hydrogens_makes_no_distance():
    vectors = mirror_singular()
    moved = vectors + 0.01 * np.sin(np.arange(12)).reshape(4, 3)
    pair = np.array([vectors, moved])
    for centers in ([1, 2, 3, 4], [0, 1, 2, 3, 4]):
        assert distance(NU2, np.array([vectors, vectors[[2, 0, 3, 1]]]), centers) < 1e-12
        plain = distance(NU2, pair, centers)
        assert plain > 1e-4
        shuffled = np.array([vectors, moved[[2, 0, 3, 1]]])
        assert np.isclose(distance(NU2, shuffled, centers), plain)
