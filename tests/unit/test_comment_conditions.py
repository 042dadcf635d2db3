"""Every condition of every rule about the Comment decides something: one thing doctored at a time.

Each case is `rule table note`: it changes one table so that one condition of the rule alone is
broken, or alone holds.
"""

import numpy as np
import pytest

from doctored import add, both, keep, named, put, times, verdict

DIFFERS = {
    "exactly_singular statements nu2": named(singular_ring_nu2=1e-3),
    "exactly_singular statements nu3": named(singular_ring_nu3=1e-9),
    "higher_with_smearing comment_orbits": put(
        "condition_number", 1.0, where="sigma == 0.5 and c == 1"
    ),
    "singular_point_near_centre singular_points far": put("to_middle", 0.5),
    "singular_point_near_centre singular_points one_far": add(put("to_middle", 0.5)),
    "singular_point_near_centre singular_points one_regular": add(put("s_min_over_s_max", 1e-5)),
    "geometries_are_similar orbit_plane one_pair": both(
        add(lambda table: table.assign(curve=table.curve.str.replace("c1", "c2"))),
        put("second", lambda old: old + 0.8, where="curve == 'sigma0.5_c2'"),
    ),
    "higher_orders_see_the_orbit separation nu3": put(
        "median", times(1e-4), where="features == 'nu = 3'"
    ),
    "higher_orders_see_the_orbit separation omfp": put(
        "median", times(1e-4), where="features == 'OMFP'"
    ),
    "several_centres_resolve centres carbon": put(
        "ratio", 0.1, where="environment == 'ring A0' and centers == 'C'"
    ),
    "several_centres_resolve centres all": put(
        "ratio", 1e-16, where="environment == 'ring A0' and centers == 'all'"
    ),
    "several_centres_resolve centre_pairs carbon": add(
        put("distance", 0.1, where="centers == 'C'")
    ),
    "several_centres_resolve centre_pairs all": add(
        put("distance", 1e-16, where="centers == 'all'")
    ),
    "omfp_resolves_all statements four": named(pair_four_omfp=0.0),
    "omfp_resolves_all statements seven": named(pair_seven_omfp=0.0),
    "omfp_resolves_all statements mirror": named(singular_mirror_omfp=1e-16),
    "omfp_resolves_all statements double_ring": named(singular_double_ring_omfp=1e-16),
    "every_nu2_fails peers pairs": add(
        put("separation", 0.1, where="representation == 'ACSF' and structure == 'PRL pairs'")
    ),
    "every_nu2_fails peers A0": add(
        put("ratio", 0.1, where="representation == 'ACSF' and structure == 'mirror A0'")
    ),
    "every_nu2_fails peers against_generic": put(
        "ratio", 5e-5, where="representation == 'ACSF' and structure == 'mirror A0'"
    ),
    "every_higher_order_succeeds peers pairs": add(
        put("separation", 1e-9, where="representation == 'OMFP' and structure == 'PRL pairs'")
    ),
    "every_higher_order_succeeds peers A0": add(
        put("ratio", 1e-9, where="representation == 'OMFP' and structure == 'mirror A0'")
    ),
    "pairs_cannot_be_learned statements learned": named(trained_gap_nu2=0.5),
    "pairs_cannot_be_learned statements slightly": named(trained_gap_nu2=1e-3),
    "pairs_cannot_be_learned statements nu3": named(trained_gap_nu3=0.5),
    "singular_at_the_crossing_only singularity A0": put(
        "ratio", 1e-5, where="curve in ['A+', 'A-'] and position == 0"
    ),
    "singular_at_the_crossing_only singularity one_A0": put(
        "ratio", 1e-11, where="curve == 'A+' and position == 0"
    ),
    "singular_at_the_crossing_only singularity pairs": put(
        "ratio", 1e-6, where="curve == 'A+' and position == 0.3"
    ),
    "singular_at_the_crossing_only singularity orbits": put(
        "ratio", 1e-6, where="curve == 'c = 1' and position == 0.3"
    ),
    "continuous_manifold statements regular": named(singular_path_nu2=1e-6),
    "continuous_manifold statements symmetric": named(singular_path_nu3=1e-12),
    "continuous_manifold statements point": named(singular_path_extent=0.01),
    "low_but_not_zero comment_orbits nan": put("condition_number", np.nan, where="index == 5"),
    "low_but_not_zero comment_orbits zero": put("condition_number", 1e13, where="index == 5"),
    "low_but_not_zero comment_orbits all_alike": put("condition_number", 21.0),
    "low_but_not_zero comment_orbits one_frame": put("condition_number", 9.0, where="index == 5"),
    "low_but_not_zero comment_orbits one_orbit": put(
        "condition_number", 21.0, where="sigma == 0.1 and c == 1.5"
    ),
    "low_but_not_zero frame_sensitivity": put("median", times(9.0), where="sigma == 0.1"),
    "small_basis_widens basis_sensitivity": put("condition_number", 100.0, where="n_max == 4"),
    "small_basis_widens basis_sensitivity one": put(
        "condition_number", 100.0, where="n_max == 4 and c == 1"
    ),
    "small_basis_widens basis_sensitivity ends": put(
        "condition_number", 100.0, where="n_max == 4 and frame in [0, 4]"
    ),
    "far_from_training training_distances near": put("distance", 0.05, where="set == 'orbit'"),
    "far_from_training training_distances one": put(
        "distance", 0.05, where="set == 'orbit' and index == 105"
    ),
    "far_from_training training_distances usual": put("distance", times(9), where="set != 'orbit'"),
    "orbit_is_not_constant separation": put(
        "least", 2e-9, where="features == 'nu = 2' and index == 4"
    ),
    "orbit_is_not_constant separation rounding": put("least", 2e-9),
    "orbit_is_not_constant separation far": put(
        "least", 1e-5, where="features == 'nu = 2' and separation > 1.9"
    ),
    "orbit_is_not_constant separation slowly": put("least", times(0.05)),
    "full_manifold_fits comment_networks validation": put(
        "rmse_manifold", 0.06, where="run == 'full'"
    ),
    "full_manifold_fits comment_networks half": put("rmse_manifold", 0.02, where="run == 'none'"),
    "full_manifold_fits comment_networks some": put("rmse_manifold", 0.01, where="run == '20'"),
    "smearing_of_networks network_summary manifold": put(
        "rmse_manifold_mean", 0.01, where="run == 'full' and sigma == 0.2"
    ),
    "smearing_of_networks network_summary validation": put(
        "rmse_validation_mean", 1.0, where="run == 'none' and sigma == 0.2"
    ),
    "smearing_of_networks network_summary program": put(
        "sigma", lambda old: 0.5 - old, where="index == index"
    ),
    "network_20_manifold network_summary above": put(
        "rmse_manifold_mean", 0.21, where="run == '20' and sigma == 0.3"
    ),
    "network_20_manifold network_summary below": put(
        "rmse_manifold_mean", 0.04, where="run == '20' and sigma == 0.3"
    ),
    "network_none_validation network_summary": put(
        "rmse_validation_mean", 0.21, where="run == 'none' and sigma == 0.3"
    ),
    "denser_sampling comment_networks nearer": put(
        "rmse_manifold", times(0.6), where="scale == 0.5"
    ),
    "denser_sampling comment_networks broader than the text": put(
        "rmse_manifold", times(1.6), where="sigma == 0.2"
    ),
    "denser_sampling comment_networks broader than the program": put(
        "rmse_manifold", times(1.4), where="scale == 1 and sigma == 0.3"
    ),
    "denser_sampling comment_networks within the seeds": put(
        "rmse_manifold", times(4.0), where="scale == 0.5 and seed == 2"
    ),
    "energy_span statements narrow": named(energy_span=5.0),
    "energy_span statements wide": named(energy_span=500.0),
    "ten_per_cent comment_orbits": keep("frame < 50"),
    "poor_extrapolation comment_networks": put("rmse_manifold", 0.03, where="run == 'none'"),
    "few_frames_help comment_networks": put("rmse_manifold", 0.12, where="run == '20'"),
    "validation_unchanged comment_networks": put("rmse_validation", 0.02, where="run == '20'"),
    "omfp_resolves_all statements ring": named(singular_ring_omfp=1e-16),
    "higher_near_a0 comment_orbits": put("condition_number", 1e5, where="c >= 1"),
    "wider_region comment_orbits": put(
        "condition_number", 1.0, where="sigma == 0.5 and frame in [0, 200]"
    ),
    "singular_point_near_centre singular_points regular": put("s_min_over_s_max", 1e-5),
    "geometries_are_similar orbit_plane shorter": both(
        keep("curve != 'sigma0.5_c1' or abs(null) < 0.6"),
        put("second", lambda old: old + 0.2, where="curve == 'sigma0.5_c1'"),
    ),
}

HOLDS = {
    "wider_region comment_orbits first": both(
        put("condition_number", 1e6, where="sigma == 0.5 and frame == 0"),
        put("condition_number", 1.0, where="sigma == 0.5 and frame == 200"),
    ),
    "wider_region comment_orbits last": both(
        put("condition_number", 1.0, where="sigma == 0.5 and frame == 0"),
        put("condition_number", 1e6, where="sigma == 0.5 and frame == 200"),
    ),
    "every_nu2_fails peers generic": add(
        put("ratio", 1e-6, where="representation == 'ACSF' and structure == 'generic'")
    ),
    "every_higher_order_succeeds peers generic": add(
        put("ratio", 1e4, where="representation == 'OMFP' and structure == 'generic'")
    ),
    "every_higher_order_succeeds peers density": put("nu", 1, where="representation == 'SOAP'"),
    "pairs_cannot_be_learned statements": named(trained_gap_nu2=1e-6),
    "singular_at_the_crossing_only singularity": put("ratio", times(0.2)),
    "continuous_manifold statements": named(singular_path_nu3=1e-3),
    "discrete_sets_only statements regular": named(singular_path_nu2=1e-3),
    "discrete_sets_only statements point": named(singular_path_extent=1e-6),
    "low_but_not_zero comment_orbits": put("condition_number", 1e8, where="index == 5"),
    "low_but_not_zero comment_orbits some_frames": put(
        "condition_number", 11.0, where="frame < 50"
    ),
    "small_basis_widens basis_sensitivity between": put(
        "condition_number", 1.0, where="n_max == 6 or frame == 2"
    ),
    "far_from_training training_distances tail": put(
        "distance", 9.0, where="set == 'validation' and index > 97"
    ),
    "orbit_is_not_constant separation": put("least", times(0.5)),
    "full_manifold_fits comment_networks": put("rmse_manifold", 0.9, where="run == 'none'"),
    "denser_sampling comment_networks": put("rmse_manifold", times(3.0), where="run != '20'"),
    "smearing_of_networks network_summary": put("rmse_manifold_mean", 0.11, where="sigma == 0.2"),
    "network_20_manifold network_summary text": put(
        "rmse_manifold_mean", 9.0, where="sigma == 0.2"
    ),
    "geometries_are_similar orbit_plane": put(
        "second", lambda old: old + 0.17, where="curve == 'sigma0.5_c1'"
    ),
    "higher_orders_see_the_orbit separation near": put(
        "median", 1.0, where="features == 'nu = 2' and separation < 1.05"
    ),
}

UNTESTABLE = {
    "higher_with_smearing comment_orbits": keep("sigma == 0.1"),
    "higher_near_a0 comment_orbits": keep("c == 1"),
    "wider_region comment_orbits": keep("sigma == 0.1"),
    "geometries_are_similar orbit_plane": keep("curve != 'sigma0.5_c1'"),
    "higher_orders_see_the_orbit separation": keep("features != 'OMFP'"),
    "every_nu2_fails peers": keep("library != 'ACSF library'"),
    "every_higher_order_succeeds peers": keep("nu == 2"),
    "singular_at_the_crossing_only singularity crossing": keep("position != 0"),
    "singular_at_the_crossing_only singularity orbits": keep("curve != 'c = 1'"),
    "smearing_of_networks network_summary": keep("sigma == 0.2"),
    "network_20_manifold network_summary": keep("sigma == 0.2"),
    "denser_sampling comment_networks": keep("scale == 1"),
    "small_basis_widens basis_sensitivity": keep("n_max == 4"),
    "energy_span statements": keep("name != 'energy_span'"),
}


@pytest.mark.parametrize("key", DIFFERS)
def test_what_breaks_one_condition_differs(key):
    assert verdict(f"comment.{key}", DIFFERS[key]) == "differs"


@pytest.mark.parametrize("key", HOLDS)
def test_what_no_condition_is_about_still_holds(key):
    assert verdict(f"comment.{key}", HOLDS[key]).startswith("reproduced")


@pytest.mark.parametrize("key", UNTESTABLE)
def test_what_cannot_decide_says_so(key):
    assert verdict(f"comment.{key}", UNTESTABLE[key]).startswith("cannot be tested: ")
