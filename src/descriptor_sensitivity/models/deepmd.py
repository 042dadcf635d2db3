"""DeePMD-kit (`deepmd-kit`), PyTorch backend: a descriptor of each atom, and a fitting network.

What the descriptor sees is all that the energy is of: the sum over the atoms of a network of it.
Zhang et al., NeurIPS 2018 (arXiv 1805.09003), for `se_e2_a`.
"""

import json
import logging
import os
import sys
from importlib.metadata import version
from types import ModuleType
from typing import Any

import numpy as np
import torch
from ase.data import atomic_numbers

from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.models.base import Box, Evaluation, Potential, doubled
from descriptor_sensitivity.models.files import opened

OTHER = {
    "model_dict": "several heads",
    "spin": "spins",
    "use_srtab": "a table of pairs",
    "modifier": "long-range charges",
}
"""Words in the settings of a model that is more than a descriptor and a fitting network."""


class Deepmd(Potential):
    """A Deep Potential of the PyTorch backend.

    Args:
        model: a checkpoint (`.pt`) of `dp --pt train`, or a file (`.pth`) of `dp --pt freeze`.
        device: of torch.
    """

    def __init__(self, model: str, device: str) -> None:
        if device == "cpu":
            os.environ["DEVICE"] = "cpu"  # where the library puts its own tensors
        # compiled operators, for compressed models and LAMMPS, go with one version of torch only
        compiled = ModuleType("deepmd.pt.cxx_op")
        vars(compiled)["ENABLE_CUSTOMIZED_OP"] = False
        sys.modules.setdefault(compiled.__name__, compiled)
        for chatty in ("deepmd", "torch._library"):
            logging.getLogger(chatty).setLevel(logging.ERROR)
        from deepmd.pt.model.model import get_model
        from deepmd.pt.utils.nlist import extend_input_and_build_neighbor_list

        self._neighbors = extend_input_and_build_neighbor_list
        library = f"deepmd-kit {version('deepmd-kit')}"
        if not model.endswith((".pt", ".pth")):
            raise InputError(
                f"{model} is no file of DeePMD-kit's PyTorch backend; name a checkpoint (.pt) or"
                " a frozen model (.pth)."
            )
        self.file = model
        self.description = f"{model} ({library})"
        with opened(model, "DeePMD", library, runs=model.endswith(".pth")):
            settings, weights = stored(model)
        more = [what for word, what in OTHER.items() if word in settings]
        if more or settings.get("type", "standard") != "standard":
            what = more[0] if more else f"type {settings['type']}"
            raise InputError(
                f"{model} is a DeePMD model of {what}, for which there is no option here; name a"
                " file of a standard model, of one descriptor and one fitting network."
            )
        with opened(model, "DeePMD", library, runs=False):
            self._model = get_model(in_double(settings))
            self._model.load_state_dict(weights)
        doubled(self._model, self.description)
        self._model.to(device)
        kinds = {str(one.dtype).removeprefix("torch.") for one in weights.values()}
        less = ", ".join(sorted(kinds & {"float32", "float16", "bfloat16"}))
        self.notes = (
            [f"{self.description} is stored in {less}; it is turned to float64."] if less else []
        )
        inputs = self._model.get_dim_fparam() + self._model.get_dim_aparam()
        if inputs:
            raise InputError(
                f"{model} reads more than the positions (fparam, aparam: {inputs} numbers), which"
                " no structure here has; name a model without."
            )
        self.cutoff = float(self._model.get_rcut())
        self._types = {
            atomic_numbers[name]: number
            for number, name in enumerate(self._model.get_type_map())
            if name in atomic_numbers
        }
        self.species = sorted(self._types)
        self._seen: list[torch.Tensor] = []
        self._model.atomic_model.descriptor.register_forward_hook(
            lambda _module, _inputs, out: self._seen.append(out[0])
        )

    def evaluate(
        self, positions: torch.Tensor, numbers: np.ndarray, box: Box | None = None
    ) -> Evaluation:
        """The descriptor (n_env, M, f) of every atom, and the energy if the model is of one."""
        n_env, n_atoms = positions.shape[:2]
        types = torch.tensor([self._types[int(z)] for z in numbers], device=positions.device)
        cells = None
        if box is not None:
            box.require_crystal(self.description)
            cells = torch.as_tensor(box.cell, dtype=positions.dtype, device=positions.device)
            cells = cells.reshape(1, 9).repeat(n_env, 1)
        atoms, kinds, owners, near = self._neighbors(
            positions.reshape(n_env, -1),
            types.repeat(n_env, 1),
            self.cutoff,
            self._model.get_sel(),
            mixed_types=True,
            box=cells,
        )
        near = self._model.format_nlist(atoms, kinds, near)
        self._seen.clear()
        out = self._model.atomic_model.forward_common_atomic(atoms, kinds, near, mapping=owners)
        energy = out["energy"].sum((1, 2)) if "energy" in out else None
        return Evaluation([self._seen[0].reshape(n_env, n_atoms, -1)], energy)


def stored(path: str) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
    """The settings of a model, and its weights by name, of a checkpoint or of a frozen file."""
    if path.endswith(".pt"):
        found = torch.load(path, map_location="cpu", weights_only=True)
        found = found.get("model", found)
        start = "model.Default."
        weights = {key.removeprefix(start): found[key] for key in found if key.startswith(start)}
        return found["_extra_state"]["model_params"], weights
    frozen = torch.jit.load(path, map_location="cpu")
    return json.loads(frozen.model_def_script), frozen.state_dict()


def in_double(settings: Any) -> Any:
    """Settings in which every `precision` is that of float64."""
    if isinstance(settings, dict):
        return {
            key: "float64" if key == "precision" else in_double(value)
            for key, value in settings.items()
        }
    return [in_double(one) for one in settings] if isinstance(settings, list) else settings
