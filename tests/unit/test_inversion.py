"""Structure from features, degenerate partners, and the distance between two environments."""

import numpy as np
import pytest
from scipy.stats import ortho_group

from descriptor_sensitivity.descriptors.density import Density
from descriptor_sensitivity.descriptors.radial import gto_basis
from descriptor_sensitivity.environments import Batch, batch_from_vectors
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.inversion import invert
from descriptor_sensitivity.matching import matched
from descriptor_sensitivity.partners import partner
from descriptor_sensitivity.structures.methane import random_methane
from descriptor_sensitivity.theory import families
from descriptor_sensitivity.theory.equal_angles import equal_angles
from descriptor_sensitivity.theory.symmetry import congruent

NU2 = Density(2, gto_basis(8, 6, 0.3, 6.0))
NU3 = Density(3, gto_basis(4, 4, 0.3, 6.0))
METHANE = random_methane(40, 1)


def displaced(vectors, distance, seed=0):
    """Environments (n, N, 3) moved by `distance` (Å, all coordinates) in random directions."""
    steps = np.random.default_rng(seed).normal(size=vectors.shape)
    norms = np.linalg.norm(steps.reshape(len(steps), -1), axis=1)
    return vectors + distance * steps / norms[:, None, None]


@pytest.mark.parametrize(
    ("descriptor", "distance", "least"),
    [(NU2, 0.1, 1.0), (NU2, 0.3, 0.92), (NU2, 0.6, 0.76), (NU3, 0.1, 1.0), (NU3, 0.6, 0.95)],
)
def test_random_methane_is_recovered(descriptor, distance, least):
    wanted = descriptor.features(batch_from_vectors(METHANE))
    starts = batch_from_vectors(displaced(METHANE, distance))
    found = invert(descriptor, wanted, starts)
    good = [
        bool(c) and congruent(v, w, tolerance=1e-6)
        for c, v, w in zip(found.converged, found.vectors, METHANE, strict=True)
    ]
    assert np.mean(good) >= least
    assert np.array_equal(good, found.converged)  # no false solution
    again = descriptor.features(starts.moved(found.vectors))
    error = np.linalg.norm(again - wanted, axis=1) / np.linalg.norm(wanted, axis=1)
    np.testing.assert_allclose(error, found.residual, atol=1e-14)


def rates(descriptor, vectors):
    """Residuals of the steps towards an environment from 0.05 Å away."""
    wanted = descriptor.features(batch_from_vectors(vectors))
    found = invert(descriptor, wanted[0], batch_from_vectors(displaced(vectors[None], 0.05)))
    return found.history[0]


def test_steps_are_quadratic_at_regular_points_and_a_quarter_at_singular_ones():
    regular = rates(NU2, METHANE[0])
    near = regular[(regular > 1e-13) & (regular < 1e-3)]
    assert np.all(near[1:] < 1e3 * near[:-1] ** 1.8) and len(near) >= 2
    singular = rates(NU2, families.mirror_singular())
    late = singular[(singular < 1e-6) & (singular > 1e-11)]
    np.testing.assert_allclose(late[1:] / late[:-1], 0.25, atol=0.02)
    assert len(rates(NU3, families.mirror_singular())) < len(singular) / 2


def test_damping_falls_with_the_residual():
    """A fixed factor of a tenth takes 7.6 steps on average from 0.05 Å away, 6.7 with the gain."""
    wanted = NU2.features(batch_from_vectors(METHANE))
    found = invert(NU2, wanted, batch_from_vectors(displaced(METHANE, 0.05)))
    assert found.converged.all() and found.steps.mean() < 7


def test_several_species_and_many_neighbours():
    rng = np.random.default_rng(4)
    axes = rng.normal(size=(20, 3))
    vectors = np.linspace(1.5, 4.5, 20)[:, None] * axes / np.linalg.norm(axes, axis=1)[:, None]
    species = np.repeat([1, 6, 8, 14], 5)
    batch = batch_from_vectors(vectors, species)
    start = batch.moved(displaced(batch.vectors, 0.1))
    found = invert(NU2, NU2.features(batch)[0], start)
    assert found.converged[0]
    assert congruent(found.vectors[0], batch.vectors[0], batch.species, tolerance=1e-5)


@pytest.mark.parametrize("family", ["mirror", "equal_angles"])
def test_the_partner_of_a_pair_is_found(family):
    build = {"mirror": families.mirror, "equal_angles": equal_angles}[family]
    plus, minus = build(1), build(-1)
    found = partner(NU2, batch_from_vectors(plus), n_starts=60)
    assert congruent(found.vectors, minus, tolerance=1e-4)
    assert found.distance == pytest.approx(matched(plus, minus)[0], abs=1e-4)
    assert found.n_same > 0 and found.n_partners > 0 and found.residual < 1e-10
    assert partner(NU3, batch_from_vectors(plus), n_starts=20).vectors is None


def test_none_found_is_said_with_the_number_of_starts():
    found = partner(NU2, batch_from_vectors(METHANE[0]), n_starts=16)
    assert found.vectors is None and found.distance == np.inf and found.n_starts == 16
    nearly = partner(NU2, batch_from_vectors(families.mirror(1, p=36.0)), 30, within=0.05)
    assert nearly.residual < 0.05 and nearly.n_partners > 0


@pytest.mark.parametrize("n", [4, 9])
def test_matched_undoes_rotation_reflection_and_exchange(n):
    rng = np.random.default_rng(n)
    vectors, species = rng.normal(size=(n, 3)) + 0.5, np.arange(n) % 2
    order = np.concatenate([rng.permutation(np.flatnonzero(species == k)) for k in (0, 1)])
    back = np.argsort(np.argsort(species, kind="stable"))
    other = vectors[order][back] @ ortho_group.rvs(3, random_state=rng)
    distance, laid = matched(vectors, other, species)
    assert distance < 1e-12
    exchanged = np.where(species[:, None] == 0, 1.0, 1.3) * vectors
    assert matched(vectors, exchanged, species)[0] > 0.1
    assert {tuple(np.round(v, 9)) for v in laid} == {tuple(np.round(v, 9)) for v in vectors}
    near = vectors + 0.01 * rng.normal(size=(n, 3))
    assert 0 < matched(vectors, near, species)[0] <= np.linalg.norm(near - vectors)


def test_like_atoms_alone_are_exchanged():
    vectors = np.array([[1.0, 0, 0], [0, 1.2, 0]])
    assert matched(vectors, vectors[::-1])[0] < 1e-12
    assert matched(vectors, vectors[::-1], np.array([1, 8]))[0] > 0.2


def test_bad_input_is_one_sentence():
    batch = batch_from_vectors(METHANE[:2])
    with pytest.raises(InputError, match=r"shape \(7,\), but `nu2` gives 252"):
        invert(NU2, np.zeros(7), batch)
    with pytest.raises(InputError, match=r"shape \(3, 252\)"):
        invert(NU2, np.zeros((3, 252)), batch)
    with pytest.raises(InputError, match="one environment, not for 2"):
        partner(NU2, batch)
    twice = np.array([[1.0, 0, 0], [1.0, 0, 0], [0, 1, 0]])
    start = Batch(twice[None], np.ones(3, int), 6, np.zeros(1, int), np.zeros(1, int))
    with pytest.raises(InputError, match="Two atoms of start 0 coincide"):
        invert(NU2, np.zeros(252), start)


def test_a_cutoff_rejects_steps_and_does_not_end_the_search():
    short = Density(2, gto_basis(8, 6, 0.3, 3.05))
    wanted = short.features(batch_from_vectors(METHANE))
    inside = displaced(METHANE, 0.3)
    inside *= np.minimum(1, 3.04 / np.linalg.norm(inside, axis=2, keepdims=True))
    found = invert(short, wanted, batch_from_vectors(inside))
    assert np.mean(found.converged) > 0.8
