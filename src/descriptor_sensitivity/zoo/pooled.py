"""Features of a structure's centres pooled, and what displacements they do not see.

As in `theory.structures`: side by side (concatenated), added up for each species of centre
(summed), or added up over centres of equal environments (multiset, to first order).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import ase
import numpy as np
from scipy.optimize import linear_sum_assignment

from descriptor_sensitivity.environments import Batch
from descriptor_sensitivity.gram.structure import (
    environments_with_atoms,
    internal_displacements,
    moves,
)
from descriptor_sensitivity.mixture import compositions
from descriptor_sensitivity.tolerances import NO_RESPONSE

LONGEST, RADIUS = 3.5, 1.1
"""Å. The longest distance that a structure's environments see, and the mean distance of an
environment's neighbours from their centre, when features are computed: within all cutoffs."""

Features = Callable[[Batch], np.ndarray]
"""Features (n_env, k) of a batch of environments."""

Map = Callable[[Batch], tuple[np.ndarray, np.ndarray]]
"""Features and their Jacobian (n_env, 3N, k)."""


@dataclass(frozen=True)
class Part:
    """The features (k,) of one centre, with the kind of columns they have."""

    kind: tuple
    values: np.ndarray


@dataclass(frozen=True)
class Slopes(Part):
    """With their Jacobian (3M, k) on all atoms of the structure."""

    jacobian: np.ndarray


def scale(atoms: ase.Atoms, cutoff: float, environment: bool) -> float:
    """The factor by which a structure's lengths are multiplied before features are taken."""
    if environment:
        radii = np.linalg.norm(atoms.positions[1:] - atoms.positions[0], axis=1)
        return RADIUS / float(radii.mean())
    apart = np.linalg.norm(atoms.positions[:, None] - atoms.positions, axis=-1)
    return LONGEST / float(apart[apart <= cutoff].max())


def scaled(atoms: ase.Atoms, factor: float) -> ase.Atoms:
    """The structure with all lengths multiplied."""
    other = atoms.copy()
    other.positions *= factor
    return other


def _batches(
    atoms: ase.Atoms, cutoff: float, center: int | None
) -> Iterator[tuple[Batch, np.ndarray]]:
    """Environments of one composition each (of all centres, or one), with their atoms."""
    for mixture, members in environments_with_atoms(atoms, cutoff):
        for mine, batch in compositions(mixture):
            wanted = np.flatnonzero((batch.centers == center) | (center is None))
            if len(wanted):
                yield batch[wanted], members[mine[wanted]]


def features_of(
    atoms: ase.Atoms, cutoff: float, compute: Features, center: int | None = None
) -> list[Part]:
    """Features of each centre that has neighbours, or of one atom."""
    return [
        Part(_kind(batch, values), values)
        for batch, _ in _batches(atoms, cutoff, center)
        for values in compute(batch)
    ]


def slopes_of(
    atoms: ase.Atoms, cutoff: float, compute: Map, center: int | None = None
) -> list[Slopes]:
    """The same with the Jacobian on all atoms of the structure."""
    out = []
    for batch, members in _batches(atoms, cutoff, center):
        for values, jacobian, rows in zip(*compute(batch), members, strict=True):
            onto, here = moves(rows)
            spread = np.zeros((len(atoms), 3, len(values)))
            spread[here] = np.tensordot(
                onto, jacobian.reshape(batch.n_neighbors, 3, -1), axes=(1, 0)
            )
            flat = spread.reshape(3 * len(atoms), -1)
            out.append(Slopes(_kind(batch, values), values, flat))
    return out


def _kind(batch: Batch, values: np.ndarray) -> tuple:
    """What features must share to be compared: the centre, the species they know, their number."""
    return batch.center, tuple(np.unique(batch.species).tolist()), len(values)


def hidden(atoms: ase.Atoms, found: Sequence[Slopes], partition: str) -> np.ndarray:
    """Singular values of the pooled features over the largest of a single centre, descending.

    Rigid motions are left out. `environment` is the one centre there is.
    """
    internal = internal_displacements(atoms, rotations=True)
    pools: dict[tuple, np.ndarray] = {}
    for index, part in enumerate(found):
        key = part.kind if partition == "summed" else (index,)
        if partition == "multiset":
            key = (next((k for k in range(index) if _same(found[k], part)), index),)
        pools[key] = pools[key] + part.jacobian if key in pools else part.jacobian
    largest = max(np.linalg.norm(part.jacobian, 2) for part in found)
    rows = internal.T @ np.concatenate(list(pools.values()), axis=1)
    singular = np.linalg.svd(rows, compute_uv=False)
    return np.pad(singular, (0, len(rows) - len(singular))) / largest


def _same(one: Part, other: Part) -> bool:
    """Whether two centres have the same features."""
    return one.kind == other.kind and bool(
        np.linalg.norm(one.values - other.values) <= NO_RESPONSE * np.linalg.norm(other.values)
    )


def distance(first: Sequence[Part], second: Sequence[Part], summed: bool) -> float:
    """How far the features of two structures are apart, relative to those of the first.

    Of the sums over centres of a kind; or of the multisets, the centres matched in the best way.
    Infinite where there are other kinds, or other numbers of them.
    """
    square, size = 0.0, 0.0
    for kind in {part.kind for part in (*first, *second)}:
        a, b = ([part.values for part in each if part.kind == kind] for each in (first, second))
        if len(a) != len(b):
            return np.inf
        one, two = np.array(a), np.array(b)
        if summed:
            one, two = one.sum(axis=0, keepdims=True), two.sum(axis=0, keepdims=True)
        cost = np.linalg.norm(one[:, None] - two, axis=-1) ** 2
        rows, columns = linear_sum_assignment(cost)
        square += float(cost[rows, columns].sum())
        size += float((one**2).sum())
    return float(np.sqrt(square / size)) if size else 0.0
