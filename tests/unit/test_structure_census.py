"""Singular points of whole molecules: the features, the theory's verdict, the search."""

import numpy as np
import pytest
from ase import Atoms

from descriptor_sensitivity import census_study, structure_census
from descriptor_sensitivity.environments import batch_from_vectors
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.singular import sensitivity
from descriptor_sensitivity.zoo.entries import load_zoo


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
