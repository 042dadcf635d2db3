"""Models exported for metatomic, where `make models MODELS=metatomic` has set it up."""

import json

import ase
import numpy as np
import pytest
from ase.build import bulk, molecule

from descriptor_sensitivity.adapters.base import central_differences
from descriptor_sensitivity.audit.own_model import library_of
from descriptor_sensitivity.descriptors.registry import build_descriptor
from descriptor_sensitivity.environments import batch_from_vectors
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.singular import sensitivities
from descriptor_sensitivity.theory import families
from libraries import run, said_by
from support import ROOT

pytestmark = pytest.mark.slow

THEIRS = """
import json, sys
import ase
import sphericart.torch
from metatomic_ase import MetatomicCalculator
said = []
for file, symbols, positions, cell, pbc in json.loads(sys.argv[1]):
    atoms = ase.Atoms(symbols, positions, cell=cell, pbc=pbc)
    atoms.calc = MetatomicCalculator(file, device="cpu")
    said.append([atoms.get_potential_energy(), atoms.get_forces().tolist()])
print("\\n" + json.dumps(said))
"""

OPEN = """
import json, sys
from descriptor_sensitivity.models import metatomic
said = []
if sys.argv[1] == "without":
    sys.modules["sphericart.torch"] = None
for file in sys.argv[2:]:
    try:
        metatomic.Metatomic(file, "cpu")
        said.append("opened")
    except ValueError as error:
        said.append(str(error))
print("\\n" + json.dumps(said))
"""

BATCH = batch_from_vectors(families.distorted(families.tetrahedral(1.09), 0.3, 3))
"""An environment of a carbon with four hydrogens, without symmetry."""

CRYSTAL = bulk("C", cubic=True)
CRYSTAL.rattle(0.05, seed=0)
SLAB = CRYSTAL.copy()
SLAB.pbc = [True, True, False]
WHOLES = [molecule("C2H6"), CRYSTAL, SLAB]
"""A molecule, a crystal and a slab."""


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Models that were exported, with random weights."""
    folder = tmp_path_factory.mktemp("metatomic")
    (folder / "with").mkdir()
    run("metatomic", ROOT / "tests/metatomic_models.py", folder)
    return folder


def model(file):
    settings = {"kind": "mlip", "library": "metatomic", "model": str(file), "cutoff": 4.0}
    return build_descriptor("mine", settings | {"device": "cpu"})


@pytest.fixture(scope="module")
def models(files):
    """One process for the tests that ask it."""
    names = ("pet", "soap_bpnn", "featomic", "lengths", "bohr")
    return {name: model(files / f"{name}.pt") for name in names}


@pytest.mark.parametrize("name", ["pet", "soap_bpnn", "featomic", "lengths"])
def test_derivatives_are_those_of_the_features(name, models):
    mine = models[name]
    choices = [(layer, "all") for layer in range(1, len(mine.widths(BATCH)) + 1)]
    for number, (_, jacobian) in enumerate(mine.jacobians(BATCH, choices)):
        differences = central_differences(
            lambda moved, n=number: mine.features_of(moved, choices)[n], BATCH, step=1e-4
        )
        assert np.abs(jacobian - differences).max() < 1e-7 * np.abs(jacobian).max()


@pytest.fixture(scope="module")
def theirs(files):
    """Energy and forces of the library itself, of a molecule, a crystal and a slab."""
    names = ("pet", "soap_bpnn", "lengths")
    asked = [
        [
            str(files / f"{name}.pt"),
            str(atoms.symbols),
            *(array.tolist() for array in (atoms.positions, atoms.cell.array, atoms.pbc)),
        ]
        for name in names
        for atoms in WHOLES
    ]
    said = iter(said_by("metatomic", THEIRS, json.dumps(asked)))
    return {name: [next(said) for _ in WHOLES] for name in names}


@pytest.mark.parametrize("name", ["pet", "soap_bpnn", "lengths"])
def test_energies_and_forces_are_the_librarys_own(name, models, theirs):
    """To the digits of what the model is made for."""
    tolerance = 1e-12 if name == "lengths" else 1e-4
    for atoms, (energy, forces) in zip(WHOLES, theirs[name], strict=True):
        mine = models[name].forces(atoms)
        assert mine[0] == pytest.approx(energy, rel=tolerance)
        assert np.abs(mine[1] - forces).max() < tolerance * np.abs(forces).max()


def test_atoms_and_structures_keep_their_order(models):
    """Each atom of each environment as if it stood alone: rows are taken by their labels."""
    both = batch_from_vectors(np.concatenate([BATCH.vectors, 1.1 * BATCH.vectors]))
    ((features, _),) = models["lengths"].jacobians(both, [(1, "all")])
    rates = np.linspace(0.2, 2.0, 12)
    for vectors, found in zip(both.vectors, features, strict=True):
        positions = np.concatenate([np.zeros((1, 3)), vectors])
        squares = ((positions[:, None] - positions) ** 2).sum(-1)
        terms = np.exp(-rates * squares[:, :, None]) * (squares < 16)[:, :, None]
        expected = terms.sum(1) - 1  # an atom is no neighbour of its own
        np.testing.assert_allclose(found.reshape(5, -1), expected, rtol=1e-12)
    blocks = models["featomic"].features_of(BATCH, [(1, "all")])[0].reshape(5, 2, -1)
    assert (blocks[0] != 0).any(1).tolist() == [False, True]  # carbon, in the block of carbon
    assert (blocks[1:] != 0).any(2).tolist() == [[True, False]] * 4


def test_lengths_are_those_of_the_model(models):
    """Of a model in bohr positions are turned to bohr, and its cutoff to Å."""
    bohr = 0.529177210903
    assert models["bohr"].cutoff == pytest.approx(8 * bohr, rel=1e-8)
    positions = ase.Atoms("CH4", np.concatenate([np.zeros((1, 3)), 0.7 * BATCH.vectors[0]]))
    longer = positions.copy()
    longer.positions /= bohr
    energy = models["bohr"].forces(positions)[0]
    assert energy == pytest.approx(models["lengths"].forces(longer)[0], rel=1e-8)
    kcal = 0.0433641
    values = models["lengths"].features_of(BATCH, [(1, "sum")])[0].sum()
    assert models["lengths"].energies(BATCH)[0][0] == pytest.approx(kcal * values, rel=1e-5)


def test_the_power_spectrum_is_order_2_and_its_zeros_are_zeros(models):
    """Of the library of the models, at the mirror pair; a network of it sees no more."""
    for name in ("featomic", "soap_bpnn"):
        mine = models[name]
        assert mine.invariant
        plus, minus = mine.features(batch_from_vectors([families.mirror(s) for s in (1, -1)]))
        assert np.linalg.norm(plus - minus) < 1e-14 * np.linalg.norm(plus), name
        values = sensitivities(mine, batch_from_vectors(families.mirror_singular()))[0]
        assert values[-1] < 1e-15 * values[0], name
        generic = sensitivities(mine, BATCH)[0]
        assert generic[-1] > 1e-8 * generic[0], name


def test_a_model_that_turns_is_said_and_asked_for_turns(models):
    """PET learns the group from data: the rotations are among what it answers to."""
    mine = models["pet"]
    assert not mine.invariant and sensitivities(mine, BATCH).shape == (1, 12)
    assert "of the largest one when a cluster is turned" in mine.notes[1]
    for name in ("soap_bpnn", "featomic", "lengths"):
        assert models[name].invariant, name
        assert "turned;" not in " ".join(models[name].notes)
    assert sensitivities(models["lengths"], BATCH).shape == (1, 9)


def test_what_is_said_of_a_file_and_of_species_it_does_not_know(models, files):
    first = models["pet"].notes[0]
    assert "(metatomic-torch 0.1.19) is made for float32; it is turned to float64." in first
    assert models["lengths"].notes == [] and len(models["lengths"].sha256) == 64
    assert models["pet"].cutoff == models["featomic"].cutoff == 4.0
    assert len(models["pet"].widths(BATCH)) == 2 and models["lengths"].widths(BATCH) == [12]
    with pytest.raises(InputError, match=r"pet.pt \(metatomic.*\) does not know O; it knows H, C"):
        models["pet"].features(batch_from_vectors(BATCH.vectors, species=[1, 1, 1, 8]))
    for name in ("pet", "soap_bpnn", "lengths"):
        assert library_of(str(files / f"{name}.pt")) == "metatomic"


def test_files_that_will_not_do_are_one_sentence(files):
    (files / "text.pt").write_text("a text")
    refused = {
        "absent.pt": "there is no such file; name the model's file in `model`",
        "text.pt": "text.pt is no file of a metatomic model",
        "linear.pt": "linear.pt is no file of a metatomic model",
        "charged.pt": "reads more than the positions (charge), which no structure here has",
        "energies.pt": "has no features of its atoms, only energy; export it with one of the",
        "constant.pt": "the derivatives of `feature` differ from its differences by 0.",
    }
    said = said_by("metatomic", OPEN, "with", *(files / name for name in refused))
    for sentence, expected in zip(said, refused.values(), strict=True):
        assert expected in sentence and "\n" not in sentence


def test_compiled_functions_without_their_derivatives_are_found_out(files):
    """Those that were collected with a model do not say them; torch takes them for constants."""
    with_them, alone = files / "with/soap_bpnn.pt", files / "soap_bpnn.pt"
    lacking, wrong = said_by("metatomic", OPEN, "without", alone, with_them)
    assert "the derivatives of `feature` differ from its differences by 0." in wrong
    assert "Install the Python package of that function (sphericart.torch, " in wrong
    assert lacking.startswith(f"{alone} calls compiled functions that are not here; install their")
    assert said_by("metatomic", OPEN, "with", with_them) == ["opened"]
