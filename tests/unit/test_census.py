"""The census of singular points: crossings of pairs, kinds, pieces, whole molecules, the script."""

import numpy as np
import pandas as pd
import pytest
from ase import Atoms
from ase.io import read, write

import survey_singular_points
from descriptor_sensitivity import census, census_study, structure_census
from descriptor_sensitivity.crossings import DISTANCES, REACH, SAME, crossing
from descriptor_sensitivity.descriptors.density import Density
from descriptor_sensitivity.descriptors.radial import gto_basis
from descriptor_sensitivity.environments import batch_from_vectors
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.matching import matched
from descriptor_sensitivity.singular import sensitivity
from descriptor_sensitivity.structures.methane import methane_frames, random_methane
from descriptor_sensitivity.theory import families
from descriptor_sensitivity.theory.equal_angles import equal_angles_singular
from descriptor_sensitivity.theory.nearest import symmetric_points
from descriptor_sensitivity.theory.nullspace import null_space
from descriptor_sensitivity.zoo.entries import load_zoo

NU2 = Density(2, gto_basis(8, 6, 0.3, 5.0))
METHANE = random_methane(100, 2021)
MEMBERS = {
    "mirror": families.mirror_singular(1.0, 1.15, 1.3),
    "flat_pair": families.flat_pair(1.0, 1.15, 1.3, 30.0, 40.0, 130.0),
    "ring": families.ring(),
    "equal_angles": equal_angles_singular(),
}


@pytest.mark.parametrize("name", MEMBERS)
def test_pairs_cross_at_the_singular_points_of_every_family(name):
    vectors = MEMBERS[name]
    null = null_space(vectors, 2).degenerate[:, 0]
    found = crossing(NU2, batch_from_vectors(vectors), null)
    assert found.found and found.residual < SAME
    plus, minus = NU2.features(batch_from_vectors(found.pair))
    assert np.linalg.norm(plus - minus) < 1e-9 * np.linalg.norm(plus)
    assert matched(*found.pair)[0] == pytest.approx(found.apart) and found.apart > DISTANCES[-1]
    moves = np.linalg.norm((found.pair - vectors).reshape(2, -1), axis=1)
    assert moves.max() <= REACH * DISTANCES[-1]
    # twice the distance lies between the two, along what is not seen
    along = (found.pair[0] - found.pair[1]).ravel() @ null
    assert along == pytest.approx(2 * DISTANCES[-1], rel=1e-6)


def test_pairs_of_order_three_cross_at_the_double_ring():
    vectors = families.double_ring_singular()
    nu3 = Density(3, gto_basis(4, 4, 0.3, 5.0))
    null = null_space(vectors, 3).degenerate[:, 0]
    assert crossing(nu3, batch_from_vectors(vectors), null).found


def test_no_pair_crosses_where_everything_is_seen():
    batch = batch_from_vectors(METHANE[0])
    found = crossing(NU2, batch, sensitivity(NU2, batch)[1][0, :, -1])
    assert not found.found and found.residual > 1e-6


def test_congruent_environments_are_no_pair():
    point = next(p for p in symmetric_points(METHANE[1]) if p.name == "mirror plane").vectors
    found = crossing(NU2, batch_from_vectors(point), null_space(point, 2).basis[:, 0])
    assert found.residual < SAME and found.apart < 1e-6 and not found.found


def test_a_pair_beside_a_regular_point_is_no_crossing_there():
    # A- lies 0.3 Å from A+: within reach at the first distance, not at the second
    plus, minus = (families.mirror(sign, q=172.0) for sign in (1, -1))
    step = (plus - minus).ravel()
    found = crossing(NU2, batch_from_vectors(plus), step / np.linalg.norm(step))
    assert not found.found


def survey(index, nu=2, follow=True):
    found = census.survey(METHANE[index : index + 1], index, nu, follow)
    vectors = found.pop("vectors")
    return pd.DataFrame(found), vectors


def test_closed_forms_are_named_and_certified():
    table, vectors = survey(0, follow=False)
    assert set(table.found_by) == {"closed form"} and table.distance.is_monotonic_increasing
    assert set(table[table.kind == "degenerate"].crossing) == {"by construction"}
    assert set(table[table.kind == "symmetric"].crossing) == {""}
    assert table.ratio.max() < 1e-12 and set(table.structure) == {0} and set(table.nu) == {2}
    for row, point in zip(table.itertuples(), vectors, strict=True):
        assert np.linalg.norm(point - METHANE[0]) == pytest.approx(row.distance)
        hidden = null_space(point, 2)
        assert hidden.dimension and (row.kind == "degenerate") == bool(hidden.degenerate.size)


def test_what_the_descriptor_leads_to_is_told_and_its_pairs_are_looked_for():
    table, vectors = survey(9)
    row = table[table.found_by == "search"].iloc[0]
    assert (row.kind, row.what, row.crossing) == ("degenerate", "0-1 = 0-2 = 1-2", "found")
    assert row.hidden == 1 and row.residual < 1e-14 and row.pair_residual < SAME
    assert row.pair_apart >= DISTANCES[-1]
    exchanged = vectors[row.name][[2, 0, 3, 1]]
    assert census.pattern(exchanged) == row.what


def test_a_point_beside_a_multiple_zero_is_moved_onto_it(monkeypatch):
    # 1e-5 Å from a mirror plane that hides three displacements the product of two small singular
    # values passes for a zero
    table, _ = survey(87)
    assert not (table.kind == "unresolved").any()
    assert set(table[table.kind == "degenerate"].crossing) == {"by construction"}
    monkeypatch.setattr(census, "SNAP", 1e-9)
    table, _ = survey(87)
    row = table[table.kind == "unresolved"].iloc[0]
    assert row.found_by == "search" and row.residual > census.EXACT and row.crossing == ""


def test_third_order_lists_what_it_leads_to_alone():
    table, vectors = survey(0, nu=3)
    assert len(table) == len(vectors) and set(table.found_by) <= {"search"}
    assert set(table.kind) <= {"symmetric"}


def test_one_point_found_twice_counts_once():
    here = np.zeros((4, 3))
    near, far = here + 0.01, here + 0.1
    rows = [
        {"found_by": by, "kind": "symmetric", "what": what, "distance": d, "vectors": v}
        for by, what, d, v in (
            ("search", "sigma", 0.1, near),
            ("closed form", "sigma", 0.2, here),
            ("search", "sigma", 0.3, far),
            ("search", "planar", 0.4, near),
        )
    ]
    kept = list(census._distinct(rows))
    assert [row["distance"] for row in kept] == [0.2, 0.3, 0.4]


def test_pieces_make_one_table_and_are_kept(tmp_path, monkeypatch):
    asked = []

    def fake(vectors, first, nu, follow):
        asked.append((nu, first, len(vectors), follow))
        n = len(vectors)
        found = {name: np.zeros(n) for name in census.COLUMNS}
        found |= {"nu": np.full(n, nu), "structure": first + np.arange(n)}
        return {**found, "distance": vectors[:, 0, 0], "vectors": vectors}

    monkeypatch.setattr(census_study, "survey", fake)
    table, points = census_study.census(METHANE[:60], {2: 30, 3: 10}, tmp_path, {})
    assert asked == [
        (2, 0, 25, True), (2, 25, 5, True), (2, 30, 25, False), (2, 55, 5, False), (3, 0, 10, True)
    ]  # fmt: skip
    assert table.structure.tolist() == [*range(60), *range(10)]
    np.testing.assert_array_equal(points, np.concatenate([METHANE[:60], METHANE[:10]]))
    census_study.census(METHANE[:60], {2: 55, 3: 90}, tmp_path, {})
    assert asked[5:] == [(2, 25, 25, True), (2, 50, 5, True), (3, 0, 25, True), (3, 25, 25, True),
                         (3, 50, 10, True)]  # fmt: skip


def test_the_summary_counts_structures_and_points():
    columns = ["nu", "structure", "found_by", "kind", "what", "distance", "crossing"]
    rows = [
        (2, 0, "closed form", "degenerate", "mirror", 0.2, "by construction"),
        (2, 0, "search", "degenerate", "ring", 0.05, "found"),
        (2, 0, "search", "degenerate", "ring", 0.4, "not found"),
        (2, 1, "closed form", "degenerate", "mirror", 0.6, "by construction"),
        (3, 0, "search", "symmetric", "sigma", 0.3, ""),
    ]
    table = pd.DataFrame(rows, columns=columns).assign(residual=1e-15, pair_residual=np.nan)
    found = census_study.summary(table, 10, {2: 4, 3: 20}).set_index(["nu", "found_by", "what"])
    every, ring = found.loc[2, "any", "any"], found.loc[2, "search", "ring"]
    assert (every.tried, every.structures, every.points) == (10, 2, 4)
    assert every.nearest == pytest.approx(0.325) and every["within_0.1"] == 0.1
    assert (every.crossings, every.no_crossings) == (3, 1)
    assert (ring.tried, ring.structures, ring.points) == (4, 1, 2)
    assert ring["within_0.1"] == 0.25 and ring["within_1"] == 0.25
    assert found.loc[3, "search", "sigma"].tried == 10


def test_what_is_of_no_known_kind_is_written_out():
    columns = ["kind", "what", "crossing"]
    rows = [
        ("degenerate", "ring", "found"),
        ("degenerate", "0-1 = 0-2 = 1-3", "found"),
        ("degenerate", "ring", "not found"),
        ("symmetric", "sigma", ""),
        ("unresolved", "sigma", ""),
        ("truncation", "", ""),
    ]
    table = pd.DataFrame(rows, columns=columns)
    found = list(census_study.candidates(table, METHANE[:6]))
    assert [atoms.positions[1, 0] for atoms in found] == METHANE[[1, 2, 4, 5], 0, 0].tolist()
    assert found[0].info["what"] == "0-1 = 0-2 = 1-3"


def whole(entry, partition, nu):
    atoms = load_zoo()[entry].members[0]
    atoms = atoms[np.argsort(atoms.numbers, kind="stable")]
    batch = batch_from_vectors(
        atoms.positions[1:] - atoms.positions[0], atoms.numbers[1:], int(atoms.numbers[0])
    )
    return structure_census.WholeMolecule(nu, partition), batch, atoms


@pytest.mark.parametrize(
    ("entry", "partition", "nu", "blind"),
    [
        ("hub", "summed", 2, True),
        ("hub", "multiset", 2, False),
        ("hub", "summed", 3, False),
        ("path_A0", "summed", 2, True),
        ("path_A0", "summed", 3, False),
        ("rhombus", "multiset", 1, True),
    ],
)
def test_features_of_whole_molecules_are_blind_where_the_zoo_says(entry, partition, nu, blind):
    features, batch, _ = whole(entry, partition, nu)
    values = sensitivity(features, batch)[0][0]
    assert (values[-1] < 1e-11 * values[0]) == blind


@pytest.mark.parametrize("partition", ["summed", "multiset"])
def test_derivatives_of_whole_molecules(partition):
    features = structure_census.WholeMolecule(2, partition)
    batch = structure_census.random_clusters("CH2O", 1, 3)
    step = 1e-5 * np.random.default_rng(0).normal(size=batch.vectors.shape)
    ahead, behind = (features.features(batch.moved(batch.vectors + s * step)) for s in (1, -1))
    expected = step.ravel() @ features.jacobian(batch)[1][0]
    np.testing.assert_allclose((ahead - behind)[0] / 2, expected, atol=1e-7 * abs(expected).max())


def test_molecules_are_told_by_the_theory(monkeypatch):
    monkeypatch.setitem(structure_census.SEARCHES, "here", ("summed", 2))
    atoms = whole("path_A0", "summed", 2)[2]
    assert structure_census._told(atoms, "here")["kind"] == "degenerate"
    missed = atoms.copy()
    missed.positions += 1e-7 * np.random.default_rng(0).normal(size=atoms.positions.shape)
    told = structure_census._told(missed, "here")
    assert told["kind"] == "unresolved" and told["hidden"] == 1
    generic = structure_census.random_clusters("C5", 1, 0).atoms(0)
    assert structure_census._told(generic, "here")["kind"] == "truncation"
    water = Atoms("HHO", [[0.8, 0.6, 0], [-0.8, 0.6, 0], [0, 0, 0]])
    told = structure_census._told(water, "summed nu = 3")
    assert (told["kind"], told["hidden"], told["forced"]) == ("symmetric", 1, 1)


def test_clusters_are_the_same_however_many_are_asked_for():
    few, many = (structure_census.random_clusters("CH4", n, 2) for n in (2, 5))
    np.testing.assert_array_equal(few.vectors, many.vectors[:2])
    assert many.center == 1 and many.species.tolist() == [1, 1, 1, 6]


def test_searches_of_molecules_say_what_they_did_not_find(tmp_path, monkeypatch):
    monkeypatch.setattr(census_study, "CLUSTERS", 1)
    table, found = census_study.clusters(["H2O"], 2, 0, tmp_path, {})
    assert table.search.tolist() == list(structure_census.SEARCHES)
    assert set(table.said) == {"no degenerate points in 2 starts"}
    for row, points in zip(table.itertuples(), found, strict=True):
        assert row.singular == row.symmetric == len(points["positions"]) > 0
        assert points["start"].tolist() == sorted(set(points["start"].tolist()))
    assert list(census_study.cluster_candidates(table, found)) == []
    found[0]["kind"][0] = "degenerate"
    (atoms,) = census_study.cluster_candidates(table, found)
    assert atoms.info["search"] == "summed nu = 3" and atoms.get_chemical_formula() == "H2O"


@pytest.mark.parametrize("formula", ["H2", "Xy4", "CH4 "])
def test_a_formula_that_is_none_is_one_sentence(formula):
    with pytest.raises(InputError, match="is no formula of three atoms or more"):
        structure_census.numbers_of(formula)


def test_the_script_surveys_a_small_set(tmp_path):
    write(tmp_path / "methane.xyz", list(methane_frames(METHANE[8:11])))
    names = {"table": "csv", "summary": "csv", "clusters": "csv", "candidates": "xyz"}
    settings = '{"n_structures": 9, "n_followed": 2, "n_followed_nu3": 1, "formulas": ["H2O"],'
    settings += ' "n_clusters": 1, "seed": 0}'
    options = ["--settings", settings, "--structures", str(tmp_path / "methane.xyz")]
    for name, ending in names.items():
        options += [f"--{name}", str(tmp_path / f"{name}.{ending}")]
    survey_singular_points.main([*options, "--pieces", str(tmp_path / "pieces")])
    table = pd.read_csv(tmp_path / "table.csv")
    assert set(table[table.nu == 2].structure) == {0, 1, 2}
    (candidate,) = read(tmp_path / "candidates.xyz", ":")
    assert candidate.info["structure"] == 1 and candidate.info["residual"] < 1e-14


def test_other_molecules_are_refused(tmp_path):
    frames = [Atoms("CH3", [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]])]
    batches = survey_singular_points.cut_environments(frames, 5.0, "C", name="a.xyz")
    with pytest.raises(InputError, match=r"a\.xyz, structure 0: the census is of methane"):
        census_study.methane_vectors(batches, "a.xyz")
