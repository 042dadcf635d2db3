"""Sweep sheets and the statistics of their points."""

import numpy as np
import pandas as pd
import pytest

from descriptor_sensitivity.claims.judge import rows
from descriptor_sensitivity.descriptors.density import Density
from descriptor_sensitivity.descriptors.radial import complete_basis, gto_basis
from descriptor_sensitivity.drawing.style import full_grid
from descriptor_sensitivity.environments import batch_from_vectors
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.files import read_csv, write_csv
from descriptor_sensitivity.singular import condition_number, sensitivities
from descriptor_sensitivity.structures.methane import random_methane
from descriptor_sensitivity.sweeps import (
    Point,
    bootstrap_error,
    by_structure,
    read_sheet,
    summarise,
    sweep,
    table_of,
)

HEAD = "nu\tradial_basis\tn_max\tl_max\tsigma\tcenter_weight\n"


def test_bootstrap_error_is_that_of_a_mean():
    values = np.random.default_rng(0).normal(size=2000)
    assert np.isclose(bootstrap_error(values, 1000, 1), 1 / np.sqrt(2000), rtol=0.1)
    assert bootstrap_error(values, 50, 1) == bootstrap_error(values, 50, 1)


def test_summary():
    summary = summarise(np.arange(1.0, 102.0), 100, 0)
    assert summary["n_structures"] == 101
    assert summary["mean"] == 51 and summary["median"] == 51 and summary["max"] == 101
    assert summary["q05"] == 6


def test_a_complete_basis_has_no_size_and_a_centre_its_weight(tmp_path):
    sheet = tmp_path / "sheet.tsv"
    sheet.write_text(
        HEAD + "3\tcomplete\t-\t6\t0.1\t0\n2\tgto\t4\t6\t0.1\t0.5\n2\tgto\t4\t6\t0.1\t0\n"
    )
    points = read_sheet(sheet)
    assert points[0] == Point(3, "complete", None, 6, 0.1, 0.0)
    assert points[1] == Point(2, "gto", 4, 6, 0.1, 0.5)
    names = ["nu3_complete_l6_sigma0.1", "nu2_gto_n4_l6_sigma0.1_center0.5"]
    assert [str(point) for point in points] == [*names, "nu2_gto_n4_l6_sigma0.1"]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("2\tcomplete\t4\t6\t0.1\t0\n", "`n_max` is - for the radial basis `complete`.* not '4'"),
        ("2\tgto\t-\t6\t0.1\t0\n", "a number for every other, not '-' for `gto`"),
        ("2\tgto\t4\t6\t0.1\t-1\n", "`center_weight` is greater than or equal to 0"),
    ],
)
def test_what_a_sheet_cannot_ask_for(tmp_path, row, words):
    sheet = tmp_path / "sheet.tsv"
    sheet.write_text(HEAD + row)
    with pytest.raises(InputError, match=words):
        read_sheet(sheet)


def test_every_point_is_of_its_own_basis_and_centre(tmp_path):
    batch = batch_from_vectors(random_methane(3, 1))
    points = [
        Point(2, "complete", None, 3, 0.3),
        Point(2, "gto", 3, 3, 0.3),
        Point(2, "gto", 3, 3, 0.3, 1.0),
    ]
    folders = tmp_path / "points", tmp_path / "bases"
    found = sweep(points, [batch], [batch], 4.0, 10, *folders, {"code": "x"})
    for arrays, radial, weight in zip(
        found,
        (complete_basis(3, 0.3, 4.0), *2 * (gto_basis(3, 3, 0.3, 4.0),)),
        (0, 0, 1),
        strict=True,
    ):
        expected = condition_number(sensitivities(Density(2, radial, center_weight=weight), batch))
        np.testing.assert_allclose(arrays["condition_number"], expected, rtol=1e-9)


def test_a_table_keeps_whole_numbers_beside_a_missing_size(tmp_path):
    points = [Point(2, "gto", 4, 6, 0.1), Point(2, "complete", None, 6, 0.1)]
    write_csv(table_of([point._asdict() for point in points]), tmp_path / "table.csv")
    text = (tmp_path / "table.csv").read_text().splitlines()
    assert text[1:] == ["2,gto,4,6,0.1,0", "2,complete,,6,0.1,0"]
    table = read_csv(tmp_path / "table.csv")
    assert table.n_max[0] == 4 and str(table.n_max[0]) == "4" and table.n_max.isna()[1]


def values(nu: int, weight: float, n_max: int | None = 4) -> pd.DataFrame:
    """Condition numbers of three structures that tell order and weight."""
    table = pd.DataFrame({"structure": range(3), "condition_number": 10 * nu + weight})
    return table.assign(nu=nu, n_max=n_max, l_max=6, center_weight=weight)


def test_structures_are_compared_for_each_weight_of_the_centre():
    every = [values(1, 0.0), values(2, 0.0), values(3, 0.0), values(2, 1.0), values(3, 1.0)]
    every += [values(1, 0.0, 8), values(2, 0.0, 8), *(values(nu, 0.0, None) for nu in (1, 2, 3))]
    table = by_structure(pd.concat(every).astype({"n_max": "Int64"}), 2)
    found = table[["n_max", "center_weight", "structure", "nu1", "nu2", "nu3"]].to_numpy().tolist()
    assert found == [
        [4, 0, 0, 10, 20, 30],
        [4, 0, 1, 10, 20, 30],
        [4, 1, 0, 10, 21, 31],
        [4, 1, 1, 10, 21, 31],
    ]


def test_claims_read_the_neighbours_alone_unless_they_say_so():
    tables = {"t": pd.DataFrame({"nu": [2, 2], "center_weight": [0.0, 1.0], "mean": [5.0, 9.0]})}
    assert rows(tables, "t", nu=2)["mean"].tolist() == [5]
    assert rows(tables, "t", nu=2, center_weight=1)["mean"].tolist() == [9]


def test_a_heat_map_shows_the_largest_full_grid():
    grid = [(n, l_max) for n in (2, 4, 8) for l_max in (2, 6, 10)]
    points = pd.DataFrame([*grid, (4, 30), (8, 30), (20, 30), (12, 6)], columns=["n_max", "l_max"])
    found = full_grid(points.sample(frac=1, random_state=0))
    assert sorted(zip(found.n_max, found.l_max, strict=True)) == sorted(grid)
