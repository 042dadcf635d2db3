"""The numbers behind the theory and the pedagogical figures."""

import numpy as np
import pytest

import draw_pedagogical
import draw_theory
from descriptor_sensitivity.errors import InputError


def test_predicted_null_dimensions_are_found(tmp_path):
    table = draw_theory.compute(draw_theory.parse(["--members", "1", "--figures", str(tmp_path)]))
    assert (table["predicted"] == table["found"]).all()
    assert (table["symmetric"] + table["degenerate"] == table["predicted"]).all()
    assert table["angle"].max() < 1e-8
    degenerate = table[table["degenerate"] > 0]
    assert set(degenerate["nu"]) == {2, 3}


def test_a_symmetric_singularity_does_not_limit_a_fit_and_a_degenerate_one_does():
    curves, errors = draw_pedagogical.compute(400, 20)
    assert errors["rmse in x^2"].iloc[-1] < 1e-13
    floor = errors["odd part about pi"].iloc[0]
    assert floor > 0.1
    np.testing.assert_allclose(errors["rmse in cos x"].iloc[-1], floor, rtol=1e-6)
    assert (errors["rmse in cos x"] > floor * (1 - 1e-12)).all()
    # The even part about pi is fitted; the slope of y at pi is lost.
    even = curves["even part about pi"]
    np.testing.assert_allclose(curves["fit in cos x"], even, atol=1e-3)


@pytest.mark.parametrize(("points", "degree"), [(40, 20), (401, 20)])
def test_unusable_grids_are_refused(points, degree):
    with pytest.raises(InputError, match="--points"):
        draw_pedagogical.compute(points, degree)
