"""The census of singular points: crossings of pairs, kinds, pieces, whole molecules, the script."""

import numpy as np
import pandas as pd
import pytest
from ase import Atoms
from ase.io import read, write

import survey_singular_points
from descriptor_sensitivity import census, census_study, crossings
from descriptor_sensitivity.crossings import DISTANCES, REACH, SAME, crossing
from descriptor_sensitivity.descriptors.density import Density
from descriptor_sensitivity.descriptors.radial import gto_basis
from descriptor_sensitivity.environments import batch_from_vectors
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.matching import matched
from descriptor_sensitivity.singular import sensitivity
from descriptor_sensitivity.structures.methane import methane_frames, random_methane
from descriptor_sensitivity.theory import displacements, families
from descriptor_sensitivity.theory.equal_angles import equal_angles_singular
from descriptor_sensitivity.theory.nearest import symmetric_points
from descriptor_sensitivity.theory.nullspace import null_space
from descriptor_sensitivity.theory.recognise import singular_kind
from descriptor_sensitivity.theory.symmetry import symmetry_operations
from descriptor_sensitivity.theory.trapezoid import is_trapezoid, trapezoid

NU2 = Density(2, gto_basis(8, 6, 0.3, 5.0))
METHANE = random_methane(100, 2021)
MIRROR = families.mirror_singular()
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


@pytest.mark.parametrize("seed", range(3))
def test_a_trapezoid_is_singular_and_no_pairs_cross_there(seed):
    rng = np.random.default_rng(seed)
    angles, c = (rng.uniform(20, 70), rng.uniform(100, 160)), rng.uniform(0.3, 1, 3)
    vectors = trapezoid(rng.uniform(0.9, 1.3), rng.uniform(1.3, 1.8), *angles, tuple(c))
    hidden = null_space(vectors, 2)
    assert hidden.dimension == hidden.degenerate.shape[1] == 1
    assert null_space(vectors, 3).dimension == 0 and len(symmetry_operations(vectors)) == 1
    assert singular_kind(vectors[::-1], None, 2) == ("degenerate", "trapezoid")
    found = crossing(NU2, batch_from_vectors(vectors), hidden.degenerate[:, 0])
    assert not found.found and found.residual > 1e-8


def test_near_relatives_of_a_trapezoid_are_none():
    vectors = trapezoid()
    assert is_trapezoid(vectors, 1e-6) and not is_trapezoid(vectors[:4], 1e-6)
    for atom, axis in ((0, 0), (0, 1), (0, 2), (2, 0), (2, 1), (2, 2)):
        moved = vectors.copy()
        moved[atom, axis] += 0.01
        assert not is_trapezoid(moved, 1e-6)
    turned = vectors.copy()  # |a| = |a'|, and |b| = |b'| still
    turned[2:4] = turned[2:4] @ [[0.9998, 0.02, 0], [-0.02, 0.9998, 0], [0, 0, 1]]
    assert not is_trapezoid(turned, 1e-6)


def test_congruent_environments_are_no_pair():
    point = next(p for p in symmetric_points(METHANE[1]) if p.name == "mirror plane").vectors
    found = crossing(NU2, batch_from_vectors(point), null_space(point, 2).basis[:, 0])
    assert found.residual < SAME and found.apart < 1e-6 and not found.found


def test_a_pair_beside_a_regular_point_is_no_crossing_there(monkeypatch):
    # A0 lies 0.15 Å from it: within reach at the first distance, not at the second
    vectors, null = families.mirror(1, q=172.0), displacements.mirror_null(MIRROR)
    batch = batch_from_vectors(vectors)
    assert not crossing(NU2, batch, null.ravel()).found
    monkeypatch.setattr(crossings, "DISTANCES", (0.16, 0.08))
    assert crossing(NU2, batch, null.ravel()).found
    monkeypatch.setattr(crossings, "REACH", 1.2)
    assert not crossing(NU2, batch, null.ravel()).found


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
    # next to a mirror plane that hides three displacements the product of two small singular
    # values passes for a zero
    table, _ = survey(87)
    assert not (table.kind == "unresolved").any()
    assert set(table[table.kind == "degenerate"].crossing) == {"by construction"}
    plane = next(p for p in symmetric_points(METHANE[87]) if p.name == "mirror plane").vectors
    hidden = null_space(plane, 2).symmetric
    assert hidden.shape == (12, 3)
    beside = plane + 1e-7 * hidden[:, 0].reshape(4, 3)
    exact, kind, what, zeros, residual = census._recognised(census.density(2), beside)
    assert (kind, what, zeros) == ("symmetric", "sigma", 3) and residual < census.EXACT
    assert np.abs(exact - plane).max() < 2e-7 and exact is not beside
    monkeypatch.setattr(census, "SNAP", 1e-9)
    exact, kind, _, _, residual = census._recognised(census.density(2), beside)
    assert kind == "unresolved" and residual > census.EXACT and exact is beside


def test_pairs_cross_at_points_of_five_neighbours_too():
    found = census.survey(random_methane(4, 0, n_hydrogens=5)[3:], 3, 2, True)
    assert "found" in found["crossing"] and "not found" not in found["crossing"]
    assert set(found["n_neighbors"]) == {5}


def test_a_basis_that_is_too_small_is_told():
    small = Density(2, gto_basis(2, 1, 0.5, 5.0))
    _, kind, _, hidden, residual = census._recognised(small, METHANE[0])
    assert (kind, hidden) == ("truncation", 0) and residual > census.EXACT


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
        found["n_neighbors"] = np.full(n, vectors.shape[1])
        return {**found, "distance": vectors[:, 0, 0], "vectors": vectors}

    monkeypatch.setattr(census_study, "survey", fake)

    def run(followed, followed_nu3):
        asked.clear()
        sets = [
            census_study.Structures(METHANE[:60], 2, followed),
            census_study.Structures(METHANE[:60], 3, followed_nu3),
            census_study.Structures(METHANE[:1, :3], 2, 9),
        ]
        return census_study.census(sets, tmp_path, {})

    table, points = run(30, 10)
    assert asked == [
        (2, 0, 25, True), (2, 25, 5, True), (2, 30, 25, False), (2, 55, 5, False), (3, 0, 10, True),
        (2, 0, 1, True),
    ]  # fmt: skip
    assert table.structure.tolist() == [0, *range(60), *range(10)]
    expected = [METHANE[0, :3], *METHANE[:60], *METHANE[:10]]
    assert all(np.array_equal(one, other) for one, other in zip(points, expected, strict=True))
    run(55, 90)
    assert asked == [
        (2, 25, 25, True), (2, 50, 5, True), (3, 0, 25, True), (3, 25, 25, True), (3, 50, 10, True)
    ]  # fmt: skip


def test_the_summary_counts_structures_and_points():
    columns = ["nu", "structure", "found_by", "kind", "what", "distance", "crossing"]
    rows = [
        (2, 0, "closed form", "degenerate", "mirror", 0.2, "by construction"),
        (2, 0, "search", "degenerate", "ring", 0.05, "found"),
        (2, 0, "search", "degenerate", "ring", 0.4, "not found"),
        (2, 1, "closed form", "degenerate", "mirror", 0.6, "by construction"),
        (3, 0, "search", "symmetric", "sigma", 0.3, ""),
    ]
    table = pd.DataFrame(rows, columns=columns)
    table = table.assign(n_neighbors=4, residual=1e-15, pair_residual=np.nan)
    sets = [
        census_study.Structures(METHANE[:10], 2, 4),
        census_study.Structures(METHANE[:10], 3, 20),
    ]
    found = census_study.summary(table, sets).set_index(["nu", "found_by", "what"])
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


def test_the_script_surveys_a_small_set(tmp_path):
    write(tmp_path / "methane.xyz", list(methane_frames(METHANE[8:11])))
    names = {"table": "csv", "summary": "csv", "clusters": "csv", "candidates": "xyz"}
    settings = '{"n_structures": 9, "n_followed": 2, "n_followed_nu3": 1, "n_five": 1,'
    settings += ' "formulas": ["H2O"], "n_clusters": 1, "seed": 0}'
    options = ["--settings", settings, "--structures", str(tmp_path / "methane.xyz")]
    for name, ending in names.items():
        options += [f"--{name}", str(tmp_path / f"{name}.{ending}")]
    survey_singular_points.main([*options, "--pieces", str(tmp_path / "pieces")])
    table = pd.read_csv(tmp_path / "table.csv")
    assert set(table[(table.nu == 2) & (table.n_neighbors == 4)].structure) == {0, 1, 2}
    assert set(table.n_neighbors) == {4, 5}
    (known,) = table[(table.found_by == "start") & (table.what == "trapezoid")].itertuples()
    assert known.structure == 1 and known.crossing == "not found"
    candidates = read(tmp_path / "candidates.xyz", ":")
    (candidate,) = [atoms for atoms in candidates if len(atoms) == 5]
    assert candidate.info["structure"] == 1 and candidate.info["residual"] < 1e-14


def test_other_molecules_are_refused(tmp_path):
    frames = [Atoms("CH3", [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]])]
    batches = survey_singular_points.cut_environments(frames, 5.0, "C", name="a.xyz")
    with pytest.raises(InputError, match=r"a\.xyz, structure 0: the census is of methane"):
        census_study.methane_vectors(batches, "a.xyz")
