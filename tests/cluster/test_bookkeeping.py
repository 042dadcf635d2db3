"""An audit of 2000 chunks: what Snakemake has to know of it takes seconds, not hours."""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from support import ROOT, environment

N_CHUNKS = 2000
OVERLAY = """
descriptors:
  soap: {kind: density, nu: 2, radial_basis: gto, n_max: 8, l_max: 6, sigma: 0.3, cutoff: 4.0}
audit:
  datasets: {mine: {path: mine.xyz, descriptors: [soap]}}
"""


@pytest.fixture
def cut(tmp_path) -> Path:
    """A folder in which a data set has been cut into chunks, all of them empty."""
    pieces = tmp_path / "results/audit/mine/pieces"
    (pieces / "chunks").mkdir(parents=True)
    (tmp_path / "mine.yaml").write_text(OVERLAY)
    (tmp_path / "mine.xyz").touch()
    os.utime(tmp_path / "mine.xyz", (time.time() - 3600,) * 2)
    for number in range(N_CHUNKS):
        (pieces / "chunks" / f"{number:06d}.parquet").touch()
    (pieces / "chunks/.snakemake_timestamp").touch()
    (pieces / "sample.parquet").touch()
    (pieces / "frames.json").write_text(json.dumps({"n_chunks": N_CHUNKS}))
    return tmp_path


@pytest.mark.slow
def test_two_thousand_chunks_are_planned_in_seconds(cut):
    command = [sys.executable, "-m", "snakemake", "-n", "-s", str(ROOT / "workflow/Snakefile")]
    command += ["--workflow-profile", str(ROOT / "workflow/profiles/slurm")]
    command += ["--configfile", "mine.yaml", "--rerun-triggers", "mtime", "--quiet", "rules", "--"]
    command += ["results/audit/mine/environments.csv", "results/audit/mine/structures.csv"]
    before = os.times()
    done = subprocess.run(command, cwd=cut, env=environment(), capture_output=True, text=True)
    after = os.times()
    assert done.returncode == 0, done.stderr[-2000:]
    counts = dict(re.findall(r"^(\w+) +(\d+)$", done.stdout, re.M))
    for rule in ("audit_chunk", "diagnose_chunk", "judge_structures"):
        assert counts[rule] == str(N_CHUNKS), done.stdout[-2000:]
    seconds = after.children_user - before.children_user
    loops = seconds / loop()
    print(f"{seconds:.1f} s of processor time, {loops:.1f} loops")
    assert loops < 160, "bookkeeping of a cluster run: twice what it takes"


def loop() -> float:
    """Processor time of a loop of Python: the unit, as machines differ."""
    started, total = time.process_time(), 0
    for number in range(10**7):
        total += number
    return time.process_time() - started
