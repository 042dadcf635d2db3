r"""Orbits of low sensitivity around a singular environment.

Let J (3N, n_features) be the Jacobian of invariant features, rotations projected out, and u the
left singular vector of its smallest singular value. An orbit is a solution of dx/dt = +-u(x), t the
arc length: the environment always moves the way the features answer to least (Parsaeifard and
Goedecker, J. Chem. Phys. 156, 034302; the Comment follows them). Where J is singular the features
do not change to first order along u; such environments are called A0.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy.integrate import DOP853

from descriptor_sensitivity.descriptors.base import Descriptor
from descriptor_sensitivity.environments import Batch, batch_from_vectors
from descriptor_sensitivity.singular import condition_number, sensitivity
from descriptor_sensitivity.tolerances import NO_RESPONSE

GAP = 1e-3
"""Smallest relative distance of the two smallest singular values that still gives a direction."""

TURN = 0.1
"""Angle (rad) between two Euler steps above which they are too coarse to follow a smooth curve."""


@dataclass(frozen=True)
class Orbit:
    """Points of an orbit.

    Attributes:
        arc: (n,) arc lengths, Å in the 3N-dimensional space of the neighbours.
        vectors: (n, N, 3) environments, Å.
        singular_values: (n, 3N - 3).
        evaluations: number of Jacobians that finding it took.
        stopped: why it ends before the length asked for, or nothing.
    """

    arc: np.ndarray
    vectors: np.ndarray
    singular_values: np.ndarray
    evaluations: int
    stopped: str = ""

    @property
    def condition_numbers(self) -> np.ndarray:
        """s_max / s_min at each point."""
        return condition_number(self.singular_values)


def kept_arc_lengths(n_frames: int, step: float, every: int) -> np.ndarray:
    """Arc lengths at which frames are kept: at the start and after steps 1, 1 + every, ..."""
    return step * np.concatenate([[0], 1 + every * np.arange(n_frames - 1)])


def follow_euler(
    representation: Descriptor,
    start: Batch,
    step: float,
    arc: np.ndarray,
    progress: Callable[[int], object] = lambda steps: None,
) -> list[Orbit]:
    """Orbits through every environment of `start`, by Euler steps of `step` Å, as the Comment does.

    The orbits advance together. `arc` holds multiples of `step`; the first step goes the way that
    the first neighbour moves towards +x.
    """
    kept = np.rint(arc / step).astype(int)
    batch, reference = start, np.eye(start.vectors[0].size)[0]
    references = np.repeat(reference[None], len(start), axis=0)
    frames: list[np.ndarray] = []
    stops: dict[int, tuple[int, str]] = {}
    for count in range(kept[-1] + 1):
        if count in kept:
            frames.append(batch.vectors.copy())
        if count == kept[-1]:
            break
        values, left = sensitivity(representation, batch)
        direction = left[:, :, -1]
        direction *= np.where((direction * references).sum(axis=1) < 0, -1.0, 1.0)[:, None]
        for index, reason in enumerate(_lost_direction(values)):
            if reason and index not in stops:
                stops[index] = (len(frames), _where(reason, count * step, batch.vectors[index]))
        references = direction
        batch = batch.moved(batch.vectors + step * direction.reshape(batch.vectors.shape))
        progress(1)
    orbits = []
    for index in range(len(start)):
        end, reason = stops.get(index, (len(kept), ""))
        vectors = np.array([frame[index] for frame in frames[:end]])
        orbits.append(_finished(representation, start, arc[:end], vectors, kept[-1], reason))
    return orbits


def follow(
    representation: Descriptor,
    start: Batch,
    arc: np.ndarray,
    euler_step: float = 0.0,
    tolerance: float = 1e-6,
    progress: Callable[[float], object] = lambda length: None,
) -> Orbit:
    """The orbit through the one environment of `start`, by an adaptive Runge-Kutta method.

    Order 8 with dense output of order 7 (Dormand and Prince), local error below `tolerance` Å. The
    vector field has a sign only by continuity: within a step it is the sign that agrees with the
    direction at the step's beginning, at the start the one that moves the first neighbour to +x.

    Orbits bend on the scale of their distance to A0, so that Euler steps of a length h drift off
    the exact orbit. By backward error analysis they follow, up to h^2, the exact solution of
    dx/dt = u - (h/2) du/dt = (3 u(x) - u(x + h u(x))) / 2, which is what is integrated here for
    h = `euler_step`: the curve of `follow_euler` at a fraction of its cost. The few Euler steps
    between which the direction turns by more than `TURN` are taken literally. h = 0 gives the
    orbit itself.

    Args:
        arc: (n,) ascending arc lengths of the points wanted, Å; the first is 0.
    """
    field = _Field(representation, start, euler_step)
    end = float(arc[-1])

    def integrator(t: float, x: np.ndarray) -> DOP853:
        step = min(1e-4, end - t)
        return DOP853(field, t, x, end, max_step=0.1, first_step=step, rtol=1e-13, atol=tolerance)

    def keep(old: float, new: float, curve: Callable[[float], np.ndarray]) -> None:
        points.extend(curve(t) for t in arc[(arc > old) & (arc <= new)])
        progress(new - old)

    t, x = 0.0, start.vectors[0].ravel()
    points, reason = [x], field.lost(x)
    solver = integrator(t, x)
    while t < end and not reason:
        field.reference = solver.f
        message = solver.step()
        t, x = solver.t, solver.y
        if solver.status == "failed":
            reason = f"the direction turns too sharply ({message})"
        elif field.turn > TURN:
            step = np.ceil(t / euler_step) * euler_step - t
            keep(solver.t_old, t, solver.dense_output())
            field.reference = solver.f
            while field.turn > TURN / 2 and t < end and not reason:
                velocity = field(t, x) if step < euler_step else field.direction(x, field.reference)
                field(t, x)
                keep(t, t + step, partial(_straight, t, x, velocity))
                t, x, field.reference, step = t + step, x + step * velocity, velocity, euler_step
                reason = field.lost(x)
            if t < end:
                solver = integrator(t, x)
        else:
            keep(solver.t_old, t, solver.dense_output())
        reason = reason or field.lost(x)
    reason = _where(reason, t, x) if reason else ""
    vectors = np.array(points).reshape(-1, *start.vectors.shape[1:])
    return _finished(representation, start, arc[: len(vectors)], vectors, field.calls, reason)


def _straight(start: float, x: np.ndarray, velocity: np.ndarray, t: float) -> np.ndarray:
    return x + (t - start) * velocity


class _Field:
    """The direction of an orbit and that of its Euler steps, as functions of x (3N,).

    `reference` decides on the sign; `turn` is the last angle (rad) between two Euler steps.
    """

    def __init__(self, representation: Descriptor, start: Batch, euler_step: float) -> None:
        self.representation, self.start, self.euler_step = representation, start, euler_step
        self.reference = np.eye(start.vectors[0].size)[0]
        self.turn, self.calls = 0.0, 0

    def decomposed(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        self.calls += 1
        batch = self.start.moved(x.reshape(self.start.vectors.shape))
        return sensitivity(self.representation, batch)

    def direction(self, x: np.ndarray, reference: np.ndarray) -> np.ndarray:
        u = self.decomposed(x)[1][0, :, -1]
        return -u if u @ reference < 0 else u

    def lost(self, x: np.ndarray) -> str:
        return _lost_direction(self.decomposed(x)[0])[0]

    def __call__(self, _: float, x: np.ndarray) -> np.ndarray:
        u = self.direction(x, self.reference)
        if self.euler_step == 0:
            return u
        ahead = self.direction(x + self.euler_step * u, u)
        self.turn = 2 * np.arcsin(min(1.0, float(np.linalg.norm(ahead - u)) / 2))
        return (3 * u - ahead) / 2


def _finished(
    representation: Descriptor,
    start: Batch,
    arc: np.ndarray,
    vectors: np.ndarray,
    evaluations: int,
    reason: str,
) -> Orbit:
    batch = batch_from_vectors(vectors, start.species, start.center)
    values = sensitivity(representation, batch)[0]
    return Orbit(arc, vectors, values, evaluations, reason)


def _lost_direction(values: np.ndarray) -> list[str]:
    """Why the last left singular vector is not defined, for each row of singular values."""
    reasons = []
    for row in values:
        if row[-2] < NO_RESPONSE * row[0]:
            reasons.append("a symmetric point, with more than one invisible direction")
        elif row[-2] - row[-1] < GAP * row[-2]:
            reasons.append("the two smallest singular values meet, and the direction is lost")
        else:
            reasons.append("")
    return reasons


def _where(reason: str, arc: float, vectors: np.ndarray) -> str:
    place = " ".join(f"{x:.4f}" for x in np.ravel(vectors))
    return f"{reason}, at an arc length of {arc:.4f} Å, neighbours at {place}"
