"""Features of environments and structures in two unrelated bases, to hold the theory against.

The density's correlations on a radial and angular basis, and random smooth functions of scalar
products (`theory.nullspace.random_invariants`), which know of no basis. What both do not tell apart
is no matter of a basis.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial

import ase
import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from descriptor_sensitivity.descriptors.base import Descriptor
from descriptor_sensitivity.descriptors.registry import build_descriptor
from descriptor_sensitivity.environments import Batch
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.gram.structure import (
    environments_with_atoms,
    internal_displacements,
    moves,
)
from descriptor_sensitivity.mixture import compositions
from descriptor_sensitivity.singular import singular_values
from descriptor_sensitivity.theory.nullspace import random_invariants
from descriptor_sensitivity.zoo.entries import environment
from descriptor_sensitivity.zoo.relation import formula_units

Features = Callable[[Batch], tuple[np.ndarray, np.ndarray]]
"""Features (n_env, k) and Jacobian (n_env, 3N, k) of a batch."""

CUTOFF = 4.0
"""Å, of the density; the entries are scaled to fit in."""

SIZES = {1: (12, 0), 2: (8, 14), 3: (4, 8), 4: (3, 4)}
"""nu -> n_max, l_max of the density that stands for it; of nu = 1 only l = 0 is invariant."""

NOTHING = 1e-9
"""Relative distances of features, and s / s_max, that are zero: coordinates of the cards that are
numerical have twelve digits, derivatives by differences leave 1e-11 or so, and what is merely small
in the zoo is above 1e-7."""

N_RANDOM = 150
"""Random invariants; an environment of the zoo has at most 48 displacements."""


@cache
def density(order: int, cutoff: float = CUTOFF) -> Descriptor:
    """Density correlations of order nu."""
    n_max, l_max = SIZES[order]
    size = {"n_max": n_max, "l_max": l_max, "sigma": 0.3, "cutoff": cutoff}
    return build_descriptor(
        f"nu = {order}", {"kind": "density", "nu": order, "radial_basis": "gto", **size}
    )


def random_features(order: int, batch: Batch) -> tuple[np.ndarray, np.ndarray]:
    """Random invariants of order nu of a batch."""
    found = [random_invariants(one, order, batch.species, N_RANDOM) for one in batch.vectors]
    return np.array([each[0] for each in found]), np.array([each[1] for each in found])


def bases(order: int) -> dict[str, Features]:
    """Both of order nu, by name."""
    return {
        "density": density(order).jacobian,
        "random invariants": partial(random_features, order),
    }


def relative_distance(one: np.ndarray, other: np.ndarray) -> float:
    """|x - y| over the larger of |x| and |y|."""
    size = max(np.linalg.norm(one), np.linalg.norm(other))
    return float(np.linalg.norm(one - other) / size) if size else 0.0


@dataclass(frozen=True)
class Centers:
    """Features of all centres of a structure.

    Attributes:
        features: (k,) of each centre.
        slopes: (3M, k) of each with respect to all atoms; empty if not asked for.
        kinds: of each, the species of the centre, those around it, and k: features of one kind can
            be added up and subtracted.
    """

    features: list[np.ndarray]
    slopes: list[np.ndarray]
    kinds: list[tuple[int, ...]]


def reach(atoms: ase.Atoms) -> float:
    """A cutoff, Å, within which every atom of a molecule sees every other."""
    return 1.1 * float(atoms.get_all_distances().max())


def all_centers(
    atoms: ase.Atoms, cutoff: float, features: Features, slopes: bool = True
) -> Centers:
    """Features of every atom of a structure, and what they owe to each atom's position."""
    found = Centers([], [], [])
    for mixture, members in environments_with_atoms(atoms, cutoff):
        for mine, batch in compositions(mixture):
            values, jacobian = features(batch)
            for index in range(len(batch)):
                found.features.append(values[index])
                around = np.unique(batch.species).tolist()
                found.kinds.append((batch.center, *around, len(values[index])))
                if slopes:
                    found.slopes.append(_spread(jacobian[index], members[mine[index]], len(atoms)))
    if not found.features:
        raise InputError(f"No atom has a neighbour within the cutoff of {cutoff:g} Å; raise it.")
    return found


def _spread(jacobian: np.ndarray, rows: np.ndarray, n_atoms: int) -> np.ndarray:
    onto, here = moves(rows)
    out = np.zeros((n_atoms, 3, jacobian.shape[-1]))
    out[here] = np.tensordot(onto, jacobian.reshape(onto.shape[1], 3, -1), axes=(1, 0))
    return out.reshape(3 * n_atoms, -1)


def structure_distances(
    one: Centers, other: Centers, times: tuple[int, int] = (1, 1)
) -> dict[str, float]:
    """Relative distance of two structures: features summed, and as a multiset matched best.

    It is 1 where the centres are not of the same kinds.

    Args:
        times: how often each structure is counted, see `formula_units`.
    """
    kinds = [c.kinds * n for c, n in zip((one, other), times, strict=True)]
    if sorted(kinds[0]) != sorted(kinds[1]):
        return {"summed": 1.0, "multiset": 1.0}
    sums, apart, size = [], 0.0, 0.0
    for kind in sorted(set(one.kinds)):
        x, y = (
            np.array([f for f, k in zip(c.features, c.kinds, strict=True) if k == kind] * n)
            for c, n in zip((one, other), times, strict=True)
        )
        cost = cdist(x, y, "sqeuclidean")
        apart += cost[linear_sum_assignment(cost)].sum()
        size += max((x**2).sum(), (y**2).sum())
        sums.append((x.sum(axis=0), y.sum(axis=0)))
    summed = relative_distance(*(np.concatenate(part) for part in zip(*sums, strict=True)))
    return {"summed": summed, "multiset": float(np.sqrt(apart / size)) if size else 0.0}


def distances(
    features: Callable[[Batch], np.ndarray], pair: Sequence[ase.Atoms], scope: str, cutoff: float
) -> dict[str, float]:
    """Relative distance of two environments, `centre`, or of two structures, `structure_distances`.

    Args:
        features: (n_env, k) of a batch.
        scope: environment (atom 0 is the centre) or structure.
        cutoff: Å, of the environments of a structure.
    """
    if scope == "environment":
        one, other = (features(environment(atoms))[0] for atoms in pair)
        return {"centre": relative_distance(one, other)}

    def without_slopes(batch: Batch) -> tuple[np.ndarray, np.ndarray]:
        return features(batch), np.zeros(0)

    one, other = (all_centers(atoms, cutoff, without_slopes, slopes=False) for atoms in pair)
    return structure_distances(one, other, formula_units(*map(len, pair)))


def pooled_values(atoms: ase.Atoms, centers: Centers) -> Mapping[str, np.ndarray]:
    """Singular values of the features summed, as a multiset and side by side, rigid motions left
    out, in units of the largest of those side by side."""
    internal = internal_displacements(atoms, rotations=True)
    species = centers.kinds
    alike = _alike(centers)
    found = {
        "summed": [[k for k, one in enumerate(species) if one == kind] for kind in set(species)],
        "multiset": [[k for k, one in enumerate(alike) if one == kind] for kind in set(alike)],
        "concatenated": [[k] for k in range(len(species))],
    }
    values = {}
    for name, groups in found.items():
        parts = [np.sum([centers.slopes[k] for k in group], axis=0) for group in groups]
        one = (internal.T @ np.concatenate(parts, axis=1))[None]
        values[name] = singular_values(one)[0]
    largest = values["concatenated"][0]
    return {name: found / largest for name, found in values.items()}


def _alike(centers: Centers) -> list[int]:
    """Of each centre the first with its features, to a relative `SAME_FEATURES`."""
    first: list[int] = []
    for k, (mine, kind) in enumerate(zip(centers.features, centers.kinds, strict=True)):
        same = (
            j
            for j in range(k)
            if centers.kinds[j] == kind
            and relative_distance(mine, centers.features[j]) < SAME_FEATURES
        )
        first.append(next(same, k))
    return first


SAME_FEATURES = 1e-8
"""Relative distance up to which centres have the same features: coordinates of ten digits."""


def null_count(values: np.ndarray) -> int:
    """How many of some singular values (k,), relative to the largest of all, are zero."""
    return int(np.sum(values < NOTHING))
