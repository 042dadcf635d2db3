"""A run killed anywhere goes on to the same bytes, and two clean runs give the same bytes."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from support import copy_project, environment

pytestmark = pytest.mark.slow

OVERLAY = """
structures: {methane: {count: 24}}
density: {n_primitive: 40, fit_structures: 24}
sweeps:
  sheets:
    {fig4: sheet.tsv, fig4_theory: sheet.tsv, fig5: sheet.tsv, fig6: config/sweeps/quick/fig6.tsv}
  n_structures: 24
  n_scatter: 24
  bootstrap: 50
"""
SHEET = "nu\tradial_basis\tn_max\tl_max\tsigma\n1\tgto\t3\t3\t0.3\n2\toptimal\t3\t3\t0.3\n"
TARGETS = ["results/tables/condition_numbers.csv", "results/figures/fig6.png"]

MOMENTS = {
    "structures are being written": "results/logs/prepare_structures/methane.log",
    "the first points are there": "results/sensitivity/points/*",
    "the sweep is done, the figure is not": "results/sensitivity/fig6.csv",
}


def copy_of(folder: Path) -> Path:
    copy_project(folder)
    (folder / "small.yaml").write_text(OVERLAY)
    (folder / "sheet.tsv").write_text(SHEET)
    return folder


def start(project: Path, *arguments: str) -> subprocess.Popen:
    """Snakemake in a process group of its own, as a terminal would start it."""
    command = [sys.executable, "-m", "snakemake", "--cores", "2", "--configfile", "small.yaml"]
    command += ["--workflow-profile", "workflow/profiles/default", *arguments]
    log = (project / "run.log").open("a")
    return subprocess.Popen(
        command,
        cwd=project,
        env=environment(OMP_NUM_THREADS="1"),
        stdout=log,
        stderr=log,
        start_new_session=True,
    )


def finish(project: Path, *arguments: str) -> None:
    process = start(project, *arguments)
    assert process.wait(timeout=300) == 0, (project / "run.log").read_text()[-3000:]


def kill_when(project: Path, pattern: str) -> None:
    """Start the run and kill it, with all its jobs, once a file matches `pattern`."""
    process = start(project, *TARGETS)
    deadline = time.monotonic() + 300
    while not any(project.glob(pattern)):
        assert process.poll() is None, (project / "run.log").read_text()[-3000:]
        assert time.monotonic() < deadline, f"{pattern} never appeared"
        time.sleep(0.005)
    os.killpg(process.pid, signal.SIGKILL)
    assert process.wait(timeout=60) != 0, "the run was over before it could be killed"


def contents(project: Path) -> dict[str, bytes]:
    """Every result but logs and what holds measured times."""
    timed = {"logs", "benchmarks", "points"}
    results = project / "results"
    return {
        str(file.relative_to(results)): file.read_bytes()
        for file in sorted(results.rglob("*"))
        if file.is_file() and not timed & set(file.relative_to(results).parts)
    }


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The results of one run that nothing disturbed."""
    project = copy_of(tmp_path_factory.mktemp("undisturbed"))
    finish(project, *TARGETS)
    return contents(project)


def test_killed_three_times_and_resumed(expected, tmp_path):
    project = copy_of(tmp_path)
    for pattern in MOMENTS.values():
        kill_when(project, pattern)
        finish(project, "--unlock")
    finish(project, *TARGETS)
    found = contents(project)
    assert found.keys() == expected.keys()
    differing = [name for name in expected if found[name] != expected[name]]
    assert not differing
