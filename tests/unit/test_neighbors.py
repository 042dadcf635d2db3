"""Neighbours, periodic images among them, against ASE's list and against counts known by hand."""

import itertools
import time

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.neighborlist import neighbor_list

from descriptor_sensitivity.cutting import cut_environment, cut_environments
from descriptor_sensitivity.neighbors import neighbors, neighbors_and_shell

PBC = list(itertools.product([False, True], repeat=3))


def cells(shape: str, rng: np.random.Generator) -> np.ndarray:
    """A random cell of volume at least 1 Å^3."""
    cell = np.zeros((3, 3))
    while abs(np.linalg.det(cell)) < 1:
        cell = np.diag(rng.uniform(2, 9, 3))
        if shape == "skewed":
            cell = cell + rng.uniform(-8, 8, (3, 3)) * np.tri(3, k=-1)
        elif shape == "small":
            cell = np.diag(rng.uniform(0.9, 2, 3)) + rng.uniform(-0.5, 0.5, (3, 3))
        elif shape == "left-handed":
            cell = cell[[1, 0, 2]]
    return cell


def assert_equal_lists(atoms: Atoms, cutoff: float) -> None:
    """The same pairs with the same vectors, each as often."""
    found, wanted = neighbors(atoms, cutoff), neighbor_list("ijD", atoms, cutoff)
    assert np.all(np.diff(found[0]) >= 0)
    orders = [np.lexsort((*np.round(vectors.T, 6), j, i)) for i, j, vectors in (found, wanted)]
    for mine, theirs in zip(found, wanted, strict=True):
        np.testing.assert_allclose(mine[orders[0]], theirs[orders[1]], atol=1e-12)


@pytest.mark.parametrize("pbc", PBC, ids=lambda pbc: "".join("ny"[p] for p in pbc))
@pytest.mark.parametrize("shape", ["plain", "skewed", "small", "left-handed", "without vectors"])
def test_the_neighbours_are_those_of_ase(shape, pbc):
    """Also of atoms far outside the cell, and without vectors where nothing is periodic."""
    rng = np.random.default_rng(PBC.index(pbc))
    for _ in range(5):
        cell = cells(shape, rng)
        if shape == "without vectors":
            cell = cell * np.array(pbc)[:, None]
        count = int(rng.integers(1, 4 if shape == "small" else 14))
        positions = rng.uniform(-15, 15, (count, 3))
        assert_equal_lists(Atoms(f"H{count}", positions, cell=cell, pbc=pbc), rng.uniform(1.5, 5))


@pytest.mark.parametrize("count", [99, 100, 101, 150])
def test_all_pairs_and_the_list_of_cells_are_the_same(count):
    positions = np.random.default_rng(count).uniform(0, 12, (count, 3))
    assert_equal_lists(Atoms(f"H{count}", positions), 4.0)


@pytest.mark.parametrize(
    ("pbc", "cutoff", "count"),
    [
        ((True, True, True), 3.0, 6 + 12),
        ((True, True, False), 3.0, 4 + 4),
        ((False, False, True), 7.0, 6),
        ((True, True, True), 2.0, 0),
        ((True, True, True), 2.0 + 1e-9, 0),
        ((True, True, True), 2.0 + 1e-5, 6),
    ],
    ids=["cubic", "square", "wire", "a shell at the cutoff", "the same", "just beyond"],
)
def test_a_lone_atom_is_its_own_neighbour_in_every_image(pbc, cutoff, count):
    atoms = Atoms("Po", [[0.3, 40.2, -7.1]], cell=2 * np.eye(3), pbc=pbc)
    i, j, vectors = neighbors(atoms, cutoff)
    assert len(vectors) == count and not i.any() and not j.any()
    if count:
        assert len(cut_environment(atoms, 0, cutoff)) == 1 + count


@pytest.mark.parametrize("crystal", ["fcc", "bcc", "sc", "diamond"])
def test_a_shell_at_the_cutoff_is_one_shell(crystal):
    """Equal atoms have equal neighbours, whatever rounding makes of the distances of a shell."""
    lattice = bulk({"fcc": "Cu", "bcc": "Fe", "sc": "Po", "diamond": "Si"}[crystal], cubic=True)
    lengths = neighbor_list("d", lattice, 6.5)
    noise = np.random.default_rng(2)
    for shell in np.unique(np.round(lengths, 4)):
        counts = set()
        for size, rattle in itertools.product((1, 2), (0, 1e-8, 1e-5)):
            atoms = lattice * size
            atoms.rotate(10 * size, (1, 2, 3), rotate_cell=True)
            atoms.positions += rattle * noise.normal(size=atoms.positions.shape)
            here = lengths[np.abs(lengths - shell) < 1e-3]
            for cutoff in (here.min(), here.mean(), here.max()):
                counts |= set(np.bincount(neighbors(atoms, cutoff)[0], minlength=len(atoms)))
        inner = np.sum(lengths < shell - 0.01) / len(lattice)
        assert counts == {inner}


def test_distances_near_the_cutoff_that_are_no_shell_count_as_they_are():
    line = Atoms("H4", [[0, 0, 0], [1, 0, 0], [2.02, 0, 0], [-2.0, 0, 0]])
    assert len(neighbors(line, 2.0 + 1e-5)[0]) == 6  # 2.0 with 2.02 beside it
    assert len(neighbors(line, 2.0 + 1e-7)[0]) == 4  # which is rounding, whatever is beside it
    assert len(neighbors(line[[0, 1, 3]], 2.0 + 1e-7)[0]) == 2
    assert len(neighbors(line[[0, 1, 3]], 2.0 + 1e-5)[0]) == 4  # inside by more than rounding
    assert len(neighbors(line[[0, 1, 3]], 2.0 - 2e-3)[0]) == 2


def test_a_lattice_vector_as_cutoff_is_one_shell_whatever_is_near():
    """A crystal without symmetry whose cell vector is the cutoff, with other distances near it."""
    cell = [[3.0, 0, 0], [0.4, 3.2, 0], [0.2, -0.3, 2.9]]
    atoms = Atoms("OCH", [[0.1, 0.2, 0.3], [1.1, 1.0, 0.2], [0.4, 1.9, 1.7]], cell=cell, pbc=True)
    large = atoms.repeat(3)
    large.rotate(25, (3, 1, 2), rotate_cell=True)
    counts, many = (np.bincount(neighbors(each, 3.0)[0]) for each in (atoms, large))
    np.testing.assert_array_equal(many, np.tile(counts, 27))
    *_, left_out = neighbors_and_shell(large, 3.0)
    assert (left_out == 2).all()


def test_an_environment_does_not_depend_on_how_its_crystal_is_described():
    """Primitive, conventional, repeated, shifted out of its cell, sheared by lattice vectors."""
    conventional = bulk("Si", cubic=True)
    shifted = conventional.copy()
    shifted.positions += [13.7, -30.1, 5.2]
    sheared = conventional.copy()
    sheared.set_cell(np.array([[1, 0, 0], [2, 1, 0], [-1, 3, 1]]) @ conventional.cell.array)
    described = [bulk("Si"), conventional, conventional.repeat((2, 1, 3)), shifted, sheared]
    for atoms in described:
        (batch,) = cut_environments([atoms], 5.0)
        assert batch.n_neighbors == 28 and len(batch) == len(atoms)
        lengths = np.sort(np.linalg.norm(batch.vectors, axis=-1))
        shells = 5.43 * np.repeat(np.sqrt([3 / 16, 1 / 2, 11 / 16]), [4, 12, 12])
        np.testing.assert_allclose(lengths, np.tile(shells, (len(atoms), 1)), atol=1e-12)


def test_a_thousand_atoms_are_cut_fast():
    crystal = bulk("Si", cubic=True).repeat(5)
    crystal.rattle(0.1, seed=1)
    seconds = []
    for _ in range(3):
        started = time.process_time()
        neighbors(crystal, 5.0)
        seconds.append(time.process_time() - started)
    assert min(seconds) < 0.03
