"""Cutting environments out of molecules and crystals, and saying what is wrong with a structure."""

import ase.build
import numpy as np
import pytest
from ase import Atoms

from descriptor_sensitivity.cutting import cut_batches, cut_environment, cut_environments
from descriptor_sensitivity.environments import batch_from_vectors
from descriptor_sensitivity.errors import InputError


def test_methane_is_cut_out_centre_first():
    cluster = cut_environment(ase.build.molecule("CH4"), 0, 4.0)
    assert cluster.get_chemical_formula(mode="reduce") == "CH4"
    assert np.array_equal(cluster.positions[0], [0, 0, 0])
    assert not cluster.pbc.any()


def test_periodic_images_are_neighbours_with_their_own_displacement():
    nacl = ase.build.bulk("NaCl", "rocksalt", a=5.64)
    cluster = cut_environment(nacl, 0, 2.9)
    assert len(cluster) == 7
    assert set(cluster.numbers[1:]) == {17}
    lengths = np.linalg.norm(cluster.positions[1:], axis=1)
    assert np.allclose(lengths, 2.82)
    assert np.allclose(cluster.positions.sum(0), 0, atol=1e-12)


def test_batches_group_equal_environments():
    frames = [ase.build.molecule(name) for name in ("CH4", "CH3OH", "CH4")]
    batches = cut_environments(frames, 1.3, "C")
    assert sum(len(batch) for batch in batches) == 3
    methane = next(batch for batch in batches if list(batch.species) == [1, 1, 1, 1])
    assert list(methane.frames) == [0, 2]
    assert methane.vectors.shape == (2, 4, 3)


def test_linear_environments_stand_apart():
    frames = [
        Atoms("CO2", [[0, 0, 0], [0, 0, 1.16], [0, 0, -1.16]]),
        Atoms("CO2", [[0, 0, 0], [0, 0.3, 1.16], [0, 0, -1.16]]),
    ]
    assert len(cut_environments(frames, 3.0, "C")) == 2


def test_species_are_sorted_with_their_rows():
    vectors = np.array([[0, 0, 1.0], [0, 1.1, 0], [1.2, 0, 0]])
    batch = batch_from_vectors(vectors, [8, 1, 8])
    assert list(batch.species) == [1, 8, 8]
    assert np.array_equal(batch.vectors[0], vectors[[1, 0, 2]])


@pytest.mark.parametrize(
    "atoms, words",
    [
        (Atoms(), "no atoms"),
        (Atoms("CH", [[0, 0, 0], [0, 0, np.nan]]), "not a finite number"),
        (Atoms("CH2", [[0, 0, 0], [0, 0, 1.0], [0, 0, 1.0]]), "coincide"),
        (Atoms("CH", [[0, 0, 0], [0, 0, 9.0]]), "no neighbour within the cutoff of 4 Å"),
        (Atoms("OH2", [[0, 0, 0], [0, 0, 1.0], [0, 1.0, 0]]), "holds no C atom"),
    ],
)
def test_bad_structures_get_one_sentence(atoms, words):
    with pytest.raises(InputError, match=words) as error:
        cut_environments([ase.build.molecule("CH4"), atoms], 4.0, "C", name="frame")
    assert "frame 1" in str(error.value)
    assert "\n" not in str(error.value)


def test_unknown_centre_species():
    with pytest.raises(InputError, match="`Xx` is not a chemical element"):
        cut_environments([ase.build.molecule("CH4")], 4.0, "Xx")


WATER = ase.build.molecule("H2O")


def periodic_water(cell, pbc):
    return Atoms("OH2", WATER.positions, cell=cell, pbc=pbc)


@pytest.mark.parametrize(
    ("cell", "pbc"),
    [
        (np.zeros((3, 3)), True),
        (np.diag([9.0, 9.0, 0.0]), True),
        (np.diag([0.0, 9.0, 9.0]), [True, False, False]),
        ([[9, 0, 0], [18, 0, 0], [0, 0, 9]], True),
        ([[9, 0, 0], [9, 1e-7, 0], [0, 0, 9]], [True, True, False]),
    ],
    ids=["no cell", "a slab's cell", "a wire's other way", "dependent", "nearly dependent"],
)
def test_a_periodic_direction_needs_a_cell_vector(cell, pbc):
    with pytest.raises(InputError, match="periodic in a direction without a cell vector"):
        cut_environments([periodic_water(cell, pbc)], 4.0)


@pytest.mark.parametrize(
    ("cell", "pbc"),
    [
        (np.zeros((3, 3)), False),
        (np.diag([9.0, 9.0, 0.0]), [True, True, False]),
        (np.diag([0.0, 0.0, 9.0]), [False, False, True]),
        (np.diag([9.0, 9.0, 9.0]), True),
    ],
    ids=["molecule", "slab", "wire", "crystal"],
)
def test_a_cell_is_asked_for_only_where_it_is_periodic(cell, pbc):
    batches = cut_environments([periodic_water(cell, pbc)], 4.0)
    assert sum(map(len, batches)) == 3 and {batch.n_neighbors for batch in batches} == {2}


@pytest.mark.parametrize(("edge", "possible"), [(1.0, False), (1.44, False), (1.45, True)])
def test_a_cell_too_small_for_its_atoms_stands_for_none(edge, possible):
    """Three atoms need more than 3 Å^3; a wire of the same period is none of this."""
    water = periodic_water(edge * np.eye(3), True)
    if possible:
        assert cut_environments([water], 1.2)
    else:
        with pytest.raises(InputError, match="which cannot be its cell"):
            cut_environments([water], 1.2)
    assert cut_environments([periodic_water(np.diag([1.0, 1, 9]), [False, False, True])], 1.2)


def test_coincident_atoms_are_named_once_as_the_file_counts_them():
    """Whatever the number of environments they spoil, also across the face of a cell."""
    salt = ase.build.bulk("NaCl", "rocksalt", 5.64, cubic=True).repeat(2)
    salt += Atoms("Cl", [salt.positions[11] - salt.cell.array[0]])
    batches, refusals = cut_batches([salt], 3.0, None, [7], "salt.xyz, frame")
    (refusal,) = refusals
    assert (refusal.frame, refusal.center) == (7, 11)
    assert "salt.xyz, frame 7, atom 11: atoms 11 (Cl) and 64 (Cl) coincide (" in refusal.reason
    lost = len(salt) - sum(map(len, batches))
    assert lost == 2 + 6 and f"{lost} environments of this frame" in refusal.reason
    kept = [center for batch in batches for center in batch.centers]
    assert not {11, 64} & set(kept)


def test_coincident_atoms_that_no_environment_holds_are_not_spoken_of():
    frame = Atoms("CH4", [[0, 0, 0], [0, 0, 1], [0, 1, 0], [0, 0, 9], [0, 0, 9]])
    batches, refusals = cut_batches([frame], 3.0, "C", [0])
    assert len(batches) == 1 and not refusals


def test_linear_and_bent_environments_do_not_share_a_batch():
    linear, bent = [[0, 0, 1.0], [0, 0, -1.2]], [[0, 0, 1.0], [0, 1.1, 0]]
    with pytest.raises(InputError, match="batches of their own"):
        batch_from_vectors([linear, bent])
    assert len(batch_from_vectors([bent, bent])) == 2
