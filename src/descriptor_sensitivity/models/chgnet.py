"""CHGNet (`chgnet`): message passing between atoms, bonds and angles, all of them invariant.

Deng et al., Nature Machine Intelligence 5, 1031 (2023). The wheel carries trained weights. It is
made for crystals: a cluster stands in a box so wide that it has no images within any cutoff.
"""

from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch

from descriptor_sensitivity.models.base import Box, Evaluation, Potential, doubled
from descriptor_sensitivity.models.files import opened

INSIDE = ("0.3.0", "0.2.0", "r2scan")
"""Models whose weights the wheel carries."""

BOX = 100.0
"""Å, the edge of the box."""


class Chgnet(Potential):
    """A CHGNet model of the wheel or of a file.

    Args:
        model: one of `INSIDE`, by default the first, or a file that chgnet wrote.
        device: of torch.
    """

    def __init__(self, model: str | None, device: str) -> None:
        import chgnet.graph.converter
        import chgnet.graph.crystalgraph
        import chgnet.model.model
        from pymatgen.core import Lattice, Structure

        # what the library makes of positions is of this type, whatever they are
        for module in (chgnet.graph.converter, chgnet.graph.crystalgraph, chgnet.model.model):
            module.TORCH_DTYPE = torch.float64
        self._structure, self._lattice = Structure, Lattice
        self._batch = chgnet.model.model.BatchedGraph
        library = f"chgnet {version('chgnet')}"
        name = model or INSIDE[0]
        self.file = name
        if name in INSIDE:
            folder = Path(chgnet.model.model.__file__).parents[1] / "pretrained" / name
            (self.file,) = map(str, folder.glob("*.pth.tar"))
            load = chgnet.model.model.CHGNet.load
            self._model = load(model_name=name, use_device="cpu", verbose=False)
        else:
            with opened(name, "CHGNet", library):
                self._model = chgnet.model.model.CHGNet.from_file(name)
        torch.set_default_dtype(torch.float64)
        self.description = f"{name} ({library})"
        self.notes = doubled(self._model, self.description)
        self._model.to(device)
        if self._model.composition_model is not None:  # it counts atoms in single precision
            count = self._model.composition_model.fc
            count.register_forward_pre_hook(lambda _module, given: (given[0].double(),))
        self.cutoff = float(self._model.graph_converter.atom_graph_cutoff)
        self.species = range(1, self._model.atom_embedding.embedding.num_embeddings + 1)
        self._seen: list[torch.Tensor] = []
        for layer in self._model.atom_conv_layers:
            layer.register_forward_hook(lambda _module, _inputs, out: self._seen.append(out))

    def evaluate(
        self, positions: torch.Tensor, numbers: np.ndarray, box: Box | None = None
    ) -> Evaluation:
        """Features of the atoms after every layer, (n_env, M, channels), and the energy."""
        n_env, n_atoms = positions.shape[:2]
        if box is not None:
            box.require_crystal(self.description)
        cell, middle = (box.cell, 0.0) if box else (np.eye(3) * BOX, BOX / 2)
        fractions = torch.as_tensor(np.linalg.inv(cell), device=positions.device)
        graphs = []
        for cluster, moving in zip(positions.detach().cpu().numpy(), positions, strict=True):
            made = self._structure(
                self._lattice(cell), numbers, cluster + middle, coords_are_cartesian=True
            )
            graph = self._model.graph_converter(made).to(positions.device)
            graph.atom_frac_coord = (moving + middle) @ fractions
            graphs.append(graph)
        self._seen.clear()
        energy = self._model(graphs)["e"]
        if self._model.is_intensive:
            energy = energy * n_atoms
        return Evaluation([seen.reshape(n_env, n_atoms, -1) for seen in self._seen], energy)
