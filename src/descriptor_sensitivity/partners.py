"""The degenerate partner of an environment: another one with the same features."""

from dataclasses import dataclass

import numpy as np

from descriptor_sensitivity.descriptors.base import Descriptor
from descriptor_sensitivity.environments import Batch, nearest_distance
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.inversion import CONVERGED, invert
from descriptor_sensitivity.matching import matched

APART = 0.01
"""Environments closer than this (Å, see `matching`) count as the same one: where the Jacobian is
singular, features to 1e-10 leave coordinates open to about 1e-5."""

AMPLITUDES = (0.05, 0.5)
"""Å. Range of the displacements of each coordinate in the starts near the environment."""


@dataclass(frozen=True)
class Partner:
    """What was found from all starts.

    Attributes:
        vectors: (N, 3) the nearest partner, laid on the environment; None if none was found.
        distance: from the environment, Å (see `matching`); infinite if none was found.
        residual: |xi - xi*| / |xi*| there.
        n_starts: searches that were made.
        n_same: those that came back to the environment itself.
        n_partners: those that ended in a partner, any of them.
    """

    vectors: np.ndarray | None
    distance: float
    residual: float
    n_starts: int
    n_same: int
    n_partners: int


def partner(
    descriptor: Descriptor,
    environment: Batch,
    n_starts: int = 100,
    seed: int = 0,
    within: float = CONVERGED,
) -> Partner:
    """The nearest other environment with the same features, of those that were found.

    None found from so many starts does not mean that there is none. Half of the starts are the
    environment displaced at random, half have its radii and random directions.

    Args:
        environment: a batch of one.
        within: relative distance of features up to which they count as the same.

    Raises:
        InputError: more than one environment, or none.
    """
    if len(environment) != 1:
        raise InputError(f"A partner is looked for one environment, not for {len(environment)}.")
    vectors = environment.vectors[0]
    starts = _starts(vectors, n_starts, np.random.default_rng(seed))
    many = environment[np.zeros(len(starts), dtype=int)].moved(starts)
    found = invert(descriptor, descriptor.features(environment)[0], many)
    n_same, partners = 0, []
    for point, residual in zip(found.vectors, found.residual, strict=True):
        if residual > within:
            continue
        distance, laid = matched(vectors, point, environment.species)
        if distance <= APART:
            n_same += 1
        else:
            partners.append((distance, float(residual), laid))
    if not partners:
        return Partner(None, np.inf, np.nan, len(starts), n_same, 0)
    distance, residual, laid = min(partners, key=lambda one: one[0])
    return Partner(laid, distance, residual, len(starts), n_same, len(partners))


def _starts(vectors: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Starts (count, N, 3) in which no two atoms are close."""
    radii = np.linalg.norm(vectors, axis=1, keepdims=True)
    closest = 0.3 * nearest_distance(vectors[None])[0]
    accepted: list[np.ndarray] = []
    while len(accepted) < count:
        steps = rng.normal(size=vectors.shape)
        if len(accepted) % 2:
            start = radii * steps / np.linalg.norm(steps, axis=1, keepdims=True)
        else:
            start = vectors + rng.uniform(*AMPLITUDES) * steps
        if nearest_distance(start[None])[0] >= closest:
            accepted.append(start)
    return np.array(accepted)
