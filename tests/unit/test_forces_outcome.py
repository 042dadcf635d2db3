"""What is said of forces that were compared: a correlation, a bound where there is one, reasons."""

import re

import numpy as np
import pandas as pd
import pytest
from ase.build import molecule
from ase.io import write
from scipy.stats import spearmanr

from audits import audit, write_page
from descriptor_sensitivity.audit import forces
from descriptor_sensitivity.audit.forces_outcome import outcome, rank_correlation
from descriptor_sensitivity.drawing.forces import draw_forces
from descriptor_sensitivity.files import write_csv

MODEL = {"kind": "mlip", "library": "module", "model": "own:features", "cutoff": 5.0}


def table_of(along, error, sensitivity=0.1, model=0.5):
    count = len(along)
    table = pd.DataFrame({"reference_force": along, "error": error, "sensitivity": sensitivity})
    more = {"error_rmse": 0.2, "reference_norm": np.arange(count, 0.0, -1), "model_force": model}
    return table.assign(**more)


def said(table, **left_out):
    reasons = {getattr(forces, name): count for name, count in left_out.items()}
    return outcome(table, reasons, 1e6, 5)["because"]


def test_the_correlation_is_that_of_ranks_with_a_bootstrap_interval():
    rng = np.random.default_rng(2)
    x = rng.normal(size=40).round(1)  # with equal ones
    y = x + rng.normal(size=40)
    value, low, high = rank_correlation(x, y, 5)
    assert value == pytest.approx(spearmanr(x, y).statistic, abs=1e-12)
    assert -1 < low < value < high < 1 and (low, high) == rank_correlation(x, y, 5)[1:]
    assert (low, high) != rank_correlation(x, y, 6)[1:]
    draws = [rng.integers(40, size=40) for _ in range(1000)]
    ends = np.quantile([spearmanr(x[d], y[d]).statistic for d in draws], [0.025, 0.975])
    np.testing.assert_allclose([low, high], ends, atol=0.06)
    assert rank_correlation(x, -y, 5)[0] == pytest.approx(-value)
    assert np.isnan(rank_correlation(x, np.ones(40), 5)).all()
    assert np.isnan(rank_correlation(x[:0], y[:0], 5)).all()


def test_the_correlation_is_said_with_its_uncertainty():
    along = np.arange(10.0)
    found = outcome(table_of(along, along**2), {}, 1e6, 5)
    assert (found["correlation"], found["correlation_of_norm"]) == (1.0, -1.0)
    text = found["because"]
    assert "10 of 10 structures are compared." in text
    assert "is 1.00 (n = 10; 95 % of 2000 bootstrap resamples, seed 5, lie between 1.00" in text
    assert "which knows nothing of the descriptor, is -1.00" in text
    assert "At the median |F·u| is 4.5 eV/Å and |f·u| 0.5" in text


def test_few_or_equal_structures_have_no_correlation():
    few = outcome(table_of(np.arange(9.0), np.arange(9.0)), {}, 1e6, 5)
    assert np.isnan(few["correlation"]) and np.isnan(few["correlation_of_norm"])
    assert "For a rank correlation 9 are too few (10 at least)." in few["because"]
    assert "There is no rank correlation" in said(table_of(np.arange(10.0), np.ones(10)))


def test_a_bound_is_said_of_blind_structures_only():
    along = np.arange(10.0)
    none = said(table_of(along, along, sensitivity=1.1e-6))
    assert "In none of them are all centres together blind" in none and "lower bound" not in none
    sensitivity = np.where(along < 2, 1e-6, 0.1)
    some = said(table_of(along, along, sensitivity, model=np.where(along < 2, 3e-9, 5.0)))
    assert "In 2 of them all centres together are blind to the move (CN of 1,000,000" in some
    assert "|f·u| is at most 3e-09 eV/Å there, and but for that |F·u| is a lower bound" in some


def test_where_the_model_has_a_force_along_the_move_there_is_no_bound():
    """Of a layer that is not the last, or of one atom: others see what it does not."""
    along = np.arange(1.0, 11.0)
    blind = np.full(10, 1e-7)
    felt = said(table_of(along, along, blind, model=0.011 * along))
    assert "yet the model has a force along it, |f·u| up to 0.1 eV/Å" in felt
    assert "is no bound of the error" in felt and "lower bound" not in felt
    model = np.where(along < 4, 0.009 * along, 900.0)
    mixed = said(table_of(along, along, blind, model=model))
    assert "In 10 of them" in mixed and "at most 0.03 eV/Å in 3 of these" in mixed


def test_nothing_to_compare_is_one_sentence():
    nothing = table_of(np.zeros(0), np.zeros(0))
    assert said(nothing) == "No structure was judged as a whole, so no forces are compared."
    assert said(nothing, NO_FORCES=3).startswith("The file holds no forces")
    assert said(nothing, NO_ENERGY=3).startswith("The model gives no energy")
    mixed = said(nothing, NO_FORCES=3, PERIODIC=2)
    assert mixed.startswith("0 of 5 structures are compared; left out: 2 periodic, of which a")
    assert "3 without forces in the file." in mixed


def test_what_is_left_out_is_counted():
    along = np.arange(10.0)
    text = said(table_of(along, along), NO_FORCES=2, NOT_FINITE=1)
    assert "10 of 13 structures are compared; left out: 1 with forces in the file that are" in text
    text = said(table_of(along, along), NO_ENERGY=2)
    assert "10 of 12 structures are compared; left out: 2 for which the model gives no" in text
    text = said(table_of(along, along), NO_FORCES=2)
    assert "10 of 12 structures are compared; left out: 2 without forces in the file." in text


def test_the_drawing_shows_structures_without_a_force_too():
    along = np.arange(1.0, 11.0)
    table = table_of(along, along + 1, np.where(along < 3, 1e-6, 0.1))
    (axes,) = draw_forces(table, 1e6).axes
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    points = {one.get_label(): len(one.get_offsets()) for one in axes.collections}
    assert points == {"seen by some centre": 8, "all centres blind": 2}
    (axes,) = draw_forces(table_of(along - 1, along), 1e6).axes
    assert (axes.get_xscale(), axes.get_yscale()) == ("linear", "log")
    assert [one.get_label() for one in axes.collections] == ["seen by some centre"]


def words(page):
    return " ".join(re.sub(r"<[^>]+>", " ", page.read_text().partition("<script>")[0]).split())


def test_the_page_shows_what_came_out(tmp_path):
    """Of a potential that has forces and of one that has none; nothing of a density."""
    write(tmp_path / "mine.xyz", [molecule("CH4"), molecule("NH3")], format="extxyz")
    whole = audit(tmp_path / "mine.xyz", tmp_path)
    assert "displacement" not in pd.read_csv(whole / "structures.csv").columns
    along = np.arange(1.0, 11.0)
    table = table_of(along, along + 1).assign(representation="rep")
    drawings = []
    for some, left_out in ((table, {}), (table[:0], {forces.NO_FORCES: 2})):
        found = outcome(some, left_out, 1e6, 5)
        tables = [tmp_path / "forces.csv", tmp_path / "forces_summary.csv"]
        write_csv(some, tables[0])
        write_csv(pd.DataFrame([{"representation": "rep", **found}]), tables[1])
        page = write_page(whole, "mine", descriptor=MODEL, forces=tables)
        text = words(page)
        assert found["because"] in text and "promises nothing for others" in text
        drawings.append(page.read_text().count("rep: errors of forces"))
    assert drawings == [1, 0]
    assert "Forces in the file" not in words(write_page(whole, "mine"))
