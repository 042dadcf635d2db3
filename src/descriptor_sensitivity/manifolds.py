"""Two-dimensional manifolds of structures around a reference, and how features change on them.

A manifold is r + L (Delta_1 u_1 + Delta_2 u_2): a reference environment r, two displacement
patterns u of unit norm over all 3N coordinates, the length L (Å) of Delta = 1, and a square grid of
Delta (paper 1, Eq. 14).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from ase import Atoms

from descriptor_sensitivity.environments import Batch, batch_from_vectors
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.files import write_arrays
from descriptor_sensitivity.tolerances import NO_RESPONSE


@dataclass(frozen=True)
class Manifold:
    """A grid of methane-like structures, H around C.

    Attributes:
        vectors: (N, 3) neighbour vectors of the reference, Å.
        displacements: (2, N, 3) unit patterns u_1, u_2.
        length: L, Å.
        deltas: (n,) values of Delta_1 and of Delta_2, ascending, 0 in the middle.
    """

    vectors: np.ndarray
    displacements: np.ndarray
    length: float
    deltas: np.ndarray

    def __len__(self) -> int:
        return len(self.deltas) ** 2

    @property
    def coordinates(self) -> np.ndarray:
        """(n^2, 2) Delta_1 (slow) and Delta_2 (fast) of every point."""
        grid = np.meshgrid(self.deltas, self.deltas, indexing="ij")
        return np.stack(grid, axis=-1).reshape(-1, 2)

    @property
    def batch(self) -> Batch:
        """All points as environments (n^2, N, 3)."""
        moves = np.tensordot(self.coordinates, self.displacements, axes=1)
        return batch_from_vectors(self.vectors + self.length * moves)

    @property
    def reference(self) -> Batch:
        """The reference alone, a batch of one."""
        return batch_from_vectors(self.vectors)

    @property
    def positions(self) -> np.ndarray:
        """(n^2, N + 1, 3) Å, centre first."""
        vectors = self.batch.vectors
        return np.concatenate([np.zeros((len(vectors), 1, 3)), vectors], axis=1)

    def frames(self, points: np.ndarray | None = None) -> list[Atoms]:
        """All points, or some of them, as CH4 with their coordinates."""
        chosen = np.arange(len(self)) if points is None else points
        return [
            Atoms("CH4", positions=positions, info={"delta_1": first, "delta_2": second})
            for positions, (first, second) in zip(
                self.positions[chosen], self.coordinates[chosen].tolist(), strict=True
            )
        ]

    @property
    def middle(self) -> int:
        """Index of the reference among the points."""
        return len(self) // 2

    def cut(self, direction: int) -> np.ndarray:
        """Indices (n,) of the points where only the coordinate `direction` (0 or 1) changes."""
        n = len(self.deltas)
        line = np.arange(n)
        return line * n + n // 2 if direction == 0 else n // 2 * n + line

    def digest(self) -> str:
        """SHA-256 of the positions in units of 1e-6 Å: names the structures on any machine."""
        steps = np.round(self.positions * 1e6).astype("<i8")
        return hashlib.sha256(steps.tobytes()).hexdigest()

    def save(self, path: str | Path) -> None:
        """Write as .npz with named arrays, all digits kept."""
        write_arrays(
            path,
            vectors_angstrom=self.vectors,
            displacements=self.displacements,
            length_angstrom=self.length,
            deltas=self.deltas,
        )

    @classmethod
    def load(cls, path: str | Path) -> "Manifold":
        """Read a manifold written by `save`."""
        with np.load(path) as data:
            return cls(
                data["vectors_angstrom"],
                data["displacements"],
                float(data["length_angstrom"]),
                data["deltas"],
            )


def square_grid(n_points: int) -> np.ndarray:
    """Delta from -1 to 1, an odd number of points so that 0 is one of them."""
    if n_points < 3 or n_points % 2 == 0:
        raise InputError(f"`n_points` must be odd and at least 3, not {n_points}.")
    return np.arange(-(n_points // 2), n_points // 2 + 1) / (n_points // 2)


def training_line(n_points: int, n_train: int) -> np.ndarray:
    """Indices of `n_train` evenly spaced points among `n_points`, placed symmetrically.

    With the two ends where the spacing allows it, otherwise in the middles of `n_train` equal
    parts: {0, 10, 20} for 3 of 21 and {1, 4, .., 19} for 7 of 21.
    """
    if n_train < 2 or n_train > n_points:
        raise InputError(
            f"A grid of {n_points} x {n_points} points has no sub-grid of {n_train} x {n_train} to"
            " train on; raise `n_points` or lower the entries of `training_grids`."
        )
    if (n_points - 1) % (n_train - 1) == 0:
        return np.arange(0, n_points, (n_points - 1) // (n_train - 1))
    if n_points % n_train == 0 and (n_points // n_train) % 2 == 1:
        part = n_points // n_train
        return np.arange(part // 2, n_points, part)
    raise InputError(
        f"No {n_train} evenly spaced points lie symmetrically among {n_points}; choose `n_points`"
        f" and `training_grids` such that one of n_points - 1 and n_points fits."
    )


def training_points(n_points: int, n_train: int) -> np.ndarray:
    """Indices (n_train^2,) of the training sub-grid among the points of a manifold."""
    line = training_line(n_points, n_train)
    return (line[:, None] * n_points + line).ravel()


def sensing_directions(
    manifold: Manifold, differences: np.ndarray, slopes: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Unit directions V_k of the features along the two displacements (paper 1, Eq. 16).

    V_k is the normalised slope d xi / d Delta_k. Where the slope vanishes, or does not exist (the
    kink of OMFP at a symmetric structure), V_k is the direction in which the features set off
    instead, that of the second difference xi(h) + xi(-h) - 2 xi(0) over one grid step h. The
    changes of Eq. (15) are then Delta<k> = sum_q V_kq [xi_q(Delta u) - xi_q(0)].

    Args:
        manifold: the structures.
        differences: (n_env, q) features minus those of the reference.
        slopes: (2, q) derivatives of the features with respect to Delta_1 and Delta_2.

    Returns:
        directions: (2, q).
        linear: (2,) whether the slope was there to take.
    """
    middle = len(manifold.deltas) // 2
    directions, linear = np.zeros_like(slopes), np.zeros(2, dtype=bool)
    for k in range(2):
        along = differences[manifold.cut(k)]
        direction = slopes[k]
        linear[k] = np.linalg.norm(direction) > NO_RESPONSE * np.abs(along).max()
        if not linear[k]:
            direction = along[middle + 1] + along[middle - 1]
        directions[k] = direction / np.linalg.norm(direction)
    return directions, linear


def changes(
    manifold: Manifold, differences: np.ndarray, slopes: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Changes (n_env, 2) of the features along their two sensing directions (paper 1, Eq. 15).

    Arguments, and the flags (2,) returned besides, are those of `sensing_directions`.
    """
    directions, linear = sensing_directions(manifold, differences, slopes)
    return differences @ directions.T, linear


def changes_on_cuts(
    manifold: Manifold, features: Mapping[str, tuple[np.ndarray, np.ndarray]], energies: np.ndarray
) -> pd.DataFrame:
    """Changes of features and of the energy along each displacement alone.

    Args:
        manifold: the structures.
        features: differences and slopes by the name of the descriptor, see `changes`.
        energies: (n_env,) eV, relative to the reference.

    Returns columns row (a descriptor, or energy), direction (1 or 2), delta, change (the energy's
    in meV), linear (whether the change is along a slope).
    """
    followed = {name: changes(manifold, *arrays) for name, arrays in features.items()}
    both = np.repeat(1e3 * energies[:, None], 2, axis=1)
    followed["energy"] = both, np.array([True, True])
    return pd.concat(
        pd.DataFrame(
            {
                "row": name,
                "direction": k + 1,
                "delta": manifold.deltas,
                "change": values[manifold.cut(k), k],
                "linear": linear[k],
            }
        )
        for name, (values, linear) in followed.items()
        for k in range(2)
    )


def geometry(manifold: Manifold) -> pd.DataFrame:
    """The reference and both displacements: columns what, length, atom, x, y, z.

    `what` is reference (Å), u_1 or u_2 (of unit norm); `length` is that of Delta = 1, Å.
    """
    parts = {"reference": manifold.vectors}
    parts |= {f"u_{k}": pattern for k, pattern in enumerate(manifold.displacements, start=1)}
    rows = [
        (what, manifold.length, atom, *vector)
        for what, vectors in parts.items()
        for atom, vector in enumerate(vectors)
    ]
    return pd.DataFrame(rows, columns=["what", "length", "atom", "x", "y", "z"])
