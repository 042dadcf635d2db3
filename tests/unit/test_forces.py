"""The force along what a potential does not see: a bound where it is blind, and only there."""

from types import SimpleNamespace

import ase
import numpy as np
import pandas as pd
import pytest
from ase.build import molecule
from ase.io import write
from scipy.stats import spearmanr

from audits import compare, judge
from descriptor_sensitivity.audit import forces
from descriptor_sensitivity.audit.forces import (
    compared,
    forces_of,
    frames_with_forces,
    why_not,
)
from descriptor_sensitivity.audit.structure_level import view_structure
from descriptor_sensitivity.descriptors.registry import build_descriptor
from descriptor_sensitivity.errors import InputError

OWN = '''"""Atoms that know distances alone, and an energy that is read from nothing else."""

import torch

GENERATOR = torch.Generator().manual_seed(3)
WEIGHTS = torch.randn(7, generator=GENERATOR, dtype=torch.float64)


def radial(positions, numbers, cell):
    squares = (positions[:, None] - positions[None]).square().sum(-1)
    near = 1.0 - torch.eye(len(positions), dtype=positions.dtype)
    widths = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2)
    return torch.stack([(near * torch.exp(-k * squares)).sum(1) for k in widths], 1)


def distances(positions, numbers, cell):
    features = radial(positions, numbers, cell)
    return {"features": features, "energy": torch.tanh(features @ WEIGHTS).sum()}
'''

RHOMBUS = np.array([[1.5, 0, 0], [-1.5, 0, 0], [0, 1, 0], [0, -1, 0]])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("forces")
    (folder / "own.py").write_text(OWN)
    return folder


def settings(folder, function="distances"):
    model = f"{folder / 'own.py'}:{function}"
    return {"kind": "mlip", "library": "module", "model": model, "cutoff": 5.0, "device": "cpu"}


@pytest.fixture(scope="module")
def model(folder):
    return build_descriptor("mine", settings(folder))


def rhombi(count, off=0.0):
    """A rhombus and an apex: with distances alone no atom sees one move, unless it is off."""
    apexes = np.random.default_rng(4).uniform([0.3, 0.2, 0.9], [0.7, 0.6, 1.4], size=(count, 3))
    structures = [ase.Atoms("H5", np.concatenate([RHOMBUS, [apex]])) for apex in apexes]
    for atoms in structures:
        atoms.positions[0, 2] += off
    return structures


def judged(model, structures):
    """What the audit finds of structures, as frames 0, 1, ..."""
    views = [view_structure(model, atoms, 5.0, None, 0.3, 1e6) for atoms in structures]
    return pd.DataFrame(
        {
            "frame": range(len(views)),
            "condition_number": [view.condition_number for view in views],
            "displacement": [view.displacement.ravel() for view in views],
        }
    )


def rows(folder, model, structures, references, function="distances"):
    frames = dict(enumerate(zip(structures, references, strict=True)))
    return compared("mine", settings(folder, function), judged(model, structures), frames)


def test_forces_are_the_slopes_of_the_energy(model):
    """Of the first atom too, which is at rest where slopes are computed."""
    atoms = molecule("CH3OH")
    energy, found = model.forces(atoms)
    step, differences = 1e-4, np.zeros((6, 3))
    for place in np.ndindex(6, 3):
        for sign, weight in ((1, 8), (-1, -8), (2, -1), (-2, 1)):
            moved = atoms.copy()
            moved.positions[place] += sign * step
            differences[place] -= weight * model.forces(moved)[0] / (12 * step)
    assert np.isfinite(energy)
    assert np.abs(found - differences).max() < 1e-7 * np.abs(found).max()
    assert np.abs(found[0]).max() > 0.1 * np.abs(found).max()


def test_along_what_no_atom_sees_there_is_no_force_and_the_reference_bounds_the_error(
    folder, model
):
    structures = rhombi(5)
    references = np.random.default_rng(1).normal(size=(5, 5, 3))
    moves = judged(model, structures)["displacement"]
    table, left_out = rows(folder, model, structures, references)
    assert not left_out and (table["sensitivity"] < 1e-12).all()
    assert (table["model_force"] < 1e-15).all() and table["reference_force"].min() > 1e-3
    assert (table["reference_force"] <= table["error"]).all()
    both = zip(table.itertuples(), structures, references, moves, strict=True)
    for row, atoms, reference, u in both:
        force = model.forces(atoms)[1]
        assert row.reference_force == pytest.approx(abs(reference.ravel() @ u), rel=1e-9)
        assert row.error_along == pytest.approx(abs((force - reference).ravel() @ u), rel=1e-9)
        assert row.error == pytest.approx(np.linalg.norm(force - reference), rel=1e-12)
        assert row.error_rmse == pytest.approx(row.error / 15**0.5, rel=1e-12)
        assert row.reference_norm == pytest.approx(np.linalg.norm(reference), rel=1e-12)
        assert row.n_atoms == 5


def test_where_the_move_is_seen_however_badly_there_is_no_bound(folder, model):
    """Right forces: the error is nothing, and the reference has a force along the move."""
    structures = rhombi(3, off=0.05)
    references = [model.forces(atoms)[1] for atoms in structures]
    table, _ = rows(folder, model, structures, references)
    assert ((table["sensitivity"] > 1e-6) & (table["sensitivity"] < 1e-2)).all()
    assert (table["error"] < 1e-15).all() and (table["model_force"] > 1e-10).all()
    assert (table["reference_force"] > 1e5 * table["error"]).all()
    assert (table["error"] + table["model_force"] >= table["reference_force"]).all()


def test_reasons_to_leave_a_structure_out():
    atoms, some = molecule("H2O"), np.zeros((3, 3))
    broken = some.copy()
    broken[1, 2] = np.inf
    wire = ase.Atoms("H3", atoms.positions, cell=[9, 9, 9], pbc=[True, False, False])
    assert why_not(2.0, atoms, some, True) is None
    assert why_not(np.inf, atoms, some, True) is None
    assert why_not(2.0, atoms, None, True) == forces.NO_FORCES
    assert why_not(2.0, atoms, broken, True) == forces.NOT_FINITE
    assert why_not(2.0, wire, some, True) == forces.PERIODIC
    assert why_not(2.0, wire, some, False) is None
    assert why_not(np.nan, atoms, some, True) == forces.SYMMETRIC


def test_a_model_without_an_energy(folder, model):
    table, left_out = rows(folder, model, rhombi(1), [np.ones((5, 3))], "radial")
    assert left_out == {forces.NO_ENERGY: 1} and table.empty
    assert list(table.columns) == list(forces.COLUMNS)


def test_a_function_of_ones_own_is_given_no_periodic_structure(model):
    atoms = ase.Atoms("H5", rhombi(1)[0].positions, cell=[9, 9, 9], pbc=[False, False, True])
    with pytest.raises(InputError, match="is given clusters, and no periodic structure"):
        model.forces(atoms)


def answering(energy, values):
    return SimpleNamespace(forces=lambda atoms: (energy, np.array(values)))


def test_models_whose_forces_cannot_be_taken(caplog):
    one, nan = ase.Atoms("H"), np.nan
    assert forces_of(answering(1.0, [[0.0, 1.0, 2.0]]), one)[1] is None
    assert forces_of(answering(nan, [[nan] * 3]), one)[1] == forces.NO_ENERGY
    assert forces_of(answering(1.0, [[0.0, 1.0, nan]]), one)[1] == forces.MODEL_NOT_FINITE

    def refuse(atoms):
        raise InputError("it does not know H.")

    assert forces_of(SimpleNamespace(forces=refuse), one)[1] == forces.REFUSED
    assert "it does not know H." in caplog.text


def test_a_model_is_not_opened_where_there_is_nothing_to_compare(folder):
    frames = {0: (molecule("H2O"), None)}
    structures = pd.DataFrame({"frame": [0], "condition_number": 2.0, "displacement": [[0.0] * 9]})
    _, left_out = compared("mine", settings(folder) | {"python": "none"}, structures, frames)
    assert left_out == {forces.NO_FORCES: 1}


def test_frames_keep_their_numbers(tmp_path):
    """The second frame is no structure, the last ones are not looked at."""
    structures = [molecule(name) for name in ("H2O", "NH3", "CH4", "CO2", "N2")]
    for number, atoms in enumerate(structures):
        atoms.arrays["forces"] = np.full((len(atoms), 3), float(number))
    structures[1].positions[0] = np.nan
    write(tmp_path / "a.xyz", structures, format="extxyz")
    found = frames_with_forces(tmp_path / "a.xyz", {0, 2, 3})
    assert {number: str(atoms.symbols) for number, (atoms, _) in found.items()} == {
        0: "OH2",
        2: "CH4",
        3: "CO2",
    }
    assert all((values == number).all() for number, (_, values) in found.items())
    assert frames_with_forces(tmp_path / "a.xyz", set()) == {}


def test_the_tables_of_an_audit(folder, tmp_path):
    structures = [*rhombi(6), *rhombi(6, off=0.1)]
    rng = np.random.default_rng(8)
    for atoms in structures:
        atoms.arrays["forces"] = rng.normal(size=(5, 3))
    del structures[2].arrays["forces"]
    structures[7].arrays["forces"][0, 0] = np.nan
    write(tmp_path / "mine.xyz", structures, format="extxyz")
    mine = settings(folder)
    judge(tmp_path / "mine.xyz", tmp_path, mine)
    table, summary = map(pd.read_csv, compare(tmp_path, tmp_path / "mine.xyz", mine))
    assert table["frame"].tolist() == [0, 1, 3, 4, 5, 6, 8, 9, 10, 11]
    blind = table["frame"] < 6
    assert (table["sensitivity"] < 1e-6).tolist() == blind.tolist()
    assert (table["reference_force"] <= table["error"])[blind].all()
    (row,) = summary.to_dict("records")
    assert (row["n_structures"], row["n_left_out"], row["n_blind"]) == (10, 2, 5)
    number = spearmanr(table["reference_force"], table["error"]).statistic
    assert row["correlation"] == pytest.approx(number, abs=1e-6)
