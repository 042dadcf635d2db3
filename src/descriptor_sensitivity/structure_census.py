"""Singular points of whole molecules: searched from random clusters, and told by the theory.

A molecule is treated as the environment of its first atom, all others its neighbours, whose
features are those of all centres: added up over the centres of a species (*summed*), or so many
random smooth functions of them added up, which tell whatever a smooth sum over centres can
(*multiset*). The features themselves are random smooth functions of tuples of neighbours: no basis
is too small for them. Every singular point they lead to is classified by `theory.structures`.
"""

from typing import Any

import ase
import numpy as np
from ase.symbols import symbols2numbers

from descriptor_sensitivity.descent import SINGULAR, descend
from descriptor_sensitivity.descriptors.base import Descriptor
from descriptor_sensitivity.environments import Batch, nearest_distance
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.search import MERGING
from descriptor_sensitivity.structures.methane import uniform_in_ball
from descriptor_sensitivity.theory.nullspace import largest_zero, random_invariants
from descriptor_sensitivity.theory.structures import Partition, structure_null_space

SEARCHES: dict[str, tuple[Partition, int]] = {
    "summed nu = 3": ("summed", 3),
    "multiset nu = 2": ("multiset", 2),
}
"""What is looked for: partition and nu."""

LENGTH, CUTOFF = 2.5, 50.0
"""Å. Unit in which random features (`theory.nullspace.random_invariants`) are smooth, and a cutoff
that no atom leaves."""

FUNCTIONS = 80
"""Random features of each centre, and random functions of them: several times what atoms can do."""

SIZE, CLOSEST = 1.2, 0.8
"""Å. Radius per cube root of atoms of the ball in which they are placed; closest distance."""

EXACT = 1e-9
"""Relative to the largest. Singular values of the theory's conditions that are rounding."""


class WholeMolecule(Descriptor):
    """Random smooth features of all centres of a molecule, as of the environment of its first atom.

    Args:
        nu: their correlation order.
        partition: summed or multiset.
    """

    def __init__(self, nu: int, partition: Partition) -> None:
        self.nu, self.partition = nu, partition

    def jacobian(self, batch: Batch) -> tuple[np.ndarray, np.ndarray]:
        """Features (n, q) and Jacobian (n, 3N, q) for the N atoms beside the first."""
        found = [self._of_one(vectors, batch) for vectors in batch.vectors]
        values, jacobian = zip(*found, strict=True)
        return np.array(values), np.array(jacobian)

    def _of_one(self, vectors: np.ndarray, batch: Batch) -> tuple[np.ndarray, np.ndarray]:
        numbers = np.array([batch.center, *batch.species])
        positions = np.concatenate([np.zeros((1, 3)), vectors])
        m, kinds = len(numbers), np.unique(numbers)
        values = np.zeros((len(kinds), FUNCTIONS))
        slopes = np.zeros((len(kinds), m, 3, FUNCTIONS))
        for center in range(m):
            others, kind = np.delete(np.arange(m), center), np.searchsorted(kinds, numbers[center])
            around = (positions[others] - positions[center]) / LENGTH
            features, slope = random_invariants(
                around, self.nu, numbers[others].astype(float), FUNCTIONS
            )
            if self.partition == "multiset":
                features, slope = _mixed(features, slope)
            slope = slope.reshape(m - 1, 3, FUNCTIONS) / LENGTH
            values[kind] += features
            slopes[kind][others] += slope
            slopes[kind][center] -= slope.sum(axis=0)
        moved = slopes[:, 1:].reshape(len(kinds), 3 * (m - 1), FUNCTIONS)
        return values.ravel(), np.concatenate(list(moved), axis=1)


def _mixed(features: np.ndarray, slopes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Random smooth functions of the features of one centre."""
    rng = np.random.default_rng(1)
    waves = rng.normal(size=(FUNCTIONS, FUNCTIONS)) / np.sqrt(FUNCTIONS)
    phases = features @ waves + rng.uniform(0, 2 * np.pi, FUNCTIONS)
    return np.cos(phases), slopes @ waves * -np.sin(phases)


def numbers_of(formula: str) -> np.ndarray:
    """Atomic numbers of a formula, ascending.

    Raises:
        InputError: it is none, or has fewer than three atoms, whose shape nothing can hide.
    """
    try:
        numbers = np.sort(symbols2numbers(formula))
    except (KeyError, ValueError):
        numbers = np.zeros(0, dtype=int)
    if len(numbers) < 3:
        raise InputError(
            f"`{formula}` is no formula of three atoms or more; write one such as CH4 or C2H4."
        )
    return numbers


def random_clusters(formula: str, count: int, seed: int) -> Batch:
    """Molecules of one composition with atoms at random in a ball, none closer than `CLOSEST`."""
    numbers = numbers_of(formula)
    m = len(numbers)
    rng = np.random.default_rng(seed)
    kept: list[np.ndarray] = []
    while len(kept) < count:
        positions = uniform_in_ball(rng, SIZE * np.cbrt(m), (m,))
        if nearest_distance((positions[1:] - positions[0])[None])[0] >= CLOSEST:
            kept.append(positions[1:] - positions[0])
    zeros = np.zeros(count, dtype=int)
    return Batch(np.array(kept), numbers[1:], int(numbers[0]), np.arange(count), zeros)


def survey_clusters(formula: str, search: str, seed: int, first: int, end: int) -> dict[str, Any]:
    """Singular points that are reached from random clusters of one composition.

    Args:
        search: one of `SEARCHES`.
        seed, first, end: which of the clusters of `random_clusters`.

    Returns:
        One entry for each cluster whose descent ended at a certified point with no atoms merged:
        start, ratio (s_min / s_max), kind, hidden, forced (null displacements that the theory
        predicts, and that symmetry forces), residual (the largest singular value of the theory's
        conditions that counts as zero), positions (n, M, 3), Å.
        kind: symmetric or degenerate; truncation where the theory predicts no zero: this basis
        alone is blind; unresolved where the residual is above rounding.
    """
    partition, nu = SEARCHES[search]
    batch = random_clusters(formula, end, seed)[first:]
    vectors, ratios = descend(WholeMolecule(nu, partition), batch)
    apart = nearest_distance(vectors) >= MERGING * nearest_distance(batch.vectors)
    rows = [
        {"start": first + k, "ratio": ratios[k], **_told(batch.moved(vectors).atoms(k), search)}
        for k in np.flatnonzero((ratios < SINGULAR) & apart).tolist()
    ]
    names = ("start", "ratio", "kind", "hidden", "forced", "residual")
    positions = [row["positions"] for row in rows]
    return {
        **{name: np.array([row[name] for row in rows]) for name in names},
        "positions": np.array(positions).reshape(len(rows), batch.n_neighbors + 1, 3),
    }


def _told(atoms: ase.Atoms, search: str) -> dict[str, Any]:
    """What the theory says of a molecule."""
    partition, nu = SEARCHES[search]
    predicted = structure_null_space(atoms, CUTOFF, nu, partition)
    hidden = predicted.dimension
    residual = largest_zero(predicted.singular_values, hidden)
    kind = "degenerate" if predicted.degenerate.shape[1] else "symmetric"
    if residual > EXACT:
        kind = "unresolved" if hidden else "truncation"
    return {
        "kind": kind,
        "hidden": hidden,
        "forced": predicted.symmetric.shape[1],
        "residual": residual,
        "positions": atoms.positions,
    }


def molecules(formula: str, positions: np.ndarray) -> list[ase.Atoms]:
    """Clusters of one composition at positions (n, M, 3), in the order of `random_clusters`."""
    numbers = numbers_of(formula)
    return [ase.Atoms(numbers=numbers, positions=each) for each in positions]
