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
from ase.neighborlist import neighbor_list

from .errors import InputError

COINCIDENT = 1e-3
"""Two atoms closer than this (Å) are an error in the data, not a structure."""


@dataclass(frozen=True)
class Batch:
    """Environments with equal centre species, neighbour species and number of rotations.

    Attributes:
        vectors: (n_env, N, 3) neighbour minus centre, Å.
        species: (N,) atomic numbers of the neighbours, ascending.
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
        return len(self.species)

    def __getitem__(self, item: slice | np.ndarray) -> "Batch":
        return Batch(
            self.vectors[item], self.species, self.center, self.frames[item], self.centers[item]
        )

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
    """A batch from neighbour vectors (n_env, N, 3) or (N, 3); by default H atoms around a C atom."""
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
    return Batch(vectors, numbers[order], center, index, np.zeros(n_env, dtype=int))


def rotation_rank(vectors: np.ndarray) -> int:
    """Number of infinitesimal rotations about the centre that move the neighbours (N, 3): 3 or 2.

    It is 2 when the neighbours lie on one line through the centre.
    """
    singular = np.linalg.svd(vectors, compute_uv=False)
    return 2 if len(singular) < 2 or singular[1] < 1e-10 * singular[0] else 3


def cut_environment(
    atoms: ase.Atoms, center: int, cutoff: float, name: str = "structure"
) -> ase.Atoms:
    """Atom `center` of `atoms` and its neighbours within `cutoff` (Å), centre first at the origin.

    Neighbours are sorted by species, then by their index in `atoms`.
    """
    _check_atoms(atoms, name)
    if not 0 <= center < len(atoms):
        raise InputError(f"{name}: there is no atom {center}, it has {len(atoms)} atoms.")
    i, j, vectors = neighbor_list("ijD", atoms, cutoff)
    mine = i == center
    vectors, numbers = vectors[mine], atoms.numbers[j[mine]]
    order = np.lexsort((*np.round(vectors.T, 9), j[mine], numbers))
    vectors, numbers = vectors[order], numbers[order]
    label = f"{name}, atom {center} ({chemical_symbols[atoms.numbers[center]]})"
    if len(vectors) == 0:
        raise InputError(
            f"{label} has no neighbour within the cutoff of {cutoff:g} Å; raise `cutoff`"
            " or leave this atom out."
        )
    _check_cluster(vectors, label)
    return ase.Atoms(
        numbers=[atoms.numbers[center], *numbers],
        positions=np.concatenate([np.zeros((1, 3)), vectors]),
    )


def environment_batches(
    frames: Iterable[ase.Atoms],
    cutoff: float,
    center_species: str | int | None = None,
    first_frame: int = 0,
    name: str = "frame",
) -> list[Batch]:
    """Cut every environment (of `center_species`, if given) and group the equal ones in batches.

    `first_frame` is the index of the first frame in its file, for messages and for `Batch.frames`.
    """
    wanted = _atomic_number(center_species)
    groups: dict[tuple, list[tuple[np.ndarray, int, int]]] = {}
    for frame, atoms in enumerate(frames, start=first_frame):
        label = f"{name} {frame}"
        centers = range(len(atoms)) if wanted is None else np.flatnonzero(atoms.numbers == wanted)
        if len(centers) == 0:
            raise InputError(f"{label} holds no {center_species} atom to centre on.")
        for center in centers:
            cluster = cut_environment(atoms, int(center), cutoff, label)
            vectors = cluster.positions[1:]
            key = (*cluster.numbers, rotation_rank(vectors))
            groups.setdefault(key, []).append((vectors, frame, int(center)))
    return [
        Batch(
            np.array([vectors for vectors, _, _ in members]),
            np.array(key[1:-1], dtype=int),
            int(key[0]),
            np.array([frame for _, frame, _ in members]),
            np.array([center for _, _, center in members]),
        )
        for key, members in sorted(groups.items())
    ]


def _atomic_number(species: str | int | None) -> int | None:
    if species is None or isinstance(species, int | np.integer):
        return None if species is None else int(species)
    if species not in atomic_numbers:
        raise InputError(f"`{species}` is not a chemical element; name the centre like `C`.")
    return atomic_numbers[species]


def _check_atoms(atoms: ase.Atoms, name: str) -> None:
    if len(atoms) == 0:
        raise InputError(f"{name} holds no atoms.")
    if not np.all(np.isfinite(atoms.positions)) or not np.all(np.isfinite(atoms.cell.array)):
        raise InputError(f"{name} has a coordinate that is not a finite number.")


def _check_cluster(vectors: np.ndarray, name: str) -> None:
    if not np.all(np.isfinite(vectors)):
        raise InputError(f"{name} has a coordinate that is not a finite number.")
    if vectors.ndim != 2 or vectors.shape[1] != 3 or len(vectors) == 0:
        raise InputError(f"{name} needs neighbour vectors of shape (N, 3) with N >= 1.")
    points = np.concatenate([np.zeros((1, 3)), vectors])
    distances = np.linalg.norm(points[:, None] - points[None], axis=-1)
    distances[np.diag_indices(len(points))] = np.inf
    if distances.min() < COINCIDENT:
        a, b = np.unravel_index(distances.argmin(), distances.shape)
        raise InputError(
            f"{name}: atoms {min(a, b)} and {max(a, b)} of the environment (0 is the centre)"
            f" coincide ({distances.min():.2g} Å apart); remove one of them."
        )
