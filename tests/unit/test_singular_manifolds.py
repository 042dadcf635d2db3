"""A path of singular points, degenerate pairs in training, cusps: what the numbers must be."""

import numpy as np
import pytest
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator
from ase.units import Hartree

from descriptor_sensitivity import singular_manifolds
from descriptor_sensitivity.descriptors.density import Density
from descriptor_sensitivity.descriptors.omfp import OMFP, SmoothOMFP
from descriptor_sensitivity.descriptors.radial import gto_basis
from descriptor_sensitivity.singular_manifolds import singular_path, trained_pairs
from descriptor_sensitivity.statements import cusps, of_structures
from descriptor_sensitivity.theory import displacements, families
from descriptor_sensitivity.theory.nullspace import null_space

NU2, NU3 = Density(2, gto_basis(8, 6, 0.2, 4.0)), Density(3, gto_basis(4, 4, 0.3, 4.0))


def test_every_point_of_the_path_is_degenerate_and_none_is_symmetric():
    for vectors in singular_manifolds.path_of_singular_points():
        space = null_space(vectors, 2)
        assert space.degenerate.shape[1] == 1 and space.symmetric.shape[1] == 0


def test_features_change_along_the_path_and_nu3_sees_everything():
    found = singular_path(NU2, NU3)
    assert found["singular_path_nu2"] < 1e-13 and found["singular_path_nu3"] > 1e-4
    assert found["singular_path_extent"] > 0.5 and found["singular_path_step"] > 1e-3
    assert found["singular_path_overlap"] < 0.5


def path_of(monkeypatch, vectors):
    monkeypatch.setattr(singular_manifolds, "path_of_singular_points", lambda: vectors)
    return singular_path(NU2, NU3)


def test_a_path_along_the_null_vector_leaves_the_singular_points(monkeypatch):
    start = families.mirror_singular()
    null = displacements.mirror_null(start)
    found = path_of(monkeypatch, start + np.array([0, 1e-3, 2e-3])[:, None, None] * null)
    assert found["singular_path_overlap"] == pytest.approx(1.0, abs=1e-3)
    assert found["singular_path_nu2"] > 1e-4 and found["singular_path_extent"] < 0.01


def test_a_path_that_turns_the_environment_goes_nowhere(monkeypatch):
    turn = np.array([[0.8, -0.6, 0], [0.6, 0.8, 0], [0, 0, 1]])
    start = families.mirror_singular()
    found = path_of(monkeypatch, np.array([start, start @ turn, start @ turn @ turn]))
    assert found["singular_path_extent"] < 1e-12 and found["singular_path_step"] < 1e-12


def test_trained_pairs_stay_together_for_nu2_and_part_for_nu3():
    found = trained_pairs({"nu2": NU2, "nu3": NU3})
    assert found["trained_gap_nu2"] < 1e-5
    assert found["trained_gap_nu3"] == pytest.approx(1.0, abs=0.01)


def test_sorted_overlap_matrices_have_a_cusp_in_eight_directions():
    found = cusps(OMFP(), SmoothOMFP())
    assert found["symmetric_directions"] == 8
    assert 0.95 < found["cusp_omfp_low"] <= found["cusp_omfp_high"] < 1.1
    assert 1.95 < found["cusp_s-omfp_low"] <= found["cusp_s-omfp_high"] < 2.05
    assert max(found["cusp_omfp_odd"], found["cusp_s-omfp_odd"]) < 1e-6


def test_energies_of_structures_span_what_they_span_if_all_have_one():
    frames = [Atoms("HH", [[0, 0, 0], [0, 0, d]]) for d in (0.7, 0.9)]
    found = of_structures(frames)
    assert found["separation_min"] == 0.7 and found["separation_mean"] == pytest.approx(0.8)
    assert "energy_span" not in found
    frames[0].calc = SinglePointCalculator(frames[0], energy=-1.5)
    assert "energy_span" not in of_structures(frames)
    frames[1].calc = SinglePointCalculator(frames[1], energy=-1.0)
    assert of_structures(frames)["energy_span"] == pytest.approx(0.5 * Hartree)
