"""The theory of null spaces held against features, over families of environments.

The prediction needs no basis (`theory.nullspace`). It is held against the singular vectors of
density correlations (nu = 2, 3) and of random smooth invariants (nu = 4).
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.linalg import subspace_angles
from tqdm import tqdm

from descriptor_sensitivity.descriptors.density import Density
from descriptor_sensitivity.descriptors.radial import RadialBasis
from descriptor_sensitivity.environments import batch_from_vectors
from descriptor_sensitivity.singular import decompose
from descriptor_sensitivity.theory import families
from descriptor_sensitivity.theory.equal_angles import equal_angles, equal_angles_singular
from descriptor_sensitivity.theory.nullspace import null_space, random_invariants
from descriptor_sensitivity.tolerances import NO_RESPONSE

ORDERS = (2, 3, 4)


def environments(members: int, seed: int) -> dict[str, list[np.ndarray]]:
    """Label -> environments (N, 3): single ones by name, families by random members."""
    rng = np.random.default_rng(seed)

    def drawn(family: str, build: Callable, *left_out: str) -> list[np.ndarray]:
        found = [families.random_parameters(family, rng) for _ in range(members)]
        return [build(**{k: v for k, v in d.items() if k not in left_out}) for d in found]

    azimuth = np.deg2rad([10, 100, 170, 280])
    flat = np.stack([np.cos(azimuth), np.sin(azimuth), np.zeros(4)], axis=1)
    distinct = np.array([[1.0], [1.1], [1.2], [1.3]])
    corners = np.array([[1, 0, 0], [0, 1, 0], [-1, 0, 0], [0, -1, 0]], dtype=float)
    tetrahedron = families.tetrahedral(1.1)
    return {
        "random, 4 neighbours": [
            families.distorted(tetrahedron, 0.3, seed + i) for i in range(members)
        ],
        "planar, 4 distinct radii": [distinct * flat],
        "two pairs, $C_{2v}$": [families.two_pairs()],
        "pyramid, $C_{3v}$": [families.pyramid()],
        "square, $D_{4h}$": [corners],
        "tetrahedron, $T_d$": [tetrahedron],
        "octahedron, $O_h$": [np.vstack([np.eye(3), -np.eye(3)])],
        "mirror pair $A^+$": drawn("mirror", lambda **p: families.mirror(1, **p)),
        "mirror $A^0$": drawn("mirror", families.mirror_singular, "q"),
        "mirror family, $p = 0$": drawn("flat_pair", families.flat_pair),
        "equal-angle pair $A^+$": drawn("equal_angles", lambda **p: equal_angles(1, **p)),
        "equal-angle $A^0$": drawn("equal_angles", equal_angles_singular, "n_x"),
        "ring $A^0$": drawn("ring", families.ring),
        "$A^0$ of the Comment": [families.COMMENT_SINGULAR],
        "7-neighbour pair $A^+$": drawn("double_ring", lambda **p: families.double_ring(1, **p)),
        "7-neighbour $A^0$": drawn("double_ring", families.double_ring_singular, "h"),
    }


def compare(vectors: np.ndarray, order: int, jacobian: np.ndarray) -> dict[str, float]:
    """Predicted and found null space of one environment at one order.

    Args:
        vectors: (N, 3), Å.
        order: nu.
        jacobian: (3N, n_features) of invariant features of that order.

    Returns n_neighbors, nu, the dimensions predicted (symmetric and degenerate) and found, the
    smallest singular value outside and the largest inside the predicted null space in units of the
    largest, and the largest principal angle (radians) between the predicted null space and the
    span of as many bottom singular vectors; 0 where nothing is null.
    """
    predicted = null_space(vectors, order)
    values, left = decompose(jacobian[None], vectors[None])
    relative, kept = values[0] / values[0, 0], values.shape[1] - predicted.dimension
    bottom = left[0][:, kept:]
    angle = subspace_angles(bottom, predicted.basis).max() if predicted.dimension else 0.0
    return {
        "n_neighbors": len(vectors),
        "nu": order,
        "predicted": predicted.dimension,
        "symmetric": predicted.symmetric.shape[1],
        "degenerate": predicted.degenerate.shape[1],
        "found": int(np.sum(relative < NO_RESPONSE)),
        "smallest_seen": relative[kept - 1],
        "largest_null": relative[kept] if predicted.dimension else np.nan,
        "angle": angle,
    }


def predicted_and_found(members: int, seed: int, radial: RadialBasis) -> pd.DataFrame:
    """`compare` for every environment and order: columns environment, member, and those there.

    Args:
        members: random members of each family.
        seed: of the random members.
        radial: basis of the density correlations.
    """
    density = {nu: Density(nu, radial) for nu in (2, 3)}
    rows = []
    cases = environments(members, seed)
    for label, group in tqdm(cases.items(), desc="null spaces", unit="family", mininterval=1):
        for member, vectors in enumerate(group):
            for order in ORDERS:
                if order in density:
                    jacobian = density[order].reduced_jacobian(batch_from_vectors(vectors))[0]
                else:
                    jacobian = random_invariants(vectors, order)[1]
                row = compare(vectors, order, jacobian)
                rows.append({"environment": label, "member": member, **row})
    return pd.DataFrame(rows)
