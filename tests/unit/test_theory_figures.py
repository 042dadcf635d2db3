"""The numbers behind Figure 1, the theory and the pedagogical figures."""

import numpy as np
import pytest

from descriptor_sensitivity import zero_origins
from descriptor_sensitivity.descriptors.radial import dvr_basis
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.null_space_check import predicted_and_found
from descriptor_sensitivity.theory.displacements import mirror_null
from descriptor_sensitivity.theory.families import distorted, tetrahedral
from descriptor_sensitivity.theory.pedagogical import curves_and_errors

MIRROR = {"r_a": 1.09, "r_b": 1.09, "r_c": 1.09, "t": -22.5, "e": 30.0, "p": 36.0}


def test_predicted_null_dimensions_are_found():
    table = predicted_and_found(1, 0, dvr_basis(10, 10, 0.3, 2.5))
    assert (table["predicted"] == table["found"]).all()
    assert (table["symmetric"] + table["degenerate"] == table["predicted"]).all()
    assert table["angle"].max() < 1e-8
    degenerate = table[table["degenerate"] > 0]
    assert set(degenerate["nu"]) == {2, 3}
    assert table["environment"].nunique() * 3 == len(table)


def test_a_symmetric_singularity_does_not_limit_a_fit_and_a_degenerate_one_does():
    curves, errors = curves_and_errors()
    assert errors["rmse in x^2"].iloc[-1] < 1e-13
    floor = errors["odd part about pi"].iloc[0]
    assert floor > 0.1
    np.testing.assert_allclose(errors["rmse in cos x"].iloc[-1], floor, rtol=1e-6)
    assert (errors["rmse in cos x"] > floor * (1 - 1e-12)).all()
    # The even part about pi is fitted; the slope of y at pi is lost.
    even = curves["even part about pi"]
    np.testing.assert_allclose(curves["fit in cos x"], even, atol=1e-3)


@pytest.mark.parametrize(
    ("points", "degree", "word"), [(40, 20, "too few"), (80, 20, "too few"), (401, 20, "of 4")]
)
def test_unusable_grids_are_refused(points, degree, word):
    with pytest.raises(InputError, match=word):
        curves_and_errors(points, degree)


def test_a_shown_jacobian_is_the_product_of_its_parts():
    parts = zero_origins.decomposition(distorted(tetrahedral(1.1), 0.3, 0))
    product = parts["left"] * parts["values"] @ parts["right"]
    # but for rotations, which invariant features do not see
    np.testing.assert_allclose(product, parts["jacobian"], atol=1e-12 * parts["values"][0])
    identity = np.eye(len(parts["values"]))
    np.testing.assert_allclose(parts["right"] @ parts["right"].T, identity, atol=1e-10)
    np.testing.assert_allclose(parts["left"].T @ parts["left"], identity, atol=1e-12)


def test_no_invariant_feature_answers_to_what_a_mirror_plane_reverses():
    _, patterns, table = zero_origins.symmetric_slopes()
    assert len(patterns) == len(table) == 2
    assert table.slope.max() < 1e-14


def test_branches_part_for_nu_3_and_coincide_for_nu_2():
    points, slopes = zero_origins.branches(MIRROR)
    for nu, parted in ((3, True), (2, False)):
        plus, minus = (
            points[(points.nu == nu) & (points.branch == sign)].reset_index() for sign in "+-"
        )
        extent = plus.even.max()
        assert (np.abs(plus.odd - minus.odd).max() > 0.1 * extent) == parted
        if not parted:
            for direction in ("along", "even", "odd"):
                np.testing.assert_allclose(plus[direction], minus[direction], atol=1e-10 * extent)
        closed = plus[plus.opening_degrees == 0]
        assert np.abs(closed.even).max() < 0.1 * extent and np.abs(closed.odd).max() < 0.1 * extent
        along, across = slopes[slopes.nu == nu][["along", "even", "odd"]].to_numpy()
        np.testing.assert_allclose(along, [1, 0, 0], atol=1e-10)
        assert across.any() == parted
        assert np.linalg.norm(across) <= 1 + 1e-12


def test_the_construction_moves_one_hydrogen_through_the_mirror_plane():
    table, null = zero_origins.construction(MIRROR)
    plus, middle, minus = (
        table[table.structure == name][["x", "y", "z"]].to_numpy() for name in ("A^+", "A^0", "A^-")
    )
    np.testing.assert_array_equal(plus[:3], minus[:3])
    np.testing.assert_array_equal(plus[:3], middle[:3])
    assert plus[3] == pytest.approx(minus[3] * [1, -1, 1]) and plus[3, 1] > 0.5
    np.testing.assert_allclose(null, mirror_null(middle), atol=1e-14)


def test_gram_schmidt_leaves_out_what_vanishes():
    rows = np.array([[2.0, 0, 0], [1.0, 1, 0], [1.0, 2e-12, 0]])
    np.testing.assert_allclose(
        zero_origins.orthonormal(rows), [[1, 0, 0], [0, 1, 0], [0, 0, 0]], atol=1e-12
    )
