"""Structure families: geometry, collisions, closed-form displacements."""

import numpy as np
import pytest

from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.theory import displacements, families
from descriptor_sensitivity.theory.symmetry import congruent


def rotations(vectors):
    """The three infinitesimal rotations, (3, 3N)."""
    return np.cross(np.eye(3)[:, None], vectors[None]).reshape(3, -1)


def test_tetrahedral_has_one_bond_length_and_the_tetrahedral_angle():
    vectors = families.tetrahedral(1.1061)
    gram = vectors @ vectors.T / 1.1061**2
    np.testing.assert_allclose(gram, np.where(np.eye(4), 1, -1 / 3), atol=1e-15)


def test_distorted_moves_every_atom_by_the_amplitude_and_repeats():
    start = families.tetrahedral(1.1)
    once = families.distorted(start, 0.3, seed=4)
    np.testing.assert_allclose(np.linalg.norm(once - start, axis=1), 0.3, rtol=1e-12)
    assert np.array_equal(once, families.distorted(start, 0.3, seed=4))
    assert not np.allclose(once, families.distorted(start, 0.3, seed=5))


def test_manifold_branches_are_mirror_members_at_elevation_zero():
    plus, minus = families.mirror_manifold(1), families.mirror_manifold(-1)
    assert plus.shape == minus.shape == (81, 4, 3)
    np.testing.assert_allclose(plus[4], families.mirror(1, q=126), atol=1e-14)
    np.testing.assert_allclose(minus[4], families.mirror(-1, q=126), atol=1e-14)
    np.testing.assert_allclose(plus[-5], families.mirror(1, q=162), atol=1e-14)
    np.testing.assert_allclose(np.linalg.norm(plus, axis=-1), 1.09)
    assert not any(congruent(a, b) for a, b in zip(plus, minus, strict=True))


def test_comment_structure_is_a_ring():
    ours = families.ring(1.1045899, 1.0934753, 87.3270563, (0, 152.11619, 222.48289))
    assert congruent(ours, families.COMMENT_SINGULAR[[2, 1, 3, 0]], tolerance=1e-5)


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: families.mirror_singular(p=180.0, e=0.0), "p = 180"),
        (lambda: families.mirror(1, r_c=0.0), "r_c = 0"),
        (lambda: families.mirror_singular(t=-90.0), "t = -90"),
        (lambda: families.double_ring(1, phi=2.0, h=0.0), "phi = 2"),
        (lambda: families.ring(azimuths=(0, 0, 90)), "azimuths = (0, 0, 90)"),
        (lambda: families.tetrahedral(float("nan")), "bond_length = nan"),
    ],
)
def test_colliding_parameters_are_named(call, named):
    with pytest.raises(InputError, match="Å apart") as error:
        call()
    assert named in str(error.value)


@pytest.mark.parametrize(
    "displacement",
    [
        displacements.breathing(families.tetrahedral(1.1)),
        displacements.two_up_two_down(families.tetrahedral(1.1)),
    ],
)
def test_stretches_of_the_tetrahedron_are_radial_and_rotation_free(displacement):
    vectors = families.tetrahedral(1.1)
    np.testing.assert_allclose(np.linalg.norm(displacement), 1)
    np.testing.assert_allclose(np.cross(displacement, vectors), 0, atol=1e-15)
    np.testing.assert_allclose(rotations(vectors) @ displacement.ravel(), 0, atol=1e-14)


def test_without_rotation_removes_exactly_the_rotation():
    rng = np.random.default_rng(0)
    vectors, pattern = rng.normal(size=(2, 5, 3))
    left = displacements.without_rotation(vectors, pattern)
    np.testing.assert_allclose(rotations(vectors) @ left.ravel(), 0, atol=1e-13)
    both = np.vstack([rotations(vectors), left.ravel()])
    residual = np.linalg.lstsq(both.T, pattern.ravel(), rcond=None)[1]
    np.testing.assert_allclose(residual, 0, atol=1e-24)


def test_without_rotation_of_a_line_keeps_the_stretch():
    line = np.array([[0, 0, 1.0], [0, 0, -1.2]])
    left = displacements.without_rotation(line, np.array([[0.3, 0, 1], [-0.36, 0, 0]]))
    np.testing.assert_allclose(left, [[0, 0, 1], [0, 0, 0]], atol=1e-15)


def test_the_null_vector_of_the_mirror_family_joins_its_branches():
    step = families.mirror(1, q=179.999) - families.mirror(-1, q=179.999)
    joined = displacements.without_rotation(families.mirror_singular(), step)
    np.testing.assert_allclose(
        joined, displacements.mirror_null(families.mirror_singular()), atol=1e-8
    )


def test_the_null_vector_of_the_double_ring_joins_its_branches():
    step = families.double_ring(1, h=1e-4) - families.double_ring(-1, h=1e-4)
    singular = families.double_ring_singular()
    joined = displacements.without_rotation(singular, step)
    np.testing.assert_allclose(joined, displacements.double_ring_null(singular), atol=1e-8)


def test_fixed_sign_does_not_depend_on_the_sign_or_on_noise():
    pattern = np.array([[0.1, 0.0, -0.7], [0.7, 0.0, 0.1]])
    expected = displacements.fixed_sign(pattern)
    assert expected[0, 2] > 0
    assert np.array_equal(displacements.fixed_sign(-pattern), expected)
    noisy = displacements.fixed_sign(pattern + 1e-9)
    np.testing.assert_allclose(noisy, expected, atol=1e-8)
