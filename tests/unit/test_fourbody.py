"""The four-body target against closed forms, its symmetries and finite differences."""

import numpy as np
import pytest

from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.fourbody import four_body, four_body_gradient

TETRAHEDRON = np.array([[1.0, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]])


def some_structures(n: int = 20) -> np.ndarray:
    return TETRAHEDRON + np.random.default_rng(3).normal(scale=0.4, size=(n, 4, 3))


def test_regular_tetrahedron_square_and_corner():
    square = np.array([[1.0, 0, 0], [0, 1, 0], [-1, 0, 0], [0, -1, 0]])
    # Three perpendicular faces, and the fourth at cosine 1/sqrt(3) to each of them.
    corner = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]])
    np.testing.assert_allclose(
        four_body(np.array([TETRAHEDRON, square, corner])), [2 / 3, 6, 1], rtol=1e-14
    )


def test_does_not_change_with_rotation_reflection_permutation_shift_or_scale():
    structures = some_structures()
    rotation = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))[0]
    reference = four_body(structures)
    for changed in (
        structures @ rotation,
        -structures,
        structures[:, [2, 0, 3, 1]],
        structures + [0.3, -1, 2],
        2 * structures,
    ):
        np.testing.assert_allclose(four_body(changed), reference, rtol=1e-11)


def test_gradient_is_the_derivative():
    structures = some_structures()
    values, gradient = four_body_gradient(structures)
    np.testing.assert_array_equal(values, four_body(structures))
    step = 1e-6 * np.eye(12).reshape(12, 1, 4, 3)
    numerical = (four_body(structures + step) - four_body(structures - step)) / 2e-6
    np.testing.assert_allclose(gradient.reshape(-1, 12), numerical.T, rtol=1e-6, atol=1e-7)


def test_three_neighbors_on_one_line_are_named():
    structures = some_structures(3)
    structures[1, 3] = 2 * structures[1, 1] - structures[1, 0]
    with pytest.raises(InputError, match="Neighbours 0, 1, 3 of structure 1 lie on one line"):
        four_body(structures)


def test_needs_four_neighbors():
    with pytest.raises(InputError, match="four neighbours"):
        four_body(np.zeros((2, 3, 3)))


def test_first_frame_of_the_published_orbit(reference):
    import pandas as pd

    orbits = np.load(reference / "comment" / "orbits.npz")
    table = pd.read_csv(reference / "comment" / "orbits.csv").query("sigma == 0.5 and c == 1")
    # Later frames were evaluated one Euler step (1e-4 Å) before the frame that was kept.
    value, gradient = four_body_gradient(orbits["sigma0.5_c1.0"])
    published = table.fourbody.to_numpy()
    assert abs(value[0] - published[0]) < 1e-8
    step = 1e-4 * np.linalg.norm(gradient.reshape(-1, 12), axis=1)
    assert np.all(np.abs(value - published)[1:] < 1.01 * step[1:] + 1e-8)
