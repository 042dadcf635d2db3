"""Atomic environments: what a descriptor of one atom is allowed to see.

An environment is a finite cluster, the centre and every neighbour within the cutoff. A neighbour in
a periodic image is a neighbour like any other, with its own displacement. Environments that share
the species of centre and neighbours are kept together in a `Batch`, so that everything downstream
works on arrays.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import ase
import numpy as np
from ase.data import atomic_numbers, chemical_symbols

from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.neighbors import COINCIDENT, check_atoms, neighbors, neighbors_and_shell
from descriptor_sensitivity.tolerances import DIRECTION_LOST

PAIRS = 500_000
"""Pairs of atoms whose distances are held at once, about 20 MB."""


@dataclass(frozen=True)
class Batch:
    """Environments with equal centre species, neighbour species and number of rotations.

    Attributes:
        vectors: (n_env, N, 3) neighbour minus centre, Å.
        species: (N,) atomic numbers of the neighbours, ascending; (n_env, N) in a mixture.
        center: atomic number of the centre.
        frames: (n_env,) index of the frame each environment was cut from.
        centers: (n_env,) index of the centre atom in that frame.
    """

    vectors: np.ndarray
    species: np.ndarray
    center: int
    frames: np.ndarray
    centers: np.ndarray

    def __len__(self) -> int:
        return len(self.vectors)

    @property
    def n_neighbors(self) -> int:
        """N, the number of neighbours of each environment."""
        return self.species.shape[-1]

    def __getitem__(self, item: slice | np.ndarray) -> "Batch":
        species = self.species if self.species.ndim == 1 else self.species[item]
        frames, centers = self.frames[item], self.centers[item]
        return Batch(self.vectors[item], species, self.center, frames, centers)

    def moved(self, vectors: np.ndarray) -> "Batch":
        """The same environments with their neighbours at `vectors` (n_env, N, 3)."""
        return Batch(vectors, self.species, self.center, self.frames, self.centers)

    def atoms(self, index: int) -> ase.Atoms:
        """Environment `index` as a non-periodic cluster, centre first and at the origin."""
        positions = np.concatenate([np.zeros((1, 3)), self.vectors[index]])
        return ase.Atoms(numbers=[self.center, *self.species], positions=positions)


def batch_from_vectors(
    vectors: np.ndarray, species: int | Iterable[int] = 1, center: int = 6
) -> Batch:
    """A batch from neighbour vectors (n_env, N, 3) or (N, 3); by default H atoms around C."""
    vectors = np.asarray(vectors, dtype=float)
    if vectors.ndim == 2:
        vectors = vectors[None]
    n_env, n_neighbors = vectors.shape[:2]
    numbers = np.broadcast_to(np.asarray(species, dtype=int), n_neighbors)
    order = np.argsort(numbers, kind="stable")
    index = np.arange(n_env)
    vectors = vectors[:, order]
    for frame, environment in zip(index, vectors, strict=True):
        _check_cluster(environment, f"environment {frame}")
    if len(np.unique(_rotation_ranks(vectors))) > 1:
        raise InputError(
            "Environments with all neighbours on one line through the centre have two rotations,"
            " others have three; put them into batches of their own."
        )
    return Batch(vectors, numbers[order], center, index, np.zeros(n_env, dtype=int))


def rotation_rank(vectors: np.ndarray) -> int:
    """Number of infinitesimal rotations about the centre that move the neighbours (N, 3): 3 or 2.

    It is 2 when the neighbours lie on one line through the centre.
    """
    return int(_rotation_ranks(vectors[None])[0])


def _rotation_ranks(vectors: np.ndarray) -> np.ndarray:
    singular = np.linalg.svd(vectors, compute_uv=False)
    if singular.shape[1] < 2:
        return np.full(len(vectors), 2)
    return np.where(singular[:, 1] < DIRECTION_LOST * singular[:, 0], 2, 3)


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
    _check_cluster(vectors, label)
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
        ranks = _rotation_ranks(vectors)
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
    if species is None or isinstance(species, int | np.integer):
        return None if species is None else int(species)
    if species not in atomic_numbers:
        raise InputError(f"`{species}` is not a chemical element; name the centre like `C`.")
    return atomic_numbers[species]


def _check_cluster(vectors: np.ndarray, name: str) -> None:
    if not np.all(np.isfinite(vectors)):
        raise InputError(f"{name} has a coordinate that is not a finite number.")
    if vectors.ndim != 2 or vectors.shape[1] != 3 or len(vectors) == 0:
        raise InputError(f"{name} needs neighbour vectors of shape (N, 3) with N >= 1.")
    distances = _distances(vectors[None])[0]
    if distances.min() < COINCIDENT:
        raise InputError(_coincide(name, distances))


def _distances(vectors: np.ndarray) -> np.ndarray:
    """Distances (n_env, N + 1, N + 1) between the atoms of environments, infinite to themselves."""
    points = np.concatenate([np.zeros_like(vectors[:, :1]), vectors], axis=1)
    distances = np.linalg.norm(points[:, :, None] - points[:, None], axis=-1)
    each = np.arange(points.shape[1])
    distances[:, each, each] = np.inf
    return distances


def nearest_distance(vectors: np.ndarray) -> np.ndarray:
    """Smallest distance (n_env,) in Å between two atoms of an environment, the centre included."""
    step = max(1, PAIRS // (vectors.shape[1] + 1) ** 2)
    starts = range(0, len(vectors), step)
    parts = [_distances(vectors[k : k + step]).min(axis=(1, 2)) for k in starts]
    return np.concatenate(parts) if parts else np.zeros(0)


def _label(name: str, atoms: ase.Atoms, center: int) -> str:
    return f"{name}, atom {center} ({chemical_symbols[atoms.numbers[center]]})"


def _lonely(label: str, cutoff: float) -> str:
    return (
        f"{label} has no neighbour within the cutoff of {cutoff:g} Å; raise `cutoff`"
        " or leave this atom out."
    )


def _coincide(label: str, distances: np.ndarray) -> str:
    a, b = np.unravel_index(distances.argmin(), distances.shape)
    return (
        f"{label}: atoms {min(a, b)} and {max(a, b)} of the environment (0 is the centre)"
        f" coincide ({distances.min():.2g} Å apart); remove one of them."
    )
