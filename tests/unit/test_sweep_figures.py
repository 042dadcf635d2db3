"""Figures 4 to 6 draw the points they name, and other weights of the centre apart."""

import numpy as np
import pandas as pd
import pytest

from descriptor_sensitivity.drawing import fig4, fig5, fig6
from descriptor_sensitivity.drawing.style import plt, written


def points(*rows: tuple) -> pd.DataFrame:
    """A table of sweep points; the mean is the number of the row."""
    table = pd.DataFrame(rows, columns=["nu", "radial_basis", "n_max", "l_max", "sigma", "center"])
    table = table.rename(columns={"center": "center_weight"}).astype({"n_max": "Int64"})
    return table.assign(mean=np.arange(1.0, len(table) + 1), mean_error=0.1)


def numbers(line) -> list:
    return np.asarray(line.get_ydata()).tolist()


def curves(axis) -> dict[str, list]:
    """Label -> ordinates of the curves of an axis."""
    return {bars.get_label(): numbers(bars.lines[0]) for bars in axis.containers}


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


GRID = [(n, l_max) for n in (2, 4) for l_max in (2, 6)]


def test_figure_4_tells_very_large_degrees_and_the_complete_basis_from_the_grid():
    table = points(
        *((1, "optimal", n, l_max, 0.1, 0) for n, l_max in GRID),
        *((1, "gto", n, 6, 0.1, 0) for n in (2, 4)),
        *((1, "complete", None, l_max, 0.1, 0) for l_max in (2, 6, 30)),
        (1, "optimal", 4, 30, 0.1, 0),
        *((1, "optimal", 4, 6, sigma, 0) for sigma in (0.2, 1.0)),
    )
    figure, data = fig4.draw(table)
    assert sorted(zip(data["left"].n_max, data["left"].l_max, strict=True)) == sorted(GRID)
    assert set(data["right"].sigma) == {0.1, 0.2, 1.0} and set(data["right"].n_max) == {4}
    large = curves(figure.axes[3])
    assert large["complete"] == [7, 8, 9]
    assert large[r"optimal, $n_\mathrm{max}=4$"] == [3, 4, 10]
    limits = [line for line in figure.axes[1].lines if "complete" in str(line.get_label())]
    assert [numbers(line)[0] for line in limits] == [8]


def test_figure_5_draws_each_weight_of_the_centre_in_a_panel_of_its_own():
    table = points(
        *((2, "optimal", n, l_max, 0.1, 0) for n, l_max in GRID),
        *((3, "optimal", 4, l_max, 0.1, 0) for l_max in (2, 6)),
        *((nu, "optimal", 4, 6, 0.1, 1) for nu in (2, 3)),
        *((nu, "complete", None, 6, 0.1, 0) for nu in (2, 3)),
        *((3, "optimal", 4, 6, sigma, 0) for sigma in (0.05, 0.2)),
    )
    figure, data = fig5.draw(table)
    alone, center = curves(figure.axes[1]), curves(figure.axes[2])
    assert alone[r"$\nu=2$, $n_\mathrm{max}=4$"] == [3, 4]
    assert alone[r"$\nu=3$, $n_\mathrm{max}=4$"] == [5, 6]
    assert (alone[r"$\nu=2$, complete"], alone[r"$\nu=3$, complete"]) == ([9], [10])
    assert list(center.values()) == [[7], [8]]
    assert curves(figure.axes[3])[r"$\nu=3$, $(4, 6)$"] == [11, 6, 12]
    assert len(data["left"]) == 4 and set(data["center"].center_weight) == {1}


def test_figure_6_has_a_row_for_each_weight_of_the_centre():
    def values(nu, n_max, l_max, weight, basis="optimal"):
        table = pd.DataFrame({"condition_number": np.full(5, nu + 10.0 * weight + 1)})
        return table.assign(
            structure=range(5), nu=nu, n_max=n_max, l_max=l_max, radial_basis=basis
        ).assign(center_weight=weight)

    sizes = (fig6.TYPICAL, fig6.BEST)
    parts = [values(nu, *size, 0.0) for nu in (1, 2, 3) for size in sizes]
    parts += [values(nu, *size, 1.0) for nu in (2, 3) for size in sizes]
    parts += [values(nu, None, 6, 0.0, "complete") for nu in (1, 2, 3)]
    structures = pd.DataFrame({"structure": range(5), "n_max": 4, "l_max": 16, "nu1": 2.0})
    structures = pd.concat(
        structures.assign(center_weight=w, nu2=3 + 10 * w, nu3=4 + 10 * w) for w in (0.0, 1.0)
    )
    figure, data = fig6.draw(pd.concat(parts).astype({"n_max": "Int64"}), structures)
    counts = data["left"].groupby(["center_weight", "nu"])["count"].sum()
    assert counts.to_dict() == {
        (weight, nu): 5 * (3 if weight == 0 else 2) for weight in (0, 1) for nu in (1, 2, 3)
    }
    at = data["left"].query("count > 0 and nu == 3").groupby("center_weight")
    assert (at.low.max() < [4.1, 14.1]).all() and (at.high.min() > [3.9, 13.9]).all()
    shown = [axis.collections[0].get_offsets()[0].tolist() for axis in figure.axes[2::3]]
    assert shown == [[3, 4], [13, 14]]


@pytest.mark.parametrize(
    ("value", "text"), [(12.34, "12.3"), (123.4, "123"), (5e10, "5e+10"), (4e17, "> 1e15")]
)
def test_condition_numbers_beyond_double_precision_are_no_numbers(value, text):
    assert written(value) == text
