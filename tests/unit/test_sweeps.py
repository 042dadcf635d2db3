"""Sweep sheets and the statistics of their points."""

import numpy as np
import pytest

from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.sweeps import Point, bootstrap_error, read_sheet, summarise

HEAD = "nu\tradial_basis\tn_max\tl_max\tsigma\n"


def sheet(tmp_path, text: str):
    path = tmp_path / "sheet.tsv"
    path.write_text(text)
    return path


def test_sheet_is_read_without_repetitions(tmp_path):
    rows = "1\toptimal\t4\t6\t0.1\n2\tgto\t8\t6\t0.3\n1\toptimal\t4\t6\t0.1\n"
    points = read_sheet(sheet(tmp_path, HEAD + rows))
    assert points == [Point(1, "optimal", 4, 6, 0.1), Point(2, "gto", 8, 6, 0.3)]


@pytest.mark.parametrize(
    "text, words",
    [
        (HEAD, "no rows"),
        ("nu\tbasis\n1\tgto\n", "columns"),
        (HEAD + "2\tbessel\t4\t6\t0.1\n", "line 2"),
        (HEAD + "2\tgto\t4\t-1\t0.1\n", "line 2"),
        (HEAD + "2\tgto\t4\t6\t0\n", "line 2"),
        (HEAD + "2\tgto\t4\tsix\t0.1\n", "line 2: one of the values is not a number"),
        (HEAD + "4\tgto\t4\t6\t0.1\n", "nu is 1, 2 or 3"),
    ],
)
def test_bad_rows_are_named(tmp_path, text, words):
    with pytest.raises(InputError, match=words):
        read_sheet(sheet(tmp_path, text))


def test_missing_sheet_is_named(tmp_path):
    with pytest.raises(InputError, match=r"none\.tsv does not exist"):
        read_sheet(tmp_path / "none.tsv")


def test_bootstrap_error_is_that_of_a_mean():
    values = np.random.default_rng(0).normal(size=2000)
    assert np.isclose(bootstrap_error(values, 1000, 1), 1 / np.sqrt(2000), rtol=0.1)
    assert bootstrap_error(values, 50, 1) == bootstrap_error(values, 50, 1)


def test_summary():
    summary = summarise(np.arange(1.0, 102.0), 100, 0)
    assert summary["n_structures"] == 101
    assert summary["mean"] == 51 and summary["median"] == 51 and summary["max"] == 101
    assert summary["q05"] == 6
