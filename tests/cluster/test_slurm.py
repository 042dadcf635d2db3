"""The audit and a figure on a real Slurm: a killed job is retried, the bytes are the local ones."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml
from ase.io import write

from descriptor_sensitivity.structures.methane import methane_frames, random_methane
from support import copy_project

pytestmark = [pytest.mark.slurm, pytest.mark.slow]

TARGETS = [
    "results/audit/mine/environments.csv",
    "results/audit/mine/summary.csv",
    "results/audit/mine/findings.csv",
    "results/audit/mine/structures.csv",
    "results/audit/mine/worst_structures.xyz",
    "results/figures/fig6.png",
]
DENSITY = {
    "kind": "density",
    "nu": 2,
    "radial_basis": "gto",
    "n_max": 4,
    "l_max": 3,
    "sigma": 0.3,
    "cutoff": 4.0,
}
OVERLAY = {
    "structures": {"methane": {"count": 24}},
    "density": {"n_primitive": 40, "fit_structures": 24},
    "sweeps": {
        "sheets": {"fig6": "config/sweeps/quick/fig6.tsv"},
        "n_structures": 24,
        "n_scatter": 24,
        "bootstrap": 50,
    },
    "descriptors": {"small": DENSITY},
    "audit": {
        "datasets": {"mine": {"path": "mine.xyz", "descriptors": ["small"]}},
        "chunk_size": 200,
        "sample": 50,
    },
}


@pytest.fixture
def projects(root, tmp_path):
    """Two copies of the project with the same data set of methane, one for each way to run."""
    made = {}
    for name in ("cluster", "local"):
        project = made[name] = tmp_path / name
        copy_project(project)
        (project / "small.yaml").write_text(yaml.safe_dump(OVERLAY))
        frames = methane_frames(random_methane(200, seed=3))
        write(project / "mine.xyz", frames, format="extxyz")
    return made


def start(
    project: Path, *arguments: str, targets: list[str] = TARGETS, programs: str = os.environ["PATH"]
) -> subprocess.Popen:
    command = [sys.executable, "-m", "snakemake", "--configfile", "small.yaml", *arguments]
    path = f"{Path(sys.executable).parent}:{programs}"
    return subprocess.Popen(
        [*command, "--", *targets],
        cwd=project,
        env={**os.environ, "PATH": path, "OMP_NUM_THREADS": "1"},
        stdout=(project / "run.log").open("w"),
        stderr=subprocess.STDOUT,
    )


def running_job(slurm, rule: str) -> str | None:
    """The id of a running job of a rule."""
    jobs = slurm.ask("squeue", "--noheader", "--states=RUNNING", "--format=%i %k")
    return next((line.split()[0] for line in jobs.splitlines() if f"rule_{rule}_" in line), None)


def memory_of_jobs(slurm, rule: str) -> dict[str, int]:
    """Job id -> memory that was asked for (MB), of the jobs of a rule that are there now."""
    jobs = slurm.ask("squeue", "--noheader", "--states=all", "--format=%i %m %k").splitlines()
    mine = [line.split() for line in jobs if f"rule_{rule}_" in line]
    return {
        job: round(float(size[:-1]) * (1000 if size[-1] == "G" else 1)) for job, size, _ in mine
    }


def test_audit_and_figure_through_slurm(slurm, projects):
    cluster, local = projects["cluster"], projects["local"]
    run = start(cluster, "--workflow-profile", "workflow/profiles/slurm")
    killed, asked = None, {}
    while run.poll() is None:
        asked |= memory_of_jobs(slurm, "audit_chunk")
        if killed is None and (killed := running_job(slurm, "audit_chunk")):
            time.sleep(1)  # well inside the job, before its table is written
            slurm.ask("scancel", "--signal=KILL", "--full", killed)
        time.sleep(0.2)
    log = (cluster / "run.log").read_text()
    assert run.returncode == 0, log[-4000:]

    ended = dict(
        re.findall(r"JobId=(\d+) .*JobState=(\w+)", (slurm.folder / "jobs.txt").read_text())
    )
    assert ended.pop(killed) != "COMPLETED"
    assert "Trying to restart job" in log
    again = {job: memory for job, memory in asked.items() if job != killed}
    assert list(again.values()) == [2 * asked[killed]], "the second attempt asks for more"
    # prepare, sweep; split, the chunk once more, thresholds, diagnosis, structures
    assert list(ended.values()) == ["COMPLETED"] * 7

    assert start(local, "--cores", "2").wait(timeout=900) == 0, (local / "run.log").read_text()
    for target in TARGETS:
        assert (cluster / target).read_bytes() == (local / target).read_bytes(), target


def test_a_refused_input_is_not_submitted_again(slurm, projects):
    project = projects["cluster"]
    (project / "mine.xyz").write_text("")
    before = (slurm.folder / "jobs.txt").read_text() if (slurm.folder / "jobs.txt").exists() else ""
    target = "results/audit/mine/pieces/frames.json"
    profile = ["--workflow-profile", "workflow/profiles/slurm"]
    assert start(project, *profile, targets=[target]).wait(600) != 0
    log = (project / "run.log").read_text()
    assert "error: " in log and "Trying to restart job" not in log
    after = (slurm.folder / "jobs.txt").read_text().removeprefix(before)
    assert after.count("JobId=") == 1


def test_a_site_without_sacct(slurm, projects, tmp_path):
    """The same profile where there is no accounting program at all."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for folder in os.environ["PATH"].split(":"):
        for program in Path(folder).iterdir() if Path(folder).is_dir() else []:
            link = programs / program.name
            if program.name not in ("sacct", "sacctmgr", "sshare") and not link.is_symlink():
                link.symlink_to(program)
    target = "results/structures/methane.xyz"
    profile = ["--workflow-profile", "workflow/profiles/slurm"]
    run = start(projects["cluster"], *profile, targets=[target], programs=str(programs))
    assert run.wait(600) == 0, (projects["cluster"] / "run.log").read_text()[-4000:]
    assert (projects["cluster"] / target).exists()
