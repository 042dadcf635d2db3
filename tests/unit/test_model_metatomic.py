"""Models exported for metatomic, where `make models MODELS=metatomic` has set it up."""

import json
import subprocess
from pathlib import Path

import ase
import numpy as np
import pytest
from ase.build import bulk, molecule

from descriptor_sensitivity.adapters.base import central_differences
from descriptor_sensitivity.audit.own_model import library_of
from descriptor_sensitivity.descriptors.registry import build_descriptor
from descriptor_sensitivity.environments import batch_from_vectors
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.models.process import interpreter
from descriptor_sensitivity.singular import sensitivities
from descriptor_sensitivity.theory import families

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]

SAVE = '''
import importlib, sys
from typing import Dict, List, Optional
import torch
from featomic.torch import SoapPowerSpectrum
from metatensor.torch import Labels, TensorBlock, TensorMap
from metatomic.torch import (
    AtomisticModel, ModelCapabilities, ModelMetadata, ModelOutput, NeighborListOptions, System,
)
from metatrain.utils.architectures import get_default_hypers
from metatrain.utils.data import DatasetInfo
from metatrain.utils.data.target_info import get_energy_target_info

folder = sys.argv[1]
ATOMS = {"sample_kind": "atom"}


def trained(name, options):
    """An architecture of metatrain with random weights."""
    torch.manual_seed(0)
    hypers = get_default_hypers(name)["model"]
    for key, value in options.items():
        hypers[key] = hypers[key] | value if isinstance(value, dict) else value
    energy = get_energy_target_info("energy", {"unit": "eV"})
    info = DatasetInfo(length_unit="angstrom", atomic_types=[1, 6], targets={"energy": energy})
    model = importlib.import_module("metatrain." + name).__model__(hypers, info).eval()
    model.export().save(f"{folder}/{name}.pt")
    model.export().save(f"{folder}/with/{name}.pt", collect_extensions=folder + "/with/extensions")


def export(name, module, outputs, unit="angstrom", dtype="float64"):
    says = ModelCapabilities(
        outputs={key: ModelOutput(**kind) for key, kind in outputs.items()}, atomic_types=[1, 6],
        interaction_range=4.0, length_unit=unit, supported_devices=["cpu"], dtype=dtype,
    )
    AtomisticModel(module.eval(), ModelMetadata(), says).save(f"{folder}/{name}.pt")


class Soap(torch.nn.Module):
    """The power spectrum, in blocks of each species of the atom."""

    def __init__(self):
        super().__init__()
        self.soap = SoapPowerSpectrum(
            cutoff={"radius": 4.0, "smoothing": {"type": "ShiftedCosine", "width": 0.5}},
            density={"type": "Gaussian", "width": 0.3},
            basis={"type": "TensorProduct", "max_angular": 6,
                   "radial": {"type": "Gto", "max_radial": 7}},
        )
        self.pairs = Labels(
            ["neighbor_1_type", "neighbor_2_type"], torch.tensor([[1, 1], [1, 6], [6, 6]])
        )

    def forward(self, systems: List[System], outputs: Dict[str, ModelOutput],
                selected_atoms: Optional[Labels]) -> Dict[str, TensorMap]:
        return {"features": self.soap(systems).keys_to_properties(self.pairs)}


class Lengths(torch.nn.Module):
    """Sums over the neighbours of exp(-a r^2), in the order of the last atom first."""

    def __init__(self, constant: bool, cutoff: float, asks: bool, atoms: bool):
        super().__init__()
        self.constant, self.cutoff, self.asks, self.atoms = constant, cutoff, asks, atoms
        self.register_buffer("rates", torch.linspace(0.2, 2.0, 12, dtype=torch.float64))

    def requested_neighbor_lists(self) -> List[NeighborListOptions]:
        return [NeighborListOptions(self.cutoff, False, True)]

    def requested_inputs(self) -> Dict[str, ModelOutput]:
        asked: Dict[str, ModelOutput] = {}
        if self.asks:
            asked["charge"] = ModelOutput(sample_kind="system", unit="e")
        return asked

    def forward(self, systems: List[System], outputs: Dict[str, ModelOutput],
                selected_atoms: Optional[Labels]) -> Dict[str, TensorMap]:
        rows: List[torch.Tensor] = []
        where: List[List[int]] = []
        energies: List[torch.Tensor] = []
        for number, system in enumerate(systems):
            near = system.get_neighbor_list(system.known_neighbor_lists()[0])
            squares = (near.values[:, :, 0] ** 2).sum(1)
            if self.constant:
                squares = squares + (0.1 * squares).sin().detach()
            terms = torch.exp(-self.rates * squares[:, None])
            found = torch.zeros(len(system), terms.shape[1], dtype=terms.dtype)
            found = found.index_add(0, near.samples.column("first_atom"), terms)
            found = found.index_add(0, near.samples.column("second_atom"), terms)
            energies.append(found.sum().reshape(1))
            for atom in range(len(system) - 1, -1, -1):
                where.append([number, atom])
                rows.append(found[atom])
        one = Labels(["_"], torch.tensor([[0]]))
        result: Dict[str, TensorMap] = {}
        if self.atoms:
            samples = Labels(["system", "atom"], torch.tensor(where))
            values = torch.stack(rows)
            rates = Labels(["rate"], torch.arange(values.shape[1]).reshape(-1, 1))
            block = TensorBlock(values, samples, [], rates)
            result["feature"] = TensorMap(one, [block])
        samples = Labels(["system"], torch.arange(len(systems)).reshape(-1, 1))
        total = Labels(["energy"], torch.tensor([[0]]))
        block = TensorBlock(torch.stack(energies), samples, [], total)
        result["energy"] = TensorMap(one, [block])
        return result


small = {"d_pet": 8, "d_head": 8, "d_node": 16, "d_feedforward": 8, "num_heads": 2}
trained("pet", {"cutoff": 4.0, "num_attention_layers": 1, **small})
soap = {"max_angular": 3, "max_radial": 3, "cutoff": {"radius": 4.0, "width": 0.5}}
trained("soap_bpnn", {"soap": soap, "bpnn": {"num_neurons_per_layer": 16}})
export("featomic", Soap(), {"features": ATOMS})
energy = {"unit": "kcal/mol", "sample_kind": "system"}
both = {"feature": ATOMS, "energy": energy}
export("lengths", Lengths(False, 4.0, False, True), both)
export("bohr", Lengths(False, 8.0, False, True), both, unit="bohr")
export("constant", Lengths(True, 4.0, False, True), both)
export("charged", Lengths(False, 4.0, True, True), both)
export("energies", Lengths(False, 4.0, False, False), {"energy": energy})
torch.jit.script(torch.nn.Linear(2, 2)).save(folder + "/linear.pt")
'''

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


def run(code, *arguments):
    """What the Python of metatomic says with these lines of code."""
    done = subprocess.run(
        [interpreter("metatomic"), *code, *map(str, arguments)],
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT / "src")},
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Models that were exported, with random weights."""
    folder = tmp_path_factory.mktemp("metatomic")
    try:
        interpreter("metatomic")
    except InputError as error:
        pytest.skip(str(error))
    (folder / "with").mkdir()
    (folder / "save.py").write_text(SAVE)  # a class is compiled from its source
    run([folder / "save.py"], folder)
    return folder


def model(file, **options):
    settings = {"kind": "mlip", "library": "metatomic", "model": str(file), "cutoff": 4.0}
    return build_descriptor("mine", settings | {"device": "cpu"} | options)


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


CRYSTAL = bulk("C", cubic=True)
CRYSTAL.rattle(0.05, seed=0)
SLAB = CRYSTAL.copy()
SLAB.pbc = [True, True, False]
WHOLES = [molecule("C2H6"), CRYSTAL, SLAB]


@pytest.fixture(scope="module")
def theirs(files):
    """Energy and forces of the library itself, of a molecule, a crystal and a slab."""
    names = ("pet", "soap_bpnn", "lengths")
    asked = [
        [
            str(files / f"{name}.pt"),
            str(a.symbols),
            a.positions.tolist(),
            a.cell.tolist(),
            list(pbc),
        ]
        for name in names
        for a in WHOLES
        for pbc in [map(bool, a.pbc)]
    ]
    said = iter(json.loads(run(["-c", THEIRS], json.dumps(asked)).splitlines()[-1]))
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
    said = run(["-c", OPEN, "with"], *(files / name for name in refused))
    for sentence, expected in zip(json.loads(said.splitlines()[-1]), refused.values(), strict=True):
        assert expected in sentence and "\n" not in sentence


def test_compiled_functions_without_their_derivatives_are_found_out(files):
    """Those that were collected with a model do not say them; torch takes them for constants."""
    with_them, alone = files / "with/soap_bpnn.pt", files / "soap_bpnn.pt"
    said = run(["-c", OPEN, "without"], alone, with_them)
    lacking, wrong = json.loads(said.splitlines()[-1])
    assert "the derivatives of `feature` differ from its differences by 0." in wrong
    assert "Install the Python package of that function (sphericart.torch, " in wrong
    assert "soap_bpnn.pt calls compiled functions that are not here; install their" in lacking
    assert json.loads(run(["-c", OPEN, "with"], with_them).splitlines()[-1]) == ["opened"]
