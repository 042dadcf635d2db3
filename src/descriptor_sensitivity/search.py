"""The singular environment nearest to a given one, found numerically."""

import numpy as np

from descriptor_sensitivity.descriptors.base import Descriptor
from descriptor_sensitivity.environments import Batch
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.singular import rotation_free_basis, sensitivity


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
