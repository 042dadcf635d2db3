"""Singular points of methane end to end at small settings, and what each change computes again."""

import re
from pathlib import Path

import pandas as pd
import pytest
import yaml

from support import copy_project, snakemake

pytestmark = pytest.mark.slow

SMALL = {
    "structures": {"methane": {"count": 20}},
    "density": {"fit_structures": 20},
    "descriptors": {
        "sharp-nu2": {"n_max": 4, "l_max": 4, "n_primitive": 20},
        "sharp-nu3": {"n_max": 3, "l_max": 3, "n_primitive": 20},
    },
    "singular": {
        "n_points": 5,
        "training_grids": [3],
        "basis": "sto-3g",
        "check": {"count": 1},
        "directions": {"n_max": 20, "l_max": 6},
    },
    "theory": {"members": 1},
}
PICTURES = ["fig1", "fig2", "fig3", "fig_table1", "fig_theory", "fig_pedagogical"]
TARGETS = [
    *(f"results/figures/{name}.png" for name in PICTURES),
    "results/tables/energy_check.csv",
    "results/chemiscope/symmetric.json.gz",
]
NULL_SPACES = {"compute_null_spaces", "draw_fig_theory"}
AFTER_FEATURES = {"analyse_manifolds", "draw_fig2", "draw_fig3", "write_chemiscope"}
AFTER_FEATURES |= {"study_table1", "draw_fig_table1"}
AFTER_ENERGIES = AFTER_FEATURES | {"check_energies"}
FEATURES = {"compute_manifold_features"} | AFTER_FEATURES
MANIFOLDS = {"build_manifolds", "compute_zero_origins", "draw_fig1"} | FEATURES | AFTER_ENERGIES
MANIFOLDS |= {"compute_energies"}


@pytest.fixture(scope="module")
def computed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = copy_project(tmp_path_factory.mktemp("methane"))
    (project / "small.yaml").write_text(yaml.safe_dump(SMALL))
    done = snakemake(project, *TARGETS, "--configfile", "small.yaml")
    assert done.returncode == 0, done.stderr[-3000:]
    return project


def listed(project: Path, *overlays: str) -> set[str]:
    """The rules that a dry run would start."""
    done = snakemake(project, *TARGETS, "-n", "--configfile", "small.yaml", *overlays)
    assert done.returncode == 0, done.stderr
    return set(re.findall(r"^(?:local)?rule (\w+):$", done.stdout + done.stderr, re.MULTILINE))


def test_everything_is_there_once(computed: Path) -> None:
    table = pd.read_csv(computed / "results/tables/table1.csv")
    assert len(table) == 3 * 4 and table.rmse_uev.gt(0).all()
    assert len(pd.read_csv(computed / "results/tables/energy_check.csv")) == 3
    models = pd.read_csv(computed / "results/tables/energy_models_degenerate.csv")
    assert len(models) == 25 and models.notna().all(axis=None)
    rows = {path.name.split("_")[0] for path in (computed / "results/energies/rows").iterdir()}
    assert rows == {"asymmetric", "symmetric", "degenerate"}  # none of the shipped ones fits
    assert listed(computed) == set()


@pytest.mark.parametrize(
    ("module", "old", "new", "rules"),
    [
        ("theory/nullspace.py", "overlap > 0.5", "overlap > 0.6", NULL_SPACES),
        ("descriptors/omfp.py", "1: 0.37", "1: 0.36", FEATURES),
        ("drawing/fig2.py", "1.75", "1.8", {"draw_fig2"}),
        ("scf.py", "= 1e-12", "= 1e-11", {"find_equilibrium"} | MANIFOLDS),
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
    unused = "{methane: {select: random}}, density: {n_primitive: 50}, descriptors: {nu2: {nu: 1}}"
    for text, rules in {
        f"{{structures: {unused}}}": set(),
        "structures: {methane: {seed: 7}}": {"prepare_structures"} | FEATURES,
        "descriptors: {omfp: {cutoff: 5.0}}": FEATURES,
        "singular: {check: {count: 2}}": {"check_energies"},
        "singular: {recompute: true}": {"compute_energies"} | AFTER_ENERGIES,
        "singular: {structures: {symmetric: {length: 0.02}}}": MANIFOLDS,
    }.items():
        overlay.write_text(text)
        assert listed(computed, str(overlay)) == rules, text
