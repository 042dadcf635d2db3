"""The audit on molecules, crystals and the published methane."""

import numpy as np
import pandas as pd
from ase import Atoms
from ase.build import bulk, molecule
from ase.collections import g2
from ase.io import write

from audits import DENSITY, audit, table
from descriptor_sensitivity.audit.table import reason_kind


def test_published_methane(reference, tmp_path):
    folder = audit(reference / "methane" / "methane_1000.extxyz", tmp_path, center="C", sample=50)
    rows = table(folder)
    assert len(rows) == 1000
    assert (rows["diagnosis"] == "fine").mean() > 0.9


def test_small_molecules(tmp_path):
    """Atoms, linear molecules and many species; a lone atom is left out, and said to be."""
    write(tmp_path / "g2.xyz", [g2[name] for name in g2.names], format="extxyz")
    rows = table(audit(tmp_path / "g2.xyz", tmp_path / "out", sample=40))
    names = np.array(g2.names)
    lone = [index for index, name in enumerate(names) if len(g2[name]) == 1]
    skipped = pd.read_csv(tmp_path / "out" / "skipped.csv")
    assert set(lone) <= set(skipped["frame"])
    assert skipped["reason"].map(reason_kind).eq("no neighbour within the cutoff").all()
    assert len(rows) + len(skipped) == sum(len(g2[name]) for name in names)
    diatomic = rows[rows["n_neighbors"] == 1]
    assert np.allclose(diatomic["condition_number"], 1)
    benzene = rows[rows["frame"] == g2.names.index("C6H6")]
    assert set(benzene["diagnosis"]) <= {"symmetric", "too few features"}
    # every condition number is that of the environment's own frame
    methane = rows[(rows["frame"] == g2.names.index("CH4")) & (rows["species"] == "C")]
    assert methane["diagnosis"].item() == "symmetric"


def test_coordinates_rounded_in_a_file_are_still_symmetric(tmp_path):
    """Rounding turns zeros of a symmetric molecule into condition numbers of many millions."""
    turned = molecule("H2O")
    turned.rotate(37, (1, 2, 3))
    turned.positions = np.round(turned.positions, 7)
    write(tmp_path / "water.xyz", [turned] * 3, format="extxyz")
    rows = table(audit(tmp_path / "water.xyz", tmp_path / "out", center="O"))
    assert np.isfinite(rows["condition_number"]).all() and rows["condition_number"].min() > 1e6
    assert set(rows["diagnosis"]) == {"symmetric"}


def test_one_rounded_molecule_is_not_its_own_measure(tmp_path):
    turned = molecule("CH4")
    turned.rotate(37, (1, 2, 3))
    for decimals in (4, 5):
        turned.positions = np.round(turned.positions, decimals)
        path = tmp_path / f"{decimals}.xyz"
        write(path, turned, format="extxyz")
        folder = audit(path, tmp_path / str(decimals), center="C", settings={"cutoff": 3.0})
        (row,) = table(folder).itertuples()
        assert row.diagnosis == "symmetric"
        because = pd.read_csv(folder / "findings.csv")["because"].item()
        assert "the point group hides 8 displacements, coincident pairs 0 more" in because
        assert "exactly" not in because


def test_molecules_that_are_all_nearly_symmetric_do_not_hide_behind_their_median(tmp_path):
    """1e-4 Å off, in no digit: a median of thousands, of which nothing is five times more."""
    noise = np.random.default_rng(0)
    frames = [molecule("H2O") for _ in range(20)]
    for frame in frames:
        frame.positions += 1e-4 * noise.normal(size=frame.positions.shape)
    write(tmp_path / "relaxed.traj", frames)
    folder = audit(tmp_path / "relaxed.traj", tmp_path / "out", center="O")
    rows, summary = table(folder), pd.read_csv(folder / "summary.csv")
    assert 1e3 < rows["condition_number"].median() < 1e6
    assert set(rows["diagnosis"]) == {"symmetric"}
    assert "symmetric within the accuracy" in summary["remark"].iloc[-1]


def test_crystals(tmp_path):
    """Perfect crystals are symmetric everywhere, also where the median is infinite."""
    crystals = [
        bulk("Cu"),
        bulk("Fe"),
        bulk("Si"),
        bulk("NaCl", "rocksalt", 5.64),
        bulk("Ti"),
    ]
    write(tmp_path / "crystals.xyz", crystals, format="extxyz")
    settings = {"n_max": 8, "l_max": 6, "cutoff": 3.2}
    rows = table(audit(tmp_path / "crystals.xyz", tmp_path / "out", settings=settings))
    assert len(rows) == 1 + 1 + 2 + 2 + 2
    assert set(rows["diagnosis"]) == {"symmetric"}
    assert np.isinf(rows["condition_number"]).all()


def test_a_rattled_salt(tmp_path):
    salt = bulk("NaCl", "rocksalt", 5.64, cubic=True).repeat(3)
    salt.rattle(0.15, seed=2)
    write(tmp_path / "salt.xyz", salt, format="extxyz")
    rows = table(audit(tmp_path / "salt.xyz", tmp_path / "out", settings={"cutoff": 3.4}))
    assert len(rows) == 216
    assert rows.groupby("species").size().to_dict() == {"Cl": 108, "Na": 108}
    assert np.isfinite(rows["condition_number"]).all()


def test_three_hundred_neighbours_have_too_few_features(tmp_path):
    crystal = bulk("Cu", cubic=True).repeat(2)
    crystal.rattle(0.05, seed=1)
    del crystal[3:]
    solid = bulk("Cu", a=3.0, cubic=True)
    solid.rattle(0.05, seed=1)
    write(tmp_path / "dense.xyz", solid, format="extxyz")
    rows = table(audit(tmp_path / "dense.xyz", tmp_path / "out", settings={"cutoff": 8.0}))
    assert rows["n_neighbors"].min() > 280
    assert set(rows["diagnosis"]) == {"too few features"}


def test_a_descriptor_that_sees_farther_than_the_density_it_is_compared_with(tmp_path):
    """The density then takes its cutoff: both are asked about the same environment."""
    rng = np.random.default_rng(0)
    frames = [Atoms("CH3", [[0, 0, 0], *(rng.normal(size=(3, 3)) * 2)]) for _ in range(20)]
    write(tmp_path / "wide.xyz", frames, format="extxyz")
    omfp = {"kind": "omfp", "cutoff": 12.0}
    density = {**DENSITY, "cutoff": 12.0}
    folder = audit(tmp_path / "wide.xyz", tmp_path, center="C", descriptor=omfp, density=density)
    assert len(table(folder)) == 20
