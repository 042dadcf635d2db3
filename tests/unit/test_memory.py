"""What a job holds is bounded by what it computes at once, not by its frames."""

import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, molecule
from ase.io import write

from audits import DENSITY
from descriptor_sensitivity.audit.case import Companions
from descriptor_sensitivity.audit.chunks import (
    MOST_ATOMS,
    cut_block,
    sample_batches,
    small_blocks,
    split_frames,
    thinned,
)
from descriptor_sensitivity.audit.cost import seconds
from descriptor_sensitivity.audit.table import audit_chunk, environment_rows
from descriptor_sensitivity.audit.worst import sampled
from descriptor_sensitivity.cutting import cut_batches
from descriptor_sensitivity.descriptors.compression import FOLDED_BYTES, folded
from descriptor_sensitivity.descriptors.density import Density
from descriptor_sensitivity.descriptors.omfp import OMFP, SmoothOMFP
from descriptor_sensitivity.descriptors.optimal import optimal_basis
from descriptor_sensitivity.descriptors.radial import dvr_integrals, gto_basis
from descriptor_sensitivity.environments import batch_from_vectors, nearest_distance
from descriptor_sensitivity.singular import singular_values


@contextmanager
def at_most(megabytes: float) -> Iterator[None]:
    """The arrays that are made inside take so much at any time."""
    tracemalloc.start()
    try:
        yield
        peak = tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()
    assert peak < megabytes, f"{peak:.0f} MB"


def rattled(crystal: Atoms, *repeat: int) -> Atoms:
    atoms = crystal.repeat(repeat)
    atoms.rattle(0.1, seed=1)
    return atoms


def test_three_hundred_neighbours_of_five_hundred_atoms():
    """Distances within all environments at once would take 1.2 GB."""
    with at_most(120):
        batches, _ = cut_batches([rattled(bulk("Al", cubic=True), 5, 5, 5)], 10.5, None, [0])
    assert 310 < np.mean([batch.n_neighbors for batch in batches for _ in range(len(batch))]) < 320


def test_the_nearest_distance_does_not_depend_on_the_blocks(monkeypatch):
    vectors = np.random.default_rng(0).normal(size=(50, 7, 3))
    points = np.concatenate([np.zeros((50, 1, 3)), vectors], 1)
    apart = np.linalg.norm(points[:, :, None] - points[:, None], axis=-1) + 9 * np.eye(8)
    monkeypatch.setattr("descriptor_sensitivity.environments.PAIRS", 200)
    np.testing.assert_array_equal(nearest_distance(vectors), apart.min(axis=(1, 2)))


def test_many_frames_of_many_atoms_are_cut_in_parts(tmp_path):
    """100 frames are a block, but not of 216 atoms each; rows do not depend on the parts."""
    frames = [rattled(bulk("Si", cubic=True), 3, 3, 3) for _ in range(30)]
    write(tmp_path / "si.traj", frames)
    dataset = split_frames(tmp_path / "si.traj", tmp_path / "p", 100, 5, 0)
    (chunk,) = sorted((tmp_path / "p" / "chunks").iterdir())
    blocks = [[number for number, _ in block] for block in dataset.blocks(chunk)]
    assert sum(blocks, []) == list(range(30)) and len(blocks) == 3
    assert max(map(len, blocks)) * 216 < MOST_ATOMS + 216
    with at_most(60):
        for block in dataset.blocks(chunk):
            cut_block(block, 6.3, None, "si")


def test_rows_do_not_depend_on_how_a_block_is_parted(tmp_path, monkeypatch):
    frames = [rattled(bulk("NaCl", "rocksalt", 5.64, cubic=True), 2, 1, 1) for _ in range(5)]
    frames.insert(2, Atoms("H"))
    write(tmp_path / "a.traj", frames)
    dataset = split_frames(tmp_path / "a.traj", tmp_path / "p", 100, 5, 0)
    job = tmp_path / "p" / "chunks" / "000000.parquet", tmp_path / "p" / "sample.parquet"
    settings = {**DENSITY, "cutoff": 3.0}
    whole = audit_chunk(dataset, *job, "rep", settings, None)
    monkeypatch.setattr("descriptor_sensitivity.audit.chunks.MOST_ATOMS", 20)
    assert len(list(small_blocks(job[0]))) > 3
    parted = audit_chunk(dataset, *job, "rep", settings, None)
    for one, other in zip(whole, parted, strict=True):
        assert one.to_csv(index=False) == other.to_csv(index=False)


def test_omfp_of_a_hundred_and_fifty_neighbours():
    """64 environments at once would take 2 GB."""
    (batch, *_), _ = cut_batches([rattled(bulk("Al", cubic=True), 4, 4, 4)], 8.4, None, [0])
    assert batch.n_neighbors > 120
    many = batch[np.zeros(8, dtype=int)]
    for descriptor in (OMFP(8.4), SmoothOMFP(8.4)):
        with at_most(250):
            next(iter(environment_rows(descriptor, [many[:4]], "a")))
        assert descriptor.block_size(many) == 2
    assert OMFP(6.0).block_size(batch_from_vectors(np.eye(3))) == 64


def test_a_fit_on_many_neighbours():
    """200 environments at once would take 400 MB and more."""
    batches, _ = cut_batches([rattled(bulk("Al", cubic=True), 3, 3, 3)], 8.4, None, [0])
    with at_most(300):
        optimal_basis(gto_basis(40, 6, 0.3, 8.4), batches, 8)


def test_a_narrow_gaussian_is_tabulated_in_slices(monkeypatch):
    """Its grid grows with cutoff / sigma, and so do the radii to tabulate."""
    radii = np.linspace(0.4, 3.9, 11)
    with at_most(200):  # 28 GB at once
        gto_basis(4, 12, 0.004, 4.0)(radii[None], np.ones(11, dtype=int))
    basis = gto_basis(4, 6, 0.1, 4.0)
    whole = basis(radii[None], np.ones(11, dtype=int))
    monkeypatch.setattr("descriptor_sensitivity.descriptors.radial._TABLE_BYTES", 1e5)
    sliced = gto_basis(4, 6, 0.1, 4.0)(radii[None], np.ones(11, dtype=int))
    for one, other in zip(whole, sliced, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-13)
    exact = dvr_integrals(radii, basis.points, basis.weights, 0.1, 6) @ basis.contraction[0][0].T
    np.testing.assert_allclose(sliced[0][0], exact.transpose(1, 0, 2), atol=1e-12)


def test_triangles_are_folded_where_they_grow_too_many(monkeypatch):
    rng = np.random.default_rng(1)
    panels = [rng.normal(size=(2, 9, 40)) for _ in range(30)]
    expected = singular_values(np.concatenate(panels, -1))
    apart = folded(panels)
    assert len(apart) == 30 and sum(part.nbytes for part in apart) < FOLDED_BYTES
    monkeypatch.setattr("descriptor_sensitivity.descriptors.compression.FOLDED_BYTES", 5000)
    together = folded(panels)
    assert len(together) < 5
    for parts in (apart, together):
        found = singular_values(np.concatenate(parts, -1))
        np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_nu_3_of_many_neighbours():
    (batch, *_), _ = cut_batches([rattled(bulk("Al", cubic=True), 4, 4, 4)], 8.0, None, [0])
    assert batch.n_neighbors > 110
    with at_most(350):
        Density(3, gto_basis(4, 6, 0.4, 8.0)).reduced_jacobian(batch[:1])


def test_a_sample_of_many_environments_is_thinned(tmp_path, monkeypatch):
    """Also where nearly every composition is there once."""
    frames = []
    rng = np.random.default_rng(0)
    for _ in range(20):
        water = molecule("H2O")
        water.numbers = rng.integers(1, 90, 3)
        frames.append(water)
    write(tmp_path / "a.traj", frames)
    split_frames(tmp_path / "a.traj", tmp_path / "p", 100, 20, 0)
    sample = tmp_path / "p" / "sample.parquet"
    every = sample_batches(sample, 3.0, None)
    assert sum(map(len, every)) == 60 and len(every) > 50
    assert sum(map(len, sample_batches(sample, 3.0, None, 20))) == 20
    monkeypatch.setattr("descriptor_sensitivity.audit.chunks.SAMPLE_BYTES", 20 * 48)
    few = sample_batches(sample, 3.0, None)
    assert 8 < sum(map(len, few)) <= 20


def test_environments_to_look_at_are_fewer_where_each_takes_long(tmp_path, monkeypatch):
    write(tmp_path / "a.traj", [rattled(molecule("CH4"), 1, 1, 1) for _ in range(100)])
    split_frames(tmp_path / "a.traj", tmp_path / "p", 100, 100, 0)
    sample = tmp_path / "p" / "sample.parquet"
    every = sampled(sample, "soap", DENSITY, "C")
    assert len(every) == 100
    takes = seconds(DENSITY, cut_batches([molecule("CH4")], 3.0, "C", [0])[0][0])
    monkeypatch.setattr("descriptor_sensitivity.audit.worst.SHOWN_SECONDS", 20.5 * takes)
    few = sampled(sample, "soap", DENSITY, "C")
    assert [one.info["frame"] for one in few] == list(range(0, 100, 5))


@pytest.mark.parametrize("stride", [1, 2, 3, 7])
def test_thinning_counts_through_all_batches(stride):
    vectors = np.random.default_rng(0).normal(size=(20, 3, 3))
    whole = batch_from_vectors(vectors)
    parts = [whole[:1], whole[1:2], whole[2:9], whole[9:10], whole[10:]]
    kept = np.concatenate([batch.frames for batch in thinned(parts, stride)])
    assert kept.tolist() == list(range(0, 20, stride))


@pytest.mark.parametrize(
    ("density", "n_max", "l_max"),
    [
        ({"n_max": 8, "l_max": 6}, 8, 6),
        ({"n_max": 8, "l_max": 60}, 8, 9),
        ({"n_max": 40, "l_max": 6}, 12, 6),
        ({"radial_basis": "complete", "l_max": 60, "n_max": None}, None, 9),
    ],
)
def test_what_a_diagnosis_asks_of_nu_3_has_a_basis_of_bounded_size(density, n_max, l_max):
    """Whatever that of the audited descriptor is; nu = 1 keeps it, the basis in question."""
    settings = {k: v for k, v in {**DENSITY, **density}.items() if v is not None}
    companions = Companions(settings)
    radial = companions.nu3.radial
    assert (n_max is None or radial.n_max == n_max) and radial.l_max == l_max
    assert companions.nu1.radial.l_max == density["l_max"]
