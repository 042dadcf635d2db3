"""Null spaces of whole structures: theory against Jacobians of generic functions of all centres."""

import ase.build
import numpy as np
import pytest
from scipy.linalg import subspace_angles

from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.gram.structure import (
    environments_with_atoms,
    moves,
    rigid_motions,
)
from descriptor_sensitivity.theory.nullspace import random_invariants
from descriptor_sensitivity.theory.structures import PARTITIONS, structure_null_space
from whole_structures import CRYSTALS, HEPTAGON, MOLECULES, NACL, QUARTZ

ROUNDED = 1e-6
"""Coordinates of ASE's molecules have six decimals."""


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
