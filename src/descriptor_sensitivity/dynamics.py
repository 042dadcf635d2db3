"""Molecular dynamics of one hot methane molecule, the training data of the Comment's networks."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import ase
import numpy as np
from ase import units
from ase.build import molecule
from ase.calculators.calculator import Calculator
from ase.io import iread
from ase.md.verlet import VelocityVerlet
from threadpoolctl import threadpool_limits

from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.store import Task, finish, load
from descriptor_sensitivity.theory.displacements import without_rotation

BOND = (0.9, 1.4)
"""The median C-H length (Å) of methane molecules, however hot; in bohr it reads 1.7 to 2.6."""

SEGMENT = 1000
"""Steps of a trajectory that are kept together."""

BROKEN = 2.5
"""A C-H length (Å) of no molecule."""


@dataclass(frozen=True)
class Heat:
    """How the molecule is set in motion.

    Attributes:
        method: of tblite, such as GFN2-xTB.
        temperature: K; its energy is that of nine classical vibrations at this temperature.
        timestep: fs.
        seed: of the velocities.
    """

    method: str
    temperature: float
    timestep: float
    seed: int


def equilibrium_methane(calculator: Calculator) -> ase.Atoms:
    """CH4 at the minimum of `calculator`'s energy, carbon first and at the origin.

    A regular tetrahedron has one parameter, its C-H length: Newton's method on the radial force.
    """
    atoms = molecule("CH4")
    directions = atoms.positions[1:] / np.linalg.norm(atoms.positions[1:], axis=1)[:, None]
    atoms.calc = calculator

    def force(length: float) -> float:
        atoms.positions[0], atoms.positions[1:] = 0.0, length * directions
        return float((atoms.get_forces()[1:] * directions).sum())

    length, h = 1.09, 1e-4
    for _ in range(8):
        length -= 2 * h * force(length) / (force(length + h) - force(length - h))
    force(length)
    return atoms


def bending_velocities(atoms: ase.Atoms, temperature: float, rng: np.random.Generator) -> None:
    """Start CH4 (carbon first, at its minimum) with an energy of 9 k_B `temperature` in its bends.

    That is the mean energy of nine classical vibrations. The four H move across their bonds, in
    directions drawn at random, without any rotation; the carbon recoils, so that the centre of
    mass rests.
    """
    bonds = atoms.positions[1:] - atoms.positions[0]
    bonds /= np.linalg.norm(bonds, axis=1)[:, None]
    velocities = rng.normal(size=(4, 3))
    velocities -= (velocities * bonds).sum(axis=1)[:, None] * bonds
    velocities = np.concatenate([np.zeros((1, 3)), without_rotation(bonds, velocities)])
    masses = atoms.get_masses()[:, None]
    velocities -= (masses * velocities).sum(axis=0) / masses.sum()
    kinetic = 0.5 * (masses * velocities**2).sum()
    atoms.set_velocities(velocities * np.sqrt(9 * units.kB * temperature / kinetic))


def trajectory(atoms: ase.Atoms, steps: int, timestep: float) -> Iterator[np.ndarray]:
    """Velocity Verlet at constant energy; `atoms` moves, so that a run can be continued.

    Args:
        timestep: fs.

    Yields:
        (4, 3) H positions relative to C, Å, before each step.
    """
    dynamics = VelocityVerlet(atoms, timestep * units.fs)
    for _ in range(steps):
        yield atoms.positions[1:] - atoms.positions[0]
        dynamics.run(1)


def hot_methane(
    heat: Heat,
    trajectories: int,
    n_frames: int,
    folder: Path,
    shared: Mapping[str, Any],
    processes: int = 1,
) -> np.ndarray:
    """Frames (n, 4, 3) of independent trajectories, `n_frames` or a few more in all, Å.

    Trajectories advance side by side, `SEGMENT` steps at a time; finished segments are kept in
    `folder`, so that a run goes on from the last ones.

    Args:
        shared: what all segments depend on besides their settings (see `store.finish`).

    Raises:
        InputError: a C-H bond breaks.
    """
    steps = -(-n_frames // trajectories)
    lengths = [min(SEGMENT, steps - done) for done in range(0, steps, SEGMENT)]
    ends: list[Path | None] = [None] * trajectories
    segments: list[list[Path]] = []
    for number, length in enumerate(lengths):
        tasks = []
        for index, end in enumerate(ends):
            own = {**asdict(heat), "trajectory": index, "segment": number, "steps": length}
            name = f"trajectory{index}_segment{number:04d}"
            arguments = (heat, index, length, end)
            tasks.append(Task(name, own, partial(tuple, arguments)))
        label = f"{heat.method}, part {number + 1} of {len(lengths)}"
        segments.append(finish(segment, tasks, folder, shared, processes, label, "trajectory"))
        ends = list(segments[-1])
    parts = [load(path)["vectors"] for files in zip(*segments, strict=True) for path in files]
    vectors = np.concatenate(parts)
    if not np.all(np.linalg.norm(vectors, axis=-1) < BROKEN):
        raise InputError(
            f"A C-H bond broke in the dynamics at {heat.temperature:g} K; lower `temperature`."
        )
    return vectors


def segment(heat: Heat, index: int, steps: int, previous: Path | None) -> dict[str, np.ndarray]:
    """One segment of trajectory `index`: H positions (steps, 4, 3), Å, and the last state.

    It goes on from the state in the file `previous`, or begins the trajectory.
    """
    from tblite.ase import TBLite

    threadpool_limits(1)  # once more, for the threads that tblite brings
    calculator = TBLite(method=heat.method, verbosity=0)
    if previous is None:
        atoms = equilibrium_methane(calculator)
        rng = np.random.default_rng([heat.seed, index])
        bending_velocities(atoms, heat.temperature, rng)
    else:
        last = load(previous)
        atoms = ase.Atoms("CH4", positions=last["positions"], velocities=last["velocities"])
        atoms.calc = calculator
    vectors = np.array(list(trajectory(atoms, steps, heat.timestep)))
    return {
        "vectors": vectors,
        "positions": atoms.positions,
        "velocities": atoms.get_velocities(),
    }


def geometry_statistics(vectors: np.ndarray) -> dict[str, float]:
    """Range, mean and standard deviation of the C-H lengths (Å) and H-C-H angles (degrees).

    Args:
        vectors: (n, 4, 3) H positions relative to C, Å.
    """
    lengths = np.linalg.norm(vectors, axis=-1)
    directions = vectors / lengths[..., None]
    i, j = np.triu_indices(4, 1)
    cosines = np.einsum("npx,npx->np", directions[:, i], directions[:, j])
    angles = np.degrees(np.arccos(np.clip(cosines, -1, 1)))
    return {
        f"{name}_{what}": float(getattr(np, what)(values))
        for name, values in (("c_h", lengths), ("h_c_h", angles))
        for what in ("min", "max", "mean", "std")
    }


def read_methane(path: Path, unit: str) -> np.ndarray:
    """H positions relative to C, (n, 4, 3) in Å, of the frames of a file in `unit`."""
    if not path.is_file():
        raise InputError(f"{path} does not exist; correct `path` in `comment: frames`.")
    return methane_vectors(list(iread(path, ":")), str(path), unit)


def methane_vectors(frames: list[ase.Atoms], name: str, unit: str = "angstrom") -> np.ndarray:
    """H positions relative to C, (n, 4, 3) in Å, of frames of the file `name`, in `unit`.

    Raises:
        InputError: a frame is not CH4, a coordinate is not finite, or the C-H lengths are not those
            of methane in `unit`; when they are those in bohr, it says so.
    """
    if not frames:
        raise InputError(f"{name} holds no frames; give a file with methane molecules.")
    vectors = np.empty((len(frames), 4, 3))
    for index, frame in enumerate(frames):
        if sorted(frame.numbers) != [1, 1, 1, 1, 6]:
            formula = frame.get_chemical_formula()
            raise InputError(f"{name}, frame {index} is {formula}, not CH4; leave it out.")
        carbon = frame.numbers == 6
        vectors[index] = frame.positions[~carbon] - frame.positions[carbon]
    if not np.all(finite := np.isfinite(vectors).all(axis=(1, 2))):
        bad = int(np.flatnonzero(~finite)[0])
        raise InputError(f"{name}, frame {bad} has a coordinate that is not a finite number.")
    if unit == "bohr":
        vectors *= units.Bohr
    length = float(np.median(np.linalg.norm(vectors, axis=-1)))
    if BOND[0] < length < BOND[1]:
        return vectors
    guess = "correct `unit` or the file."
    if BOND[0] < length * units.Bohr < BOND[1]:
        guess = "this looks like bohr given as Å, set `unit: bohr`."
    if BOND[0] < length / units.Bohr < BOND[1]:
        guess = "this looks like Å given as bohr, set `unit: angstrom`."
    raise InputError(
        f"{name}: the C-H lengths have a median of {length:.2f} Å, {length / 1.09:.2f} times those"
        f" of methane: {guess}"
    )


def split_frames(
    vectors: np.ndarray, n_training: int, n_validation: int, seed: int, name: str
) -> tuple[np.ndarray, np.ndarray]:
    """Two disjoint random subsets of frames, for training and for validation.

    Raises:
        InputError: `name` holds fewer frames than asked for.
    """
    needed = n_training + n_validation
    if len(vectors) < needed:
        raise InputError(
            f"{name} holds {len(vectors)} frames, and {n_training} + {n_validation} = {needed} are"
            " asked for; lower `training` and `validation` in the section `comment: frames`."
        )
    order = np.random.default_rng(seed).permutation(len(vectors))
    return vectors[order[:n_training]], vectors[order[n_training:needed]]
