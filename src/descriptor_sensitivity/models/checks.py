"""What is found out about a model by trying it: does it turn, and are its derivatives right?"""

from collections.abc import Callable, Sequence

import numpy as np
import torch

from descriptor_sensitivity.models.base import Choice, Clusters, Potential, features, jacobians

TURN = np.linalg.qr(np.random.default_rng(0).normal(size=(3, 3)))[0]
"""A rotation without any symmetry."""

INVARIANT = 1e-8
"""Features that change by more than this fraction of the largest one under a turn do turn."""

STEP = 1e-4
"""Å, of the central difference that derivatives are held against."""

WRONG = 1e-5
"""Derivatives that differ by more than this fraction of the largest one are wrong."""


def change_when_turned(
    layers: Callable[[torch.Tensor], Sequence[torch.Tensor]], positions: torch.Tensor
) -> list[float]:
    """How much the features of each layer change with `TURN`, as a part of the largest one."""
    turn = torch.as_tensor(TURN, device=positions.device)
    pairs = zip(layers(positions), layers(positions @ turn), strict=True)
    return [
        float((before - after).abs().max() / before.abs().max().clamp(min=1e-300))
        for before, after in pairs
    ]


def derivative_errors(potential: Potential, cluster: Clusters, n_layers: int) -> list[float]:
    """How far J of each layer is from differences, as a part of the largest entry of J^T u.

    u is a random displacement of one cluster. A function of which torch knows no derivative is a
    constant to it, and it says so in a warning at most.
    """
    u = np.random.default_rng(0).normal(size=cluster.vectors.shape)
    choices: list[Choice] = [(layer, "all") for layer in range(1, n_layers + 1)]
    moved = np.concatenate([cluster.vectors + STEP * u, cluster.vectors - STEP * u])
    ends = features(potential, Clusters(moved, cluster.numbers, cluster.device), choices)
    errors = []
    for (ahead, behind), (_, slopes) in zip(
        ends, jacobians(potential, cluster, choices), strict=True
    ):
        along = u.ravel() @ slopes[0]
        error = np.abs((ahead - behind) / (2 * STEP) - along).max()
        errors.append(float(error / max(np.abs(along).max(), 1e-300)))
    return errors
