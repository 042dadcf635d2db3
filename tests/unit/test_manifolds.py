"""Manifolds of displaced methane, and what features and energies do on them."""

import numpy as np
import pytest
import yaml

from descriptor_sensitivity.descriptors.density import Density
from descriptor_sensitivity.descriptors.omfp import OMFP, SmoothOMFP
from descriptor_sensitivity.descriptors.optimal import radial_basis
from descriptor_sensitivity.descriptors.radial import dvr_basis, gto_basis
from descriptor_sensitivity.energies import energies_ev, read_energies, unfit
from descriptor_sensitivity.energy_models import errors_on_cuts, fit_manifold
from descriptor_sensitivity.environments import batch_from_vectors
from descriptor_sensitivity.grids import asymmetric, build, degenerate, symmetric
from descriptor_sensitivity.manifold_features import compute_features
from descriptor_sensitivity.manifolds import (
    Manifold,
    changes_on_cuts,
    geometry,
    sensing_directions,
    square_grid,
    training_points,
)
from descriptor_sensitivity.regression import kernel_ridge, rotated
from descriptor_sensitivity.scf import Level
from descriptor_sensitivity.singular import sensitivity
from descriptor_sensitivity.structures.methane import random_methane

GRID = square_grid(21)
GAMMAS, SIGMA2S = 10.0 ** np.arange(-7, 3.1, 0.25), 10.0 ** np.arange(-12, 0.1, 0.5)


@pytest.fixture(scope="module")
def paper_basis():
    """The basis of the paper's Figure 2."""
    fit = batch_from_vectors(random_methane(1000, 2021))
    return radial_basis("optimal", 20, 20, 0.05, 4.0, "dvr", 100, [fit])


@pytest.fixture(scope="module")
def manifolds():
    basis = dvr_basis(100, 20, 0.05, 4.0)
    return {
        "asymmetric": asymmetric(1.1061, 0.3, 12, 0.008, GRID, basis),
        "symmetric": symmetric(1.1061, 0.03, GRID),
        "degenerate": degenerate(0.005, GRID, basis),
    }


@pytest.fixture(scope="module")
def energies(root):
    folder = root / "workflow" / "resources" / "energies"
    return {
        name: energies_ev(read_energies(folder / f"{name}.csv")[1], 441)
        for name in ("asymmetric", "symmetric", "degenerate")
    }


def rows(representation, manifold):
    displacements = manifold.length * manifold.displacements
    panels = representation.along(manifold.batch, manifold.reference, displacements)
    return rotated(panels, manifold.middle)


def fits(representation, manifold, energies):
    """Trained on 3 x 3 and on 7 x 7 points."""
    features = rows(representation, manifold)[:-2]
    grids = [training_points(21, n_train) for n_train in (3, 7)]
    return [kernel_ridge(features, energies, train, GAMMAS, SIGMA2S) for train in grids]


def test_a_manifold_is_its_formula(manifolds, tmp_path):
    manifold = manifolds["asymmetric"]
    assert np.linalg.norm(manifold.displacements, axis=(1, 2)) == pytest.approx([1, 1])
    first, second = manifold.coordinates[17]
    u_1, u_2 = manifold.displacements
    expected = manifold.vectors + 0.008 * (first * u_1 + second * u_2)
    np.testing.assert_allclose(manifold.batch.vectors[17], expected, atol=1e-15)
    np.testing.assert_array_equal(manifold.batch.vectors[manifold.middle], manifold.vectors)
    assert manifold.coordinates[manifold.cut(0)].tolist() == [[x, 0] for x in GRID]
    assert manifold.coordinates[manifold.cut(1)].tolist() == [[0, x] for x in GRID]
    manifold.save(tmp_path / "m.npz")
    again = Manifold.load(tmp_path / "m.npz")
    np.testing.assert_array_equal(again.positions, manifold.positions)
    assert again.digest() == manifold.digest() != manifolds["symmetric"].digest()


def test_shipped_energies_belong_to_the_manifolds_of_the_configuration(root, manifolds):
    settings = yaml.safe_load((root / "config" / "config.yaml").read_text())["singular"]
    level = Level(settings["functional"], settings["basis"])
    for name, structure in settings["structures"].items():
        built = build(name, structure, settings["n_points"], 1.1061, settings["directions"])
        np.testing.assert_array_equal(built.positions, manifolds[name].positions)
        path = root / "workflow" / "resources" / "energies" / f"{name}.csv"
        assert unfit(path, level, built) is None


@pytest.mark.parametrize("nu", [2, 3])
def test_panels_along_a_manifold_are_the_features_up_to_a_rotation(manifolds, nu):
    """The common channels and the gradient-free nu = 3 route, against plain Jacobians."""
    manifold = manifolds["degenerate"]
    batch = manifold.batch[::40]
    correlations = Density(nu, gto_basis(7, 5, 0.2, 2.5))
    panels = list(correlations.along(batch, manifold.reference, manifold.displacements))
    features = np.concatenate([panel for panel, _ in panels], axis=1)
    slopes = np.concatenate([slope for _, slope in panels], axis=1)
    plain, _ = correlations.jacobian(batch)
    _, jacobian = correlations.jacobian(manifold.reference)
    plain_slopes = manifold.displacements.reshape(2, -1) @ jacobian[0]
    scale = np.abs(plain @ plain.T).max()
    np.testing.assert_allclose(features @ features.T, plain @ plain.T, atol=1e-13 * scale)
    np.testing.assert_allclose(
        features @ slopes.T, plain @ plain_slopes.T, atol=1e-12 * scale**0.5 * np.abs(slopes).max()
    )


def test_sensing_directions_take_the_slope_or_the_second_difference():
    manifold = symmetric(1.1, 0.03, square_grid(5))
    first, second = manifold.coordinates.T
    differences = np.stack([2 * first, second**2, 0 * first], axis=1)
    slopes = np.array([[2.0, 0, 0], [0, 1e-14, 0]])
    directions, linear = sensing_directions(manifold, differences, slopes)
    np.testing.assert_allclose(directions, [[1, 0, 0], [0, 1, 0]])
    assert linear.tolist() == [True, False]


def test_changes_along_a_cut_are_those_of_the_points_of_that_cut():
    manifold = symmetric(1.1, 0.03, square_grid(5))
    first, second = manifold.coordinates.T
    differences = np.stack([2 * first, second**2, 0 * first], axis=1)
    slopes = np.array([[2.0, 0, 0], [0, 1e-14, 0]])
    table = changes_on_cuts(manifold, {"a": (differences, slopes)}, first + 10 * second)
    assert list(dict.fromkeys(table.row)) == ["a", "energy"]
    for row, direction, expected, linear in (
        ("a", 1, 2 * manifold.deltas, True),
        ("a", 2, manifold.deltas**2, False),
        ("energy", 1, 1e3 * manifold.deltas, True),
        ("energy", 2, 1e4 * manifold.deltas, True),
    ):
        mine = table[(table.row == row) & (table.direction == direction)]
        np.testing.assert_allclose(mine.delta, manifold.deltas)
        np.testing.assert_allclose(mine.change, expected, atol=1e-12)
        assert (mine.linear == linear).all()


def test_errors_along_a_cut_are_those_of_the_points_of_that_cut():
    manifold = symmetric(1.1, 0.03, square_grid(21))
    first, second = manifold.coordinates.T
    energies = 0.01 * (first + second + first * second)
    # features that do not see the second coordinate: at 0 its mean, 0, is predicted
    models, scores = fit_manifold(
        manifold, energies, {"one": first[:, None]}, [3, 7], np.array([0.1]), np.array([1e-12])
    )
    assert scores.grid.tolist() == ["3x3", "7x7"] and set(scores.representation) == {"one"}
    assert models.columns[-1] == "error_one_7x7_uev"
    table = errors_on_cuts(manifold, models, ["one"], [3, 7])
    for n_train, trained in ((3, [0, 10, 20]), (7, range(1, 21, 3))):
        for direction, expected in ((1, 0 * GRID), (2, -1e4 * GRID)):
            mine = table[(table.grid == f"{n_train}x{n_train}") & (table.direction == direction)]
            np.testing.assert_allclose(mine.error_uev, expected, atol=200)
            assert np.flatnonzero(mine.trained).tolist() == list(trained)


def test_geometry_of_a_manifold_is_its_reference_and_patterns(manifolds):
    manifold = manifolds["degenerate"]
    table = geometry(manifold)
    parts = {what: part[["x", "y", "z"]].to_numpy() for what, part in table.groupby("what")}
    np.testing.assert_array_equal(parts["reference"], manifold.vectors)
    np.testing.assert_array_equal([parts["u_1"], parts["u_2"]], manifold.displacements)
    assert set(table.length) == {manifold.length}


def test_features_are_kept_by_descriptor_and_structure(tmp_path):
    manifolds = {
        "a": symmetric(1.1, 0.03, square_grid(3)),
        "b": symmetric(1.2, 0.03, square_grid(3)),
    }
    descriptors = {
        "soap": {
            **{"kind": "density", "nu": 2, "radial_basis": "gto", "n_max": 2, "l_max": 2},
            **{"sigma": 0.3, "cutoff": 2.5},
        },
        "omfp": {"kind": "omfp", "cutoff": 4.0},
    }
    arguments = [], tmp_path, {"cutoff": 4.0}
    found = compute_features(manifolds, descriptors, *arguments, processes=2)
    assert found["a"]["representations"].tolist() == ["soap", "omfp"]
    expected = rows(Density(2, gto_basis(2, 2, 0.3, 2.5)), manifolds["b"])
    kept = np.concatenate([found["b"]["soap_differences"], found["b"]["soap_slopes"]])
    np.testing.assert_allclose(kept @ kept.T, expected @ expected.T, rtol=1e-8, atol=1e-16)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert len(before) == 4
    changed = {**descriptors, "omfp": {"kind": "omfp", "cutoff": 5.0}}
    compute_features({"b": manifolds["b"]}, changed, *arguments)
    after = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert {path: after[path] for path in before} == before
    assert [path.name[:6] for path in after.keys() - before.keys()] == ["b_omfp"]


def test_degenerate_structure_is_invisible_to_nu_2_and_to_nothing_else(
    manifolds, energies, paper_basis
):
    manifold = manifolds["degenerate"]
    null = manifold.displacements[1].ravel()
    blind, left = sensitivity(Density(2, paper_basis), manifold.reference)
    assert blind[0, -1] < 1e-14 * blind[0, 0] < 1e-2 * blind[0, -2]
    assert abs(left[0, :, -1] @ null) == pytest.approx(1, abs=1e-10)
    for representation in (Density(3, paper_basis), OMFP(), SmoothOMFP()):
        jacobian = representation.reduced_jacobian(manifold.reference)[0]
        assert np.linalg.norm(null @ jacobian) > 0.05 * np.linalg.norm(jacobian, 2)
    along = energies["degenerate"][manifold.cut(1)]
    slope = (along[11] - along[9]) / (0.2 * manifold.length)
    assert slope == pytest.approx(-2.075, abs=0.01)  # eV/Å


def test_nu_2_fits_the_even_part_and_fails_at_its_own_training_points(
    manifolds, energies, paper_basis
):
    manifold, energy = manifolds["degenerate"], energies["degenerate"]
    power_spectrum = Density(2, paper_basis)
    coarse, fine = fits(power_spectrum, manifold, energy)
    assert 1.4 < coarse.rmse / fine.rmse < 2.1  # printed 9600 / 5700 = 1.7
    cut = manifold.cut(1)
    error = (coarse.prediction - energy)[cut]
    odd = (energy[cut] - energy[cut[::-1]]) / 2
    even_error = (error + error[::-1]) / 2
    assert np.abs(even_error).max() < 2e-3 * np.abs(odd).max()
    assert error[[0, -1]] == pytest.approx(-odd[[0, -1]], rel=5e-3)  # both are training points
    assert np.abs(error[[0, -1]]).min() > 1e-2  # eV


def test_omfp_has_a_cusp_at_the_symmetric_structure_and_nothing_smooth_has(manifolds, paper_basis):
    manifold = manifolds["symmetric"]
    n = len(manifold.deltas) // 2
    powers = {}
    for representation in (Density(2, paper_basis), OMFP(), SmoothOMFP()):
        along = np.linalg.norm(rows(representation, manifold)[manifold.cut(1)], axis=1)
        powers[representation.name] = np.log2(along[n + 2] / along[n + 1])
        np.testing.assert_allclose(along, along[::-1], rtol=1e-8, atol=1e-10 * along.max())
    assert powers["nu2"] == pytest.approx(2, abs=0.05)
    assert powers["s-omfp"] == pytest.approx(2, abs=0.05)
    assert powers["omfp"] == pytest.approx(1, abs=0.2)


@pytest.mark.slow
def test_the_cusp_costs_omfp_a_factor_of_five(manifolds, energies, paper_basis):
    others = [Density(2, paper_basis), Density(3, paper_basis)]
    others.append(SmoothOMFP())
    manifold, energy = manifolds["symmetric"], energies["symmetric"]
    cusp = fits(OMFP(), manifold, energy)
    for other in others:
        for ours, theirs in zip(cusp, fits(other, manifold, energy), strict=True):
            assert ours.rmse > 5 * theirs.rmse
