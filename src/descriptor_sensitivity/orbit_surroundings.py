"""How the quasi-constant orbits compare with ordinary frames of the same molecule.

Condition numbers of both, those of the orbits in smaller bases, and how far in feature space an
orbit lies from the frames that networks are trained on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.spatial.distance import cdist

from descriptor_sensitivity.descriptors.base import Descriptor
from descriptor_sensitivity.environments import batch_from_vectors
from descriptor_sensitivity.quasi_constant import Features, orbit_name
from descriptor_sensitivity.singular import condition_number, sensitivities

FRAMES = 1000
"""Validation frames that stand for ordinary ones: quantiles of them are good to a few per cent."""

SHARES = (0.5, 0.75, 1.0)
"""Parts of the Comment's n_max and l_max that the compared bases have."""


def frame_sensitivity(
    features: Features, training: np.ndarray, validation: np.ndarray, sigmas: Sequence[float]
) -> pd.DataFrame:
    """Quantiles of the condition number of validation frames (n, 4, 3), Å, for each sigma."""
    frames = _thinned(validation)
    rows = []
    for sigma in sigmas:
        cn = _condition_numbers(features.fitted(training, sigma), frames)
        low, median, high = np.quantile(cn, [0.05, 0.5, 0.95])
        row = {"sigma": sigma, "n_frames": len(cn), "q05": low, "median": median, "q95": high}
        rows.append(row)
    return pd.DataFrame(rows)


def basis_sensitivity(
    features: Features,
    training: np.ndarray,
    orbits: Mapping[str, np.ndarray],
    scales: Sequence[float],
    sigma: float,
) -> pd.DataFrame:
    """Condition number at the points of the orbits with one sigma, in bases of other sizes.

    Columns: n_max, l_max, c, frame, condition_number. The points are those of the Comment's basis,
    so that a size changes the features alone.
    """
    parts = []
    for share in SHARES:
        size = {"n_max": round(share * features.n_max), "l_max": round(share * features.l_max)}
        power_spectrum = replace(features, **size).fitted(training, sigma)
        for c in scales:
            cn = _condition_numbers(power_spectrum, orbits[orbit_name(sigma, c)])
            columns = {"c": c, "frame": np.arange(len(cn)), "condition_number": cn}
            parts.append(pd.DataFrame(size | columns))
    return pd.concat(parts)


def training_distances(
    power_spectrum: Descriptor, training: np.ndarray, validation: np.ndarray, orbit: np.ndarray
) -> pd.DataFrame:
    """Distance in feature space to the nearest training frame, of validation and orbit frames.

    Columns: set (validation, orbit), frame, distance |xi - xi'| over the root mean square |xi| of
    the training frames.
    """
    known = _features(power_spectrum, training)
    unit = np.sqrt(np.mean(np.sum(known**2, axis=1)))
    parts = []
    for name, vectors in (("validation", _thinned(validation)), ("orbit", orbit)):
        nearest = cdist(_features(power_spectrum, vectors), known).min(axis=1) / unit
        columns = {"set": name, "frame": np.arange(len(nearest)), "distance": nearest}
        parts.append(pd.DataFrame(columns))
    return pd.concat(parts)


def _thinned(frames: np.ndarray) -> np.ndarray:
    """About `FRAMES` of the frames, evenly."""
    return frames[:: max(1, len(frames) // FRAMES)]


def _features(power_spectrum: Descriptor, vectors: np.ndarray) -> np.ndarray:
    """Features of frames (n, N, 3), in blocks that fit into little memory."""
    blocks = [vectors[i : i + FRAMES] for i in range(0, len(vectors), FRAMES)]
    return np.concatenate([power_spectrum.features(batch_from_vectors(b)) for b in blocks])


def _condition_numbers(power_spectrum: Descriptor, vectors: np.ndarray) -> np.ndarray:
    return condition_number(sensitivities(power_spectrum, batch_from_vectors(vectors)))
