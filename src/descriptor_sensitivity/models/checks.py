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

OWN_WRONG = 1e-3
"""The same of a function of one's own, which may be sharper than differences can follow."""

SINGLE = 1e-5
"""Features that change by less under a turn may be computed in single precision."""


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


def why_not(
    outputs: Callable[[torch.Tensor, torch.Tensor], Sequence[torch.Tensor]],
    positions: torch.Tensor,
    numbers: torch.Tensor,
) -> list[str | None]:
    """What is wrong with each output (M, f) of a function of one cluster, None where nothing is.

    Outputs must be finite, must not change when the cluster is turned, must follow their atoms into
    another order, and must have the derivatives that differences show: of w.F with a random w,
    along a random u.
    """
    values = outputs(positions, numbers)
    if not all(one.isfinite().all() for one in values):
        return [None if one.isfinite().all() else "is not finite" for one in values]
    turned = change_when_turned(lambda some: outputs(some, numbers), positions)
    back = outputs(positions.flip(0), numbers.flip(0))
    random = np.random.default_rng(0)
    u = torch.as_tensor(random.normal(size=positions.shape), device=positions.device)
    moved = positions.clone().requires_grad_(True)
    ahead, behind = (outputs(positions + step * u, numbers) for step in (STEP, -STEP))
    found: list[str | None] = []
    every = zip(values, turned, back, outputs(moved, numbers), ahead, behind, strict=True)
    for one, turn, other, here, after, before in every:
        weights = torch.as_tensor(random.normal(size=tuple(one.shape)), device=one.device)
        slope = torch.zeros_like(positions)
        if here.requires_grad:
            (slope,) = torch.autograd.grad(
                (weights * here).sum(), moved, retain_graph=True, materialize_grads=True
            )
        along = float((slope * u).sum())
        shown = float((weights * (after - before)).sum()) / (2 * STEP)
        rough = 1e-12 * float((weights * one).abs().sum()) / STEP  # what rounding shows
        size = float(one.abs().max().clamp(min=1e-300))
        if turn > INVARIANT:
            said = f"changes by {turn:.1g} of the largest one when the cluster is turned; return "
            said += "invariants, such as lengths and scalar products"
            if turn < SINGLE:
                said += ", and compute them in torch.float64: a change so small can be of rounding"
            found.append(said)
        elif float((other.flip(0) - one).abs().max()) > INVARIANT * size:
            found.append("depends on the order of the atoms; treat like atoms alike")
        elif not slope.isfinite().all():
            found.append(
                "has derivatives that are no finite numbers; a square root, a norm or a division"
                " at distance zero, as of an atom to itself, does that"
            )
        elif abs(along - shown) > OWN_WRONG * max(abs(along), abs(shown)) + rough:
            found.append(
                "changes with the positions otherwise than torch's derivatives say; leave out"
                " detach, item and numpy, which torch takes for constants"
            )
        else:
            found.append(None)
    return found
