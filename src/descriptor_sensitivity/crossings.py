r"""Whether two manifolds of degenerate pairs cross at a singular environment.

At a crossing, pairs A+- of equal features lie as close to the singular A0 as one likes, on either
side of it along the displacement u that is not seen. `crossing` looks for such pairs at distances
that halve each time.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from descriptor_sensitivity.descriptors.base import Descriptor
from descriptor_sensitivity.environments import Batch
from descriptor_sensitivity.inversion import damped_step
from descriptor_sensitivity.matching import matched
from descriptor_sensitivity.singular import rotation_free_basis, sensitivity

DISTANCES = (0.16, 0.08, 0.04, 0.02)
"""Å. Halves of the distances of A+ and A- along u at which a pair is looked for, each time from the
last pair too: near A0 a search from elsewhere can come to rest in a narrow valley. The last two
count."""

REACH = 5.0
"""A pair counts if neither member is farther from A0 than this many times that distance."""

SAME = 1e-9
"""|xi+ - xi-| over s_max |A+ - A-| below which the features of a pair are the same. Environments a
distance e on either side of a singular point differ by about e^2 (1e-4 and more), or by e^3."""

ROUNDS = ((2, 60), (6, 150))
"""Starts that are made at once and steps of each; the later where the earlier found nothing."""

DAMPING, LESS, MORE = 1e-3, 0.1, 5.0
"""First damping in units of the largest singular value squared; its factors after a step that helps
and one that does not (see `inversion`)."""


@dataclass(frozen=True)
class Crossing:
    """The pair nearest to a singular environment that was found.

    Attributes:
        found: whether there is a pair of other shapes at each of the last two `DISTANCES`.
        residual: the larger |xi+ - xi-| over s_max |A+ - A-| of the two.
        apart: |A+ - A-| (Å, see `matching`) at the last distance.
        pair: (2, N, 3) A+ and A- there, Å.
    """

    found: bool
    residual: float
    apart: float
    pair: np.ndarray


def crossing(descriptor: Descriptor, point: Batch, null: np.ndarray, seed: int = 0) -> Crossing:
    """Pairs of equal features on either side of a singular environment.

    None found from all starts does not mean that there is none.

    Args:
        point: a batch of one, the singular environment A0.
        null: (3N,) of unit norm, without rotation: the displacement u that is not seen.
        seed: of the starts.
    """
    rng, start = np.random.default_rng(seed), None
    basis = rotation_free_basis(point.vectors)[0]
    across = basis @ np.linalg.qr((basis.T @ null)[:, None], mode="complete")[0][:, 1:]
    largest = sensitivity(descriptor, point)[0][0, 0]
    frame = _Frame(null, basis, across, largest)
    residuals, apart = [], []
    for distance in DISTANCES:
        for n_starts, n_steps in ROUNDS:
            starts = _starts(n_starts, basis.shape[1], start, rng)
            residual, y, pair = _pair(descriptor, point, frame, distance, starts, n_steps)
            if residual < SAME:
                start = y
                break
        residuals.append(residual)
        apart.append(matched(pair[0], pair[1], point.species)[0])
    last = slice(-2, None)
    worst = max(residuals[last])
    other = bool(np.all(np.array(apart)[last] > np.array(DISTANCES)[last]))
    return Crossing(worst < SAME and other, worst, apart[-1], pair)


class _Frame(NamedTuple):
    """What displacements of A0 are measured by.

    Attributes:
        null: (3N,) u.
        basis: (3N, k) of all displacements without rotation.
        across: (3N, k - 1) of those across u.
        largest: s_max at A0.
    """

    null: np.ndarray
    basis: np.ndarray
    across: np.ndarray
    largest: float


def _starts(count: int, k: int, first: np.ndarray | None, rng: np.random.Generator) -> np.ndarray:
    """Starts (count, 2k - 1) of (s, t) / e: the last pair, or straight along u, then at random."""
    starts = rng.normal(size=(count, 2 * k - 1)) / np.sqrt(k)
    starts[0] = 0 if first is None else first
    return starts


def _pair(
    descriptor: Descriptor,
    point: Batch,
    frame: _Frame,
    distance: float,
    starts: np.ndarray,
    n_steps: int,
) -> tuple[float, np.ndarray, np.ndarray]:
    """The residual, (s, t) / e and the pair (2, N, 3) of the best start.

    A+- = A0 + s +- (e u + t), t across u, is led by damped Gauss-Newton steps in (s, t) / e to
    equal features, f = (xi+ - xi-) / (2 e s_max) = 0. One that leaves the reach does not count.
    """
    shape, origin = point.vectors.shape[1:], point.vectors.ravel()
    null, basis, across, largest = frame
    k = basis.shape[1]
    both = point[np.zeros(2 * len(starts), dtype=int)]

    def evaluated(y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Errors (n, q), their slopes (n, 2k - 1, q), displacements (2, n, 3N) in units of e."""
        middle, half = y[:, :k] @ basis.T, null + y[:, k:] @ across.T
        moves = np.stack([middle + half, middle - half])
        moved = (origin + distance * moves).reshape(-1, *shape)
        values, jacobian = descriptor.jacobian(both.moved(moved))
        plus, minus = np.split(jacobian, 2)
        slopes = np.concatenate([basis.T @ (plus - minus), across.T @ (plus + minus)], axis=1)
        errors = np.subtract(*np.split(values, 2)) / (2 * distance * largest)
        return errors, slopes / (2 * largest), moves

    y = starts.copy()
    errors, slopes, moves = evaluated(y)
    residual = np.linalg.norm(errors, axis=1)
    damping = np.full(len(y), DAMPING)
    for _ in range(n_steps):
        step = damped_step(slopes, errors, damping)
        step /= np.maximum(1, np.linalg.norm(step, axis=1, keepdims=True))
        new = evaluated(y + step)
        size = np.linalg.norm(new[0], axis=1)
        better = size < residual
        y[better] += step[better]
        for old, fresh in zip((errors, slopes), new[:2], strict=True):
            old[better] = fresh[better]
        moves[:, better] = new[2][:, better]
        gain = np.where(better, np.clip(size / residual, 1e-3, LESS), MORE)
        damping, residual = damping * gain, np.where(better, size, residual)
        if residual.min() < SAME / 100:
            break
    near = np.linalg.norm(moves, axis=2).max(axis=0) <= REACH
    best = int(np.argmin(np.where(near, residual, 1 + residual)))
    pair = (origin + distance * moves[:, best]).reshape(2, *shape)
    return float(residual[best] if near[best] else np.inf), y[best], pair
