"""The Comment's orbits as a study: kept pieces, tables, and what the checks of them say."""

import numpy as np

from descriptor_sensitivity.descriptors.density import Density
from descriptor_sensitivity.descriptors.radial import gto_basis
from descriptor_sensitivity.environments import batch_from_vectors
from descriptor_sensitivity.orbit_checks import (
    distances,
    integrators,
    orbit_plane,
    singular_environments,
    singularity,
)
from descriptor_sensitivity.quasi_constant import (
    Course,
    Features,
    follow_orbits,
    orbit_name,
    points,
    summary,
)
from descriptor_sensitivity.theory.displacements import ring_null
from descriptor_sensitivity.theory.families import COMMENT_SINGULAR
from descriptor_sensitivity.theory.pairs import closest_ring

NU2 = Density(2, gto_basis(6, 6, 0.3, 2.5))
START = (COMMENT_SINGULAR + 0.03 * np.sin(np.arange(12)).reshape(4, 3)).ravel().tolist()
FEATURES = Features(cutoff=2.5, n_max=2, l_max=4, n_primitive=6, fit_every=2)
FRAMES = COMMENT_SINGULAR + 0.1 * np.random.default_rng(0).normal(size=(20, 4, 3))
ORBITS = [(0.3, 1.0), (0.3, 0.5)]


def course(integrator: str = "modified") -> Course:
    return Course(START, 4, 1e-3, 5, integrator, 1e-6)


def follow(folder, settings=None, code="a", features=FEATURES, orbits=ORBITS):
    return follow_orbits(features, FRAMES, settings or course(), orbits, folder, {"code": code})


def test_orbits_come_in_the_order_asked_for_and_start_where_they_should(tmp_path):
    found = [orbit for orbit, _ in follow(tmp_path)]
    for (_, c), orbit in zip(ORBITS, found, strict=True):
        start = COMMENT_SINGULAR + c * (np.reshape(START, (4, 3)) - COMMENT_SINGULAR)
        np.testing.assert_allclose(orbit.vectors[0], start, atol=1e-15)
        np.testing.assert_allclose(orbit.arc, [0, 1e-3, 6e-3, 11e-3])


def test_orbits_are_kept_and_followed_anew_by_what_they_depend_on(tmp_path):
    follow(tmp_path)
    kept = {file: file.stat().st_mtime_ns for file in tmp_path.iterdir()}
    follow(tmp_path, orbits=[*ORBITS, (0.2, 1.0)])
    assert {file: file.stat().st_mtime_ns for file in kept} == kept
    assert len(list(tmp_path.iterdir())) == 3
    follow(tmp_path, code="b")
    follow(tmp_path, Course(START, 4, 1e-3, 5, "modified", 1e-5))
    follow(tmp_path, features=Features(2.5, 2, 3, 6, 2))
    assert len(list(tmp_path.iterdir())) == 3 + 3 * 2


def test_integrators_differ_as_they_should(tmp_path):
    by = {name: follow(tmp_path, course(name))[0][0] for name in ("euler", "modified", "exact")}
    drift = np.abs(by["exact"].vectors - by["euler"].vectors).max()
    assert 0 < np.abs(by["modified"].vectors - by["euler"].vectors).max() < 0.2 * drift
    starts = {1.0: by["euler"].vectors[0]}
    power_spectrum = FEATURES.fitted(FRAMES, 0.3)
    table = integrators(power_spectrum, 0.3, starts, 4, 1e-3, 5, 1e-6).set_index("integrator")
    deviation = table.largest_deviation_from_euler
    assert deviation["Euler steps"] == 0
    assert np.isclose(deviation["exact orbit"], drift)
    assert deviation["modified equation"] < 0.2 * drift


def test_points_and_summary_of_an_orbit(tmp_path):
    (orbit, seconds), _ = follow(tmp_path)
    table = points(0.3, 1.0, orbit)
    values = orbit.singular_values
    np.testing.assert_allclose(table.condition_number, values[:, 0] / values[:, -1])
    assert (table.frame.tolist(), table.arc.tolist()) == ([0, 1, 2, 3], orbit.arc.tolist())
    line = summary(0.3, 1.0, orbit, seconds)
    assert line["cn_max"] == table.condition_number.max() and line["seconds"] == seconds > 0
    assert line["smallest_gap"] == (1 - values[:, -1] / values[:, -2]).min()


def test_singular_environments_are_singular_and_their_distances_true():
    orbit = np.array([np.reshape(START, (4, 3)) + shift for shift in (0.0, 0.002)])
    table = singular_environments(NU2, 0.3, orbit).set_index("environment")
    assert (table.s_min_over_s_max < 1e-10).all()
    assert (table.second_over_s_max > 1e-3).all()
    found = table.loc["search, middle of the orbit"]
    vectors = np.array([found[f"{axis}{atom}"] for atom in range(1, 5) for axis in "xyz"])
    assert np.isclose(found.to_middle, np.linalg.norm(vectors - orbit.mean(axis=0).ravel()))
    assert np.isclose(found.to_published, np.linalg.norm(vectors - COMMENT_SINGULAR.ravel()))
    assert table.to_published["published"] == 0


def test_plane_holds_the_null_vector_and_the_widest_direction_across_it():
    ring, apex = closest_ring(COMMENT_SINGULAR)
    null = ring_null(ring, apex).ravel()
    across = np.linalg.svd(null[None])[2][1:]
    moves = np.array([0.01, 0.02, 0.05])[:, None] * across[3]
    orbits = {}
    for sigma in (0.1, 0.5):
        curve = ring.ravel() + 0.02 * null + moves
        orbits[orbit_name(sigma, 1.0)] = curve.reshape(3, 4, 3)
    table = orbit_plane(orbits, [1.0])
    assert table.curve.unique().tolist() == ["A+", "A-", "sigma0.1_c1", "sigma0.5_c1"]
    orbit = table[table.curve == "sigma0.1_c1"]
    assert np.allclose(orbit.null, 0.02, atol=2e-3)
    assert np.ptp(orbit.second) > 0.02
    for name in ("A+", "A-"):
        pair = table[table.curve == name].reset_index()
        assert np.abs(pair.null[35]) < 1e-12 and np.ptp(pair.null) > 0.2  # they meet in A0


def test_distances_are_relative_and_leave_the_first_frame_out():
    rng = np.random.default_rng(1)
    orbit = COMMENT_SINGULAR + 0.01 * rng.normal(size=(6, 4, 3))
    arc = np.array([0.0, 0.1, 0.3, 0.5, 0.7, 0.9])
    table = distances(NU2, orbit, arc)
    assert table.features.unique().tolist() == ["nu = 2", "nu = 3", "OMFP"]
    ours = table[table.features == "nu = 2"]
    assert np.allclose(ours.separation, [0.2, 0.6])
    features = NU2.features(batch_from_vectors(orbit))
    length = np.linalg.norm(features, axis=1).mean()
    apart = np.linalg.norm(features[4:] - features[1:3], axis=1) / length
    assert np.allclose(ours.iloc[1][["least", "largest"]].astype(float), np.sort(apart))


def test_singularity_is_at_a0_alone(tmp_path):
    (orbit, _), _ = follow(tmp_path)
    table = singularity(NU2, points(0.3, 1.0, orbit))
    ratios = table[table.curve == "c = 1"].ratio
    np.testing.assert_allclose(ratios, 1 / orbit.condition_numbers)
    for name in ("A+", "A-"):
        pair = table[table.curve == name]
        here = np.abs(pair.position) < 1e-12
        assert here.sum() == 1 and pair.ratio[here].item() < 1e-12
        assert pair.ratio[~here].min() > 1e-6


def test_the_basis_is_fitted_on_every_so_many_frames():
    def contraction(fit_every, frames):
        fitted = Features(2.5, 2, 3, 6, fit_every).fitted(frames, 0.3)
        return fitted.radial.contraction[1]

    np.testing.assert_array_equal(contraction(2, FRAMES), contraction(1, FRAMES[::2]))
    assert np.abs(contraction(2, FRAMES) - contraction(1, FRAMES)).max() > 1e-6
