r"""Structure from features: the environments whose features are the given ones.

Minimises |xi(x) - xi*|^2 over the neighbours x by damped Gauss-Newton steps (Levenberg-Marquardt)
on the displacements without rotation about the centre, which no invariant feature answers to:

    step = argmin_d |J(x)^T d + xi(x) - xi*|^2 + lambda |d|^2,      d without rotation.

Where J is regular at the solution, the residual falls quadratically once lambda is small. At a
singular solution, whose features are even along the null vector, each step halves the distance,
and the residual falls by a factor of four.
"""

from dataclasses import dataclass

import numpy as np

from descriptor_sensitivity.descent import accepted
from descriptor_sensitivity.descriptors.base import Descriptor
from descriptor_sensitivity.environments import COINCIDENT, Batch, nearest_distance
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.singular import rotation_free_basis

CONVERGED = 1e-10
"""Residual in units of |xi*| below which the features are reached."""

MAX_STEPS = 150
LONGEST = 0.5
"""Longest step, Å over all 3N coordinates."""

DAMPING, LESS, MORE = 1e-2, 0.1, 5.0
"""First lambda in units of s_max^2; its factors after a step that helps, where the residual falls
by less than that, and one that does not. Lambda so falls at least as fast as the residual, which
keeps steps quadratic."""

STILL = 1e-13
"""A step shorter than this (Å) ends a search."""


@dataclass(frozen=True)
class Inversion:
    """What was found from each start.

    Attributes:
        vectors: (n_start, N, 3) environments, Å.
        residual: (n_start,) |xi - xi*| / |xi*|.
        converged: (n_start,) whether the residual is below `CONVERGED`.
        steps: (n_start,) evaluations of the Jacobian.
        history: (n_start, n_steps + 1) residual before each step that was tried, then at the end;
            rejected steps repeat it.
    """

    vectors: np.ndarray
    residual: np.ndarray
    converged: np.ndarray
    steps: np.ndarray
    history: np.ndarray


def invert(
    descriptor: Descriptor, features: np.ndarray, starts: Batch, max_steps: int = MAX_STEPS
) -> Inversion:
    """Environments with the given features, searched from each start.

    Args:
        descriptor: any with a Jacobian; by differences it converges to their error only.
        features: (n_features,) wanted, or (n_start, n_features), one for each start.
        starts: environments of one composition, that of the environment looked for.
        max_steps: of each search.

    Raises:
        InputError: features of another length, or atoms that coincide in a start.
    """
    if np.any(near := nearest_distance(starts.vectors) < COINCIDENT):
        raise InputError(f"Two atoms of start {int(np.argmax(near))} coincide; move one of them.")
    n, shape = len(starts), starts.vectors.shape[1:]
    x = starts.vectors.copy()
    values, jacobian = descriptor.jacobian(starts)
    wanted = np.asarray(features, dtype=float)
    if wanted.shape[-1:] != values.shape[1:] or wanted.shape[:-1] not in ((), (n,)):
        raise InputError(
            f"The features to invert have shape {wanted.shape}, but `{descriptor.name}` gives"
            f" {values.shape[1]} for these neighbours; take them from the same descriptor and"
            " composition."
        )
    wanted = np.broadcast_to(wanted, values.shape)
    scale = np.linalg.norm(wanted, axis=1)
    errors = values - wanted
    residual = np.linalg.norm(errors, axis=1) / scale
    damping, steps = np.full(n, DAMPING), np.ones(n, dtype=int)
    history, active = [residual.copy()], np.arange(n)
    for _ in range(max_steps):
        if len(active) == 0:
            break
        step = _step(descriptor, x[active], jacobian[active], errors[active], damping[active])
        moved = starts[active].moved(x[active] + step.reshape(-1, *shape))
        new_errors, new_jacobian = _evaluated(descriptor, moved, wanted[active], jacobian.shape)
        new_residual = np.linalg.norm(new_errors, axis=1) / scale[active]
        steps[active] += 1
        old = residual[active]
        better = new_residual < old
        chosen = active[better]
        x[chosen], errors[chosen] = moved.vectors[better], new_errors[better]
        jacobian[chosen], residual[chosen] = new_jacobian[better], new_residual[better]
        gain = new_residual / np.maximum(old, 1e-300)
        damping[active] *= np.where(better, np.minimum(LESS, gain), MORE)
        history.append(residual.copy())
        still = np.linalg.norm(step, axis=1) < STILL
        lost = damping[active] > 1e6
        active = active[~(still | lost | (residual[active] < 1e-15))]
    return Inversion(x, residual, residual < CONVERGED, steps, np.array(history).T)


def _evaluated(
    descriptor: Descriptor, batch: Batch, wanted: np.ndarray, shape: tuple[int, ...]
) -> tuple[np.ndarray, np.ndarray]:
    """Errors (n, n_features), infinite where the descriptor refuses, and Jacobians."""
    taken = np.flatnonzero(nearest_distance(batch.vectors) >= COINCIDENT)
    errors = np.full(wanted.shape, np.inf)
    jacobian = np.zeros((len(batch), *shape[1:]))
    if len(taken) == 0:
        return errors, jacobian
    try:
        values, slopes = descriptor.jacobian(batch[taken])
    except InputError:  # as beyond a cutoff
        taken = taken[accepted(descriptor, batch[taken])]
        if len(taken) == 0:
            return errors, jacobian
        values, slopes = descriptor.jacobian(batch[taken])
    errors[taken], jacobian[taken] = values - wanted[taken], slopes
    return errors, jacobian


def _step(
    descriptor: Descriptor,
    vectors: np.ndarray,
    jacobian: np.ndarray,
    errors: np.ndarray,
    damping: np.ndarray,
) -> np.ndarray:
    """Damped Gauss-Newton steps (n, 3N), Å, without rotation."""
    rows = jacobian
    if descriptor.invariant:
        basis = rotation_free_basis(vectors)
        rows = basis.swapaxes(1, 2) @ jacobian
    step = damped_step(rows, errors, damping)
    if descriptor.invariant:
        step = np.einsum("eij,ej->ei", basis, step)
    length = np.linalg.norm(step, axis=1, keepdims=True)
    return step * np.minimum(1, LONGEST / np.maximum(length, 1e-300))


def damped_step(slopes: np.ndarray, errors: np.ndarray, damping: np.ndarray) -> np.ndarray:
    """Damped Gauss-Newton steps (n, k) that make errors smaller.

    With slopes = U s V^T: d = -U s / (s^2 + lambda) V^T error.

    Args:
        slopes: (n, k, q) of the errors.
        errors: (n, q).
        damping: (n,) lambda in units of s_max^2.
    """
    orthogonal, factor = np.linalg.qr(slopes.swapaxes(1, 2))
    left, values, right = np.linalg.svd(factor.swapaxes(1, 2), full_matrices=False)
    along = np.einsum("eqk,eq->ek", orthogonal, errors)
    along = np.einsum("ekj,ej->ek", right, along)
    shifted = values**2 + (damping * values[:, 0] ** 2)[:, None]
    return np.asarray(-np.einsum("eik,ek->ei", left, values / shifted * along))
