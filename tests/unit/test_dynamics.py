"""Hot methane: the start, energy conservation, resuming, splits, and files in the wrong unit."""

import hashlib
import json

import ase
import numpy as np
import pandas as pd
import pytest
from ase import units
from ase.io import write
from tblite.ase import TBLite

import download_structures
import prepare_dynamics
from descriptor_sensitivity import dynamics, store
from descriptor_sensitivity.dynamics import (
    Heat,
    bending_velocities,
    equilibrium_methane,
    geometry_statistics,
    hot_methane,
    methane_vectors,
    split_frames,
    trajectory,
)
from descriptor_sensitivity.errors import InputError

TETRAHEDRON = np.array([[1.0, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]]) / np.sqrt(3)


def methane(length: float = 1.09) -> ase.Atoms:
    return ase.Atoms("CH4", positions=np.vstack([np.zeros(3), length * TETRAHEDRON]) + 3.0)


def test_starts_at_the_minimum_and_keeps_its_energy():
    atoms = equilibrium_methane(TBLite(method="GFN2-xTB", verbosity=0))
    assert np.abs(atoms.get_forces()).max() < 1e-6
    assert 1.05 < np.linalg.norm(atoms.positions[1]) < 1.12
    bonds = atoms.positions[1:].copy()
    bending_velocities(atoms, 3000, np.random.default_rng(0))
    assert np.isclose(atoms.get_kinetic_energy(), 9 * units.kB * 3000)
    assert np.abs(atoms.get_momenta().sum(axis=0)).max() < 1e-12
    assert np.abs(atoms.get_angular_momentum()).max() < 1e-10
    relative = atoms.get_velocities()[1:] - atoms.get_velocities()[0]
    stretching = np.abs((relative * bonds).sum(axis=1)).max()
    assert stretching < 0.35 * np.linalg.norm(relative, axis=1).max()  # the carbon's recoil alone
    start = atoms.get_total_energy()
    vectors = np.array(list(trajectory(atoms, 200, 0.25)))
    assert np.allclose(vectors[0], bonds)
    assert abs(atoms.get_total_energy() - start) < 5e-3 * 9 * units.kB * 3000


HEAT = Heat("GFN2-xTB", 3200.0, 0.25, 1)


def test_frames_of_a_killed_run_are_those_of_a_whole_one(tmp_path, monkeypatch):
    monkeypatch.setattr(dynamics, "SEGMENT", 5)
    whole = hot_methane(HEAT, 2, 31, tmp_path / "a", {"code": 1}, processes=2)
    assert whole.shape == (32, 4, 3)  # sixteen frames are four segments, two trajectories
    original, calls = dynamics.segment, []

    def killed(*arguments):
        calls.append(arguments)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return original(*arguments)

    monkeypatch.setattr(dynamics, "segment", killed)
    with pytest.raises(KeyboardInterrupt):
        hot_methane(HEAT, 2, 31, tmp_path / "b", {"code": 1})
    assert len(list((tmp_path / "b").iterdir())) == 3
    np.testing.assert_array_equal(hot_methane(HEAT, 2, 31, tmp_path / "b", {"code": 1}), whole)
    assert len(calls) == 1 + 8
    longer = hot_methane(HEAT, 2, 36, tmp_path / "b", {"code": 1})
    assert len(calls) == 1 + 8 + 2  # the last segments have three steps instead of one
    np.testing.assert_array_equal(longer.reshape(2, 18, 4, 3)[:, :16], whole.reshape(2, 16, 4, 3))


def test_a_broken_bond_is_told(tmp_path, monkeypatch):
    far = {"vectors": np.full((4, 4, 3), 2.0), "positions": 0, "velocities": 0}
    monkeypatch.setattr(dynamics, "segment", lambda *arguments: far)
    with pytest.raises(InputError, match="bond broke in the dynamics at 3200 K"):
        hot_methane(HEAT, 1, 4, tmp_path, {})


def prepare(folder, settings, *arguments):
    published = folder / "published.csv"
    published.write_text("set,frames\npublished,1\n")
    output, table = folder / "frames.npz", folder / "table.csv"
    prepare_dynamics.main(
        ["--settings", json.dumps({"seed": 1, **settings}), "--published", str(published)]
        + ["--kept", str(folder / "kept"), "--frames", str(output), "--table", str(table)]
        + list(arguments)
    )
    return store.load(output), pd.read_csv(table)


def test_dynamics_is_split_and_described(tmp_path):
    heat = {"method": "GFN2-xTB", "temperature": 3200, "timestep": 0.25}
    sizes = {"training": 25, "validation": 6, "trajectories": 2}
    frames, table = prepare(tmp_path, {"heat": heat, **sizes})
    assert frames["training"].shape == (25, 4, 3) and frames["validation"].shape == (6, 4, 3)
    assert table["set"].tolist() == ["training", "validation", "published"]


def test_training_and_validation_are_disjoint():
    vectors = np.arange(40 * 12, dtype=float).reshape(40, 4, 3)
    training, validation = split_frames(vectors, 30, 8, 0, "frames")
    together = np.concatenate([training, validation]).reshape(38, -1)
    assert len(np.unique(together, axis=0)) == 38
    with pytest.raises(InputError, match=r"holds 40 frames, and 30 \+ 11 = 41 are asked for"):
        split_frames(vectors, 30, 11, 0, "the file")


def test_lengths_in_bohr_are_refused_with_that_guess():
    frame = methane()
    expected = 1.09 * TETRAHEDRON
    np.testing.assert_allclose(methane_vectors([frame], "a.xyz")[0], expected, atol=1e-12)
    frame.positions /= units.Bohr
    with pytest.raises(InputError, match=r"a.xyz.*median of 2.06 Å, 1.89 times.*bohr given as Å"):
        methane_vectors([frame], "a.xyz")
    np.testing.assert_allclose(methane_vectors([frame], "a.xyz", "bohr")[0], expected, atol=1e-12)
    with pytest.raises(InputError, match="Å given as bohr"):
        methane_vectors([methane()], "a.xyz", "bohr")
    with pytest.raises(InputError, match="correct `unit` or the file"):
        methane_vectors([methane(3.9)], "a.xyz")


@pytest.mark.parametrize(
    ("frames", "message"),
    [
        ([], "holds no frames"),
        ([methane(), ase.Atoms("CH3", positions=np.eye(4, 3))], "frame 1 is CH3, not CH4"),
        ([ase.Atoms("CH4", positions=np.full((5, 3), np.nan))], "frame 0 has a coordinate"),
    ],
)
def test_other_bad_files(frames, message):
    with pytest.raises(InputError, match=message):
        methane_vectors(frames, "a.xyz")


def test_fewer_frames_in_a_file_than_asked(tmp_path):
    write(tmp_path / "few.xyz", [methane(1.0 + 0.01 * k) for k in range(12)])
    settings = {"training": 24001, "validation": 6001, "unit": "angstrom"}
    with pytest.raises(InputError, match=r"few.xyz holds 12 frames, and 24001 \+ 6001 = 30002"):
        prepare(tmp_path, settings, "--file", str(tmp_path / "few.xyz"))
    with pytest.raises(InputError, match="none.xyz does not exist"):
        prepare(tmp_path, settings, "--file", str(tmp_path / "none.xyz"))


def test_geometry_of_a_tetrahedron():
    statistics = geometry_statistics(1.1 * TETRAHEDRON[None])
    assert np.isclose(statistics["c_h_mean"], 1.1)
    assert np.isclose(statistics["h_c_h_max"], 109.4712206)
    assert statistics["h_c_h_std"] < 1e-6


def test_a_published_file_is_checked_and_read_in_bohr(tmp_path):
    source, target = tmp_path / "val.xyz", tmp_path / "downloads" / "frames.xyz"
    write(source, [methane(length / units.Bohr) for length in np.linspace(1.0, 1.2, 12)])

    def fetch(sha256):
        settings = json.dumps({"urls": [source.as_uri()], "sha256": sha256})
        download_structures.main(["--settings", settings, "--output", str(target)])

    with pytest.raises(InputError, match="the sha256 of the downloaded file is .* it was removed"):
        fetch("0" * 64)
    assert not target.exists()
    fetch(hashlib.sha256(source.read_bytes()).hexdigest())
    assert target.read_bytes() == source.read_bytes()
    settings = {"training": 8, "validation": 4, "unit": "bohr"}
    frames, _ = prepare(tmp_path, settings, "--file", str(target))
    assert frames["training"].shape == (8, 4, 3)
    assert 1.0 < np.linalg.norm(frames["training"], axis=-1).mean() < 1.2
