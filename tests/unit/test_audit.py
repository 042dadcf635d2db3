"""The audit: the same bytes for any chunks, one sentence for each fault of the data."""

import gzip
import json
import time

import numpy as np
import pandas as pd
import pytest
from ase import Atoms
from ase.build import molecule
from ase.io import read, write

from audits import FILES, audit, draw, table, write_viewer
from descriptor_sensitivity.audit.chunks import BLOCK
from descriptor_sensitivity.audit.table import reason_kind
from descriptor_sensitivity.descriptors.density import Density
from descriptor_sensitivity.descriptors.radial import gto_basis
from descriptor_sensitivity.environments import batch_from_vectors
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.singular import sensitivities
from descriptor_sensitivity.structures.methane import methane_frames, random_methane
from descriptor_sensitivity.theory import families

# ---------------------------------------------------------------- the same bytes for any chunks


@pytest.fixture(scope="module")
def methane(tmp_path_factory):
    """250 methanes; one is a mirror singularity, one a tetrahedron, two cannot be read."""
    path = tmp_path_factory.mktemp("data") / "methane.xyz"
    vectors = random_methane(250, seed=5)
    vectors[17] = families.mirror_singular()
    vectors[203] = families.tetrahedral(1.09)
    frames = list(methane_frames(vectors))
    frames[120].positions[2] = np.nan
    write(path, frames, format="extxyz")
    lines = path.read_text().split("\n")
    lines[7 * 40 + 3] = "H 0.1 oops 0.2"
    path.write_text("\n".join(lines))
    return path


@pytest.fixture(scope="module")
def whole(methane, tmp_path_factory):
    return audit(methane, tmp_path_factory.mktemp("whole"), center="C")


@pytest.mark.parametrize(("size", "reverse"), [(BLOCK, False), (2 * BLOCK, True)])
def test_tables_do_not_depend_on_chunks_or_their_order(methane, whole, tmp_path, size, reverse):
    other = audit(methane, tmp_path, chunk_size=size, reverse=reverse, center="C")
    assert (tmp_path / "pieces" / "chunks" / "000001.parquet").exists()
    for name in FILES:
        assert (other / name).read_bytes() == (whole / name).read_bytes(), name


def test_the_table_holds_every_environment_and_its_diagnosis(whole):
    rows = table(whole)
    assert len(rows) == 248
    assert rows["frame"].is_monotonic_increasing and not set(rows["frame"]) & {40, 120}
    diagnosis = rows.set_index("frame")["diagnosis"]
    assert diagnosis[17] == "degenerate" and diagnosis[203] == "symmetric"
    assert np.isinf(rows.set_index("frame")["condition_number"][[17, 203]]).all()
    fine = rows[rows["diagnosis"] == "fine"]
    median = rows["condition_number"][np.isfinite(rows["condition_number"])].median()
    assert fine["condition_number"].max() <= 5.02 * median
    low = rows[rows["diagnosis"] != "fine"]
    assert low["condition_number"].min() >= 4.98 * median
    pd.testing.assert_frame_equal(
        pd.read_parquet(whole / "environments.parquet"), rows, check_exact=False, rtol=1e-6
    )


def test_what_was_left_out_is_named_and_counted(whole, methane):
    skipped = pd.read_csv(whole / "skipped.csv").set_index("frame")["reason"]
    assert f"{methane}, frame 40: not a readable xyz frame" in skipped[40]
    assert f"{methane}, frame 120 has a coordinate that is not a finite number" in skipped[120]
    summary = pd.read_csv(whole / "summary.csv").iloc[0]
    assert (summary["n_frames"], summary["n_environments"], summary["left_out"]) == (250, 248, 2)
    expected = "1 coordinate that is not a number; 1 unreadable frame"
    assert summary["left_out_because"] == expected
    kinds = ["fine", "too_few_features", "unresolved_pair", "truncation", "degenerate"]
    assert summary[[*kinds, "symmetric", "unexplained"]].sum() == 248


def test_the_page_and_the_viewer(whole, tmp_path):
    """The same bytes again; the viewer holds the sample and the worst ones, with their arrows."""
    draw(whole, tmp_path / "page")
    first = (tmp_path / "page.png").read_bytes()
    draw(whole, tmp_path / "page")
    assert (tmp_path / "page.png").read_bytes() == first
    write_viewer(whole, "methane", tmp_path / "view.json.gz")
    shown = pd.read_json(tmp_path / "view.json.gz", typ="series")
    worst = read(whole / "worst.xyz", ":")
    assert len(shown["structures"]) == 30 + len(worst)
    assert "least visible displacement" in shown["shapes"]
    assert shown["properties"]["diagnosis"]["values"].count("sample") == 30


def test_what_is_drawn_is_counted_from_every_environment(whole):
    rows, histograms = table(whole), pd.read_csv(whole / "pieces" / "histograms.csv")
    assert histograms["rep"].sum() == len(rows)
    assert (
        histograms["rep"].iloc[-1] == (rows["condition_number"] > histograms["low"].iloc[-1]).sum()
    )
    points = pd.read_parquet(whole / "pieces" / "points.parquet")
    assert points["condition_number"].max() == 1e8
    assert set(points["frame"]) == set(rows["frame"])


def test_the_time_of_an_audit_in_that_of_its_singular_values(tmp_path):
    """Cutting, diagnosis, tables: measured in the time of the same singular values alone."""
    hydrogens = random_methane(2000, seed=1)
    write(tmp_path / "m.xyz", methane_frames(hydrogens), format="extxyz")
    settings = {"n_max": 8, "l_max": 6, "sigma": 0.1, "cutoff": 4.0}
    radial = gto_basis(8, 6, 0.1, 4.0)
    batch = batch_from_vectors(hydrogens)
    started = time.process_time()
    for _ in range(3):
        sensitivities(Density(2, radial), batch)
    alone = (time.process_time() - started) / 3
    started = time.process_time()
    # of a hundred thousand, one in a hundred is judged as a whole
    audit(tmp_path / "m.xyz", tmp_path / "out", settings=settings, center="C", most=20)
    # 45 to 65 times, most of it the diagnosis of the low ones and what does not grow
    assert time.process_time() - started < 130 * alone


def test_a_data_set_that_shrank_is_audited_as_in_a_fresh_folder(tmp_path):
    """Rows of chunks that are gone stay on disk, and count for nothing."""
    frames = list(methane_frames(random_methane(300, seed=2)))
    path = tmp_path / "m.xyz"
    write(path, frames, format="extxyz")
    audit(path, tmp_path / "old", chunk_size=BLOCK, center="C")
    write(path, frames[:120], format="extxyz")
    (tmp_path / "old" / "pieces" / "chunks" / "000002.parquet").unlink()
    audit(path, tmp_path / "old", chunk_size=BLOCK, center="C")
    assert (tmp_path / "old" / "pieces" / "rows" / "rep" / "000002.parquet").exists()
    audit(path, tmp_path / "new", chunk_size=BLOCK, center="C")
    for name in [*FILES, "pieces/thresholds/rep.json", "pieces/histograms.csv"]:
        assert (tmp_path / "old" / name).read_bytes() == (tmp_path / "new" / name).read_bytes()


# ---------------------------------------------------------------- bad data


@pytest.mark.parametrize(
    ("frames", "reason", "left"),
    [
        ([Atoms("Ar")], "no neighbour within the cutoff", 0),
        ([molecule("H2O"), Atoms("OH", [[0, 0, 0], [0, 0, 9]])], "no neighbour", 3),
        ([Atoms("CH2", [[0, 0, 0], [0, 0, 1], [0, 0, 1]])], "coincident atoms", 0),
        ([Atoms("CH", [[0, 0, 0], [0, 0, 1]], pbc=True)], "periodic without a cell", 0),
        (
            [Atoms("CH", [[0, 0, 0], [0, 0, 1]], cell=np.eye(3), pbc=True)],
            "cell too small for its atoms",
            0,
        ),
    ],
    ids=["one atom", "gap", "duplicate atoms", "no cell", "a placeholder of a cell"],
)
def test_environments_that_do_not_exist(tmp_path, frames, reason, left):
    write(tmp_path / "bad.xyz", frames, format="extxyz")
    folder = audit(tmp_path / "bad.xyz", tmp_path / "out")
    assert len(table(folder)) == left
    skipped = pd.read_csv(folder / "skipped.csv")
    assert skipped["reason"].map(reason_kind).str.startswith(reason).all()
    assert skipped["reason"].str.contains("bad.xyz, frame ").all()


def test_a_data_set_without_any_environment_is_said_to_be(tmp_path):
    """Its tables are there and count what was left out; what is drawn says so."""
    write(tmp_path / "argon.xyz", [Atoms("Ar")] * 3, format="extxyz")
    folder = audit(tmp_path / "argon.xyz", tmp_path / "out")
    assert pd.read_csv(folder / "summary.csv")["left_out"].item() == 3
    draw(folder, tmp_path / "figure")
    assert (tmp_path / "figure.pdf").stat().st_size > 0
    write_viewer(folder, "argon", tmp_path / "view.json.gz")
    shown = json.loads(gzip.decompress((tmp_path / "view.json.gz").read_bytes()))
    assert shown["structures"] == [] and "skipped.csv" in shown["meta"]["description"]


def test_duplicate_frames_give_equal_rows(tmp_path):
    frame = next(methane_frames(random_methane(1, seed=1)))
    write(tmp_path / "twice.xyz", [frame, frame], format="extxyz")
    rows = table(audit(tmp_path / "twice.xyz", tmp_path / "out", center="C"))
    assert rows.drop(columns="frame").drop_duplicates().shape[0] == 1


def test_a_file_that_ends_too_early_keeps_what_it_has(methane, tmp_path):
    text = methane.read_text()
    (tmp_path / "short.xyz").write_text(text[: len(text) // 2])
    rows = table(audit(tmp_path / "short.xyz", tmp_path / "out", center="C"))
    skipped = pd.read_csv(tmp_path / "out" / "skipped.csv")["reason"]
    assert len(rows) > 100
    assert skipped.iloc[-1].endswith("the file is truncated, copy or download it again.")


def test_a_species_that_a_fitted_basis_does_not_know(tmp_path):
    """The hydrogens of methane have a carbon neighbour, which is not in the sample of water."""
    frames = [molecule("CH4"), *[molecule("H2O")] * 40]
    write(tmp_path / "rare.xyz", frames, format="extxyz")
    settings = {"radial_basis": "optimal", "n_primitive": 20}
    folder = audit(tmp_path / "rare.xyz", tmp_path / "out", settings=settings, sample=3)
    skipped = pd.read_csv(folder / "skipped.csv")
    assert set(skipped["frame"]) == {0}
    assert len(skipped) == 4 and len(table(folder)) == 121


@pytest.mark.parametrize("content", ["", "\n"])
def test_an_empty_file(tmp_path, content):
    (tmp_path / "empty.xyz").write_text(content)
    with pytest.raises(InputError, match="empty.xyz: the file is empty"):
        audit(tmp_path / "empty.xyz", tmp_path / "out")


def test_chunks_are_whole_blocks(methane, tmp_path):
    with pytest.raises(InputError, match="multiple of 100"):
        audit(methane, tmp_path, chunk_size=150)
