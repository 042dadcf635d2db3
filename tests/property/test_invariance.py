"""Symmetries of the density correlations and their singular values, over random environments."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from descriptor_sensitivity.descriptors.density import Density
from descriptor_sensitivity.descriptors.optimal import radial_basis
from descriptor_sensitivity.environments import batch_from_vectors
from descriptor_sensitivity.singular import rotation_free_basis, sensitivity

BASIS = radial_basis("gto", 4, 4, 0.3, 4.0)
REPRESENTATIONS = {nu: Density(nu, BASIS) for nu in (1, 2, 3)}

seeds = st.integers(0, 2**32 - 1)
species = st.sampled_from([[1, 1, 1, 1], [1, 1, 1, 8], [1, 1, 8, 8, 8]])


def environment(seed: int, n_neighbors: int) -> tuple[np.ndarray, np.random.Generator]:
    rng = np.random.default_rng(seed)
    directions = rng.normal(size=(n_neighbors, 3))
    directions /= np.linalg.norm(directions, axis=-1, keepdims=True)
    return directions * rng.uniform(0.8, 3.0, (n_neighbors, 1)), rng


@settings(deadline=None, max_examples=25)
@given(seeds, species, st.sampled_from([2, 3]), st.booleans())
def test_rotations_and_reflections_leave_invariants(seed, numbers, nu, reflect):
    vectors, rng = environment(seed, len(numbers))
    turn = Rotation.random(random_state=rng).as_matrix() * (-1 if reflect else 1)
    batch = batch_from_vectors(np.array([vectors, vectors @ turn.T]), numbers)
    features, jacobian = REPRESENTATIONS[nu].jacobian(batch)
    assert abs(features[0] - features[1]).max() < 1e-12 * abs(features[0]).max()
    turned = np.einsum("ab,jbq->jaq", turn, jacobian[0].reshape(len(numbers), 3, -1))
    assert abs(turned.reshape(jacobian[1].shape) - jacobian[1]).max() < 1e-11 * abs(jacobian).max()
    values = sensitivity(REPRESENTATIONS[nu], batch)[0]
    assert abs(values[0] - values[1]).max() < 1e-12 * values.max()


@settings(deadline=None, max_examples=25)
@given(seeds, species, st.sampled_from([1, 2, 3]))
def test_permutations_of_like_atoms_leave_everything(seed, numbers, nu):
    vectors, rng = environment(seed, len(numbers))
    order = np.arange(len(numbers))
    for number in set(numbers):
        mine = np.flatnonzero(np.array(numbers) == number)
        order[mine] = rng.permutation(mine)
    batch = batch_from_vectors(np.array([vectors, vectors[order]]), numbers)
    features, jacobian = REPRESENTATIONS[nu].jacobian(batch)
    assert abs(features[0] - features[1]).max() < 1e-12 * abs(features[0]).max()
    rows = jacobian.reshape(2, len(numbers), 3, -1)
    assert abs(rows[0, order] - rows[1]).max() < 1e-11 * abs(jacobian).max()


@settings(deadline=None, max_examples=25)
@given(seeds, species)
def test_density_singular_values_do_not_turn(seed, numbers):
    """nu = 1 is not invariant, but its singular values are: harmonics of one l turn together."""
    vectors, rng = environment(seed, len(numbers))
    turn = Rotation.random(random_state=rng).as_matrix()
    batch = batch_from_vectors(np.array([vectors, vectors @ turn.T]), numbers)
    values = sensitivity(REPRESENTATIONS[1], batch)[0]
    assert values.shape == (2, 3 * len(numbers))
    assert abs(values[0] - values[1]).max() < 1e-12 * values.max()


@settings(deadline=None, max_examples=25)
@given(seeds, species, st.sampled_from([2, 3]))
def test_exactly_the_rotations_are_projected_out(seed, numbers, nu):
    vectors, _ = environment(seed, len(numbers))
    batch = batch_from_vectors(vectors, numbers)
    n = 3 * len(numbers)
    basis = rotation_free_basis(batch.vectors)[0]
    assert basis.shape == (n, n - 3)
    assert abs(basis.T @ basis - np.eye(n - 3)).max() < 1e-13
    rotations = np.cross(np.eye(3)[:, None], batch.vectors[0]).reshape(3, -1)
    assert abs(rotations @ basis).max() < 1e-13
    jacobian = REPRESENTATIONS[nu].jacobian(batch)[1][0]
    assert abs(rotations @ jacobian).max() < 1e-12 * abs(jacobian).max()
