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

from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.tolerances import DIRECTION_LOST

COINCIDENT = 1e-3
"""Two atoms closer than this (Å) are an error in the data, not a structure."""

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
        check_cluster(environment, f"environment {frame}")
    if len(np.unique(rotation_ranks(vectors))) > 1:
        raise InputError(
            "Environments with all neighbours on one line through the centre have two rotations,"
            " others have three; put them into batches of their own."
        )
    return Batch(vectors, numbers[order], center, index, np.zeros(n_env, dtype=int))


def infinitesimal_rotations(vectors: np.ndarray) -> np.ndarray:
    """What a turn about x, y and z through the centre does: (n_env, 3, 3N) for (n_env, N, 3)."""
    turned = np.cross(np.eye(3)[None, :, None, :], vectors[:, None])
    return turned.reshape(len(vectors), 3, -1)


def rotation_rank(vectors: np.ndarray) -> int:
    """Number of infinitesimal rotations about the centre that move the neighbours (N, 3): 3 or 2.

    It is 2 when the neighbours lie on one line through the centre.
    """
    return int(rotation_ranks(vectors[None])[0])


def rotation_ranks(vectors: np.ndarray) -> np.ndarray:
    """`rotation_rank` of each environment (n_env, N, 3)."""
    singular = np.linalg.svd(vectors, compute_uv=False)
    if singular.shape[1] < 2:
        return np.full(len(vectors), 2)
    return np.where(singular[:, 1] < DIRECTION_LOST * singular[:, 0], 2, 3)


def check_cluster(vectors: np.ndarray, name: str) -> None:
    """Raise InputError where neighbours (N, 3) are no environment: not finite, none, coincident."""
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


def _coincide(label: str, distances: np.ndarray) -> str:
    a, b = np.unravel_index(distances.argmin(), distances.shape)
    return (
        f"{label}: atoms {min(a, b)} and {max(a, b)} of the environment (0 is the centre)"
        f" coincide ({distances.min():.2g} Å apart); remove one of them."
    )
