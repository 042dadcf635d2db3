"""The audit on real and bad data: the same bytes for any chunks, one sentence for each fault."""

import json
import time

import numpy as np
import pandas as pd
import pytest
from ase import Atoms
from ase.build import bulk, molecule
from ase.collections import g2
from ase.io import read, write

import audit_chunk
import diagnose_chunk
import draw_audit
import merge_audit
import set_thresholds
import split_dataset
import write_audit_viewer
from descriptor_sensitivity.audit.audit import (
    BLOCK,
    Distribution,
    effective_rank,
    is_regular,
    low_sensitivity,
    nearest_distance,
    reason_kind,
)
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.structures.methane import methane_frames, random_methane
from descriptor_sensitivity.theory import families

DENSITY = {
    "kind": "density",
    "nu": 2,
    "radial_basis": "gto",
    "n_max": 4,
    "l_max": 4,
    "sigma": 0.3,
    "cutoff": 3.5,
}
CRITERIA = {
    "factor": 5.0,
    "symmetry": 0.3,
    "coincidence": 0.05,
    "unresolved": 1.0,
    "nu3_neighbors": 8,
}
FILES = ["environments.csv", "environments.parquet", "summary.csv", "findings.csv", "skipped.csv"]
FILES += ["worst.xyz"]


def audit(path, folder, chunk_size=1000, settings=None, reverse=False, center=None, sample=30):
    """The whole audit of one file by the scripts, as the rules call them; its folder."""
    representations = {"rep": {**DENSITY, **(settings or {})}}
    pieces = folder / "pieces"
    options = ["--chunk-size", str(chunk_size), "--sample", str(sample), "--seed", "1"]
    split_dataset.main(["--path", str(path), "--folder", str(pieces), *options])
    chunks = sorted((pieces / "chunks").glob("*.xyz"), reverse=reverse)
    shared = ["--sample", str(pieces / "sample.xyz")]
    shared += ["--center-species", center] if center else []
    for name, settings in representations.items():
        text = json.dumps(settings)
        named = ["--name", name, "--settings", text, "--frames", str(pieces / "frames.json")]
        part = lambda kind, chunk, end: str(pieces / kind / name / f"{chunk.stem}.{end}")  # noqa: E731, B023
        for chunk in chunks:
            rows = ["--rows", part("rows", chunk, "parquet")]
            skipped = ["--skipped", part("skipped", chunk, "csv")]
            audit_chunk.main(["--chunk", str(chunk), *shared, *named, *rows, *skipped])
        thresholds = str(pieces / "thresholds" / f"{name}.json")
        options = ["--density", text, "--nu3-neighbors", "8", "--output", thresholds]
        set_thresholds.main(["--rows", str(pieces / "rows" / name), *shared, *options])
        for chunk in chunks:
            options = ["--rows", part("rows", chunk, "parquet"), "--thresholds", thresholds]
            options += ["--density", text, "--criteria", json.dumps(CRITERIA), "--shown", "2"]
            options += ["--findings", part("findings", chunk, "csv")]
            options += ["--worst", part("worst", chunk, "xyz")]
            diagnose_chunk.main(["--chunk", str(chunk), *shared, *named, *options])
    options = ["--folder", str(pieces), "--frames", str(pieces / "frames.json"), "--low", "5"]
    options += ["--shown", "2", "--output", str(folder)]
    merge_audit.main([*options, "--representations", *representations])
    return folder


def table(folder):
    return pd.read_csv(folder / "environments.csv")


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
    assert (tmp_path / "pieces" / "chunks" / "000001.xyz").exists()
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
    pieces = whole / "pieces"
    files = ["--table", str(whole / "environments.parquet")]
    files += ["--summary", str(whole / "summary.csv"), "--worst", str(whole / "worst.xyz")]
    draw_audit.main([*files, "--dataset", "methane", "--figure", str(tmp_path / "page")])
    first = (tmp_path / "page.png").read_bytes()
    draw_audit.main([*files, "--dataset", "methane", "--figure", str(tmp_path / "page")])
    assert (tmp_path / "page.png").read_bytes() == first
    options = ["--sample", str(pieces / "sample.xyz"), "--frames", str(pieces / "frames.json")]
    options += ["--worst", str(whole / "worst.xyz"), "--dataset", "methane", "--name", "rep"]
    options += ["--settings", json.dumps(DENSITY), "--center-species", "C"]
    write_audit_viewer.main([*options, "--output", str(tmp_path / "view.json.gz")])
    shown = pd.read_json(tmp_path / "view.json.gz", typ="series")
    worst = read(whole / "worst.xyz", ":")
    assert len(shown["structures"]) == 30 + len(worst)
    assert "least visible displacement" in shown["shapes"]
    assert shown["properties"]["diagnosis"]["values"].count("sample") == 30


def test_a_hundred_thousand_methanes_would_take_two_minutes_on_two_cores(tmp_path):
    """240 core-seconds for 1e5 are 2.4 ms each; the cost of 2000 includes what does not grow."""
    write(tmp_path / "m.xyz", methane_frames(random_methane(2000, seed=1)), format="extxyz")
    settings = {"n_max": 8, "l_max": 6, "sigma": 0.1, "cutoff": 4.0}
    started = time.process_time()
    audit(tmp_path / "m.xyz", tmp_path / "out", settings=settings, center="C")
    assert time.process_time() - started < 2000 * 2.4e-3


# ---------------------------------------------------------------- real data


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


# ---------------------------------------------------------------- bad data


@pytest.mark.parametrize(
    ("frames", "reason", "left"),
    [
        ([Atoms("Ar")], "no neighbour within the cutoff", 0),
        ([molecule("H2O"), Atoms("OH", [[0, 0, 0], [0, 0, 9]])], "no neighbour", 3),
        ([Atoms("CH2", [[0, 0, 0], [0, 0, 1], [0, 0, 1]])], "coincident atoms", 0),
    ],
    ids=["one atom", "gap", "duplicate atoms"],
)
def test_environments_that_do_not_exist(tmp_path, frames, reason, left):
    write(tmp_path / "bad.xyz", frames, format="extxyz")
    folder = audit(tmp_path / "bad.xyz", tmp_path / "out")
    assert len(table(folder)) == left
    skipped = pd.read_csv(folder / "skipped.csv")
    assert skipped["reason"].map(reason_kind).str.startswith(reason).all()
    assert skipped["reason"].str.contains("bad.xyz, frame ").all()


def test_a_data_set_without_any_environment_is_said_to_be(tmp_path):
    """Its tables are there and count what was left out; there is nothing to draw."""
    write(tmp_path / "argon.xyz", [Atoms("Ar")] * 3, format="extxyz")
    folder = audit(tmp_path / "argon.xyz", tmp_path / "out")
    assert pd.read_csv(folder / "summary.csv")["left_out"].item() == 3
    files = ["--table", str(folder / "environments.parquet")]
    files += ["--summary", str(folder / "summary.csv"), "--worst", str(folder / "worst.xyz")]
    with pytest.raises(InputError, match="argon: no environment .* skipped.csv"):
        draw_audit.main([*files, "--dataset", "argon", "--figure", str(tmp_path / "page")])
    options = ["--sample", str(folder / "pieces" / "sample.xyz"), "--name", "rep"]
    options += ["--frames", str(folder / "pieces" / "frames.json"), "--dataset", "argon"]
    options += ["--worst", str(folder / "worst.xyz"), "--settings", json.dumps(DENSITY)]
    with pytest.raises(InputError, match="argon: no environment .* skipped.csv"):
        write_audit_viewer.main([*options, "--output", str(tmp_path / "view.json.gz")])


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


# ---------------------------------------------------------------- the pieces


def test_quantiles_of_a_distribution_that_was_added_up():
    numbers = 10 ** np.random.default_rng(0).uniform(0, 6, 10001)
    numbers[:100] = np.inf
    found = Distribution.empty()
    for part in np.array_split(numbers, 7):
        found.add(part)
    assert found.total == 10001 and found.infinite == 100
    for fraction in (0.1, 0.5, 0.9):
        exact = np.quantile(numbers, fraction, method="inverted_cdf")
        assert found.quantile(fraction) == pytest.approx(exact, rel=2.5e-3)
    assert np.isinf(found.quantile(1.0))
    assert np.isnan(Distribution.empty().quantile(0.5))


def test_low_sensitivity_is_relative_to_the_species_and_always_holds_singular_ones():
    rows = pd.DataFrame(
        {"species": ["C", "C", "H", "H", "O"], "condition_number": [49, 51, 9, 11, np.inf]}
    )
    low = low_sensitivity(rows, {"C": 10.0, "H": 2.0, "O": None}, 5.0, 1e6)
    assert low.tolist() == [False, True, False, True, True]
    assert low_sensitivity(rows, {"C": 100.0, "H": 9.0}, 5.0, 50).tolist() == [0, 1, 0, 0, 1]


def test_a_single_neighbour_and_singular_environments_are_not_regular():
    assert is_regular(np.array([3.0, 1.0, 2e6]), np.array([4, 1, 4]), 1e6).tolist() == [1, 0, 0]


def test_effective_rank_counts_what_is_seen_equally():
    ranks = effective_rank(np.array([[1.0, 1, 1, 1], [1, 0, 0, 0], [2, 2, 0, 0]]))
    np.testing.assert_allclose(ranks, [4, 1, 2])


def test_nearest_distance_counts_the_centre():
    vectors = np.array([[[0, 0, 1.0], [0, 0, 1.4]], [[0, 0, 0.3], [2, 0, 0]]])
    np.testing.assert_allclose(nearest_distance(vectors), [0.4, 0.3])
