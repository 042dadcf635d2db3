"""The benchmark measures every installed library and says who refuses. No time is asserted."""

import numpy as np
import pandas as pd
import pytest

import benchmark_descriptors as benchmark


@pytest.fixture
def table(monkeypatch):
    monkeypatch.setattr(benchmark, "SETTINGS", [(3, 2, 0.4), (3, 2, 0.1)])
    monkeypatch.setattr(benchmark, "NEIGHBORS", [4, 6])
    monkeypatch.setattr(benchmark, "MIXED", [(2, (3, 2, 0.4), 6)])
    monkeypatch.setattr(benchmark, "OWN", [(3, 2, 2, 0.4, 4, 1), (4, 2, 1, 0.4, 5, 2)])
    monkeypatch.setattr(
        benchmark,
        "PEERS",
        {"qmllib": {"kind": "qmllib_fchl19"}, "featomic": {"kind": "featomic_soap"}},
    )
    rows = benchmark.measure(budget=0.001, rounds=2, seed=1, progress=False)
    return pd.DataFrame(benchmark.combined([rows, rows]))


def test_every_case_is_measured_or_refused(table):
    assert len(table) == 2 * 2 * 3 + 3 + 2
    assert set(table.n_species) == {1, 2}
    measured = table.status == "ok"
    assert measured[table.library == "exact"].all()
    assert (table[measured].ms_per_environment > 0).all()
    assert table[~measured].ms_per_environment.isna().all()
    assert table[~measured].status.str.fullmatch(r"refused: [^\n]+\.").all()
    assert (table.threads == 2).all()


def test_summary_has_a_row_per_setting_and_names_refusals(table):
    text = benchmark.summary(table.assign(threads=1))
    rows = [line for line in text.splitlines() if line.startswith("| (3")]
    assert len(rows) == 5 and all("**" in row for row in rows)
    for status in table.status[table.status != "ok"]:
        assert status in text


def test_environments_are_reproducible_and_apart():
    for count in benchmark.NEIGHBORS:
        vectors = benchmark.environments(count, 2, seed=5).vectors
        assert vectors.shape == (2, count, 3)
        assert np.array_equal(vectors, benchmark.environments(count, 2, seed=5).vectors)
        assert np.linalg.norm(vectors, axis=-1).max() < benchmark.CUTOFF


@pytest.mark.parametrize("nu, n_species", [(2, 1), (2, 2), (3, 1), (3, 2)])
def test_number_of_features_is_that_of_the_jacobian(nu, n_species):
    case = {"library": "exact", "nu": nu, "n_max": 3, "l_max": 4, "sigma": 0.4}
    batch = benchmark.environments(5, 1, 1, n_species)
    features = benchmark.build(case).features(batch)
    assert benchmark.n_features(case | {"n_species": n_species}) == features.shape[1]


def test_scaling_covers_every_structure(monkeypatch):
    monkeypatch.setattr(benchmark, "_PORTION", 30)
    seen = []
    original = benchmark.sensitivities

    def counted(descriptor, batch):
        seen.append(len(batch))
        return original(descriptor, batch)

    monkeypatch.setattr(benchmark, "sensitivities", counted)
    row = benchmark.scaling(70, seed=3)
    assert sum(seen) == 70 and row["n_structures"] == 70
    assert row["peak_mb"] > 0 and row["smallest_singular_value"] > 0
