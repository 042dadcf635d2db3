"""Whether the density behind Figure 2 of paper 1 is converged: singular values and directions."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from descriptor_sensitivity.descriptors.density import Density
from descriptor_sensitivity.descriptors.optimal import radial_basis
from descriptor_sensitivity.manifolds import Manifold
from descriptor_sensitivity.singular import sensitivity
from descriptor_sensitivity.tolerances import SVD_ROUNDING


def convergence(
    manifold: Manifold, values: np.ndarray, left: np.ndarray, settings: Mapping[str, Any]
) -> pd.DataFrame:
    """Singular values and directions of a finite basis beside those of a complete radial one.

    Args:
        manifold: its reference is the structure.
        values, left: (k,) and (3N, k) of the finite basis at the reference.
        settings: nu, l_max, sigma (Å) and cutoff (Å) of the finite basis.

    Returns:
        k; value, of the finite basis; same_l_max and twice_l_max, of a complete radial basis with
        the same and with twice the angular size; overlap |U_k . U'_k| with the latter, none where
        the values are zero and have no direction; length (Å) of Delta = 1 in the figure.
    """
    columns = {"k": np.arange(1, len(values) + 1), "value": _without_rounding(values)}
    limit = left
    for name, factor in (("same_l_max", 1), ("twice_l_max", 2)):
        size = (None, factor * settings["l_max"], settings["sigma"], settings["cutoff"])
        density = Density(settings["nu"], radial_basis("complete", *size))
        found, vectors = sensitivity(density, manifold.reference)
        columns[name], limit = _without_rounding(found[0]), vectors[0]
    overlap = np.abs(np.sum(left * limit, axis=0))
    columns["overlap"] = np.where(columns["value"] > 0, overlap, np.nan)
    return pd.DataFrame(columns).assign(length=manifold.length)


def _without_rounding(values: np.ndarray) -> np.ndarray:
    return np.where(values > SVD_ROUNDING * values[0], values, 0.0)
