"""Sweep sheets and the statistics of their points."""

import numpy as np

from descriptor_sensitivity.sweeps import bootstrap_error, summarise


def test_bootstrap_error_is_that_of_a_mean():
    values = np.random.default_rng(0).normal(size=2000)
    assert np.isclose(bootstrap_error(values, 1000, 1), 1 / np.sqrt(2000), rtol=0.1)
    assert bootstrap_error(values, 50, 1) == bootstrap_error(values, 50, 1)


def test_summary():
    summary = summarise(np.arange(1.0, 102.0), 100, 0)
    assert summary["n_structures"] == 101
    assert summary["mean"] == 51 and summary["median"] == 51 and summary["max"] == 101
    assert summary["q05"] == 6
