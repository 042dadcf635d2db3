"""Null spaces of whole structures: theory against Jacobians of generic functions of all centres."""

import ase.build
import numpy as np
import pytest
from ase.spacegroup import crystal
from scipy.linalg import subspace_angles

from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.gram.structure import (
    environments_with_atoms,
    moves,
    rigid_motions,
)
from descriptor_sensitivity.theory.families import (
    distorted,
    double_ring_singular,
    mirror_singular,
    ring,
)
from descriptor_sensitivity.theory.nullspace import random_invariants
from descriptor_sensitivity.theory.structures import PARTITIONS, structure_null_space

RHOMBUS = [(1.5, 0, 0), (-1.5, 0, 0), (0, 1, 0), (0, -1, 0), (0.3, 0.4, 1.2)]
HUB = """0 0 0  0.355844216054 -0.225947616481 -1.005197775817
 -0.122700057562 1.083037668708 0.008608370026  -0.486615121245 -0.32206403538 -0.920641342158
 0.097330182906 0.581214433529 -0.916960532277"""
ANGLES = 2 * np.pi / 7 * np.array([0, 1, 2, 4])
HEPTAGON = [*((1.5 * np.cos(a), 1.5 * np.sin(a), 0.0) for a in ANGLES), (0, 0, 1), (0, 0, -1)]

ROUNDED = 1e-6
"""Coordinates of ASE's molecules have six decimals."""


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


def without_rigid(atoms: ase.Atoms) -> np.ndarray:
    rigid = rigid_motions(atoms, True)
    return np.linalg.qr(rigid, mode="complete")[0][:, rigid.shape[1] :]


def numerical(atoms: ase.Atoms, cutoff: float, order: int, partition: str) -> np.ndarray:
    """Null displacements (3M, d) of random invariants of all centres, pooled as the name says."""
    pools: dict[tuple, np.ndarray] = {}
    largest, alone = 0.0, 0
    internal = without_rigid(atoms)
    for batch, members in environments_with_atoms(atoms, cutoff):
        for vectors, species, rows in zip(batch.vectors, batch.species, members, strict=True):
            values, slopes = random_invariants(
                vectors, order, species / 7.0, n_features=3 * len(atoms) + 40
            )
            onto, here = moves(rows)
            spread = np.zeros((len(atoms), 3, slopes.shape[1]))
            spread[here] = np.tensordot(onto, slopes.reshape(len(species), 3, -1), (1, 0))
            mine = internal.T @ spread.reshape(3 * len(atoms), -1)
            largest = max(largest, np.linalg.norm(slopes, 2))
            key = {
                "concatenated": (alone,),
                "summed": (batch.center,),
                "multiset": (batch.center, *np.round(values[:6], 6)),
            }[partition]
            alone += 1
            pools[key] = pools.get(key, 0) + mine
    left, size, _ = np.linalg.svd(np.concatenate(list(pools.values()), axis=1))
    size = np.pad(size, (0, len(left) - len(size)))
    return internal @ left[:, size < ROUNDED * largest]


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
ALL = {name: (*row[:3], *row[3:]) for name, row in MOLECULES.items()}
ALL |= {name: (row[0], row[1], 2, *row[2:]) for name, row in CRYSTALS.items()}


@pytest.mark.parametrize("name", ALL)
def test_null_dimensions_of_the_table(name):
    atoms, cutoff, order, expected, forced = ALL[name]
    spaces = {
        partition: structure_null_space(atoms, cutoff, order, partition)
        for partition in ("summed", "multiset", "concatenated")
    }
    for space, dimension in zip(spaces.values(), expected, strict=False):
        if dimension is None:
            continue
        assert space.dimension == dimension, space.partition
        if dimension:
            assert (space.degenerate.shape[1] == 0) == bool(forced)
            both = np.hstack([space.symmetric, space.degenerate])
            np.testing.assert_allclose(both.T @ both, np.eye(dimension), atol=1e-10)
    dimensions = [space.dimension for space in spaces.values()]
    assert dimensions == sorted(dimensions, reverse=True)


@pytest.mark.parametrize("partition", PARTITIONS)
@pytest.mark.parametrize("name", ALL)
def test_theory_agrees_with_derivatives(name, partition):
    atoms, cutoff, order, _, _ = ALL[name]
    predicted = structure_null_space(atoms, cutoff, order, partition).basis
    found = numerical(atoms, cutoff, order, partition)
    assert found.shape == predicted.shape
    if found.size:
        assert np.max(subspace_angles(found, predicted)) < 1e-6


def test_hub_is_invisible_to_a_linear_model_without_any_symmetry():
    """Its twelve decimals are not an exact singularity: a tolerance of their size is."""
    atoms = MOLECULES["hub 3"][0]
    space = structure_null_space(atoms, 9.0, 2, "summed", tolerance=1e-9)
    assert space.dimension == 1 and space.symmetric.shape[1] == 0
    assert structure_null_space(atoms, 9.0, 2, "multiset", tolerance=1e-9).dimension == 0


def test_concatenated_features_beyond_site_symmetry():
    """Four corners of a heptagon and two poles: one null displacement that no site forces."""
    space = structure_null_space(ase.Atoms("H6", HEPTAGON), 9.0, 2)
    assert space.dimension == 1 and space.degenerate.shape[1] == 1


def test_a_supercell_hides_all_but_what_the_primitive_cell_lets_move():
    """Translations of the primitive cell are symmetries: of 3 * 18 - 3, quartz keeps its four."""
    double = QUARTZ * (2, 1, 1)
    space = structure_null_space(double, 3.3, 2, "multiset")
    assert space.dimension == 3 * 18 - 3 - 4
    assert space.degenerate.shape[1] == 0
    silicon = ase.build.bulk("Si", cubic=True) * (2, 2, 2)
    assert structure_null_space(silicon, 3.0, 2, "multiset").symmetric.shape[1] == 3 * 64 - 3


def test_bad_requests_are_named():
    with pytest.raises(InputError, match="order 0"):
        structure_null_space(NACL, 4.0, 0)
    with pytest.raises(InputError, match="partition"):
        structure_null_space(NACL, 4.0, 2, "averaged")  # type: ignore[arg-type]
