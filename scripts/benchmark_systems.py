"""Liquids, salts, alloys and molecules from frames to singular values, and how these were read.

Time of one thread for cutting, and for singular values of nu = 2 at (8, 6) and sigma = 0.3 Å. The
fractions say how many environments were read from J J^T by eigenvalues, by the graded
factorisation, or from the Jacobian itself (see `gram.certified`).
"""

import time
from collections.abc import Callable
from pathlib import Path

import ase
import numpy as np
import pandas as pd
from ase.build import bulk, molecule
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from command import parser, run
from descriptor_sensitivity.cutting import cut_environments
from descriptor_sensitivity.descriptors.base import Descriptor
from descriptor_sensitivity.descriptors.registry import build_descriptor
from descriptor_sensitivity.environments import Batch
from descriptor_sensitivity.files import write_csv
from descriptor_sensitivity.gram.certified import ACCURACY, certified_values, eigenvalue_bound
from descriptor_sensitivity.mixture import mixtures
from descriptor_sensitivity.singular import condition_number, sensitivities
from descriptor_sensitivity.structures.methane import methane_frames, random_methane

Frames = list[ase.Atoms]


def methane(count: int, random: np.random.Generator) -> Frames:
    """Random molecules as in paper 1."""
    return list(methane_frames(random_methane(100 * count, seed=int(random.integers(1000)))))


def water(count: int, random: np.random.Generator) -> Frames:
    """64 rigid molecules in random orientations on a disordered lattice, 1 g/cm^3."""
    frames = []
    for _ in range(count):
        liquid = ase.Atoms(cell=np.full(3, 12.42), pbc=True)
        for place in np.ndindex(4, 4, 4):
            one = molecule("H2O")
            one.rotate(random.uniform(0, 360), random.normal(size=3))
            one.translate(3.105 * np.array(place) + random.uniform(-0.3, 0.3, 3))
            liquid += one
        frames.append(liquid)
    return frames


def salt(count: int, random: np.random.Generator) -> Frames:
    """64 atoms of rocksalt, rattled by 0.1 Å."""
    return [_rattled(bulk("NaCl", "rocksalt", 5.64, cubic=True) * 2, random) for _ in range(count)]


def alloy(count: int, random: np.random.Generator) -> Frames:
    """108 atoms of five species in random order on a rattled fcc lattice."""
    frames = [_rattled(bulk("Cu", "fcc", 3.7, cubic=True) * 3, random) for _ in range(count)]
    for frame in frames:
        frame.numbers = random.permutation(np.arange(len(frame)) % 5 + 24)
    return frames


def _rattled(frame: ase.Atoms, random: np.random.Generator) -> ase.Atoms:
    frame.positions += 0.1 * random.normal(size=frame.positions.shape)
    return frame


SYSTEMS: dict[str, tuple[Callable[[int, np.random.Generator], Frames], float, float]] = {
    "methane": (methane, 4.0, 0.0),
    "water": (water, 5.0, 0.0),
    "water, smooth": (water, 5.0, 1.0),
    "rattled NaCl": (salt, 4.5, 0.0),
    "rattled NaCl, smooth": (salt, 4.5, 1.0),
    "alloy": (alloy, 4.5, 0.0),
    "alloy, smooth": (alloy, 4.5, 1.0),
}
"""Name -> frames, cutoff (Å) and width of the cutoff function (Å)."""


def ways(descriptor: Descriptor, batch: Batch) -> dict[str, int]:
    """How many environments are read by eigenvalues, by the graded factorisation, and from J."""
    tried = batch[np.flatnonzero(descriptor.gram_pays(batch))]
    rotations = 3 if batch.n_neighbors > 1 else 2
    found = {"eigenvalues": 0, "graded": 0}
    for _, gram in descriptor.local_grams(tried) or ():
        squares = np.linalg.eigvalsh(gram.matrix)[:, ::-1][:, : 3 * batch.n_neighbors - rotations]
        plain = int(np.sum(eigenvalue_bound(gram, squares) <= ACCURACY))
        either = int(np.sum(certified_values(gram, rotations)[1] <= ACCURACY))
        found["eigenvalues"] += plain
        found["graded"] += either - plain
    return found | {"exact": len(batch) - sum(found.values())}


def measure(name: str, count: int, rounds: int, seed: int) -> dict[str, object]:
    """One row: the least CPU time of `rounds`, the fractions, and the median condition number."""
    build, cutoff, width = SYSTEMS[name]
    frames = build(count, np.random.default_rng(seed))
    settings = {"nu": 2, "radial_basis": "gto", "n_max": 8, "l_max": 6, "sigma": 0.3}
    nu2 = build_descriptor(name, settings | {"cutoff": cutoff, "cutoff_width": width})
    center = "C" if name == "methane" else None
    cutting, reading = [], []
    for _ in range(rounds):
        start = time.process_time()
        batches = mixtures(cut_environments(frames, cutoff, center))
        middle = time.process_time()
        conditions = [condition_number(sensitivities(nu2, batch)) for batch in batches]
        cutting.append(middle - start)
        reading.append(time.process_time() - middle)
    total = sum(len(batch) for batch in batches)
    counted = pd.DataFrame([ways(nu2, batch) for batch in batches]).sum() / total
    neighbors = [batch.n_neighbors for batch in batches]
    return {
        "system": name,
        "cutoff": cutoff,
        "cutoff_width": width,
        "environments": total,
        "fewest_neighbors": min(neighbors),
        "most_neighbors": max(neighbors),
        "ms_cutting": 1e3 * min(cutting) / total,
        "ms_per_environment": 1e3 * min(reading) / total,
        "median_condition_number": float(np.median(np.concatenate(conditions))),
        **{f"by_{way}": share for way, share in counted.items()},
    }


def main() -> None:
    called = parser(__doc__, "frames (of each system), rounds, seed")
    called.add_argument("--table", type=Path, required=True, help="CSV of all systems")
    options = called.parse_args()
    with threadpool_limits(1):
        rows = [
            measure(name, options.settings.frames, options.settings.rounds, options.settings.seed)
            for name in tqdm(SYSTEMS, desc="measure", unit="system")
        ]
    write_csv(pd.DataFrame(rows), options.table, digits=4)


if __name__ == "__main__":
    run(main)
