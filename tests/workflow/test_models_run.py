"""Machine-learned potentials in a run: the tutorial of docs/models.md, and the shipped table."""

import html
import re

import numpy as np
import pandas as pd
import pytest
from ase.io import write

from descriptor_sensitivity.structures.methane import methane_frames, random_methane
from support import ROOT, copy_project, snakemake

pytestmark = pytest.mark.slow

PAGE = (ROOT / "docs/models.md").read_text()


def block(language):
    """The one block of code in a language on the page."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.M | re.S)
    return found


def test_the_tutorial_leads_from_a_model_of_ones_own_to_its_page(tmp_path):
    project = copy_project(tmp_path)
    (project / "own.py").write_text(block("python"))
    (project / "mine.yaml").write_text(block("yaml"))
    frames = list(methane_frames(random_methane(11, seed=3)))
    for seed, atoms in enumerate(frames[:10]):
        atoms.arrays["forces"] = np.random.default_rng(seed).normal(size=(5, 3))
    write(project / "mine.xyz", frames, format="extxyz")
    program, cores, two, *options = block("sh").split()
    assert (program, cores, two) == ("snakemake", "--cores", "2")
    done = snakemake(project, *options)
    assert done.returncode == 0, done.stderr[-3000:]
    folder = project / "results/audit/mine"
    table = pd.read_csv(folder / "environments.csv")
    assert table.groupby("representation").size().to_dict() == {"layer-1": 11, "layer-2": 11}
    assert table.condition_number.notna().all() and len(pd.read_csv(folder / "summary.csv"))
    forces = pd.read_csv(folder / "forces.csv").groupby("frame")
    assert sorted(forces.groups) == list(range(10))
    assert forces["error"].nunique().max() == 1 and forces["reference_force"].nunique().min() == 2
    page = (folder / "index.html").read_text()
    assert "What this means for forces" in page
    for said in pd.read_csv(folder / "forces_summary.csv")["because"]:
        assert "10 of 11 structures are compared" in said and "(n = 10; 95 %" in said
        assert html.escape(said) in page
    other = snakemake(project, "-n", "results/audit/methane/index.html")
    assert "write_audit_page" in other.stdout and "compare_forces" not in other.stdout
    assert "Nothing to be done" in snakemake(project, *options).stderr

    changed = block("python").replace("manual_seed(0)", "manual_seed(1)")
    (project / "own.py").write_text(changed)
    done = snakemake(project, *options)
    assert done.returncode == 0, done.stderr[-3000:]
    again = pd.read_csv(folder / "environments.csv")
    other = (again.s_max != table.s_max).groupby(table.representation).all()
    assert other.to_dict() == {"layer-1": False, "layer-2": True}


def test_the_table_is_that_of_the_shipped_rows(tmp_path):
    done = snakemake(tmp_path, "-s", str(ROOT / "workflow/Snakefile"), "results/tables/models.csv")
    assert done.returncode == 0, done.stderr[-3000:]
    table = pd.read_csv(tmp_path / "results/tables/models.csv")
    shipped = [pd.read_csv(file) for file in (ROOT / "workflow/resources/models").glob("*.csv")]
    assert len(table) == sum(map(len, shipped)) and (table.status == "ok").all()
    assert list(table.model.unique())[0] == "MACE 1 layer, ν=1"
