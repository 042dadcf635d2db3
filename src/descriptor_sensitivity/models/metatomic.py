"""metatomic (`metatomic-torch`): whatever model was exported in its format, such as PET.

Such a file is compiled; what it offers of each atom are its outputs, in place of layers: the
`feature` inside the model, and those which the last linear map to the energy reads. The format:
https://docs.metatensor.org/metatomic; PET: Pozdnyakov and Ceriotti, arXiv 2305.19302.
"""

import importlib
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch

from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.models.base import Box, Clusters, Evaluation, Potential
from descriptor_sensitivity.models.checks import (
    INVARIANT,
    WRONG,
    change_when_turned,
    derivative_errors,
)
from descriptor_sensitivity.models.files import opened

COMPILED = ("sphericart.torch", "featomic.torch", "torch_spex")
"""Packages with compiled functions that a model may call."""

LAYERS = (("feature", "features"), ("mtt::aux::energy_last_layer_features",))
"""Outputs of the atoms that are its layers, the first name that it has of each."""


class Metatomic(Potential):
    """A model in the format of metatomic.

    Args:
        model: the file that was exported; a folder `extensions` beside it is that of its compiled
            functions, where no package here brings them.
        device: of torch.
    """

    def __init__(self, model: str, device: str) -> None:
        from metatomic import torch as metatomic
        from vesin.metatomic import neighbor_lists_for_model

        self._library = metatomic
        for name in COMPILED:
            with suppress(ImportError):
                importlib.import_module(name)
        library = f"metatomic-torch {version('metatomic-torch')}"
        self.file = model
        self.description = f"{model} ({library})"
        beside = Path(model).with_name("extensions")
        with opened(model, "metatomic", library):
            try:
                found = metatomic.load_atomistic_model(model, beside if beside.is_dir() else None)
            except RuntimeError as error:
                if "missing TorchScript extensions" not in str(error):
                    raise
                raise InputError(
                    f"{model} calls compiled functions that are not here; install their package, or"
                    " set the folder `extensions` that was exported with it beside it."
                ) from error
            self._model = found
            self._model.eval().requires_grad_(False).to(torch.float64).to(device)
        says = self._model.capabilities()
        self.notes = []
        if says.dtype != "float64":
            self.notes.append(
                f"{self.description} is made for {says.dtype}; it is turned to float64."
            )
        if more := self._model.requested_inputs(use_new_names=True):
            raise InputError(
                f"{model} reads more than the positions ({', '.join(more)}), which no structure"
                " here has; name a model without."
            )
        named = [[name for name in names if name in says.outputs] for names in LAYERS]
        self._layers = [names[0] for names in named if names]
        if not self._layers:
            raise InputError(
                f"{model} has no features of its atoms, only {', '.join(sorted(says.outputs))};"
                f" export it with one of the outputs {', '.join(names[0] for names in LAYERS)}."
            )
        asked = {name: metatomic.ModelOutput(sample_kind="atom") for name in self._layers}
        if "energy" in says.outputs:
            asked["energy"] = metatomic.ModelOutput(unit="eV", sample_kind="system")
        self._asked = metatomic.ModelEvaluationOptions(length_unit="angstrom", outputs=asked)
        self._neighbors = neighbor_lists_for_model("angstrom", self._model)
        ranges = [one.engine_cutoff("angstrom") for one in self._model.requested_neighbor_lists()]
        self.cutoff = max(ranges, default=None)
        self.species = types = sorted(says.atomic_types)
        self._try(types, device)

    def evaluate(
        self, positions: torch.Tensor, numbers: np.ndarray, box: Box | None = None
    ) -> Evaluation:
        """Each of its features (n_env, M, f) of every atom, and the energy if it has one."""
        n_env, n_atoms = positions.shape[:2]
        device = positions.device
        types = torch.tensor(numbers, dtype=torch.int32, device=device)
        where = box or Box(np.zeros((3, 3)), np.zeros(3, bool))
        pbc = torch.as_tensor(where.pbc, device=device)
        # the format takes no vectors of axes along which nothing repeats
        cell = torch.as_tensor(where.cell * where.pbc[:, None], device=device)
        systems = [self._library.System(types, one, cell, pbc) for one in positions]
        for neighbors in self._neighbors:
            neighbors.add_neighbor_list(systems, copy=True)
        found = self._model(systems, self._asked, check_consistency=False)
        layers = []
        for name in self._layers:
            # a block for each species, say, becomes columns of its own, zero for other atoms; rows
            # are sorted by system and atom
            names = found[name].keys.names
            joined = found[name].keys_to_properties(names, sort_samples=True).block()
            layers.append(joined.values.reshape(n_env, n_atoms, -1))
        energy = found["energy"].block().values[:, 0] if "energy" in found else None
        return Evaluation(layers, energy)

    def _try(self, types: list[int], device: str) -> None:
        """Whether it turns with a cluster; InputError where its derivatives are wrong."""
        rng = np.random.default_rng(0)
        numbers = rng.choice(types, 5)
        points = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]]) / np.sqrt(3)
        vectors = 0.3 * min(self.cutoff or 4.0, 5.0) * points + rng.normal(size=(4, 3)) * 0.1
        cluster = Clusters(vectors[None], numbers, device)
        errors = derivative_errors(self, cluster, len(self._layers))
        for name, error in zip(self._layers, errors, strict=True):
            if error > WRONG:
                raise InputError(
                    f"{self.file}: the derivatives of `{name}` differ from its differences by"
                    f" {error:.1g} of the largest one: a compiled function in it does not say its"
                    " derivative. Install the Python package of that function"
                    f" ({', '.join(COMPILED)} are looked for) where the model is opened."
                )
        change = max(
            change_when_turned(
                lambda some: self.evaluate(some, numbers).layers, cluster.positions.detach()
            )
        )
        self.invariant = change <= INVARIANT
        if not self.invariant:
            self.notes.append(
                f"{self.description}: its features change by {change:.1g} of the largest one when a"
                " cluster is turned; turns are among the displacements that it is asked for."
            )
