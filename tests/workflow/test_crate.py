"""The RO-Crate of a run: complete, licensed, valid."""

import json
import subprocess
import zipfile
from pathlib import Path

import pytest

from support import ROOT

pytest.importorskip("rocrate", reason="make docs installs it")

import write_crate  # noqa: E402

VALIDATOR = ROOT / ".venv/crate/bin/python"


@pytest.fixture(scope="module")
def crate(tmp_path_factory) -> Path:
    """The crate of a run of four files, two of which do not belong in it."""
    results = tmp_path_factory.mktemp("run") / "results"
    files = ("report.html", "tables/claims.csv", "figures/fig1.png", "audit/mine/summary.csv")
    for name in (*files, "audit/mine/pieces/rows.parquet", "structures/methane.xyz"):
        (results / name).parent.mkdir(parents=True, exist_ok=True)
        (results / name).write_text("x")
    write_crate.main(["--results", str(results), "--output", str(results / "crate.zip")])
    return results / "crate.zip"


def test_the_crate_holds_results_configuration_versions_and_licences(crate):
    with zipfile.ZipFile(crate) as packed:
        names = set(packed.namelist())
        graph = json.loads(packed.read("ro-crate-metadata.json"))["@graph"]
    entities = {one["@id"]: one for one in graph}
    results = {name for name in names if name.startswith("results/") and not name.endswith("/")}
    assert results == {
        "results/report.html",
        "results/tables/claims.csv",
        "results/figures/fig1.png",
        "results/audit/mine/summary.csv",
    }
    for name in (*results, "config/config.yaml", "envs/requirements.txt", "workflow/Snakefile"):
        assert name in names and name in entities
    held = {one["@id"] for one in entities["./"]["hasPart"]}
    assert results <= held
    assert entities["./"]["license"]["@id"].endswith("BSD-3-Clause")
    data = entities["https://doi.org/10.24435/materialscloud:qy-dp"]
    assert data["license"]["@id"] == "https://creativecommons.org/licenses/by-nc/4.0/"
    assert entities["#numpy"]["version"] and entities["#run"]["result"]


def test_a_folder_without_a_report_is_refused(tmp_path):
    with pytest.raises(write_crate.InputError, match="run `make` first"):
        write_crate.main(["--results", str(tmp_path), "--output", str(tmp_path / "c.zip")])


@pytest.mark.skipif(not VALIDATOR.exists(), reason="no validator: make crate")
def test_the_crate_is_valid(crate):
    command = [VALIDATOR, ROOT / "scripts/validate_crate.py", crate]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0 and "valid" in done.stdout, done.stderr
