"""Every condition of every rule about the paper decides something: one thing doctored at a time.

Each case is `rule table note`: it changes one table so that one condition of the rule alone is
broken, or alone holds.
"""

import numpy as np
import pytest

from doctored import both, curve, energy, error, errors, keep, named, put, times, verdict

DIFFERS = {
    "incomplete_nu2 statements same": named(pair_four_nu2=0.1),
    "incomplete_nu2 statements other": named(pair_four_nu3=0.0),
    "incomplete_nu3 statements same": named(pair_seven_nu3=0.1),
    "incomplete_nu3 statements other": named(pair_seven_omfp=0.0),
    "omfp_separates_pairs statements four": named(pair_four_omfp=0.0),
    "omfp_separates_pairs statements seven": named(pair_seven_omfp=0.0),
    "independent_of_basis statements values": named(turned_values_change=1e-3),
    "independent_of_basis statements vectors": named(turned_vectors_change=1e-3),
    "equation_7 theory_gram": put("printed", 2.0, where="index == 7"),
    "common_singular_value theory_limit": put("smallest", 0.9, where="index == 39"),
    "condition_number_tends_to_one theory_smearing": put(
        "condition_number", 2.0, where="index == 39"
    ),
    "overlap_bound theory_smearing": put(
        "condition_number", 2.0, where="r0_over_sigma > 11 and r0_over_sigma < 12"
    ),
    "truncation_decays theory_basis grows": put(
        "median", lambda old: old.to_numpy()[::-1], where="sigma == 0.5"
    ),
    "truncation_decays theory_basis rates": put("median", lambda old: old**3, where="sigma == 0.5"),
    "truncation_decays theory_basis exponential": put(
        "median", lambda old: old * np.where(np.arange(len(old)) % 2, 1e-3, 1), where="sigma == 0.5"
    ),
    "rotations_are_trivial statements before": named(trivial_zeros_nu3=4),
    "rotations_are_trivial statements after": named(generic_zeros_nu3=1),
    "degenerate_singularity_is_not pedagogical": both(
        put("rmse in cos x", 0.0), put("odd part about pi", 0.0)
    ),
    "degenerate_singularity statements nu2": named(singular_mirror_nu2=1e-3),
    "degenerate_singularity statements nu3": named(singular_mirror_nu3=1e-16),
    "degenerate_singularity statements omfp": named(singular_mirror_omfp=1e-16),
    "linear_beyond_nu2 statements nu3": named(growth_nu3=2.0),
    "linear_beyond_nu2 statements omfp": named(growth_omfp=2.0),
    "branches_coincide statements nu2": named(branches_nu2=0.5),
    "branches_coincide statements nu3": named(branches_nu3=0.0),
    "other_centres_lift centres C": put(
        "ratio", 0.1, where="environment == 'mirror A0' and centers == 'C' and k == 9"
    ),
    "other_centres_lift centres H": put(
        "ratio", 1e-16, where="environment == 'mirror A0' and centers == 'H' and k == 9"
    ),
    "singularity_of_nu3 statements nu3": named(singular_double_ring_nu3=1e-3),
    "singularity_of_nu3 statements nu4": named(double_ring_null_nu4_theory=1),
    "generic_is_linear fig2": curve("asymmetric", "omfp", 2, lambda delta: delta**2),
    "breathing_is_linear fig2": curve("symmetric", "omfp", 1, lambda delta: delta**2),
    "stretch_is_even fig2 odd": curve("symmetric", "nu3", 2, lambda d: d**2 + 0.01 * d),
    "stretch_is_even fig2 exponent": curve("symmetric", "nu3", 2, np.abs),
    "omfp_has_a_cusp fig2 odd": curve("symmetric", "omfp", 2, lambda d: abs(d) + 0.1 * d),
    "omfp_has_a_cusp fig2 exponent": curve("symmetric", "omfp", 2, lambda delta: delta**2),
    "smooth_omfp_have_none fig2 odd": curve(
        "symmetric", "s-omfp", 2, lambda delta: delta**2 + 0.01 * delta
    ),
    "smooth_omfp_have_none fig2 exponent": curve("symmetric", "s-omfp", 2, np.abs),
    "null_vector_in_figure_2 fig2": curve("degenerate", "nu3", 2, lambda delta: delta**2),
    "asymmetric_gradient asymmetric": energy(lambda one, two: 0.02 * one),
    "symmetric_parabola symmetric": energy(lambda one, two: one**2 + two**2 + two),
    "symmetry_outlasts_the_minimum symmetric slope": energy(lambda one, two: 0.01 * two**2),
    "symmetry_outlasts_the_minimum symmetric odd": energy(
        lambda one, two: one**2 + two**2 + 0.1 * two * (one > 0.99)
    ),
    "omfp_fails_on_symmetric table1": error("symmetric", "7x7", "omfp", 5.0),
    "smoothness_cures_omfp table1 worse": error("symmetric", "7x7", "s-omfp", 50.0),
    "smoothness_cures_omfp table1 better": error("symmetric", "7x7", "s-omfp", 0.5),
    "nu2_cannot_fit_degenerate table1 grid": error("degenerate", "7x7", "nu2", 1.0),
    "nu2_cannot_fit_degenerate table1 other": error("degenerate", "3x3", "nu3", 5000.0),
    "omfp_best_on_degenerate table1": error("degenerate", "7x7", "omfp", 1.0),
    "all_but_nu2_converge table1 small": error("degenerate", "7x7", "omfp", 2.0),
    "all_but_nu2_converge table1 smaller": error("degenerate", "7x7", "s-omfp", 0.8),
    "all_but_nu2_converge table1 nu2": error("degenerate", "7x7", "nu2", 1000.0),
    "energy_range symmetric little": put("energy_ev", times(0.01)),
    "energy_range symmetric much": put("energy_ev", times(100.0)),
    "larger_error_along_u1 asymmetric": errors("omfp", lambda one, two: 10 * one + 100 * two),
    "smaller_error_along_stretch symmetric": errors("nu3", lambda one, two: one + two),
    "force_at_the_minimum symmetric one": errors("omfp", lambda one, two: one + two),
    "force_at_the_minimum symmetric ends": errors(
        "omfp", lambda one, two: one + two * (abs(two) > 0.99)
    ),
    "fails_at_training_points degenerate ratio": errors("s-omfp", lambda one, two: 500 * two),
    "fails_at_training_points degenerate size": errors("nu2", lambda one, two: 900 * two),
    "fails_at_training_points degenerate one_end": errors(
        "nu2", lambda one, two: 1e4 * two * (two < 0.99)
    ),
    "too_few_features statements features": named(few_features=7),
    "too_few_features statements zeros": named(few_features_zeros=5),
    "optimal_converges_at_eight condition_numbers late": put(
        "mean", times(3.0), where="radial_basis == 'optimal' and nu == 1 and n_max <= 10"
    ),
    "optimal_converges_at_eight condition_numbers early": put(
        "mean", 0.85, where="radial_basis == 'optimal' and nu == 1 and sigma == 0.1 and n_max < 9"
    ),
    "dvr_at_four condition_numbers": put(
        "mean", 1e3, where="radial_basis == 'dvr' and n_max == 4 and l_max == 6"
    ),
    "optimal_smearing_exists condition_numbers rises": put(
        "mean", 0.5, where="n_max == 8 and sigma == 0.05"
    ),
    "optimal_smearing_exists condition_numbers inside": put("mean", 0.5, where="sigma == 0.8"),
    "best_smearing_shifts condition_numbers steps": put(
        "mean", 0.5, where="n_max == 8 and sigma == 0.8"
    ),
    "best_smearing_shifts condition_numbers whole": put("mean", 0.5, where="sigma == 0.25"),
    "nu3_falls_with_l_max condition_numbers": put(
        "mean", 99.0, where="nu == 3 and n_max == 6 and l_max == 16"
    ),
    "nu2_above_density condition_numbers": put(
        "mean", 0.5, where="nu == 2 and n_max == 6 and l_max == 16"
    ),
    "above_density_in_every_structure fig6 nu2": put("nu2", 1.0, where="index == 50"),
    "above_density_in_every_structure fig6 nu3": put("nu3", 1.0, where="index == 50"),
    "heavier_tail fig6 nu2": put("nu2", 10.0),
    "heavier_tail fig6 nu3": put("nu3", 10.0),
    "tail_is_not_discretisation fig6 nu3": both(
        put("nu3", 1e4, where="index == 10"), put("nu1", 9e3, where="index == 10")
    ),
    "tail_is_not_discretisation fig6 nu2": both(
        put("nu2", 1e4, where="index == 10"), put("nu1", 9e3, where="index == 10")
    ),
    "none_near_degenerate fig6": put("nu2", 1e5, where="index == 50"),
}

HOLDS = {
    "overlap_bound theory_smearing overlapping": put(
        "condition_number", 1e6, where="r0_over_sigma < 4"
    ),
    "overlap_bound theory_smearing rounding": put(
        "condition_number", 1 + 1e-13, where="r0_over_sigma > 12"
    ),
    "truncation_decays theory_basis floor": put(
        "median", lambda old: np.maximum(old, 1e-4), where="sigma == 0.5"
    ),
    "truncation_decays theory_basis start": put("median", 1e4, where="sigma == 0.5 and size < 6"),
    "optimal_smearing_exists condition_numbers one_end": put(
        "mean", 0.5, where="n_max == 8 and sigma == 0.8"
    ),
    "tail_is_not_discretisation fig6 either": put("nu3", 3.0, where="index == 99"),
}

UNTESTABLE = {
    "common_singular_value theory_limit": keep("r0_over_sigma < 12"),
    "condition_number_tends_to_one theory_smearing far": keep("r0_over_sigma < 8"),
    "condition_number_tends_to_one theory_smearing close": keep("r0_over_sigma > 1"),
    "overlap_bound theory_smearing": keep("r0_over_sigma < 4.4"),
    "truncation_decays theory_basis": keep("sigma == 0.5"),
    "gto_slower condition_numbers": keep("radial_basis != 'gto' or n_max > 8"),
    "optimal_converges_at_eight condition_numbers": keep("n_max in [4, 8]"),
    "large_l_max_needed condition_numbers": keep("l_max in [6, 16]"),
    "best_smearing_shifts condition_numbers one": keep("n_max == 8"),
    "best_smearing_shifts condition_numbers none": keep("sigma == 0.1"),
    "nu3_falls_with_l_max condition_numbers": keep("l_max == 16"),
    "nu2_above_density condition_numbers": keep("nu != 2 or n_max == 99"),
}


@pytest.mark.parametrize("key", DIFFERS)
def test_what_breaks_one_condition_differs(key):
    assert verdict(f"local.{key}", DIFFERS[key]) == "differs"


@pytest.mark.parametrize("key", HOLDS)
def test_what_no_condition_is_about_still_holds(key):
    assert verdict(f"local.{key}", HOLDS[key]).startswith("reproduced")


@pytest.mark.parametrize("key", UNTESTABLE)
def test_what_cannot_decide_says_so(key):
    assert verdict(f"local.{key}", UNTESTABLE[key]).startswith("cannot be tested: ")
