"""Models in the format of metatomic, with random weights; run by its Python: FOLDER to write to."""

# The format compares annotations with those of `typing`.
# ruff: noqa: UP006, UP035, UP045

import importlib
import sys
from typing import Dict, List, Optional

import torch
from featomic.torch import SoapPowerSpectrum
from metatensor.torch import Labels, TensorBlock, TensorMap
from metatomic.torch import (
    AtomisticModel,
    ModelCapabilities,
    ModelMetadata,
    ModelOutput,
    NeighborListOptions,
    System,
)
from metatrain.utils.architectures import get_default_hypers
from metatrain.utils.data import DatasetInfo
from metatrain.utils.data.target_info import get_energy_target_info

folder = sys.argv[1]
ATOMS = {"sample_kind": "atom"}


def trained(name, options):
    """An architecture of metatrain with random weights, exported."""
    torch.manual_seed(0)
    hypers = get_default_hypers(name)["model"]
    for key, value in options.items():
        hypers[key] = hypers[key] | value if isinstance(value, dict) else value
    energy = get_energy_target_info("energy", {"unit": "eV"})
    info = DatasetInfo(length_unit="angstrom", atomic_types=[1, 6], targets={"energy": energy})
    model = importlib.import_module("metatrain." + name).__model__(hypers, info).eval()
    model.export().save(f"{folder}/{name}.pt")
    return model.export()


def export(name, module, outputs, unit="angstrom"):
    says = ModelCapabilities(
        outputs={key: ModelOutput(**kind) for key, kind in outputs.items()},
        atomic_types=[1, 6],
        interaction_range=4.0,
        length_unit=unit,
        supported_devices=["cpu"],
        dtype="float64",
    )
    AtomisticModel(module.eval(), ModelMetadata(), says).save(f"{folder}/{name}.pt")


class Soap(torch.nn.Module):
    """The power spectrum, in blocks of each species of the atom."""

    def __init__(self):
        super().__init__()
        self.soap = SoapPowerSpectrum(
            cutoff={"radius": 4.0, "smoothing": {"type": "ShiftedCosine", "width": 0.5}},
            density={"type": "Gaussian", "width": 0.3},
            basis={
                "type": "TensorProduct",
                "max_angular": 6,
                "radial": {"type": "Gto", "max_radial": 7},
            },
        )
        self.pairs = Labels(
            ["neighbor_1_type", "neighbor_2_type"], torch.tensor([[1, 1], [1, 6], [6, 6]])
        )

    def forward(
        self,
        systems: List[System],
        outputs: Dict[str, ModelOutput],
        selected_atoms: Optional[Labels],
    ) -> Dict[str, TensorMap]:
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

    def forward(
        self,
        systems: List[System],
        outputs: Dict[str, ModelOutput],
        selected_atoms: Optional[Labels],
    ) -> Dict[str, TensorMap]:
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
network = trained("soap_bpnn", {"soap": soap, "bpnn": {"num_neurons_per_layer": 16}})
network.save(folder + "/with/soap_bpnn.pt", collect_extensions=folder + "/with/extensions")
export("featomic", Soap(), {"features": ATOMS})
energy = {"unit": "kcal/mol", "sample_kind": "system"}
both = {"feature": ATOMS, "energy": energy}
export("lengths", Lengths(False, 4.0, False, True), both)
export("bohr", Lengths(False, 8.0, False, True), both, unit="bohr")
export("constant", Lengths(True, 4.0, False, True), both)
export("charged", Lengths(False, 4.0, True, True), both)
export("energies", Lengths(False, 4.0, False, False), {"energy": energy})
torch.jit.script(torch.nn.Linear(2, 2)).save(folder + "/linear.pt")
