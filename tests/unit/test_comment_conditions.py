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
    "low_but_not_zero comment_orbits nan": put("condition_number", np.nan, where="index == 5"),
    "low_but_not_zero comment_orbits zero": put("condition_number", 1e11, where="index == 5"),
    "low_but_not_zero comment_orbits high": put("condition_number", times(0.01)),
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
    "orbit_is_not_constant separation": put(
        "least", 0.0, where="features == 'nu = 2' and index == 4"
    ),
    "higher_orders_see_the_orbit separation nu3": put(
        "median", times(1e-4), where="features == 'nu = 3'"
    ),
    "higher_orders_see_the_orbit separation omfp": put(
        "median", times(1e-4), where="features == 'OMFP'"
    ),
    "singular_points_are_isolated singularity A0": put(
        "ratio", 1e-5, where="curve in ['A+', 'A-'] and position == 0"
    ),
    "singular_points_are_isolated singularity one_A0": put(
        "ratio", 1e-5, where="curve == 'A+' and position == 0"
    ),
    "singular_points_are_isolated singularity pairs": put(
        "ratio", 1e-12, where="curve == 'A+' and position == 0.3"
    ),
    "singular_points_are_isolated singularity orbits": put(
        "ratio", 1e-12, where="curve == 'c = 1' and position == 0.3"
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
    "full_manifold_fits comment_networks half": both(
        put("rmse_manifold", 0.10, where="run == 'full'"),
        put("rmse_manifold", 0.12, where="run == '20'"),
    ),
    "full_manifold_fits comment_networks some": put("rmse_manifold", 0.02, where="run == '20'"),
    "smearing_of_networks comment_networks some": put(
        "rmse_manifold", 0.05, where="run == 'none' and sigma == 0.3"
    ),
    "smearing_of_networks comment_networks full": put(
        "rmse_manifold", 0.1, where="run == 'full' and sigma == 0.3"
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
}

UNTESTABLE = {
    "higher_with_smearing comment_orbits": keep("sigma == 0.1"),
    "higher_near_a0 comment_orbits": keep("c == 1"),
    "wider_region comment_orbits": keep("sigma == 0.1"),
    "geometries_are_similar orbit_plane": keep("curve != 'sigma0.5_c1'"),
    "higher_orders_see_the_orbit separation": keep("features != 'OMFP'"),
    "singular_points_are_isolated singularity crossing": keep("position != 0"),
    "singular_points_are_isolated singularity orbits": keep("curve != 'c = 1'"),
    "smearing_of_networks comment_networks": keep("sigma == 0.2"),
    "network_20_manifold network_summary": put("sigma", 0.3),
    "every_nu2_fails peers": keep("library != 'ACSF library'"),
    "every_higher_order_succeeds peers": keep("nu == 2"),
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
