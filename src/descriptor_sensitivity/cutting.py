"""Environments cut out of structures: every atom with its neighbours within a cutoff.

Equal ones, by the species of centre and neighbours, come in batches. What cannot be used is left
out, with a sentence that names frame and atom.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import ase
import numpy as np
from ase.data import atomic_numbers, chemical_symbols

from descriptor_sensitivity.environments import (
    COINCIDENT,
    Batch,
    check_cluster,
    nearest_distance,
    rotation_ranks,
)
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.neighbors import check_atoms, neighbors, neighbors_and_shell


def cut_environment(
    atoms: ase.Atoms, center: int, cutoff: float, name: str = "structure"
) -> ase.Atoms:
    """Atom `center` of `atoms` and its neighbours within `cutoff` (Å), centre first at the origin.

    Neighbours are sorted by species, then by their index in `atoms`.
    """
    check_atoms(atoms, name)
    if not 0 <= center < len(atoms):
        raise InputError(f"{name}: there is no atom {center}, it has {len(atoms)} atoms.")
    i, j, vectors = neighbors(atoms, cutoff)
    mine = i == center
    species, vectors = _sorted_neighbors(atoms.numbers[j[mine]], j[mine], vectors[mine])
    label = _label(name, atoms, center)
    if len(vectors) == 0:
        raise InputError(_lonely(label, cutoff))
    check_cluster(vectors, label)
    return ase.Atoms(
        numbers=[atoms.numbers[center], *species],
        positions=np.concatenate([np.zeros((1, 3)), vectors]),
    )


@dataclass(frozen=True)
class Refusal:
    """An atom (or with center -1 a whole frame) that has no usable environment, and why."""

    frame: int
    center: int
    reason: str


def cut_environments(
    frames: Iterable[ase.Atoms],
    cutoff: float,
    center_species: str | int | None = None,
    first_frame: int = 0,
    name: str = "frame",
) -> list[Batch]:
    """Cut every environment (of `center_species`, if given) and group the equal ones in batches.

    Args:
        frames: structures, periodic or not.
        cutoff: Å.
        center_species: symbol or number; every atom is a centre without it.
        first_frame: index of the first frame in its file, for messages and for `Batch.frames`.
        name: what messages call a structure.

    Raises:
        InputError: at the first atom without a usable environment; see `cut_batches`.
    """
    frames = list(frames)
    numbers = range(first_frame, first_frame + len(frames))
    batches, refusals = cut_batches(frames, cutoff, center_species, numbers, name)
    if refusals:
        raise InputError(refusals[0].reason)
    return batches


def cut_batches(
    frames: Iterable[ase.Atoms],
    cutoff: float,
    center_species: str | int | None,
    numbers: Iterable[int],
    name: str = "frame",
    shells: dict[tuple[int, int], int] | None = None,
) -> tuple[list[Batch], list[Refusal]]:
    """Like `cut_environments`, for frames of the given `numbers`, but bad ones are left out.

    Returns the batches, and one refusal for each frame or atom that is in none, in order. In
    `shells` it writes for each (frame, centre) how many neighbours a shell at the cutoff took.
    """
    wanted = atomic_number(center_species)
    groups: dict[tuple, list[tuple[np.ndarray, int, int]]] = {}
    refusals = []
    coincident: dict[int, list[Refusal]] = {}
    for frame, atoms in zip(numbers, frames, strict=True):
        label = f"{name} {frame}"
        centers = np.arange(len(atoms))
        try:
            check_atoms(atoms, label)
            if wanted is not None:
                centers = np.flatnonzero(atoms.numbers == wanted)
            if len(centers) == 0:
                raise InputError(f"{label} holds no {center_species} atom to centre on.")
        except InputError as error:
            refusals.append(Refusal(frame, -1, str(error)))
            continue
        i, j, vectors, at_cutoff = neighbors_and_shell(atoms, cutoff)
        if shells is not None:
            shells |= {(frame, int(k)): int(at_cutoff[k]) for k in centers if at_cutoff[k]}
        coincident[frame] = _coincidences(frame, label, atoms, i, j, vectors)
        bounds = np.searchsorted(i, np.arange(len(atoms) + 1))
        for center in centers.tolist():
            mine = slice(bounds[center], bounds[center + 1])
            key, around = _sorted_neighbors(atoms.numbers[j[mine]], j[mine], vectors[mine])
            if len(around) == 0:
                reason = _lonely(_label(label, atoms, center), cutoff)
                refusals.append(Refusal(frame, center, reason))
                continue
            key = (int(atoms.numbers[center]), *key)
            groups.setdefault(key, []).append((around, frame, center))
    batches = []
    unusable: dict[int, int] = {}
    for key, members in sorted(groups.items()):
        vectors = np.array([around for around, _, _ in members])
        frame_numbers = np.array([frame for _, frame, _ in members])
        center_numbers = np.array([center for _, _, center in members])
        whole = Batch(vectors, np.array(key[1:], dtype=int), key[0], frame_numbers, center_numbers)
        closest = nearest_distance(vectors)
        for frame in frame_numbers[closest < COINCIDENT].tolist():
            unusable[frame] = unusable.get(frame, 0) + 1
        ranks = rotation_ranks(vectors)
        for rank in (2, 3):
            kept = (closest >= COINCIDENT) & (ranks == rank)
            if kept.any():
                batches.append(whole[kept])
    for frame, count in unusable.items():
        for pair in coincident[frame]:
            reason = f"{pair.reason} {count} environments of this frame cannot be used."
            refusals.append(Refusal(pair.frame, pair.center, reason))
    return batches, sorted(refusals, key=lambda refusal: (refusal.frame, refusal.center))


def _coincidences(
    frame: int, label: str, atoms: ase.Atoms, i: np.ndarray, j: np.ndarray, vectors: np.ndarray
) -> list[Refusal]:
    """One refusal for each pair of atoms, or of images of them, that stand at the same place."""
    near = np.flatnonzero(np.linalg.norm(vectors, axis=1) < COINCIDENT * (1 + 1e-9))
    pairs = {
        (int(i[k]), int(j[k])): float(np.linalg.norm(vectors[k])) for k in near if i[k] <= j[k]
    }
    symbols = atoms.get_chemical_symbols() if pairs else []
    return [
        Refusal(
            frame,
            a,
            f"{label}, atom {a}: atoms {a} ({symbols[a]}) and {b} ({symbols[b]}) coincide"
            f" ({distance:.2g} Å apart); remove one of them.",
        )
        for (a, b), distance in sorted(pairs.items())
    ]


def _sorted_neighbors(
    numbers: np.ndarray, j: np.ndarray, vectors: np.ndarray
) -> tuple[tuple[int, ...], np.ndarray]:
    """Species and vectors of neighbours, by species, then index, then vector."""
    order = np.lexsort((*np.round(vectors.T, 9), j, numbers))
    return tuple(int(number) for number in numbers[order]), vectors[order]


def atomic_number(species: str | int | None) -> int | None:
    """The number of an element named by its symbol, or by the number itself."""
    if species is None or isinstance(species, int | np.integer):
        return None if species is None else int(species)
    if species not in atomic_numbers:
        raise InputError(f"`{species}` is not a chemical element; name the centre like `C`.")
    return atomic_numbers[species]


def _label(name: str, atoms: ase.Atoms, center: int) -> str:
    return f"{name}, atom {center} ({chemical_symbols[atoms.numbers[center]]})"


def _lonely(label: str, cutoff: float) -> str:
    return (
        f"{label} has no neighbour within the cutoff of {cutoff:g} Å; raise `cutoff`"
        " or leave this atom out."
    )
