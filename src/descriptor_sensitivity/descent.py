"""From an environment down to a singular point, led by the descriptor's own derivatives."""

import numpy as np

from descriptor_sensitivity.descriptors.base import Descriptor
from descriptor_sensitivity.environments import Batch, rotation_ranks
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.singular import rotation_free_basis, sensitivities

SINGULAR = 1e-12
"""s_min / s_max below which a point is certified as singular."""

STEP, DIFFERENCE = 0.1, 1e-4
"""Å. Longest step of the search, and half the distance over which J is differentiated."""

WEIGHTS = np.concatenate([10.0 ** -np.arange(0, 12, 0.5), np.zeros(16)])
"""Weight mu of the distance in each step of the search."""

SEEN = 1e-9
"""Singular values above this part of the largest belong to directions that are seen."""


def descend(
    descriptor: Descriptor, batch: Batch, weights: np.ndarray = WEIGHTS
) -> tuple[np.ndarray, np.ndarray]:
    r"""Singular points (n_env, N, 3) that the descriptor leads to; s_min / s_max (n_env,) there.

    Minimises mu |x - x_0|^2 + |J(x)^T u|^2 / s_max^2 over x and the unit vector u by Gauss-Newton
    steps, mu falling to zero: in the end s_min = 0 at a (locally) least distance. In
    f(x, u) = J(x)^T u, df = H^T dx + J^T du, where H_iq = sum_j u_j d^2 xi_q / dx_i dx_j is the
    derivative of J along u, a central difference. dx has no rotation; du is eliminated by
    projecting on what the other left singular vectors do not reach. All environments, of one
    composition, go together; each stops at its certificate.
    """
    n, shape = len(batch), batch.vectors.shape[1:]
    start = batch.vectors.reshape(n, -1)
    x, best, ratio = start.copy(), start.copy(), np.full(n, np.inf)
    active = np.arange(n)
    for mu in weights:
        if len(active) == 0:
            break
        here = batch[active].moved(x[active].reshape(-1, *shape))
        line = rotation_ranks(here.vectors) < 3  # one rotation less: these end here
        if line.any():
            values = sensitivities(descriptor, here[line])
            best[active[line]], ratio[active[line]] = x[active[line]], values[:, -1] / values[:, 0]
            active, here = active[~line], here[~line]
            if len(active) == 0:
                break
        try:
            basis, left, values, right = _decomposed(descriptor, here)
        except InputError:  # a neighbour has left the cutoff: that search ends here
            active = active[accepted(descriptor, here)]
            continue
        now = values[:, -1] / values[:, 0]
        better = now < ratio[active]
        best[active[better]], ratio[active[better]] = x[active[better]], now[better]
        going = ~((now < SINGULAR / 10) & (mu < 1e-8))
        active, basis, left = active[going], basis[going], left[going]
        values, right, now = values[going], right[going], now[going]
        if len(active) == 0:
            break
        second = _second(descriptor, here[going], left[:, :, -1], values[:, 0])
        second = basis.swapaxes(1, 2) @ second
        reached = right[:, :, :-1] * (values[:, None, :-1] > SEEN * values[:, :1, None])
        second -= (second @ reached) @ reached.swapaxes(1, 2)
        slope = now[:, None] * right[:, :, -1]
        pull = np.einsum("eij,ei->ej", basis, x[active] - start[active])
        step = np.einsum("eij,ej->ei", basis, _step(second, slope, pull, np.sqrt(mu)))
        length = np.linalg.norm(step, axis=1, keepdims=True)
        x[active] += step * np.minimum(1, STEP / np.maximum(length, 1e-300))
    return best.reshape(n, *shape), ratio


def accepted(descriptor: Descriptor, batch: Batch) -> np.ndarray:
    """Which environments (n,) the descriptor takes."""
    taken = np.ones(len(batch), dtype=bool)
    for index in range(len(batch)):
        try:
            descriptor.jacobian(batch[index : index + 1])
        except InputError:
            taken[index] = False
    return taken


def _second(descriptor: Descriptor, batch: Batch, u: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """H (n, 3N, n_features) over `scale` (n,): the derivative of J along u (n, 3N).

    Where the step ahead is refused, as beyond a cutoff, H is zero.
    """
    shift = DIFFERENCE * u.reshape(batch.vectors.shape)
    ahead, behind = batch.moved(batch.vectors + shift), batch.moved(batch.vectors - shift)
    try:
        difference = descriptor.jacobian(ahead)[1] - descriptor.jacobian(behind)[1]
    except InputError:
        taken = accepted(descriptor, ahead) & accepted(descriptor, behind)
        inside = batch.moved(np.where(taken[:, None, None], ahead.vectors, batch.vectors))
        outside = batch.moved(np.where(taken[:, None, None], behind.vectors, batch.vectors))
        difference = descriptor.jacobian(inside)[1] - descriptor.jacobian(outside)[1]
    return difference / (2 * DIFFERENCE * scale)[:, None, None]


def _decomposed(
    descriptor: Descriptor, batch: Batch
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Rotation-free basis, left vectors (n, 3N, k), singular values (n, k), right (n, q, k)."""
    basis = rotation_free_basis(batch.vectors)
    rows = basis.swapaxes(1, 2) @ descriptor.jacobian(batch)[1]
    n_features = rows.shape[2]
    missing = max(0, rows.shape[1] - n_features)
    rows = np.pad(rows, ((0, 0), (0, 0), (0, missing)))
    orthogonal, factor = np.linalg.qr(rows.swapaxes(1, 2))
    left, values, right = np.linalg.svd(factor.swapaxes(1, 2))
    return basis, basis @ left, values, (orthogonal @ right.swapaxes(1, 2))[:, :n_features]


def _step(second: np.ndarray, slope: np.ndarray, pull: np.ndarray, weight: float) -> np.ndarray:
    """Least squares (n, k) of H^T d + J^T u = 0 and weight (d + pull) = 0, from (n, k, q), (n, q).

    The features are first folded into as many rows as there are unknowns.
    """
    k = second.shape[1]
    columns = np.concatenate([second.swapaxes(1, 2), slope[:, :, None]], axis=2)
    folded = np.linalg.qr(columns).R
    kept = np.broadcast_to(weight * np.eye(k), (len(folded), k, k))
    matrix = np.concatenate([folded[:, :, :k], kept], axis=1)
    target = np.concatenate([folded[:, :, k], weight * pull], axis=1)
    return -np.einsum("eij,ej->ei", np.linalg.pinv(matrix, rcond=1e-13), target)
