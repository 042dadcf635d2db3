"""Molecules and crystals with what each correlation order cannot see of them as wholes."""

import ase.build
import numpy as np
from ase.spacegroup import crystal

from descriptor_sensitivity.theory.families import (
    distorted,
    double_ring_singular,
    mirror_singular,
    ring,
)

RHOMBUS = [(1.5, 0, 0), (-1.5, 0, 0), (0, 1, 0), (0, -1, 0), (0.3, 0.4, 1.2)]
HUB = """0 0 0  0.355844216054 -0.225947616481 -1.005197775817
 -0.122700057562 1.083037668708 0.008608370026  -0.486615121245 -0.32206403538 -0.920641342158
 0.097330182906 0.581214433529 -0.916960532277"""
ANGLES = 2 * np.pi / 7 * np.array([0, 1, 2, 4])
HEPTAGON = [*((1.5 * np.cos(a), 1.5 * np.sin(a), 0.0) for a in ANGLES), (0, 0, 1), (0, 0, -1)]


def centred(vectors: np.ndarray) -> ase.Atoms:
    return ase.Atoms(f"CH{len(vectors)}", np.concatenate([np.zeros((1, 3)), vectors]))


def ethane() -> ase.Atoms:
    """Exactly staggered."""
    turns = np.pi / 3 * np.arange(6)
    up = np.where(np.arange(6) % 2, 1.0, -1.0)
    hydrogens = np.stack([1.02 * np.cos(turns), 1.02 * np.sin(turns), 1.15 * up], axis=1)
    return ase.Atoms("C2H6", [(0, 0, 0.76), (0, 0, -0.76), *hydrogens])


def cube() -> ase.Atoms:
    """Eight like atoms at the corners of a cube."""
    corners = np.array(np.meshgrid([0, 1.3], [0, 1.3], [0, 1.3])).reshape(3, 8).T
    return ase.Atoms("P8", corners)


# name: (structure, cutoff, nu, null dimensions summed / multiset / concatenated, all forced?)
MOLECULES = {
    "water 1": (ase.build.molecule("H2O"), 9, 1, (1, 1, 0), True),
    "water 2": (ase.build.molecule("H2O"), 9, 2, (1, 1, 0), True),
    "methane 1": (ase.build.molecule("CH4"), 9, 1, (8, 8, 2), True),
    "methane 2": (ase.build.molecule("CH4"), 9, 2, (8, 8, 2), True),
    "methane 3": (ase.build.molecule("CH4"), 9, 3, (8, 8, 2), True),
    "ethane 2": (ethane(), 9, 2, (15, 15, 1), True),
    "cube 2": (cube(), 9, 2, (17, 17, 7), True),
    "cube 1": (cube(), 9, 1, (17, 17, 7), True),
    "mirror 1": (centred(mirror_singular(1.05, 1.09, 1.2)), 9, 1, (2, 0, 0), False),
    "mirror 2": (centred(mirror_singular()), 9, 2, (0, 0, 0), False),
    "ring 1": (centred(ring()), 9, 1, (3, 0, 0), False),
    "ring 2": (centred(ring()), 9, 2, (0, 0, 0), False),
    "seven 1": (centred(double_ring_singular()), 9, 1, (8, 0, 0), False),
    "seven 2": (centred(double_ring_singular()), 9, 2, (1, 0, 0), False),
    "seven 3": (centred(double_ring_singular()), 9, 3, (0, 0, 0), False),
    "tetramer 1": (ase.Atoms("H4", [(0, 0, 0), (3, 0, 0), (0, 3, 0), (1, 0.5, 2)]), 9, 1, (1,), 0),
    "rhombus 1": (ase.Atoms("H5", RHOMBUS), 9, 1, (None, 1, 1), False),
    "rhombus 2": (ase.Atoms("H5", RHOMBUS), 9, 2, (None, 0, 0), False),
    "hub 3": (ase.Atoms("CH4", np.fromstring(HUB, sep=" ").reshape(5, 3)), 9, 3, (0, 0, 0), False),
    "generic 2": (centred(distorted(mirror_singular(), 0.3, 1)), 9, 2, (0, 0, 0), False),
}
NACL = ase.build.bulk("NaCl", "rocksalt", a=5.64, cubic=True)
QUARTZ = crystal(
    ["Si", "O"],
    [(0.4697, 0, 1 / 3), (0.4135, 0.2669, 0.7858)],
    spacegroup=152,
    cellpar=[4.9137, 4.9137, 5.4047, 90, 90, 120],
)
RATTLED = NACL.copy()
RATTLED.rattle(0.1, seed=3)
SLAB = ase.build.fcc111("Cu", (1, 1, 3), vacuum=6.0)
CRYSTALS = {
    "Si 2": (ase.build.bulk("Si"), 4.0, (3, 3, None), True),
    "Si 8": (ase.build.bulk("Si", cubic=True), 4.0, (21, 21, 15), True),
    "Cu 4": (ase.build.bulk("Cu", cubic=True), 4.0, (9, 9, None), True),
    "NaCl": (NACL, 4.0, (21, 21, None), True),
    "quartz": (QUARTZ, 3.3, (20, 20, 0), True),
    "rattled": (RATTLED, 4.0, (0, 0, 0), False),
    "slab": (SLAB, 4.0, (5, 5, None), True),
}
