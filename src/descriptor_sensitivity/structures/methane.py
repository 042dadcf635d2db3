"""Random methane: four hydrogens in a sphere about a carbon."""

from collections.abc import Iterator

import numpy as np
from ase import Atoms

from descriptor_sensitivity.errors import InputError


def uniform_in_ball(
    generator: np.random.Generator, radius: float, shape: tuple[int, ...]
) -> np.ndarray:
    """Points (*shape, 3) uniform in the ball of `radius` about the origin."""
    direction = generator.standard_normal((*shape, 3))
    direction /= np.linalg.norm(direction, axis=-1, keepdims=True)
    return np.asarray(radius * np.cbrt(generator.random((*shape, 1))) * direction)


def random_methane(
    count: int,
    seed: int,
    radius: float = 3.0,
    min_distance: float = 0.5,
    n_hydrogens: int = 4,
) -> np.ndarray:
    """Positions (count, 4, 3) in Å of four hydrogens, or another number, about a carbon.

    Each hydrogen is uniform in the ball of `radius` about the carbon; a structure is discarded
    only if two of its atoms are closer than `min_distance`. This is the recipe of the
    random methane data set (Pozdnyakov et al., Materials Cloud Archive 2020.110), from which the
    structures whose energy calculation failed are missing besides.

    Candidates are drawn in blocks of fixed size, so that the first n structures of a seed do not
    depend on how many are asked for.

    Raises InputError if count < 1, or if the distances leave no room for four hydrogens.
    """
    if count < 1:
        raise InputError(f"count = {count}: ask for at least one random structure.")
    if not 0 <= min_distance < 0.6 * radius:
        raise InputError(
            f"min_distance = {min_distance} Å in a ball of {radius} Å: choose "
            "0 <= min_distance < 0.6 radius, or random methane would never be accepted."
        )
    generator = np.random.default_rng(seed)
    accepted, found = [], 0
    while found < count:
        hydrogens = uniform_in_ball(generator, radius, (4096, n_hydrogens))
        atoms = np.concatenate([np.zeros((4096, 1, 3)), hydrogens], axis=1)
        first, second = np.triu_indices(n_hydrogens + 1, k=1)
        distances = np.linalg.norm(atoms[:, first] - atoms[:, second], axis=-1)
        hydrogens = hydrogens[distances.min(axis=1) >= min_distance]
        accepted.append(hydrogens)
        found += len(hydrogens)
    return np.concatenate(accepted)[:count]


def methane_frames(hydrogens: np.ndarray) -> Iterator[Atoms]:
    """One CH4 for each row of positions (n, 4, 3) in Å, carbon first at the origin."""
    for positions in hydrogens:
        yield Atoms("CH4", positions=np.vstack([np.zeros(3), positions]))
