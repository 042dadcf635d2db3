"""The workflow end to end, in a temporary copy of the repository."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from support import ROOT, copy_project
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


def listed(project: Path, *overlays: str) -> set[str]:
    """The rules that a dry run would start."""
    done = snakemake(project, TABLE, *FIGURES, "-n", overlays=overlays)
    assert done.returncode == 0, done.stderr
    return set(re.findall(r"^(?:local)?rule (\w+):$", done.stdout + done.stderr, re.MULTILINE))


@pytest.mark.parametrize(
    ("module", "old", "new", "rules"),
    [
        (
            "theory/limits.py",
            "16 * np.pi**1.5",
            "17 * np.pi**1.5",
            {"compute_limits", "draw_fig4_theory"},
        ),
        ("drawing/fig5.py", "TOP = 2e3", "TOP = 3e3", {"draw_fig5"}),
        ("theory/limits.py", '"""1 / sqrt(16', '"""One over sqrt(16', set()),
    ],
)
def test_a_change_of_code_reruns_what_depends_on_it(computed, module, old, new, rules) -> None:
    path = computed / "src/descriptor_sensitivity" / module
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    try:
        assert listed(computed) == rules
    finally:
        path.write_text(text)


def test_a_change_of_a_setting_reruns_what_depends_on_it(computed, tmp_path) -> None:
    overlay = tmp_path / "overlay.yaml"
    sweeps = {"condition_numbers", "merge_sweeps", "compare_orders"}
    sweeps |= {"draw_fig4", "draw_fig5", "draw_fig6"}
    limits = {"compute_limits", "draw_fig4_theory"}
    for text, rules in {
        "structures: {methane: {seed: 7}}": {"prepare_structures"} | limits | sweeps,
        "sweeps: {bootstrap: 20}": sweeps,
        "sweeps: {n_scatter: 5}": {"compare_orders", "draw_fig6"},
        "sweeps: {n_theory: 5}": limits,
        "comment: {frames: {temperature: 1000.0}}": set(),
    }.items():
        overlay.write_text(text)
        assert listed(computed, str(overlay)) == rules, text


def test_new_row_of_a_sweep_costs_that_row_alone(computed: Path) -> None:
    points = computed / "results/sensitivity/points"
    before = {path: path.stat().st_mtime_ns for path in points.iterdir()}
    sheet = computed / "config/sweeps/quick/fig6.tsv"
    sheet.write_text(sheet.read_text() + "2\tgto\t3\t3\t0.25\t0\n")
    done = snakemake(computed, "results/sensitivity/fig6.csv")
    assert done.returncode == 0, done.stderr
    after = {path: path.stat().st_mtime_ns for path in points.iterdir()}
    assert {path: after[path] for path in before} == before
    assert len(after) == len(before) + 1
    assert len(pd.read_csv(computed / "results/sensitivity/fig6.csv")) == 14


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "density: {cutof: 3.0}\n",
            "line 1: there is no key `density.cutof`; did you mean `cutoff`?",
        ),
        ("a: 1\nb: 2\nc: 3\nd: 4\ne: 5\nf: 6\n", "and 4 more: `c`, `d`, `e`, `f`."),
        (
            "density:\n  cutoff: 1.0\n  cutoff: 2.0\n",
            "line 3: `density.cutoff` stands here a second",
        ),
    ],
)
def test_a_wrong_configuration_is_a_few_lines_at_once(project, tmp_path, text, words) -> None:
    overlay = tmp_path / "overlay.yaml"
    overlay.write_text(text)
    started = time.monotonic()
    done = snakemake(project, TABLE, "-n", overlays=(str(overlay),))
    assert time.monotonic() - started < 10  # twice what is asked for, on a busy machine
    said = (done.stdout + done.stderr).splitlines()
    assert done.returncode == 3
    assert len(said) <= 5 and "Traceback" not in done.stderr
    assert any(str(overlay) in line for line in said) and words in "\n".join(said)


def test_bad_row_of_a_sheet_is_one_sentence(computed: Path) -> None:
    sheet = computed / "config/sweeps/quick/fig5.tsv"
    text = sheet.read_text()
    sheet.write_text(text + "2\toptimal\t4\t-3\t0.1\n")
    done = snakemake(computed, "results/sensitivity/fig5.csv")
    sheet.write_text(text)
    assert done.returncode != 0
    assert "error: config/sweeps/quick/fig5.tsv, line" in done.stderr


DOCUMENT = [sys.executable, str(ROOT / "scripts/document_configuration.py")]


@pytest.mark.skipif(os.geteuid() != 0, reason="mounts a small disk: root only")
def test_a_full_disk_is_one_sentence(tmp_path: Path) -> None:
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", tmp_path])
    if mounted.returncode != 0:
        pytest.skip("no disk can be mounted here")
    try:
        options = ["--schema", str(tmp_path / "schema"), "--page", str(tmp_path / "page")]
        done = subprocess.run([*DOCUMENT, *options], cwd=ROOT, capture_output=True, text=True)
    finally:
        subprocess.run(["umount", tmp_path], check=True)
    assert done.returncode == 3
    assert done.stderr == f"error: {tmp_path}/schema cannot be written: No space left on device.\n"


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    options = ["--schema", str(tmp_path / "file/schema"), "--page", str(tmp_path / "page")]
    done = subprocess.run([*DOCUMENT, *options], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 3
    assert done.stderr == f"error: {tmp_path}/file/schema cannot be written: File exists.\n"
