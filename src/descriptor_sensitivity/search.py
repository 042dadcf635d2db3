r"""Singular environments next to given ones: where a descriptor goes blind, and how far that is.

At a singular point the Jacobian J has a left null vector u besides the rotations, J^T u = 0.
`nearest_singular` looks among symmetric and degenerate arrangements in closed form
(`theory.nearest`), and follows the descriptor itself from the environment; what is returned is the
nearest point whose Jacobian was found singular. Nothing excludes a nearer one: distances are upper
bounds.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from descriptor_sensitivity.descent import SINGULAR, accepted, descend
from descriptor_sensitivity.descriptors.base import Descriptor
from descriptor_sensitivity.environments import (
    COINCIDENT,
    Batch,
    nearest_distance,
    rotation_rank,
    rotation_ranks,
)
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.mixture import compositions
from descriptor_sensitivity.singular import rotation_free_basis, sensitivities, sensitivity
from descriptor_sensitivity.theory.nearest import degenerate_points, symmetric_points
from descriptor_sensitivity.theory.recognise import singular_kind

MERGING = 0.5
"""Points in which two atoms are closer than this part of the closest distance at the start do not
count: two atoms at one place are a singular point of every smooth descriptor."""


@dataclass(frozen=True)
class SingularPoint:
    """The nearest singular environment that was found.

    Attributes:
        vectors: (N, 3) its neighbours, Å, turned so that they lie closest to the given ones.
        displacement: (N, 3) from the given environment to it, Å.
        distance: norm of the displacement, Å: an upper bound of the distance to the nearest.
        kind: symmetric, degenerate, truncation (this basis alone is blind, its limit is not) or
            unknown.
        what: the operations or the family.
        ratio: s_min / s_max there.
        found_by: start (it is singular itself), closed form, or search.
        reason: why nothing is certified, empty where ratio < 1e-12.
    """

    vectors: np.ndarray
    displacement: np.ndarray
    distance: float
    kind: str
    what: str
    ratio: float
    found_by: str
    reason: str


def nearest_singular(
    descriptor: Descriptor, batch: Batch, search: bool = True
) -> list[SingularPoint]:
    """The singular point nearest to each environment, of those that can be found.

    Args:
        descriptor: invariant features; a Jacobian by differences is too coarse for a certificate,
            and `reason` says so.
        batch: environments, which may differ in their species.
        search: whether to follow the descriptor too, besides the closed forms.

    Raises:
        InputError: the features are not invariant, atoms coincide, or there is one neighbour only.
    """
    _check(descriptor, batch)
    found: list[SingularPoint | None] = [None] * len(batch)
    for mine, part in compositions(batch):
        for index, point in zip(mine, _of_one_composition(descriptor, part, search), strict=True):
            found[index] = point
    return [point for point in found if point is not None]


def singular_points(
    descriptor: Descriptor, one: Batch, search: bool = True
) -> Iterator[SingularPoint]:
    """All singular points that are found next to a single environment, nearest first.

    Those of `nearest_singular`, which takes the first of them; none if none has a certificate.
    """
    found = candidates(descriptor, one, search)
    certified = np.flatnonzero(found.ratios < SINGULAR)
    for best in certified[np.argsort(found.distances[certified], kind="stable")]:
        yield _described(
            descriptor, one, found.vectors[best], found.ratios[best], found.names[best]
        )


def _check(descriptor: Descriptor, batch: Batch) -> None:
    if not descriptor.invariant:
        raise InputError(
            f"`{descriptor.name}` is not invariant under rotations: it sees every displacement;"
            " choose invariant features."
        )
    if batch.n_neighbors == 1:
        raise InputError(
            "A single neighbour can only change its distance, which every descriptor sees: no"
            " singular point exists; give environments of two neighbours or more."
        )
    if np.any(near := nearest_distance(batch.vectors) < COINCIDENT):
        raise InputError(
            f"Two atoms of environment {int(np.argmax(near))} coincide; remove one of them."
        )


class Candidates(NamedTuple):
    """Points that may be singular.

    Attributes:
        owner: (n,) of which environment.
        names: start, search, or what a closed form makes (see `theory.nearest`).
        vectors: (n, N, 3) turned to lie closest to the environment, Å.
        distances: (n,) from it, Å.
        ratios: (n,) s_min / s_max, infinite where atoms merge or the descriptor takes no such one.
    """

    owner: np.ndarray
    names: tuple[str, ...]
    vectors: np.ndarray
    distances: np.ndarray
    ratios: np.ndarray


def candidates(descriptor: Descriptor, batch: Batch, search: bool = True) -> Candidates:
    """All that is tried next to environments of one composition, singular or not.

    The arguments are those of `nearest_singular`.
    """
    _check(descriptor, batch)
    closest = MERGING * nearest_distance(batch.vectors)
    tried = [
        (index, name, vectors)
        for index, start in enumerate(batch.vectors)
        for name, vectors in _closed_forms(start, batch.species)
    ]
    if search and rotation_rank(batch.vectors[0]) == 3:
        tried += [(k, "search", v) for k, v in enumerate(descend(descriptor, batch)[0])]
    owners, names, points = zip(*tried, strict=True)
    vectors, owner = np.array(points), np.array(owners, dtype=int)
    start = batch.vectors[owner]
    given = np.array(names) == "start"
    vectors = np.where(given[:, None, None], vectors, _turned(vectors, start))
    distances = np.linalg.norm((vectors - start).reshape(len(owner), -1), axis=1)
    usable = nearest_distance(vectors) >= closest[owner]
    ratios = np.full(len(owner), np.inf)
    ranks = rotation_ranks(vectors)
    for rank in np.unique(ranks):  # neighbours on one line have a rotation less
        mine = usable & (ranks == rank)
        ratios[mine] = _ratios(descriptor, batch[owner[mine]].moved(vectors[mine]))
    return Candidates(owner, names, vectors, distances, ratios)


def _of_one_composition(descriptor: Descriptor, batch: Batch, search: bool) -> list[SingularPoint]:
    owner, names, vectors, distances, ratios = candidates(descriptor, batch, search)
    given = np.array(names) == "start"
    found = []
    for index in range(len(batch)):
        mine = np.flatnonzero(owner == index)
        # the nearest of the certified ones, or what comes closest to a certificate
        cost = np.where(ratios[mine] < SINGULAR, distances[mine], 1e6 + ratios[mine])
        singular_itself = given[mine] & (ratios[mine] < SINGULAR)
        best = mine[np.argmin(np.where(singular_itself, -1.0, cost))]
        found.append(
            _described(
                descriptor, batch[index : index + 1], vectors[best], ratios[best], names[best]
            )
        )
    return found


def _closed_forms(vectors: np.ndarray, species: np.ndarray) -> list[tuple[str, np.ndarray]]:
    points = [*symmetric_points(vectors, species), *degenerate_points(vectors, species)]
    return [("start", vectors), *((point.name, point.vectors) for point in points)]


def _ratios(descriptor: Descriptor, batch: Batch) -> np.ndarray:
    """s_min / s_max (n,), infinite where the descriptor takes no such environment."""
    ratios = np.full(len(batch), np.inf)
    try:
        taken = np.arange(len(batch))
        values = sensitivities(descriptor, batch)
    except InputError:
        taken = np.flatnonzero(accepted(descriptor, batch))
        values = sensitivities(descriptor, batch[taken])
    ratios[taken] = values[:, -1] / values[:, 0]
    return ratios


def _described(
    descriptor: Descriptor, batch: Batch, vectors: np.ndarray, ratio: float, name: str
) -> SingularPoint:
    found_by = name if name in ("start", "search") else "closed form"
    displacement = vectors - batch.vectors[0]
    kind, what, reason = "unknown", "", ""
    if ratio < SINGULAR:
        kind, what = singular_kind(vectors, batch.species, getattr(descriptor, "nu", None))
        if kind == "unknown" and (few := _too_few_features(descriptor, batch)):
            kind, what = "truncation", few
    else:
        reason = f"s_min / s_max stays at {ratio:.1e} in everything that was tried"
        if "differences" in getattr(descriptor, "derivatives", "analytic"):
            reason += ", with a Jacobian by differences"
    distance = float(np.linalg.norm(displacement))
    return SingularPoint(
        vectors, displacement, distance, kind, what, float(ratio), found_by, reason
    )


def _too_few_features(descriptor: Descriptor, batch: Batch) -> str:
    """That there are fewer of them than displacements, if so."""
    n_features = descriptor.features(batch).shape[1]
    free = 3 * batch.n_neighbors - rotation_rank(batch.vectors[0])
    return f"{n_features} features for {free} displacements" if n_features < free else ""


def _turned(vectors: np.ndarray, onto: np.ndarray) -> np.ndarray:
    """Environments (n, N, 3) rotated about the centre to lie closest to others (Kabsch)."""
    u, _, vt = np.linalg.svd(onto.swapaxes(1, 2) @ vectors)
    u[:, :, -1] *= np.sign(np.linalg.det(u @ vt))[:, None]
    return vectors @ (u @ vt).swapaxes(1, 2)


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
