"""The audit and the download as Snakemake runs them: killed and resumed, and with bad settings."""

import functools
import gzip
import http.server
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import yaml
from ase.io import read, write

from descriptor_sensitivity.structures.download import file_md5
from descriptor_sensitivity.structures.methane import methane_frames, random_methane
from support import ROOT, copy_project, environment

pytestmark = pytest.mark.slow

DENSITY = {
    "kind": "density",
    "nu": 2,
    "radial_basis": "gto",
    "n_max": 4,
    "l_max": 3,
    "sigma": 0.3,
    "cutoff": 4.0,
}


@pytest.fixture
def project(root, tmp_path):
    """A copy of the project beside a file of 200 methanes."""
    copy_project(tmp_path)
    write(tmp_path / "mine.xyz", methane_frames(random_methane(200, seed=3)), format="extxyz")
    return tmp_path


def start(project: Path, overlay: dict, *arguments: str) -> subprocess.Popen:
    (project / "mine.yaml").write_text(yaml.safe_dump(overlay))
    command = [sys.executable, "-m", "snakemake", "--configfile", "mine.yaml", "--cores", "2"]
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return subprocess.Popen(
        [*command, *arguments],
        cwd=project,
        env={**os.environ, "PATH": path, "OMP_NUM_THREADS": "1"},
        stdout=(project / "run.log").open("w"),
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def overlay(chunk_size=100, **dataset):
    return {
        "descriptors": {"small": DENSITY, "omfp": {"kind": "omfp", "cutoff": 7.0}},
        "audit": {
            "datasets": {"mine": {"path": "mine.xyz", "descriptors": ["small"], **dataset}},
            "chunk_size": chunk_size,
            "sample": 50,
        },
    }


def make(project: Path, *arguments: str) -> subprocess.CompletedProcess:
    """The Makefile in a copy of the project, without setting up an environment."""
    shutil.copy(ROOT / "Makefile", project)
    command = ["make", "-o", ".venv/installed", "CORES=2", *arguments]
    return subprocess.run(
        command, cwd=project, env=environment(), capture_output=True, text=True, timeout=400
    )


def test_one_command_from_a_file_to_its_page(project):
    """make audit DATA=, for a file with spaces in its name; again, nothing is to be done."""
    (project / "mine.xyz").rename(project / "my own.v2.xyz")
    done = make(project, "audit", "DATA=my own.v2.xyz", "CENTER=C")
    assert done.returncode == 0, done.stderr
    page = project / "results" / "audit" / "my-own-v2" / "index.html"
    assert f"Look at {page}" in done.stderr and page.exists()
    assert "soap sees every small move" in done.stderr
    assert (page.parent / "structures.csv").exists()
    again = make(project, "audit", "DATA=my own.v2.xyz", "CENTER=C")
    assert again.returncode == 0 and "rule conclude_audit" not in again.stderr


def test_a_file_without_a_usable_frame_gets_a_page_and_an_error(project):
    done = make(project, "audit", "DATA=mine.xyz", "CENTER=Kr")
    assert done.returncode != 0
    said = "Nothing could be audited in any of 200 frames: 200 no atom of the centre species."
    assert f"error: mine: {said}" in done.stderr
    assert said in (project / "results" / "audit" / "mine" / "index.html").read_text()


def test_a_killed_audit_goes_on_with_the_missing_chunks(project):
    settings = overlay()
    targets = ["results/audit/mine/environments.csv", "results/audit/mine/audit.png"]
    rows = project / "results" / "audit" / "mine" / "pieces" / "rows" / "small"
    # one job at a time: when the second chunk's has begun, the first one's is entered as finished
    run = start(project, settings, "--cores", "1", *targets)
    logs = project / "results" / "logs" / "audit_chunk"
    deadline = time.monotonic() + 120
    while len(list(logs.glob("mine_small_*.log"))) < 2 and time.monotonic() < deadline:
        assert run.poll() is None, (project / "run.log").read_text()
        time.sleep(0.05)
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    finished = {path: path.stat().st_mtime_ns for path in rows.glob("[0-9]*.parquet")}
    assert len(finished) == 1

    assert start(project, settings, "--unlock").wait(60) == 0
    again = start(project, settings, "--rerun-incomplete", *targets)
    assert again.wait(180) == 0, (project / "run.log").read_text()
    log = (project / "run.log").read_text()
    assert "rule split_dataset" not in log and "checkpoint split_dataset" not in log
    assert {path: path.stat().st_mtime_ns for path in finished} == finished
    assert len(list(rows.glob("[0-9]*.parquet"))) == 2
    assert (project / targets[1]).stat().st_size > 0


def test_a_changed_descriptor_reruns_its_own_rows_only(project):
    """OMFP sees hydrogens 6 Å apart, farther than the density that its diagnosis asks."""
    settings = overlay(descriptors=["small", "omfp"])
    target = "results/audit/mine/environments.csv"
    assert start(project, settings, target).wait(300) == 0, (project / "run.log").read_text()
    assert start(project, settings, target, "--dry-run").wait(60) == 0
    assert "Nothing to be done" in (project / "run.log").read_text()

    def rerun(module: str, old: str, new: str) -> set[str]:
        """Jobs that a dry run lists after one edit, which is taken back."""
        file = project / "src" / "descriptor_sensitivity" / module
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new, 1))
        assert start(project, settings, target, "--dry-run").wait(60) == 0
        file.write_text(text)
        log = (project / "run.log").read_text()
        rules = re.findall(r"^(?:local)?(?:rule|checkpoint) (\w+):", log, flags=re.M)
        names = set(re.findall(r"representation=(\w+)", log))
        return set(rules) | names

    omfp = "descriptors/omfp.py"
    chain = {"audit_chunk", "set_thresholds", "diagnose_chunk", "merge_audit"}
    assert rerun(omfp, "WIDTHS =", "WIDTHS = 0;") == {*chain, "omfp"}
    assert rerun("audit/diagnosis.py", "EXACT = 1e-9", "EXACT = 2e-9") == {
        "diagnose_chunk",
        "merge_audit",
        "small",
        "omfp",
    }
    assert not rerun("audit/diagnosis.py", "Å: a structure", "Å: whatever")
    assert rerun("audit/merge.py", "POINTS = 4000", "POINTS = 400") == {"merge_audit"}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"path": "absent.xyz"}, "absent.xyz"),
        ({"descriptors": ["othr"]}, "othr"),
        ({"centre": "C"}, "centre"),
        ({"structures": "nothing"}, "mine"),
    ],
    ids=["no such file", "no such representation", "misspelt key", "two sources"],
)
def test_a_bad_data_set_is_named_before_anything_runs(project, change, sentence):
    run = start(project, overlay(**change), "results/audit/mine/environments.csv")
    assert run.wait(60) != 0
    assert sentence in (project / "run.log").read_text()


@pytest.mark.parametrize("example", ["molecules", "crystals"])
def test_the_examples_are_valid(project, example):
    overlay = yaml.safe_load((project / "config" / "audit" / f"{example}.yaml").read_text())
    shutil.copy(project / "mine.xyz", project / f"{example}.xyz")
    run = start(project, overlay, "--dry-run", f"results/audit/{example}/audit.pdf")
    assert run.wait(60) == 0, (project / "run.log").read_text()


def test_structures_are_downloaded_by_one_key(project):
    """From a server on this machine; the archive is kept, and the frames are chosen from it."""
    served = project / "served"
    served.mkdir()
    archive = served / "methane.extxyz.gz"
    archive.write_bytes(gzip.compress((project / "mine.xyz").read_bytes(), mtime=0))
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=served)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        methane = {"source": "download", "count": 30, "select": "random"}
        methane["urls"] = [f"http://127.0.0.1:{server.server_port}/methane.extxyz.gz"]
        methane["md5"] = file_md5(archive)
        target = "results/structures/methane.xyz"
        run = start(project, {"structures": {"methane": methane}}, target)
        assert run.wait(120) == 0, (project / "run.log").read_text()
        frames = read(project / target, ":")
        assert len(frames) == 30 and frames[-1].info["source_frame"] > 100
        assert (project / "results" / "downloads" / archive.name).exists()

        methane["md5"] = "0" * 32
        (project / "results" / "downloads" / archive.name).unlink()
        run = start(project, {"structures": {"methane": methane}}, target)
        assert run.wait(120) != 0
        log = (project / "run.log").read_text()
        assert "error: http://127.0.0.1" in log and "should be 000" in log
        server.shutdown()
