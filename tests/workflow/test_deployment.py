"""The workflow from anywhere: other folders, other names, inside another workflow, installed."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from support import ROOT, copy_project, environment, snakemake

SMALL = {
    "structures": {"methane": {"count": 20}},
    "density": {"n_primitive": 30, "fit_structures": 20},
    "sweeps": {"sheets": {"fig6": "sheet.tsv"}, "n_structures": 20, "bootstrap": 20},
}
SHEET = "nu\tradial_basis\tn_max\tl_max\tsigma\n2\tgto\t3\t3\t0.3\n"
TABLE = "results/sensitivity/fig6.csv"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A working directory with a space and an ä in its name, a small configuration and a sheet."""
    made = tmp_path / "réal wörk ä"
    made.mkdir()
    (made / "small.yaml").write_text(yaml.safe_dump(SMALL))
    (made / "sheet.tsv").write_text(SHEET)
    return made


def test_runs_in_an_unrelated_folder(folder: Path) -> None:
    """`-s /abs/workflow/Snakefile`, and a second run has nothing to do."""
    arguments = ("-s", str(ROOT / "workflow/Snakefile"), TABLE, "--configfile", "small.yaml")
    done = snakemake(folder, *arguments)
    assert done.returncode == 0, done.stderr[-3000:]
    assert (folder / TABLE).exists()
    assert "Nothing to be done" in snakemake(folder, *arguments).stderr


def test_runs_with_directory_and_its_own_python(folder: Path) -> None:
    """As `.venv/bin/snakemake`, while another Python comes first on the PATH."""
    arguments = ("--directory", str(folder), "--configfile", str(folder / "small.yaml"))
    done = snakemake(ROOT, TABLE, *arguments, PATH="/usr/bin:/bin")
    assert done.returncode == 0, done.stderr[-3000:]
    assert (folder / TABLE).exists()


def test_a_clone_with_a_space_in_its_path_uses_its_own_code(tmp_path: Path, folder: Path) -> None:
    """Even where another clone's package is installed: an error put into the copy is seen."""
    clone = copy_project(tmp_path / "my clöne")
    module = clone / "src/descriptor_sensitivity/sweeps.py"
    module.write_text(module.read_text() + "\nraise RuntimeError('the code of the copy')\n")
    arguments = ("-s", str(clone / "workflow/Snakefile"), TABLE, "--configfile", "small.yaml")
    done = snakemake(folder, *arguments)
    assert done.returncode != 0
    assert "the code of the copy" in done.stderr + done.stdout
    script = clone / "scripts/compute_condition_numbers.py"
    by_hand = subprocess.run(
        [sys.executable, str(script), "--help"], capture_output=True, text=True, cwd=folder
    )
    assert "the code of the copy" in by_hand.stderr


MODULE = """
configfile: "small.yaml"

module descriptors:
    snakefile: "{snakefile}"
    config: config
    {prefix}

use rule * from descriptors as descriptors_*
"""


@pytest.mark.parametrize("prefix", ["", "prefix: 'deep/er'"])
def test_as_a_module_of_another_workflow(folder: Path, prefix: str) -> None:
    """With a configuration of its own that sets some keys, with and without a prefix."""
    text = MODULE.format(snakefile=ROOT / "workflow/Snakefile", prefix=prefix)
    (folder / "Snakefile").write_text(text)
    table = f"deep/er/{TABLE}" if prefix else TABLE
    done = snakemake(folder, table)
    assert done.returncode == 0, done.stderr[-3000:]
    assert (folder / table).exists()
    written = {path.relative_to(folder).parts[0] for path in folder.rglob("*.npz")}
    assert written == {"deep" if prefix else "results"}


def test_the_catalog_finds_its_files() -> None:
    for name in (".snakemake-workflow-catalog.yml", "config/README.md", "workflow/Snakefile"):
        assert (ROOT / name).is_file(), name
    usage = yaml.safe_load((ROOT / ".snakemake-workflow-catalog.yml").read_text())["usage"]
    assert usage["software-stack-deployment"]["conda"]


@pytest.mark.slow
def test_the_tour_runs_on_an_installed_package(tmp_path: Path) -> None:
    """As `pip install .` leaves it: every module and data file is in the wheel."""
    site = tmp_path / "site"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
    subprocess.run(
        [*pip, "--no-build-isolation", "--target", site, copy_project(tmp_path / "clone")],
        check=True,
        env=environment(),
    )
    done = subprocess.run(
        [sys.executable, "-m", "doctest", str(ROOT / "docs/tour.md")],
        cwd=tmp_path,
        env=environment(PYTHONPATH=str(site)),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    where = "import descriptor_sensitivity as d; print(d.__file__)"
    found = subprocess.run(
        [sys.executable, "-c", where], env=environment(PYTHONPATH=str(site)), capture_output=True
    )
    assert str(site) in found.stdout.decode()
