"""The basis-free null-space theory against derivatives of generic smooth invariant functions."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.linalg import subspace_angles
from scipy.stats import ortho_group

from descriptor_sensitivity.descriptors.density import Density
from descriptor_sensitivity.descriptors.optimal import radial_basis
from descriptor_sensitivity.environments import batch_from_vectors
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.singular import decompose
from descriptor_sensitivity.theory import displacements, families
from descriptor_sensitivity.theory.equal_angles import equal_angles, equal_angles_singular
from descriptor_sensitivity.theory.nullspace import null_space, random_invariants
from descriptor_sensitivity.theory.symmetry import congruent, symmetric_null_space

PROPERTY = settings(max_examples=20, deadline=None, derandomize=True)


def null_vectors(jacobian, vectors, threshold):
    """Null left singular vectors (3N, d) of a Jacobian."""
    values, left = decompose(jacobian[None], vectors[None])
    return left[0][:, values[0] < threshold * values[0, 0]]


def numerical_null_space(vectors, order, species=None):
    """Null displacements (3N, d) of random invariants."""
    return null_vectors(random_invariants(vectors, order, species)[1], vectors, 1e-10)


def in_plane(radii, azimuths):
    a = np.deg2rad(azimuths)
    return np.stack([radii * np.cos(a), radii * np.sin(a), np.zeros(len(a))], axis=1)


GENERIC = families.distorted(families.tetrahedral(1.1), 0.3, 0)
OCTAHEDRON = np.vstack([np.eye(3), -np.eye(3)])
PLANAR = in_plane(np.array([1, 1.1, 1.2, 1.3]), np.array([10, 100, 170, 280]))
SQUARE = in_plane(np.ones(4), np.array([0, 90, 180, 270]))

# name: (vectors, null dimension at nu = 2, 3, 4, how much of it is due to symmetry)
TABLE = {
    "generic": (GENERIC, (0, 0, 0), 0),
    "mirror A0": (families.mirror_singular(), (1, 0, 0), 0),
    "ring A0": (families.ring(), (1, 0, 0), 0),
    "mirror family, p = 0": (families.flat_pair(1.0, 1.1, 1.2), (1, 0, 0), 0),
    "equal angles A0": (equal_angles_singular(), (1, 0, 0), 0),
    "equal angles": (equal_angles(1), (0, 0, 0), 0),
    "Comment's A0": (families.COMMENT_SINGULAR, (1, 0, 0), 0),
    "tetrahedral": (families.tetrahedral(1.1), (8, 8, 8), 8),
    "planar": (PLANAR, (2, 2, 2), 2),
    "square": (SQUARE, (8, 8, 8), 8),
    "C3v": (families.pyramid(), (6, 6, 6), 6),
    "C2v": (families.two_pairs(), (5, 5, 5), 5),
    "octahedral": (OCTAHEDRON, (14, 14, 14), 14),
    "double ring": (families.double_ring(1), (1, 0, 0), 0),
    "double ring A0": (families.double_ring_singular(), (6, 1, 0), 0),
    "line": (np.array([[0, 0, 1.0], [0, 0, -1.2]]), (2, 2, 2), 2),
}


@pytest.mark.parametrize("name", TABLE)
def test_table_of_null_dimensions(name):
    vectors, expected, symmetric = TABLE[name]
    for order, dimension in zip((2, 3, 4), expected, strict=True):
        found = null_space(vectors, order)
        assert found.dimension == dimension, f"nu = {order}"
        assert found.symmetric.shape[1] == symmetric
        assert found.degenerate.shape[1] == dimension - symmetric
        assert found.gap > 1e10
        both = np.hstack([found.symmetric, found.degenerate])
        np.testing.assert_allclose(both.T @ both, np.eye(dimension), atol=1e-12)
    if symmetric:
        everywhere = symmetric_null_space(vectors)
        assert everywhere.shape[1] == symmetric
        assert np.max(subspace_angles(everywhere, found.symmetric)) < 1e-7


@pytest.mark.parametrize("order", [2, 3])
@pytest.mark.parametrize("name", TABLE)
def test_theory_agrees_with_derivatives(name, order):
    vectors = TABLE[name][0]
    if name == "Comment's A0":  # its coordinates are exact to 1e-7 only
        vectors = families.ring()
    numerical = numerical_null_space(vectors, order)
    predicted = null_space(vectors, order).basis
    assert numerical.shape == predicted.shape
    if predicted.size:
        assert np.max(subspace_angles(numerical, predicted)) < 1e-7


@pytest.mark.parametrize("order", [2, 3, 4])
def test_random_invariants_are_invariant_with_exact_derivatives(order):
    species = np.array([1, 1, 6, 8])
    features, jacobian = random_invariants(GENERIC, order, species, n_features=20)
    turned = GENERIC[[1, 0, 2, 3]] @ ortho_group.rvs(3, random_state=0)
    np.testing.assert_allclose(
        random_invariants(turned, order, species, n_features=20)[0], features, atol=1e-10
    )
    step = 1e-30 * np.random.default_rng(0).normal(size=(4, 3))
    slope = random_invariants(GENERIC + 1j * step, order, species, n_features=20)[0].imag
    np.testing.assert_allclose(step.ravel() @ jacobian, slope, rtol=1e-10, atol=1e-39)


def test_nu_4_sees_what_nu_3_does_not():
    singular = families.double_ring_singular()
    assert numerical_null_space(singular, 4).shape[1] == 0


def test_nu_1_sees_only_the_distinct_radii():
    found = null_space(GENERIC, 1)
    assert (found.dimension, found.symmetric.shape[1]) == (5, 0)
    assert null_space(families.tetrahedral(1.1), 1).dimension == 8


def test_species_lift_coincidences():
    singular = families.mirror_singular()
    assert null_space(singular, 2, np.array([1, 1, 1, 1])).dimension == 1
    # a and c may differ: the coincidence is between b- and b+ as seen from c.
    assert null_space(singular, 2, np.array([9, 1, 1, 8])).dimension == 1
    assert null_space(singular, 2, np.array([1, 1, 9, 1])).dimension == 0


def test_tolerance_finds_the_singular_structure_nearby():
    singular = families.mirror_singular(r_a=1.0, r_b=1.15, r_c=1.3)
    near = families.distorted(singular, 1e-3, seed=1)
    assert null_space(near, 2).dimension == 0
    found = null_space(near, 2, tolerance=2e-3)
    assert found.dimension == 1
    overlap = found.degenerate[:, 0] @ displacements.mirror_null(singular).ravel()
    assert abs(overlap) > 0.999


def test_atoms_closer_than_the_tolerance_are_refused():
    with pytest.raises(InputError, match="smaller tolerance"):
        null_space(families.tetrahedral(1.1), 2, tolerance=1.0)


def parameters(family):
    """Members of a family on a fine grid: coincidences are exact or far from the tolerance."""
    limits = families.RANGES[family]
    grid = {
        name: st.integers(round(100 * low), round(100 * high)).map(lambda k: k / 100)
        for name, (low, high) in limits.items()
    }
    return st.fixed_dictionaries(grid).map(families.packed)


def without(values, *names):
    return {name: value for name, value in values.items() if name not in names}


@given(parameters("mirror"))
@PROPERTY
def test_mirror_pairs_are_degenerate_at_nu_2_only(values):
    plus, minus = families.mirror(1, **values), families.mirror(-1, **values)
    np.testing.assert_allclose(
        random_invariants(plus, 2)[0], random_invariants(minus, 2)[0], atol=1e-11
    )
    assert not congruent(plus, minus)
    assert np.abs(random_invariants(plus, 3)[0] - random_invariants(minus, 3)[0]).max() > 1e-4


@given(parameters("double_ring"))
@PROPERTY
def test_double_rings_are_degenerate_at_nu_3_but_not_4(values):
    plus, minus = families.double_ring(1, **values), families.double_ring(-1, **values)
    for order in (2, 3):
        np.testing.assert_allclose(
            random_invariants(plus, order)[0], random_invariants(minus, order)[0], atol=1e-10
        )
    assert not congruent(plus, minus)
    assert np.abs(random_invariants(plus, 4)[0] - random_invariants(minus, 4)[0]).max() > 1e-5


def singular_members():
    mirror = parameters("mirror").map(lambda v: families.mirror_singular(**without(v, "q")))
    ring = parameters("ring").map(lambda v: families.ring(**v))
    double = parameters("double_ring").map(
        lambda v: families.double_ring_singular(**without(v, "h"))
    )
    return st.one_of(
        mirror.map(lambda v: (v, 2, displacements.mirror_null(v))),
        ring.map(lambda v: (v, 2, displacements.ring_null(v))),
        double.map(lambda v: (v, 3, displacements.double_ring_null(v))),
    )


@given(singular_members())
@PROPERTY
def test_closed_form_null_vectors(member):
    vectors, order, closed_form = member
    found = null_space(vectors, order)
    assert (found.dimension, found.symmetric.shape[1]) == (1, 0)
    overlap = found.degenerate[:, 0] @ closed_form.ravel()
    np.testing.assert_allclose(abs(overlap), 1, atol=1e-12)
    numerical = numerical_null_space(vectors, order)
    np.testing.assert_allclose(np.abs(numerical.T @ closed_form.ravel()), [1], atol=1e-9)
    assert null_space(vectors, order + 1).dimension == 0


DENSITY = {nu: Density(nu, radial_basis("dvr", 8, 8, 0.3, 2.5)) for nu in (2, 3)}


def density_null_space(vectors, order):
    """Null displacements (3N, d) of the density correlations."""
    jacobian = DENSITY[order].reduced_jacobian(batch_from_vectors(vectors))[0]
    return null_vectors(jacobian, vectors, 1e-11)


@pytest.mark.parametrize("order", [2, 3])
@pytest.mark.parametrize("name", TABLE)
def test_theory_agrees_with_density_correlations(name, order):
    vectors = TABLE[name][0]
    predicted, found = null_space(vectors, order).basis, density_null_space(vectors, order)
    assert found.shape == predicted.shape
    if predicted.size:
        assert np.max(subspace_angles(found, predicted)) < 1e-8


@given(singular_members())
@PROPERTY
def test_density_correlations_share_the_closed_form_null_vectors(member):
    vectors, order, closed_form = member
    found = density_null_space(vectors, order)
    np.testing.assert_allclose(np.abs(found.T @ closed_form.ravel()), [1], atol=1e-10)
    assert density_null_space(vectors, 3).shape[1] == (order == 3)


@given(parameters("double_ring"))
@PROPERTY
def test_density_correlations_of_double_rings(values):
    for vectors in (
        families.double_ring(1, **values),
        families.double_ring_singular(**without(values, "h")),
    ):
        predicted, found = null_space(vectors, 2).basis, density_null_space(vectors, 2)
        assert found.shape == predicted.shape
        assert np.max(subspace_angles(found, predicted)) < 1e-6


def any_environment():
    """Points on a coarse grid, rich in symmetry and coincidences, with one or two species."""
    points = st.lists(
        st.tuples(*[st.integers(-2, 2)] * 3).filter(any), min_size=2, max_size=5, unique=True
    )
    return st.tuples(points, st.integers(0, 5)).map(
        lambda drawn: (
            np.array(drawn[0], dtype=float) / 2,
            np.where(np.arange(len(drawn[0])) < drawn[1], 1, 6),
        )
    )


@given(any_environment(), st.integers(2, 3))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_theory_agrees_with_derivatives_anywhere(environment, order):
    vectors, species = environment
    predicted, numerical = (
        null_space(vectors, order, species),
        numerical_null_space(vectors, order, species),
    )
    assert predicted.dimension == numerical.shape[1]
    if predicted.dimension:
        assert np.max(subspace_angles(numerical, predicted.basis)) < 1e-6
    symmetric = symmetric_null_space(vectors, species)
    assert predicted.symmetric.shape[1] == symmetric.shape[1]


@given(any_environment(), st.integers(0, 10**6), st.integers(2, 4))
@settings(max_examples=30, deadline=None, derandomize=True)
def test_analysis_does_not_depend_on_orientation_or_order(environment, seed, order):
    vectors, species = environment
    assume(len(vectors) < 5 or order < 4)
    shuffle = np.random.default_rng(seed).permutation(len(vectors))
    turn = ortho_group.rvs(3, random_state=seed)
    one = null_space(vectors, order, species)
    other = null_space((vectors @ turn.T)[shuffle], order, species[shuffle])
    assert (one.dimension, one.symmetric.shape, one.degenerate.shape) == (
        other.dimension,
        other.symmetric.shape,
        other.degenerate.shape,
    )
    for mine, theirs in ((one.symmetric, other.symmetric), (one.degenerate, other.degenerate)):
        if mine.size:
            moved = (mine.T.reshape(-1, *vectors.shape) @ turn.T)[:, shuffle].reshape(
                len(mine.T), -1
            )
            assert np.max(subspace_angles(moved.T, theirs)) < 1e-6
