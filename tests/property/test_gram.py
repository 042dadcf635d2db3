"""J J^T without features against the Jacobians' own, over random environments of every kind."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from descriptor_sensitivity.descriptors.density import Density
from descriptor_sensitivity.descriptors.optimal import radial_basis
from descriptor_sensitivity.descriptors.trispectrum import Trispectrum
from descriptor_sensitivity.environments import Batch, batch_from_vectors
from descriptor_sensitivity.gram.neighbors import Neighbors, local_axes
from descriptor_sensitivity.gram.pairs import second_order
from descriptor_sensitivity.gram.rotations import rotation_average, rotation_grid
from descriptor_sensitivity.gram.triples import third_order
from descriptor_sensitivity.mixture import compositions, mixtures

SPECIES = (1, 6, 8)


def random_vectors(rng: np.random.Generator, n_env: int, n_neighbors: int) -> np.ndarray:
    """Neighbours between 0.7 and 3.9 Å from the centre."""
    directions = rng.normal(size=(n_env, n_neighbors, 3))
    directions /= np.linalg.norm(directions, axis=-1, keepdims=True)
    return directions * rng.uniform(0.7, 3.9, (n_env, n_neighbors, 1))


def random_batch(seed: int, n_env: int, n_neighbors: int, n_species: int) -> Batch:
    rng = np.random.default_rng(seed)
    species = SPECIES[:n_species]
    numbers = np.resize(species, n_neighbors)
    return batch_from_vectors(random_vectors(rng, n_env, n_neighbors), numbers)


FIT = [random_batch(5, 60, 6, 3)]
BASES = {
    (kind, n_max, l_max): radial_basis(kind, n_max, l_max, 0.4, 4.0, "dvr", 20, FIT)
    for kind, n_max, l_max in [("gto", 3, 4), ("optimal", 4, 3), ("dvr", 9, 2)]
}

seeds = st.integers(0, 2**32 - 1)
bases = st.sampled_from(sorted(BASES))
widths = st.sampled_from([0.0, 1.5])
weights = st.sampled_from([0.0, 0.3, 1.0])


def squared(descriptor: Density | Trispectrum, batch: Batch) -> np.ndarray:
    jacobian = descriptor.reduced_jacobian(batch)
    return jacobian @ jacobian.swapaxes(1, 2)


@settings(deadline=None, max_examples=60)
@given(seeds, bases, st.integers(1, 3), st.integers(1, 40), st.integers(1, 3), widths, weights)
def test_gram_is_the_jacobian_squared(seed, basis, nu, n_neighbors, n_species, width, weight):
    n_neighbors = min(n_neighbors, 14) if nu == 3 else n_neighbors
    batch = random_batch(seed, 2, n_neighbors, n_species)
    descriptor = Density(nu, BASES[basis], width, center_weight=weight)
    expected = squared(descriptor, batch)
    found = descriptor.gram(batch)
    assert found.shape == expected.shape
    assert abs(found - expected).max() <= 1e-12 * abs(expected).max()


@settings(deadline=None, max_examples=20)
@given(seeds, st.sampled_from([2, 3]), st.integers(2, 9), widths)
def test_rotation_average_is_the_closed_form(seed, nu, n_neighbors, width):
    batch = random_batch(seed, 2, n_neighbors, 2)
    near = Neighbors(Density(2, BASES["gto", 3, 4], width).density, batch)
    expected, _ = {2: second_order, 3: third_order}[nu](near)
    found, _ = rotation_average(near, nu)
    assert abs(found - expected).max() <= 1e-12 * abs(expected).max()


@pytest.mark.parametrize("l_max", [0, 1, 2])
def test_order_four_is_the_jacobian_squared(l_max):
    batch = random_batch(3, 2, 4, 2)
    descriptor = Trispectrum(radial_basis("gto", 2, l_max, 0.4, 4.0), cutoff_width=1.0)
    expected = squared(descriptor, batch)
    assert abs(descriptor.gram(batch) - expected).max() <= 1e-12 * abs(expected).max()


def test_grid_of_rotations_has_the_inverses_it_names():
    matrices, weights, inverse = rotation_grid(5)
    assert weights.sum() == pytest.approx(1, abs=1e-14)
    assert abs(matrices[inverse] @ matrices - np.eye(3)).max() < 1e-14


@settings(deadline=None, max_examples=25)
@given(seeds, st.integers(1, 3), st.integers(2, 20), st.booleans())
def test_gram_turns_with_the_environment(seed, nu, n_neighbors, reflect):
    batch = random_batch(seed, 1, n_neighbors, 2)
    turn = Rotation.random(random_state=seed).as_matrix() * (-1 if reflect else 1)
    descriptor = Density(nu, BASES["gto", 3, 4])
    here = descriptor.gram(batch).reshape(n_neighbors, 3, n_neighbors, 3)
    there = descriptor.gram(batch.moved(batch.vectors @ turn.T))[0]
    expected = np.einsum("ab,jbkc,dc->jakd", turn, here, turn).reshape(there.shape)
    assert abs(there - expected).max() <= 1e-12 * abs(there).max()


@settings(deadline=None, max_examples=25)
@given(seeds, st.integers(1, 3), st.integers(2, 20))
def test_gram_follows_a_permutation_of_like_atoms(seed, nu, n_neighbors):
    batch = random_batch(seed, 1, n_neighbors, 2)
    order = np.arange(n_neighbors)
    mine = np.flatnonzero(batch.species == 1)
    order[mine] = np.random.default_rng(seed).permutation(mine)
    descriptor = Density(nu, BASES["gto", 3, 4])
    here = descriptor.gram(batch).reshape(n_neighbors, 3, n_neighbors, 3)
    there = descriptor.gram(batch.moved(batch.vectors[:, order])).reshape(here.shape)
    expected = here[order][:, :, order]
    assert abs(there - expected).max() <= 1e-12 * abs(here).max()


@settings(deadline=None, max_examples=20)
@given(seeds, st.sampled_from([1, 2, 3]), st.integers(2, 14))
def test_numbers_do_not_depend_on_the_company(seed, nu, n_neighbors):
    """Bitwise: alone, in a batch of one composition, and in a batch of several."""
    batches = [random_batch(seed + k, 3, n_neighbors, k) for k in (1, 2, 3)]
    descriptor = Density(nu, BASES["gto", 3, 4])
    (together,) = mixtures(batches)
    found = descriptor.gram(together)
    separate = np.concatenate([descriptor.gram(batch) for batch in batches])
    alone = [descriptor.gram(batch[k : k + 1]) for batch in batches for k in range(len(batch))]
    assert np.array_equal(found, separate)
    assert np.array_equal(found, np.concatenate(alone))


@settings(deadline=None, max_examples=100)
@given(st.lists(st.floats(-1, 1), min_size=3, max_size=3))
def test_local_axes_are_orthonormal(direction):
    vector = np.array(direction)
    length = np.linalg.norm(vector)
    unit = vector / length if length > 1e-3 else np.array([0.0, 0.0, -1.0])
    axes = local_axes(unit)
    assert np.array_equal(axes[0], unit)
    assert abs(axes @ axes.T - np.eye(3)).max() < 1e-15
    assert np.linalg.det(axes) == pytest.approx(1, abs=1e-14)


def test_mixed_batches_keep_every_environment():
    batches = [random_batch(k, 2, 5, k) for k in (1, 2, 3)] + [random_batch(9, 2, 4, 1)]
    together = mixtures(batches)
    assert [(len(batch), batch.n_neighbors) for batch in together] == [(6, 5), (2, 4)]
    seen = {}
    for mine, part in compositions(together[0]):
        assert np.array_equal(part.vectors, together[0].vectors[mine])
        seen[tuple(part.species)] = part.vectors
    for batch in batches[:3]:
        assert np.array_equal(seen[tuple(batch.species)], batch.vectors)
    with pytest.raises(ValueError, match="several compositions"):
        Density(2, BASES["gto", 3, 4]).features(together[0])
