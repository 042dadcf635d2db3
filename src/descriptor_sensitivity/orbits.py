r"""Orbits of low sensitivity around a singular environment, and the pairs that meet there.

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
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.singular import condition_number, rotation_free_basis, sensitivity

GAP = 1e-3
"""Smallest relative distance of the two smallest singular values that still gives a direction."""

TURN = 0.1
"""Angle (rad) between two Euler steps above which they are too coarse to follow a smooth curve."""

FLAT = 1e-8
"""Two singular values below this fraction of the largest: more than one direction is invisible."""


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
        if row[-2] < FLAT * row[0]:
            reasons.append("a symmetric point, with more than one invisible direction")
        elif row[-2] - row[-1] < GAP * row[-2]:
            reasons.append("the two smallest singular values meet, and the direction is lost")
        else:
            reasons.append("")
    return reasons


def _where(reason: str, arc: float, vectors: np.ndarray) -> str:
    place = " ".join(f"{x:.4f}" for x in np.ravel(vectors))
    return f"{reason}, at an arc length of {arc:.4f} Å, neighbours at {place}"


# ---------------------------------------------------------------- singular environments


def singular_point(representation: Descriptor, near: Batch) -> np.ndarray:
    r"""An environment with a singular Jacobian close to the one in `near`, (N, 3) Å.

    Minimises mu |x - x_near|^2 + |J(x)^T u|^2 / s_max^2 over x and the unit vector u while mu falls
    from 1 to 1e-24, so that in the end s_min = 0 and the distance is (locally) least: the search of
    the Comment, with derivatives. In f(x, u) = J(x)^T u, df = H^T dx + J^T du, second derivatives
    are symmetric: H_iq = sum_j u_j d^2 xi_q / dx_i dx_j is the derivative of the analytic J along
    u, a central difference. Gauss-Newton steps, dx without rotation; du is eliminated by projecting
    on what the other left singular vectors do not reach.

    Raises:
        InputError: s_min / s_max stays above 1e-12.
    """
    shape, h = near.vectors.shape, 1e-4
    origin = near.vectors[0].ravel()
    x, ratio = origin.copy(), np.inf
    best = x

    def jacobian(x: np.ndarray) -> np.ndarray:
        return representation.jacobian(near.moved(x.reshape(shape)))[1][0]

    for mu in np.repeat(10.0 ** -np.arange(0, 25, 2), 4):
        here = near.moved(x.reshape(shape))
        values, left = sensitivity(representation, here)
        if values[0, -1] < ratio * values[0, 0]:
            best, ratio = x, values[0, -1] / values[0, 0]
        basis = rotation_free_basis(here.vectors)[0]
        u, others = left[0, :, -1], left[0, :, :-1]
        first = jacobian(x) / values[0, 0]
        second = basis.T @ (jacobian(x + h * u) - jacobian(x - h * u)) / (2 * h * values[0, 0])
        reached = np.linalg.qr((others.T @ first).T)[0]
        second -= (second @ reached) @ reached.T
        rest = u @ first
        rest -= (rest @ reached) @ reached.T
        weight = np.sqrt(mu)
        matrix = np.concatenate([second.T, weight * np.eye(len(second))])
        target = np.concatenate([rest, weight * basis.T @ (x - origin)])
        step = basis @ np.linalg.lstsq(matrix, -target, rcond=None)[0]
        x = x + step * min(1.0, 0.05 / max(float(np.linalg.norm(step)), 1e-300))
    if ratio < 1e-12:
        return best.reshape(shape[1:])
    raise InputError(
        f"No singular environment was found near the given one: s_min / s_max stays at {ratio:.1e};"
        " start nearer to one."
    )


def closest_ring(vectors: np.ndarray) -> tuple[np.ndarray, int]:
    """A0 in closed form: the `families.ring` environment next to `vectors` (4, 3), and its apex.

    For each choice of the apex the other three get their mean radius and their mean angle to it,
    and keep their azimuths; the choice that moves them least is taken.
    """
    candidates = []
    for apex in range(4):
        axis = vectors[apex] / np.linalg.norm(vectors[apex])
        others = np.delete(np.arange(4), apex)
        radii = np.linalg.norm(vectors[others], axis=1)
        heights = vectors[others] @ axis
        sideways = vectors[others] - heights[:, None] * axis
        sideways /= np.linalg.norm(sideways, axis=1)[:, None]
        polar = np.arccos(heights / radii).mean()
        moved = vectors.copy()
        moved[others] = radii.mean() * (np.cos(polar) * axis + np.sin(polar) * sideways)
        candidates.append((float(np.linalg.norm(moved - vectors)), apex, moved))
    _, apex, moved = min(candidates, key=lambda candidate: candidate[0])
    return moved, apex


def pair_manifolds(ring: np.ndarray, apex: int, distances: np.ndarray) -> np.ndarray:
    """A+ and A-, degenerate pairs for nu = 2 that meet at a ring A0: (2, n, 4, 3), Å.

    The ring is held. Moving the apex a changes the set of (radius, radius, cosine) only through
    |a| and its products g_j = a . r_j with the ring. A+ has a(t) and A- has a'(t) with the products
    of a(t) in cyclic order, g' = (g_3, g_1, g_2), and both have |a| = |a'| = |a_0|: two equations
    that leave a curve through A0, where all g are equal. Newton's method for each distance t of
    a(t) from a_0 along the null vector.

    Args:
        ring: (4, 3) a ring A0, its apex at index `apex`.
        distances: (n,) in Å, of either sign, in any order.

    Raises:
        InputError: there is no pair that far from A0.
    """
    others = np.delete(np.arange(4), apex)
    products = ring[others]
    exchange = np.linalg.solve(products, products[[2, 0, 1]])
    origin = ring[apex]
    null = np.cross(origin, products.sum(axis=0))
    null /= np.linalg.norm(null)
    manifolds = np.repeat(np.repeat(ring[None, None], len(distances), axis=1), 2, axis=0)
    for index, distance in enumerate(distances):
        a = origin + distance * null
        for _ in range(50):
            image = exchange @ a
            error = np.array(
                [
                    (a @ a - origin @ origin) / 2,
                    (image @ image - origin @ origin) / 2,
                    null @ (a - origin) - distance,
                ]
            )
            step = np.linalg.solve(np.array([a, image @ exchange, null]), error)
            a = a - step
            if np.linalg.norm(step) < 1e-15:
                break
        image = exchange @ a
        if not max(abs(a @ a - image @ image), abs(a @ a - origin @ origin)) < 1e-12:
            raise InputError(
                f"There is no degenerate pair {distance:g} Å from this A0; ask for less."
            )
        manifolds[0, index, apex], manifolds[1, index, apex] = a, image
    return manifolds


def aligned(vectors: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """`vectors` (n, N, 3), each rotated about the centre to lie closest to `reference` (N, 3)."""
    left, _, right = np.linalg.svd(vectors.transpose(0, 2, 1) @ reference)
    flip = np.ones((len(vectors), 1, 3))
    flip[:, 0, 2] = np.linalg.det(left @ right)
    return vectors @ ((left * flip) @ right)
