"""The three-point correlations that a diagnosis asks, on a basis that can be paid for."""

from collections.abc import Mapping
from typing import Any

LARGEST = {"n_max": 12, "l_max": 9}
"""Of the density at nu = 3. Features grow as n_max^3 l_max^3 and what couples them as l_max^6; what
nu = 3 sees on a basis of this size it is compared with its own median on."""


def third_order(density: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of nu = 3 of a density, with n_max and l_max of up to `LARGEST`."""
    bounded = {
        key: min(density[key], most)
        for key, most in LARGEST.items()
        if density.get(key) is not None  # a complete basis has no n_max
    }
    return {**density, "nu": 3, **bounded}
