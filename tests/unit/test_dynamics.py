"""Hot methane: the start, energy conservation, resuming, splits, and files in the wrong unit."""

import ase
import numpy as np
import pandas as pd
import pytest
from ase import units
from ase.io import write
from tblite.ase import TBLite

import prepare_dynamics
from descriptor_sensitivity.dynamics import (
    bending_velocities,
    equilibrium_methane,
    geometry_statistics,
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


def run_dynamics(folder, **changes):
    published = folder / "published.csv"
    published.write_text("set,frames\npublished,1\n")
    settings = {"--training": 25, "--validation": 6, "--trajectories": 2, "--seed": 1, **changes}
    arguments = [str(item) for pair in settings.items() for item in pair]
    output, table = folder / "frames.npz", folder / "table.csv"
    prepare_dynamics.main(
        ["--generate", *arguments, "--published", str(published)]
        + ["--output", str(output), "--table", str(table)]
    )
    with np.load(output) as data:
        return {name: data[name] for name in data.files}, pd.read_csv(table)


def test_a_killed_run_goes_on_exactly(tmp_path, monkeypatch):
    monkeypatch.setattr(prepare_dynamics, "SEGMENT", 5)
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    whole, table = run_dynamics(tmp_path / "a")
    assert table["set"].tolist() == ["training", "validation", "published"]
    original, calls = prepare_dynamics.segment, []

    def killed(*arguments):
        calls.append(arguments)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return original(*arguments)

    class Here:
        """Runs what is submitted at once, in this process."""

        def __init__(self, *_, **__): ...
        def __enter__(self):
            return self

        def __exit__(self, *_): ...
        def submit(self, function, *arguments):
            from concurrent.futures import Future

            future = Future()
            future.set_result(function(*arguments))
            return future

    monkeypatch.setattr(prepare_dynamics, "ProcessPoolExecutor", Here)
    monkeypatch.setattr(prepare_dynamics, "segment", killed)
    with pytest.raises(KeyboardInterrupt):
        run_dynamics(tmp_path / "b")
    assert len(list((tmp_path / "b").glob("*_segments_*/*.npz"))) == 3
    resumed, _ = run_dynamics(tmp_path / "b")
    assert len(calls) == 1 + 8  # sixteen frames are four segments, two trajectories, one kill
    for name in ("training", "validation"):
        np.testing.assert_array_equal(whole[name], resumed[name])
    assert not list((tmp_path / "b").glob("*_segments_*"))


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
    with pytest.raises(InputError, match=r"few.xyz holds 12 frames, and 24001 \+ 6001 = 30002"):
        prepare_dynamics.main(
            ["--path", str(tmp_path / "few.xyz"), "--training", "24001", "--validation", "6001"]
            + ["--published", "none.csv", "--output", "x.npz", "--table", "x.csv"]
        )


def test_geometry_of_a_tetrahedron():
    statistics = geometry_statistics(1.1 * TETRAHEDRON[None])
    assert np.isclose(statistics["c_h_mean"], 1.1)
    assert np.isclose(statistics["h_c_h_max"], 109.4712206)
    assert statistics["h_c_h_std"] < 1e-6


def test_a_download_is_checked_and_kept(tmp_path):
    import hashlib

    source = tmp_path / "val.xyz"
    write(source, [methane(length / units.Bohr) for length in np.linspace(1.0, 1.2, 12)])
    published = tmp_path / "published.csv"
    published.write_text("set,frames\n")

    def prepare(sha256):
        prepare_dynamics.main(
            ["--url", source.as_uri(), "--sha256", sha256, "--unit", "bohr"]
            + ["--training", "8", "--validation", "4", "--downloads", str(tmp_path / "downloads")]
            + ["--published", str(published), "--output", str(tmp_path / "frames.npz")]
            + ["--table", str(tmp_path / "table.csv")]
        )

    with pytest.raises(InputError, match="the file was removed, download it again"):
        prepare("0" * 64)
    assert not (tmp_path / "downloads" / "val.xyz").exists()
    prepare(hashlib.sha256(source.read_bytes()).hexdigest())
    with np.load(tmp_path / "frames.npz") as data:
        assert data["training"].shape == (8, 4, 3)
        assert 1.0 < np.linalg.norm(data["training"], axis=-1).mean() < 1.2
    source.unlink()
    with pytest.raises(InputError, match="cannot be fetched"):
        prepare_dynamics.download(source.as_uri(), "0" * 64, tmp_path / "elsewhere")
