"""What the diagnoses rest on: losses of other descriptors, symmetry, shares of null spaces."""

import numpy as np

from descriptor_sensitivity.environments import infinitesimal_rotations
from descriptor_sensitivity.theory.symmetry import Operation, symmetry_operations
from descriptor_sensitivity.tolerances import DIRECTION_LOST, NO_RESPONSE


def loss(jacobian: np.ndarray, displacement: np.ndarray, s_max: np.ndarray) -> np.ndarray:
    """s_max / |J^T u| (n_env,) for J (n_env, 3N, k) and unit u (n_env, 3N); infinite if unseen."""
    response = np.linalg.norm(np.einsum("eif,ei->ef", jacobian, displacement), axis=1)
    with np.errstate(divide="ignore"):
        return np.where(response > NO_RESPONSE * s_max, s_max / response, np.inf)


def without_orientation(jacobian: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """What features that are not invariant say beyond the orientation of the environment.

    J (1 - Q Q^T), with Q an orthonormal basis of the responses J^T w to the three infinitesimal
    rotations w. Its response to u is the smallest that u has with any rotation added to it.

    Args:
        jacobian: (n_env, 3N, k).
        vectors: (n_env, N, 3), Å.
    """
    turned = infinitesimal_rotations(vectors) @ jacobian
    _, values, right = np.linalg.svd(turned, full_matrices=False)
    right = right * (values > DIRECTION_LOST * values[:, :1])[..., None]
    return jacobian - (jacobian @ right.transpose(0, 2, 1)) @ right


def best_symmetry(
    vectors: np.ndarray, species: np.ndarray, displacement: np.ndarray, tolerance: float
) -> tuple[Operation, float, float] | None:
    """The operation that comes closest to turning a displacement (3N,) into its opposite.

    Among the symmetry operations S of the environment within `tolerance` Å: the largest part
    |(u - D(S) u) / 2|^2 of u that S reverses, Eq. (17), with the largest distance (Å) between an
    image and its atom. None if there is no operation besides the identity.
    """
    best = None
    for operation in symmetry_operations(vectors, species, tolerance):
        if operation.name == "E":
            continue
        reversed_part = (displacement - operation.displacement_matrix() @ displacement) / 2
        images = vectors @ operation.matrix.T
        off = np.linalg.norm(images - vectors[operation.permutation], axis=1).max()
        odd = float(reversed_part @ reversed_part)
        if best is None or (round(odd, 6), -off) > (round(best[1], 6), -best[2]):
            best = (operation, odd, float(off))
    return best


def hidden_by_symmetry(
    vectors: np.ndarray, species: np.ndarray, displacement: np.ndarray, tolerance: float
) -> float:
    """1 - |P u|^2: the part of a unit displacement (3N,) that the point group averages away.

    P is the mean of D(S) over the symmetry operations S within `tolerance` Å.
    """
    operations = symmetry_operations(vectors, species, tolerance)
    images = [operation.displacement_matrix() @ displacement for operation in operations]
    average = np.mean(images, axis=0)
    return 1 - float(average @ average)


def share(space: np.ndarray, blind: np.ndarray) -> tuple[float, np.ndarray]:
    """The direction of `blind` that lies most in `space`, and the square of its part in it.

    Args:
        space: (3N, d), orthonormal columns; d may be zero.
        blind: (3N, b), orthonormal columns, the worst seen last.
    """
    if space.shape[1] == 0:
        return 0.0, blind[:, -1]
    mixing, shares, _ = np.linalg.svd(blind.T @ space, full_matrices=False)
    return float(shares[0] ** 2), blind @ mixing[:, 0]
