"""Whether degenerate pairs meet in a singular environment.

A+ = M + D and A- = M - D are a pair if xi(M + D) = xi(M - D). Near an environment A0 whose features
do not see u, such pairs are looked for with D . u = t fixed: Gauss-Newton steps of least norm from
D = t u and from M = A0, then from random M about it. Where the tangents of A+ and A- at A0 are
opposite M moves as t^2, else as t; so a pair meets in A0 if M stays within a few t of it.
"""

from dataclasses import dataclass

import numpy as np

from descriptor_sensitivity.descriptors.base import Descriptor
from descriptor_sensitivity.environments import Batch, batch_from_vectors
from descriptor_sensitivity.matching import matched
from descriptor_sensitivity.singular import sensitivity

OPENING = 0.004
"""t, Å."""

STARTS, SPREAD = 30, 5.0
"""Starts of M, the first A0 itself, the others displaced by up to so many t."""

STEPS = 30
EQUAL = 1e-13
"""Relative distance of features that are the same: rounding, where t^3 is about 1e-7."""

FLAT = 1e-7
"""Singular values of the steps below this part of the largest belong to free directions."""

ELSEWHERE = 15 * OPENING
"""Å. A pair whose middle is further than this from A0 does not count as one that meets there."""


@dataclass(frozen=True)
class Crossing:
    """What was found near A0.

    Attributes:
        plus, minus: (N, 3) the last A+ and A-, Å.
        residual: |xi(A+) - xi(A-)| / |xi|.
        apart: distance of A+ and A- up to rotation, reflection and exchange, Å.
        moved: |M - A0|, Å.
    """

    plus: np.ndarray
    minus: np.ndarray
    residual: float
    apart: float
    moved: float

    @property
    def is_pair(self) -> bool:
        """Whether the features agree, the environments do not, and they meet near A0."""
        return self.residual < EQUAL and self.apart > OPENING / 2 and self.moved < ELSEWHERE


def crossing(
    descriptor: Descriptor, vectors: np.ndarray, species: np.ndarray | None = None
) -> Crossing:
    """The pair that opens along the least visible displacement of A0 and whose middle is nearest.

    If there is none, what was reached from A0 itself.
    """
    environment = batch_from_vectors(vectors, np.ones(len(vectors), int) if species is None else species)
    u = sensitivity(descriptor, environment)[1][0, :, -1]
    rng, first, best = np.random.default_rng(0), None, None
    for start in range(STARTS):
        shift = rng.normal(size=u.shape) if start else np.zeros_like(u)
        shift *= SPREAD * OPENING * rng.uniform() / max(np.linalg.norm(shift), 1e-300)
        found = _opened(descriptor, environment, vectors.ravel() + shift, u)
        first = first or found
        if found.is_pair and (best is None or found.moved < best.moved):
            best = found
        if best is not None and best.moved < OPENING:
            break
    assert first is not None
    return best or first


def _opened(
    descriptor: Descriptor, environment: Batch, middle: np.ndarray, u: np.ndarray
) -> Crossing:
    """Where the steps from M = `middle`, D = t u lead."""
    a0, species = environment.vectors[0], environment.species
    half = OPENING * u
    for _ in range(STEPS):
        ends = np.array([middle + half, middle - half]).reshape(2, *a0.shape)
        values, slopes = descriptor.jacobian(batch_from_vectors(ends, species))
        scale = np.linalg.norm(values[0])
        gap = (values[0] - values[1]) / scale
        residual = float(np.linalg.norm(gap))
        moved = float(np.linalg.norm(ends.mean(axis=0) - a0))
        if residual < EQUAL / 10 or moved > 10 * ELSEWHERE:
            break
        rows = np.concatenate([slopes[0] - slopes[1], slopes[0] + slopes[1]]).T / scale
        rows = np.vstack([rows, np.concatenate([np.zeros_like(u), u])])
        step = -np.linalg.lstsq(rows, np.append(gap, half @ u - OPENING), rcond=FLAT)[0]
        middle, half = middle + step[: len(u)], half + step[len(u) :]
    apart = matched(ends[0], ends[1], species)[0]
    return Crossing(ends[0], ends[1], residual, apart, moved)
