"""The workflow end to end, in a temporary copy of the repository."""

from pathlib import Path

import pandas as pd
import pytest

from support import copy_project
from support import snakemake as run

QUICK = ("--configfile", "config/quick.yaml")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what the workflow needs, without results."""
    return copy_project(tmp_path_factory.mktemp("project"))


def snakemake(project: Path, *arguments: str, overlays: tuple[str, ...] = ()):
    """Run Snakemake in the copy with the small settings."""
    return run(project, *arguments, *QUICK, *overlays)


FIGURES = [f"results/figures/{name}.png" for name in ("fig4", "fig4_theory", "fig5", "fig6")]
TABLE = "results/tables/condition_numbers.csv"


@pytest.fixture(scope="module")
def computed(project: Path) -> Path:
    """The copy with Figures 4 to 6 and their table."""
    done = snakemake(project, TABLE, *FIGURES)
    assert done.returncode == 0, done.stderr
    return project


def test_figures_and_their_data_are_there(computed: Path) -> None:
    for figure in FIGURES:
        assert (computed / figure).stat().st_size > 10_000
        assert (computed / figure).with_suffix(".pdf").exists()
    data = {path.name for path in (computed / "results/figures/data").glob("*.csv")}
    assert {"fig4_left.csv", "fig5_right.csv", "fig6_center.csv", "fig4_theory_gram.csv"} <= data
    table = pd.read_csv(computed / TABLE)
    wanted = {"nu", "radial_basis", "n_max", "l_max", "sigma", "n_structures", "mean"}
    assert wanted | {"mean_error", "median", "max"} <= set(table.columns)
    assert (table["mean"] >= table["median"] * 0.9).mean() > 0.9


def test_second_run_has_nothing_to_do(computed: Path) -> None:
    again = snakemake(computed, TABLE, *FIGURES)
    assert "Nothing to be done" in again.stdout + again.stderr


def test_new_row_of_a_sweep_costs_that_row_alone(computed: Path) -> None:
    points = computed / "results/sensitivity/points"
    before = {path: path.stat().st_mtime_ns for path in points.iterdir()}
    sheet = computed / "config/sweeps/quick/fig6.tsv"
    sheet.write_text(sheet.read_text() + "2\tgto\t3\t3\t0.25\n")
    done = snakemake(computed, "results/sensitivity/fig6.csv")
    assert done.returncode == 0, done.stderr
    after = {path: path.stat().st_mtime_ns for path in points.iterdir()}
    assert {path: after[path] for path in before} == before
    assert len(after) == len(before) + 1
    assert len(pd.read_csv(computed / "results/sensitivity/fig6.csv")) == 7


def test_misspelt_key_is_refused_before_anything_runs(project: Path, tmp_path: Path) -> None:
    overlay = tmp_path / "overlay.yaml"
    overlay.write_text("density: {cutof: 3.0}\n")
    done = snakemake(project, TABLE, "-n", overlays=(str(overlay),))
    assert done.returncode != 0
    assert "cutof" in done.stdout + done.stderr


def test_bad_row_of_a_sheet_is_one_sentence(computed: Path) -> None:
    sheet = computed / "config/sweeps/quick/fig5.tsv"
    text = sheet.read_text()
    sheet.write_text(text + "2\toptimal\t4\t-3\t0.1\n")
    done = snakemake(computed, "results/sensitivity/fig5.csv")
    sheet.write_text(text)
    assert done.returncode != 0
    assert "error: config/sweeps/quick/fig5.tsv, line" in done.stderr
