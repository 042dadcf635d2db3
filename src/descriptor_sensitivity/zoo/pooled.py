"""Features of a structure's centres pooled, and what displacements they do not see.

As in `theory.structures`: side by side (concatenated), added up for each species of centre
(summed), or added up over centres of equal environments (multiset, to first order).
"""

from collections.abc import Callable

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

Map = Callable[[Batch], tuple[np.ndarray, np.ndarray]]
"""Features (n_env, k) and Jacobian (n_env, 3N, k) of a batch of environments."""

LONGEST, RADIUS = 3.5, 1.1
"""Å. The longest distance that a structure's environments see, and the mean distance of an
environment's neighbours from their centre, when features are computed: within all cutoffs."""

Part = tuple[int, tuple[int, ...], np.ndarray, np.ndarray]
"""Species of the centre, of its neighbours; features (k,), Jacobian on all atoms (3M, k)."""


def scale(atoms: ase.Atoms, cutoff: float, environment: bool) -> float:
    """The factor by which a structure's lengths are multiplied before features are taken."""
    if environment:
        radii = np.linalg.norm(atoms.positions[1:] - atoms.positions[0], axis=1)
        return RADIUS / float(radii.mean())
    apart = np.linalg.norm(atoms.positions[:, None] - atoms.positions, axis=-1)
    return LONGEST / float(apart[apart <= cutoff].max())


def parts(atoms: ase.Atoms, cutoff: float, compute: Map, center: int | None = None) -> list[Part]:
    """Features of each centre (of one atom, if given) and their Jacobian on all atoms."""
    out = []
    for mixture, members in environments_with_atoms(atoms, cutoff):
        for mine, batch in compositions(mixture):
            wanted = [k for k in range(len(batch)) if center in (None, batch.centers[k])]
            if not wanted:
                continue
            features, jacobian = compute(batch[np.array(wanted)])
            for k, values, slopes in zip(wanted, features, jacobian, strict=True):
                onto, here = moves(members[mine[k]])
                spread = np.zeros((len(atoms), 3, len(values)))
                spread[here] = np.tensordot(
                    onto, slopes.reshape(batch.n_neighbors, 3, -1), axes=(1, 0)
                )
                species = tuple(batch.species.tolist())
                flat = spread.reshape(3 * len(atoms), -1)
                out.append((batch.center, species, values, flat))
    return out


def hidden(atoms: ase.Atoms, found: list[Part], partition: str) -> np.ndarray:
    """Singular values of the pooled features over the largest of the un-pooled, descending.

    Rigid motions are left out; there are 3M - 6 of a molecule, or 3M - 5 on a line.
    """
    internal = internal_displacements(atoms, rotations=True)
    pools: dict[tuple, np.ndarray] = {}
    for index, (center, species, values, slopes) in enumerate(found):
        key: tuple = (center, species)
        if partition == "concatenated":
            key = (index,)
        elif partition == "multiset":
            size = float(np.linalg.norm(values))
            alike = (k for k, part in enumerate(found[:index]) if _same(part, key, values, size))
            key = (next(alike, index),)
        pools[key] = pools[key] + slopes if key in pools else slopes
    largest = max(np.linalg.norm(slopes, 2) for *_, slopes in found)
    rows = internal.T @ np.concatenate(list(pools.values()), axis=1)
    singular = np.linalg.svd(rows, compute_uv=False)
    return np.pad(singular, (0, len(rows) - len(singular))) / largest


def _same(part: Part, kind: tuple, values: np.ndarray, size: float) -> bool:
    """Whether an earlier centre has the features of this one."""
    return part[:2] == kind and bool(np.linalg.norm(part[2] - values) <= 1e-10 * size)


def distance(first: list[Part], second: list[Part], summed: bool) -> float:
    """How far the features of two structures are apart, relative to those of the first.

    Of the sums over centres of a kind; or of the multisets, the centres matched in the best way.
    """
    square, size = 0.0, 0.0
    for kind in {part[:2] for part in (*first, *second)}:
        a, b = (
            [values for *key, values, _ in each if tuple(key) == kind] for each in (first, second)
        )
        if not a or not b or len(a) != len(b):
            return np.inf
        one, two = np.array(a), np.array(b)
        if summed:
            one, two = one.sum(axis=0, keepdims=True), two.sum(axis=0, keepdims=True)
        cost = np.linalg.norm(one[:, None] - two, axis=-1) ** 2
        rows, columns = linear_sum_assignment(cost)
        square += float(cost[rows, columns].sum())
        size += float((one**2).sum())
    return float(np.sqrt(square / size))
