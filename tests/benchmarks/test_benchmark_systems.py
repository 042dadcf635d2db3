"""Every system is measured and every environment is read in one way. No time is asserted."""

import numpy as np
import pytest

import benchmark_systems as benchmark
from descriptor_sensitivity.descriptors.registry import build_descriptor
from descriptor_sensitivity.environments import batch_from_vectors
from descriptor_sensitivity.theory import families


@pytest.mark.parametrize("name", ["methane", "alloy, smooth"])
def test_a_system_is_read_in_three_ways(name, monkeypatch):
    small = benchmark.SYSTEMS[name]
    monkeypatch.setitem(benchmark.SYSTEMS, name, (lambda n, rng: small[0](n, rng)[:1], *small[1:]))
    row = benchmark.measure(name, count=1, rounds=1, seed=2)
    assert row["by_eigenvalues"] + row["by_graded"] + row["by_exact"] == pytest.approx(1)
    assert row["environments"] == (1 if name == "methane" else 108)
    assert row["ms_per_environment"] > 0 and row["fewest_neighbors"] <= row["most_neighbors"]


def test_singular_environments_are_read_from_the_jacobian():
    settings = {"nu": 2, "radial_basis": "gto", "n_max": 8, "l_max": 6, "sigma": 0.3, "cutoff": 4.0}
    nu2 = build_descriptor("nu2", settings)
    tried = np.stack([families.mirror_singular(), families.distorted(families.pyramid(), 0.3, 1)])
    assert benchmark.ways(nu2, batch_from_vectors(tried)) == {
        "eigenvalues": 1,
        "graded": 0,
        "exact": 1,
    }


@pytest.mark.parametrize("name", benchmark.SYSTEMS)
def test_the_systems_are_what_they_are_called(name):
    frames = benchmark.SYSTEMS[name][0](1, np.random.default_rng(0))
    atoms = {"methane": 5, "water": 192, "rattled NaCl": 64, "alloy": 108}
    assert len(frames[0]) == atoms[name.removesuffix(", smooth")]
    assert len(set(frames[0].numbers)) == (5 if "alloy" in name else 2)
