"""The statements of docs/theory.md, each against numbers, with random environments."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import subspace_angles

from descriptor_sensitivity.descent import SINGULAR, descend
from descriptor_sensitivity.descriptors.density import Density
from descriptor_sensitivity.descriptors.radial import gto_basis
from descriptor_sensitivity.environments import batch_from_vectors
from descriptor_sensitivity.singular import rotation_free_basis, singular_values
from descriptor_sensitivity.structures.methane import random_methane
from descriptor_sensitivity.theory import families
from descriptor_sensitivity.theory.displacements import without_rotation
from descriptor_sensitivity.theory.equal_angles import equal_angles
from descriptor_sensitivity.theory.nullspace import null_space, random_invariants
from descriptor_sensitivity.theory.symmetry import symmetric_null_space, totally_symmetric

PROPERTY = settings(max_examples=8, deadline=None, derandomize=True)
SEEDS = st.integers(0, 10_000)


def drawn(seed: int, n: int) -> np.ndarray:
    """n neighbours at 1 to 2 Å in random directions."""
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(n, 3))
    return vectors * (rng.uniform(1, 2, n) / np.linalg.norm(vectors, axis=1))[:, None]


def relative(vectors: np.ndarray, order: int, **options) -> np.ndarray:
    """Singular values of random invariants, in units of their largest."""
    jacobian = random_invariants(vectors, order, n_features=200, **options)[1]
    values = singular_values(jacobian[None], vectors[None])[0]
    return values / values[0]


def path(family: str, seed: int):
    """e -> environment: an even path of a random member, and its correlation order."""
    options = families.random_parameters(family.split()[0], np.random.default_rng(seed))
    if family == "mirror":
        del options["q"]
        return 2, lambda e: families.mirror(1, **options, q=180 + np.rad2deg(e))
    if family == "mirror p = 0":
        del options["p"]
        return 2, lambda e: families.mirror(1, **options, p=np.rad2deg(e))
    del options["h"]
    return 3, lambda e: families.double_ring(1, **options, h=e)


FAMILIES = ["mirror", "mirror p = 0", "double_ring"]


@pytest.mark.parametrize("family", FAMILIES)
@given(seed=SEEDS)
@PROPERTY
def test_theorem_1_conditions_and_derivatives_agree(family, seed):
    order, along = path(family, seed)
    vectors = along(0.0)
    values = relative(vectors, order, seed=seed)
    assert int(np.sum(values < 1e-11)) == null_space(vectors, order).dimension > 0


@given(seed=SEEDS, n=st.integers(3, 6), order=st.integers(2, 3))
@PROPERTY
def test_corollary_2_generic_environments_are_seen(seed, n, order):
    vectors = drawn(seed, n)
    assert null_space(vectors, order).dimension == 0
    assert relative(vectors, order, seed=seed)[-1] > 1e-9


@given(seed=SEEDS, n=st.integers(3, 6), order=st.integers(2, 3))
@PROPERTY
def test_corollary_3_planes_hide_n_minus_2(seed, n, order):
    vectors = drawn(seed, n)
    vectors[:, 2] = 0
    found = null_space(vectors, order)
    assert found.dimension == found.symmetric.shape[1] == n - 2
    assert np.abs(found.basis.reshape(n, 3, -1)[:, :2]).max() < 1e-9
    assert int(np.sum(relative(vectors, order, seed=seed) < 1e-11)) == n - 2


SYMMETRIC = {
    "Td": families.tetrahedral(1.1),
    "C3v": families.pyramid(),
    "C2v": families.two_pairs(),
    "Cs": families.ring(azimuths=(0.0, 100.0, 200.0)),
}


@pytest.mark.parametrize("name", SYMMETRIC)
def test_theorem_4_all_orders_are_blind_to_what_symmetry_hides(name):
    """At nu = N the null space is the symmetric one; the Cs ring is degenerate at nu = 2 only."""
    vectors = SYMMETRIC[name]
    hidden = symmetric_null_space(vectors)
    everything = null_space(vectors, len(vectors))
    assert everything.dimension == hidden.shape[1] > 0
    assert np.max(subspace_angles(everything.basis, hidden)) < 1e-7
    jacobian = random_invariants(vectors, 3)[1]
    assert np.linalg.norm(hidden.T @ jacobian) < 1e-11 * np.linalg.norm(jacobian)


@pytest.mark.parametrize("family", FAMILIES)
@given(seed=SEEDS)
@PROPERTY
def test_lemma_5_even_paths(family, seed):
    order, along = path(family, seed)
    there, back = (random_invariants(along(e), order, seed=seed)[0] for e in (0.1, -0.1))
    np.testing.assert_allclose(there, back, atol=1e-10 * np.abs(there).max())
    higher = [random_invariants(along(e), order + 1, seed=seed)[0] for e in (0.1, -0.1)]
    assert np.abs(higher[0] - higher[1]).max() > 1e-6

    vectors, h = along(0.0), 1e-4
    tangent = without_rotation(vectors, (along(h) - along(-h)) / (2 * h)).ravel()
    jacobian = random_invariants(vectors, order, seed=seed)[1]
    assert np.linalg.norm(tangent @ jacobian) < 1e-7 * np.linalg.norm(jacobian)
    # It is degenerate: the point group does not hide it.
    free = rotation_free_basis(vectors[None])[0].T
    kept = totally_symmetric(vectors).T @ tangent
    assert np.linalg.norm(free @ tangent) == pytest.approx(1, abs=1e-7)
    assert np.linalg.norm(kept) > 0.1


@given(seed=SEEDS)
@PROPERTY
def test_lemma_6_the_ring(seed):
    options = families.random_parameters("ring", np.random.default_rng(seed))
    vectors = families.ring(**options)
    found = null_space(vectors, 2)
    assert found.dimension == found.degenerate.shape[1] == 1
    values = relative(vectors, 2, seed=seed)
    assert values[-1] < 1e-11 < 1e-6 < values[-2]
    assert null_space(vectors, 3).dimension == 0


@pytest.mark.parametrize("family", FAMILIES[:2])
@given(seed=SEEDS)
@PROPERTY
def test_sensitivity_grows_linearly_from_a_singular_point(family, seed):
    order, along = path(family, seed)
    vectors = along(0.0)
    step = np.random.default_rng(seed).normal(size=vectors.shape)
    near, far = (relative(vectors + e * step, order, seed=seed)[-1] for e in (1e-5, 2e-5))
    assert far / near == pytest.approx(2, rel=0.02)


def fours(name: str, seed: int) -> np.ndarray:
    """A singular environment of four neighbours: of a family, or found next to random methane."""
    if name == "search":
        batch = batch_from_vectors(random_methane(seed % 40 + 1, 2021)[-1])
        points, ratios = descend(Density(2, gto_basis(8, 6, 0.3, 5.0)), batch)
        return points[0] if ratios[0] < SINGULAR else families.ring()
    options = families.random_parameters(name, np.random.default_rng(seed))
    if name == "equal_angles":
        return equal_angles(1, **{**options, "n_x": 0.0})
    if name == "mirror":
        options["q"] = 180.0
    return getattr(families, name)(*([1] if name == "mirror" else []), **options)


@pytest.mark.parametrize("name", ["mirror", "flat_pair", "ring", "equal_angles", "search"])
@given(seed=SEEDS)
@PROPERTY
def test_lemma_7_four_neighbours(name, seed):
    vectors = fours(name, seed)
    relation = np.linalg.svd(vectors.T)[2][-1]
    first, second = np.triu_indices(4, 1)
    weights = relation[first] * relation[second]
    radii = np.linalg.norm(vectors, axis=1)
    ends = np.sort(np.stack([radii[first], radii[second]], axis=1), axis=1)
    values = np.column_stack([ends, np.sum(vectors[first] * vectors[second], axis=1)])
    classes = [np.abs(values - value).max(axis=1) < 1e-5 for value in values]
    sizes = [int(same.sum()) for same in classes]
    spread = max(np.ptp(weights[same]) for same in classes)
    # every neighbour in a pair of unlike radii that is alone; others, and planes, are left out
    alone = [
        any(
            sizes[k] == 1 and neighbor in (first[k], second[k]) and np.ptp(ends[k]) > 1e-5
            for k in range(6)
        )
        for neighbor in range(4)
    ]
    if not all(alone) or np.linalg.svd(vectors, compute_uv=False)[2] < 1e-6:
        return
    repeated = round(sum(1 - 1 / size for size in sizes))  # m - 1 of each class of m
    assert null_space(vectors, 2).dimension == max(repeated - (spread > 1e-5), 0) > 0
