"""What is submitted again: a job that was killed, not one that refused its input."""

import subprocess
from pathlib import Path

import pytest
from ase.io import write

from descriptor_sensitivity.structures.methane import methane_frames, random_methane
from support import ROOT, snakemake

pytestmark = pytest.mark.slow

FRAMES = "results/audit/mine/pieces/frames.json"
OVERLAY = "audit: {datasets: {mine: {path: mine.xyz, descriptors: [nu2]}}}\n"
DYING = """
import os, signal, sys

if sys.orig_argv[1:2] and sys.orig_argv[1].endswith("split_dataset.py"):
    with open({attempts!r}, "a+") as file:
        file.write("x\\n")
        file.seek(0)
        count = len(file.readlines())
    if count <= {times}:
        os.kill(os.getpid(), signal.SIGKILL)
"""
"""What Python reads when it starts: it is killed the first times that it runs a script."""


def run(folder: Path, times: int) -> subprocess.CompletedProcess[str]:
    """The first step of an audit, two retries, with a Python that dies as often."""
    (folder / "mine.yaml").write_text(OVERLAY)
    (folder / "site").mkdir()
    dying = DYING.format(times=times, attempts=str(folder / "attempts"))
    (folder / "site/sitecustomize.py").write_text(dying)
    arguments = ("-s", str(ROOT / "workflow/Snakefile"), "--retries", "2")
    arguments += ("--configfile", "mine.yaml", "--", FRAMES)
    return snakemake(folder, *arguments, PYTHONPATH=str(folder / "site"))


def attempts(folder: Path) -> int:
    return len((folder / "attempts").read_text().splitlines())


def test_a_killed_job_is_tried_again_and_succeeds(tmp_path):
    write(tmp_path / "mine.xyz", methane_frames(random_methane(5, seed=0)), format="extxyz")
    done = run(tmp_path, times=1)
    assert done.returncode == 0, done.stderr[-3000:]
    assert attempts(tmp_path) == 2 and (tmp_path / FRAMES).exists()


def test_a_job_that_keeps_dying_is_given_up(tmp_path):
    write(tmp_path / "mine.xyz", methane_frames(random_methane(5, seed=0)), format="extxyz")
    done = run(tmp_path, times=9)
    assert done.returncode != 0
    assert attempts(tmp_path) == 3
    log = "results/logs/split_dataset/mine.log"
    assert (tmp_path / log).read_text().startswith("killed: by the system")
    assert f"fewer jobs at once (make CORES=1). ({log})" in done.stderr


def test_an_input_that_is_refused_is_not_tried_again(tmp_path):
    (tmp_path / "mine.xyz").touch()  # an empty file
    done = run(tmp_path, times=0)
    assert done.returncode != 0 and "error: " in done.stderr
    assert attempts(tmp_path) == 1


def test_a_failure_of_the_system_is_tried_again(tmp_path):
    """Status 1, "No such device": a disk may come back."""
    (tmp_path / "mine.xyz").symlink_to("/proc/self/mem")
    done = run(tmp_path, times=0)
    assert done.returncode != 0
    assert attempts(tmp_path) == 3, done.stderr[-2000:]
