"""The Comment's figures show every orbit and every network they name."""

import numpy as np
import pandas as pd
import pytest

from descriptor_sensitivity.drawing import comment_fig1, comment_fig2
from descriptor_sensitivity.drawing.style import COLORS, plt


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def test_both_smearings_stand_on_one_axis_and_the_nearest_orbit_in_an_inset():
    angle = np.linspace(0, 2 * np.pi, 30)
    circles = {f"sigma{s:g}_c{c:g}": 0.1 * c for s in (0.1, 0.5) for c in (0.1, 1.0)}
    plane = [pd.DataFrame({"curve": "A+", "null": [-0.2, 0.2], "second": [-0.1, 0.1]})]
    plane += [
        pd.DataFrame({"curve": name, "null": r * np.cos(angle), "second": r * np.sin(angle)})
        for name, r in circles.items()
    ]
    points = pd.concat(
        pd.DataFrame({"arc": angle, "condition_number": 10.0 / sigma}).assign(sigma=sigma, c=c)
        for sigma in (0.1, 0.2, 0.5)
        for c in (0.1, 1.0)
    )
    figure, data = comment_fig1.draw(pd.concat(plane), points)
    left, right = figure.axes
    curves = [line for line in right.lines if len(line.get_xdata()) == 30]
    found = sorted((line.get_linestyle(), line.get_ydata()[0]) for line in curves)
    assert found == [("-", 100), ("-", 100), ("--", 20), ("--", 20)]
    assert set(data["b"].sigma) == {0.1, 0.5}
    (inset,) = left.child_axes
    assert inset.get_xlim() == pytest.approx((-0.0115, 0.0115))
    assert len(inset.lines) == len(left.lines)


def test_one_panel_holds_all_networks_and_one_the_errors_of_every_seed():
    frames = [("none", False, 4), ("20", False, 3), ("20", True, 1), ("full", True, 4)]
    parity = pd.concat(
        pd.DataFrame({"target": 1.0, "prediction": 1.1, "run": run}, index=range(count)).assign(
            set="manifold", trained_on=trained, seed=0
        )
        for run, trained, count in frames
    )
    molecular = pd.DataFrame({"target": [0.8, 2.0], "prediction": [0.8, 2.0]}).assign(seed=0)
    for run in ("none", "20", "full"):
        for kind in ("training", "validation"):
            rows = molecular.assign(run=run, set=kind, trained_on=kind == "training")
            parity = pd.concat([parity, rows])
    errors = pd.DataFrame(
        [(run, 0.2, seed, 0.01, 0.1 + seed) for run in ("none", "20", "full") for seed in (0, 1)],
        columns=["run", "sigma", "seed", "rmse_validation", "rmse_manifold"],
    ).assign(scale=1.0)
    printed = {"none": 0.144, "20": 0.072, "full": 0.033}
    summary = pd.DataFrame({"run": list(printed), "printed_rmse_manifold": list(printed.values())})
    summary = summary.assign(sigma=0.2, scale=1.0, printed_rmse_validation=0.013)
    wrong = summary.assign(printed_rmse_manifold=9.0)
    others = wrong.assign(sigma=0.3), wrong.assign(scale=0.5)
    figure, data = comment_fig2.draw(parity, errors, pd.concat([*others, summary]))
    left, right = figure.axes
    labels = {line.get_label(): len(line.get_xdata()) for line in left.lines}
    assert labels["trained without the orbit"] == labels["with all of it, repeated"] == 4
    assert labels["with 1 frames of it"] == 4
    greys = [line.get_color() for line in left.lines if line.get_label().startswith(("trai", "wi"))]
    assert greys == [COLORS["blue"], "0.72", "0.42", "0.0"]
    squares = [line.get_ydata().tolist() for line in right.lines if line.get_marker() == "s"]
    assert squares == [[0.1, 1.1]] * 3
    stars = [float(line.get_ydata()[0]) for line in right.lines if line.get_marker() == "*"]
    assert stars == [0.013] * 3 + list(printed.values())
    assert len(data["errors"]) == 12
