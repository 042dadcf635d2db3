"""Features in two unrelated bases, to hold cards against: density correlations, random functions.

All are taken at lengths that suit them (see `pooled.scale`): what cards state does not depend on
the unit of length.
"""

from collections.abc import Callable, Sequence
from functools import cache

import ase
import numpy as np

from descriptor_sensitivity.descriptors.base import Descriptor
from descriptor_sensitivity.descriptors.registry import build_descriptor
from descriptor_sensitivity.environments import Batch
from descriptor_sensitivity.theory.nullspace import random_invariants
from descriptor_sensitivity.tolerances import NO_RESPONSE
from descriptor_sensitivity.zoo.pooled import Map, distance, slopes_of
from descriptor_sensitivity.zoo.verdict import Congruence, Environment

BASES = {1: (16, 0), 2: (8, 12), 3: (4, 8), 4: (2, 5)}
"""Order -> n_max and l_max of density correlations, of order 1 the part that is invariant: enough
for every card (with l_max 6 seven neighbours of one radius have two null displacements more)."""

N_RANDOM = 60
"""Random functions of each order, more than there are displacements."""

LARGEST = 4
"""The largest order that is tried."""

ROUNDS = 5
"""Of random messages: rounding grows with each, and colours settle within three."""


@cache
def density(order: int) -> Descriptor:
    """Density correlations of an order, on Gaussian-type orbitals."""
    n_max, l_max = BASES[order]
    options = {"radial_basis": "gto", "n_max": n_max, "l_max": l_max, "sigma": 0.3, "cutoff": 4.0}
    return build_descriptor(f"nu{order}", {"kind": "density", "nu": order, **options})


def by_density(order: int) -> Map:
    """Features of a batch and their Jacobian, of density correlations."""
    return density(order).jacobian


def by_random(order: int) -> Map:
    """The same of random smooth invariants, which know species as numbers about 1."""

    def compute(batch: Batch) -> tuple[np.ndarray, np.ndarray]:
        found = [
            random_invariants(vectors, order, batch.species / 7.0, N_RANDOM)
            for vectors in batch.vectors
        ]
        features, jacobians = zip(*found, strict=True)
        return np.array(features), np.array(jacobians)

    return compute


MAPS: dict[str, Callable[[int], Map]] = {"density": by_density, "random": by_random}


def separating_order(
    pair: Sequence[ase.Atoms],
    cutoff: float,
    maps: Callable[[int], Map],
    summed: bool,
    center: int | None,
) -> int | None:
    """The smallest order whose features differ; of all centres, or of one atom."""
    for order in range(1, LARGEST + 1):
        first, second = (slopes_of(atoms, cutoff, maps(order), center) for atoms in pair)
        if distance(first, second, summed) > NO_RESPONSE:
            return order
    return None


def congruence(a: np.ndarray, b: np.ndarray, species: np.ndarray) -> Congruence:
    """Of two sets of points (N, 3) about the origin, like with like, by random functions.

    Of order 4 that are invariant under reflection; and of order 4 that turn their sign, as they
    carry the determinant of three of the points.
    """
    kinds = species / 7.0
    one, two = (random_invariants(points, LARGEST, kinds, N_RANDOM)[0] for points in (a, b))
    if np.linalg.norm(one - two) > NO_RESPONSE * np.linalg.norm(one):
        return "no"
    one, two = (handed(points, kinds) for points in (a, b))
    # relative to what they would be of another shape: they vanish in a plane
    size = len(a) ** 2 * np.sqrt(N_RANDOM)
    return "rotation" if np.linalg.norm(one - two) <= NO_RESPONSE * size else "reflection"


def handed(points: np.ndarray, species: np.ndarray, seed: int = 0) -> np.ndarray:
    """Sums over quadruples of det(r_i, r_j, r_k) cos(w . g + b), whose sign a reflection turns.

    g are the scalar products of the quadruple and its species; w and b are random. Triples would
    not do: three points of one radius, two of them alike to the third, are their own reflection.
    """
    tuples = np.indices((len(points),) * 4).reshape(4, -1).T
    gram = points @ points.T
    i, j = np.triu_indices(4)
    arguments = np.concatenate([gram[tuples[:, i], tuples[:, j]], species[tuples]], axis=1)
    rng = np.random.default_rng(seed)
    waves = rng.normal(size=(arguments.shape[1], N_RANDOM))
    phases = arguments @ waves + rng.uniform(0, 2 * np.pi, N_RANDOM)
    return np.linalg.det(points[tuples[:, :3]]) @ np.cos(phases)


def graph_colors(atoms: ase.Atoms, cutoff: float, rounds: int, seed: int = 0) -> np.ndarray:
    """What `rounds` of passing messages along distances make of a structure.

    h_i <- sum_j cos(w d_ij + A h_i + B h_j + b) over the atoms within the cutoff, all random; in
    the end the sum of cos h_i over the atoms, which tells multisets of h_i apart.
    """
    width = 20
    apart = np.linalg.norm(atoms.positions[:, None] - atoms.positions, axis=-1)
    near = (apart <= cutoff) & ~np.eye(len(atoms), dtype=bool)
    rng = np.random.default_rng(seed)
    state = np.outer(atoms.numbers / 7.0, rng.normal(size=width))
    for _ in range(rounds):
        mine, theirs = rng.normal(size=(2, width, width)) / np.sqrt(width)
        own, other = state @ mine, state @ theirs
        phases = apart[:, :, None] * rng.normal(size=width) + own[:, None] + other[None]
        state = np.where(near[:, :, None], np.cos(phases + rng.normal(size=width)), 0).sum(axis=1)
    return np.cos(state).sum(axis=0)


def separating_round(pair: Sequence[ase.Atoms], cutoff: float) -> int | None:
    """The smallest number of rounds of messages after which two structures differ."""
    for rounds in range(ROUNDS + 1):
        one, two = (graph_colors(atoms, cutoff, rounds) for atoms in pair)
        if np.linalg.norm(one - two) > NO_RESPONSE * np.linalg.norm(one):
            return rounds
    return None


def same_environments(a: Sequence[Environment], b: Sequence[Environment]) -> bool:
    """Whether two multisets of environments agree, by random functions of order 2.

    Compared are the sums of their cosines over the environments: a sum of the functions themselves
    could agree by chance of another pairing.
    """
    each = []
    for part in (a, b):
        total = np.zeros(N_RANDOM)
        for vectors, species, _ in part:
            features, _ = random_invariants(vectors, 2, species / 7.0, N_RANDOM)
            total += np.cos(features)
        each.append(total)
    return bool(np.linalg.norm(each[0] - each[1]) <= NO_RESPONSE * np.linalg.norm(each[0]))
