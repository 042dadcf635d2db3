"""Cutting environments out of molecules and crystals, and saying what is wrong with a structure."""

import ase.build
import numpy as np
import pytest
from ase import Atoms

from descriptor_sensitivity.environments import (
    batch_from_vectors,
    cut_environment,
    environment_batches,
)
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
    batches = environment_batches(frames, 1.3, "C")
    assert sum(len(batch) for batch in batches) == 3
    methane = next(batch for batch in batches if list(batch.species) == [1, 1, 1, 1])
    assert list(methane.frames) == [0, 2]
    assert methane.vectors.shape == (2, 4, 3)


def test_linear_environments_stand_apart():
    frames = [
        Atoms("CO2", [[0, 0, 0], [0, 0, 1.16], [0, 0, -1.16]]),
        Atoms("CO2", [[0, 0, 0], [0, 0.3, 1.16], [0, 0, -1.16]]),
    ]
    assert len(environment_batches(frames, 3.0, "C")) == 2


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
        environment_batches([ase.build.molecule("CH4"), atoms], 4.0, "C", name="frame")
    assert "frame 1" in str(error.value)
    assert "\n" not in str(error.value)


def test_unknown_centre_species():
    with pytest.raises(InputError, match="`Xx` is not a chemical element"):
        environment_batches([ase.build.molecule("CH4")], 4.0, "Xx")
