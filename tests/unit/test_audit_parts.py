"""The pieces of an audit: distributions, what counts as low, effective rank."""

import numpy as np
import pandas as pd
import pytest

from descriptor_sensitivity.audit.merge import remark
from descriptor_sensitivity.audit.table import effective_rank
from descriptor_sensitivity.audit.thresholds import Distribution, is_regular, low_sensitivity
from descriptor_sensitivity.environments import nearest_distance


def test_quantiles_of_a_distribution_that_was_added_up():
    numbers = 10 ** np.random.default_rng(0).uniform(0, 6, 10001)
    numbers[:100] = np.inf
    found = Distribution.empty()
    for part in np.array_split(numbers, 7):
        found.add(part)
    assert found.total == 10001 and found.infinite == 100
    for fraction in (0.1, 0.5, 0.9):
        exact = np.quantile(numbers, fraction, method="inverted_cdf")
        assert found.quantile(fraction) == pytest.approx(exact, rel=2.5e-3)
    assert np.isinf(found.quantile(1.0))
    assert np.isnan(Distribution.empty().quantile(0.5))


def test_low_sensitivity_is_relative_to_the_species_and_always_holds_singular_ones():
    rows = pd.DataFrame(
        {"species": ["C", "C", "H", "H", "O"], "condition_number": [49, 51, 9, 11, np.inf]}
    ).assign(last_digit=0.0)
    low = low_sensitivity(rows, {"C": 10.0, "H": 2.0, "O": None}, 5.0, 1e6)
    assert low.tolist() == [False, True, False, True, True]
    assert low_sensitivity(rows, {"C": 100.0, "H": 9.0}, 5.0, 50).tolist() == [0, 1, 0, 0, 1]
    # At three decimals a condition number above 300 cannot be told from infinity.
    coarse = pd.DataFrame(
        {"species": "C", "condition_number": [299, 301], "last_digit": [1e-3, 1e-3]}
    )
    assert low_sensitivity(coarse, {"C": 100.0}, 5.0, 1e6).tolist() == [False, True]


def test_the_summary_says_whose_median_is_no_measure():
    found = {"n_environments": {"C": 9, "H": 9}, "n_singular": {"C": 4, "H": 5}}
    found |= {"symmetric_share": {"C": 0.5, "H": 0.4}, "shells": {"C": {}}}
    assert remark("H", found) == "5 of 9 environments are singular and in no median"
    assert remark("C", found).startswith("50 % of the sampled environments are symmetric")
    assert not remark("C", found | {"symmetric_share": {}})


def test_a_single_neighbour_and_singular_environments_are_not_regular():
    assert is_regular(np.array([3.0, 1.0, 2e6]), np.array([4, 1, 4]), 1e6).tolist() == [1, 0, 0]


def test_effective_rank_counts_what_is_seen_equally():
    ranks = effective_rank(np.array([[1.0, 1, 1, 1], [1, 0, 0, 0], [2, 2, 0, 0]]))
    np.testing.assert_allclose(ranks, [4, 1, 2])


def test_nearest_distance_counts_the_centre():
    vectors = np.array([[[0, 0, 1.0], [0, 0, 1.4]], [[0, 0, 0.3], [2, 0, 0]]])
    np.testing.assert_allclose(nearest_distance(vectors), [0.4, 0.3])
