"""Manifolds of singular points and of degenerate pairs: what is constant along them, what can be
learned.

A0 of the mirror family (see `theory.families`) has six parameters: a path through them is a
continuous manifold of singular points. Two neighbouring questions: do features change along it, and
can a model that has seen both members of degenerate pairs tell them apart?
"""

from collections.abc import Mapping

import numpy as np
from scipy.spatial.distance import cdist, pdist

from descriptor_sensitivity.descriptors.base import Descriptor
from descriptor_sensitivity.environments import batch_from_vectors
from descriptor_sensitivity.fourbody import four_body
from descriptor_sensitivity.singular import singular_values
from descriptor_sensitivity.theory import displacements, families

ENDS = (
    {"r_a": 0.95, "r_b": 1.10, "r_c": 1.25, "t": -40.0, "e": 20.0, "p": 30.0},
    {"r_a": 1.05, "r_b": 1.20, "r_c": 1.35, "t": 40.0, "e": 50.0, "p": 60.0},
)
"""Ends (Å, degrees) of a path of A0, typical members both; every parameter varies."""

POINTS = 21
"""Points of the path."""

REGULAR = 1e-8
"""Regularisation of a kernel of ones on its diagonal: little enough to interpolate."""


def path_of_singular_points() -> np.ndarray:
    """A0 of the mirror family, (POINTS, 4, 3) Å, on the straight line of its parameters."""
    first, last = ENDS
    return np.array(
        [
            families.mirror_singular(**{k: (1 - x) * first[k] + x * last[k] for k in first})
            for x in np.linspace(0, 1, POINTS)
        ]
    )


def singular_path(nu2: Descriptor, nu3: Descriptor) -> dict[str, float]:
    """Sensitivity and features along the path of singular points.

    Returns:
        singular_path_nu2: the largest s_min/s_max of nu = 2, singular_path_nu3 the smallest of
        nu = 3; singular_path_extent: how far the sorted distances (Å, the centre's among them) of
        the two ends lie apart; singular_path_step: the smallest |xi - xi'| / |xi| of two of its
        points, nu = 2; singular_path_overlap: the largest cosine between the direction of the path
        and the null vector.
    """
    path = path_of_singular_points()
    batch = batch_from_vectors(path)
    ratios = {}
    for name, descriptor in (("nu2", nu2), ("nu3", nu3)):
        values = singular_values(descriptor.reduced_jacobian(batch), batch.vectors)
        ratios[name] = values[:, -1] / values[:, 0]
    features = nu2.features(batch)
    steps = pdist(features) / np.linalg.norm(features, axis=1).max()
    ends = [np.sort(pdist(np.vstack([np.zeros(3), vectors]))) for vectors in path[[0, -1]]]
    overlap = [
        np.abs(np.sum(displacements.without_rotation(here, there - here) * null))
        for here, there in zip(path[:-1], path[1:], strict=True)
        for null in [displacements.mirror_null(here)]
    ]
    return {
        "singular_path_nu2": float(ratios["nu2"].max()),
        "singular_path_nu3": float(ratios["nu3"].min()),
        "singular_path_extent": float(np.linalg.norm(ends[1] - ends[0])),
        "singular_path_step": float(steps.min()),
        "singular_path_overlap": float(np.max(overlap)),
    }


def trained_pairs(descriptors: Mapping[str, Descriptor]) -> dict[str, float]:
    """What a model says of degenerate pairs when both members were among its training data.

    Kernel ridge regression of the four-body energy on nine pairs A+- of the published manifolds,
    all eighteen environments in training; squared exponential, gamma = 1 / mean squared distance.

    Returns:
        trained_gap_<name>: the largest (nu2) or smallest (others) |E(A+) - E(A-)| predicted over
        the true one.
    """
    pairs = np.stack([families.mirror_manifold(sign, elevation=np.zeros(1)) for sign in (1, -1)])
    vectors = pairs.reshape(-1, *pairs.shape[2:])
    energies = four_body(vectors)
    true = np.abs(np.subtract(*energies.reshape(2, -1)))
    found = {}
    for name, descriptor in descriptors.items():
        features = descriptor.features(batch_from_vectors(vectors))
        distances = cdist(features, features, "sqeuclidean")
        kernel = np.exp(-distances / distances.mean())
        mean = energies.mean()
        weights = np.linalg.solve(kernel + REGULAR * np.eye(len(kernel)), energies - mean)
        gaps = np.abs(np.subtract(*(kernel @ weights).reshape(2, -1))) / true
        found[f"trained_gap_{name}"] = float(gaps.max() if name == "nu2" else gaps.min())
    return found
