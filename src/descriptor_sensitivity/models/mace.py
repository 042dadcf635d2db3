"""MACE (`mace-torch`): equivariant message passing, many-body within a layer.

A layer of correlation nu adds up products of nu densities of the neighbours, each weighted by what
the layer before knows of them: the first layer is of order nu exactly. Batatia et al., NeurIPS 2022
(arXiv 2206.07697), eqs. 8 to 11.
"""

import os
from importlib.metadata import version
from typing import Any

import numpy as np
import torch

from descriptor_sensitivity.models.base import Box, Evaluation, Potential, doubled, scalars
from descriptor_sensitivity.models.files import loaded


class Mace(Potential):
    """A MACE model of a file, or one of random weights.

    Args:
        model: a file that mace-torch wrote, or the options of `random_model`.
        device: of torch.
    """

    def __init__(self, model: str | dict[str, Any], device: str) -> None:
        # this import also lets torch load whole models, as all files of MACE are
        from mace.data import AtomicData, Configuration
        from mace.tools import AtomicNumberTable, torch_geometric

        self._data, self._configuration = AtomicData, Configuration
        self._collate = torch_geometric.Batch.from_data_list
        torch.set_default_dtype(torch.float64)
        library = f"mace-torch {version('mace-torch')}"
        self._model: Any
        if isinstance(model, dict):
            self._model = random_model(**model)
            self.description = f"MACE of random weights ({library})"
        else:
            self.file = model
            self._model = loaded(model, "MACE", library, _is_model)
            self.description = f"{model} ({library})"
        self.notes = doubled(self._model, self.description)
        self._model.to(device)
        self.cutoff = float(self._model.r_max)
        self.species = [int(z) for z in self._model.atomic_numbers]
        self._table = AtomicNumberTable(self.species)
        self._seen: list[torch.Tensor] = []
        self._scalars = [scalars(product.linear.irreps_out) for product in self._model.products]
        for product in self._model.products:
            product.register_forward_hook(lambda _module, _inputs, out: self._seen.append(out))

    def evaluate(
        self, positions: torch.Tensor, numbers: np.ndarray, box: Box | None = None
    ) -> Evaluation:
        """Scalars of every layer after its products, (n_env, M, channels), and the energy."""
        n_env, n_atoms = positions.shape[:2]
        cell, pbc = (box.cell, tuple(box.pbc)) if box else (None, (False,) * 3)
        graphs = []
        for cluster in positions.detach().cpu().numpy():
            found = self._configuration(numbers, cluster, {}, {}, cell=cell, pbc=pbc)
            graphs.append(self._data.from_config(found, self._table, self.cutoff))
        graph = self._collate(graphs).to(positions.device).to_dict()
        graph["positions"] = positions.reshape(-1, 3)
        self._seen.clear()
        energy = self._model(graph, compute_force=False)["energy"]
        layers = [
            seen.reshape(n_env, n_atoms, -1)[:, :, mine]
            for seen, mine in zip(self._seen, self._scalars, strict=True)
        ]
        return Evaluation(layers, energy)


def _is_model(found: Any) -> bool:
    return all(hasattr(found, name) for name in ("products", "r_max", "atomic_numbers"))


def random_model(
    layers: int = 2,
    correlation: int = 3,
    channels: int = 8,
    l_max: int = 3,
    cutoff: float = 5.0,
    species: tuple[int, ...] = (1, 6),
    seed: int = 0,
) -> torch.nn.Module:
    """A MACE with random weights: what its architecture can see, whatever it is trained on.

    Args:
        layers: number of interactions.
        correlation: order nu within each of them.
        channels: copies of every irreducible representation.
        l_max: largest angular momentum, of the edges; that of the messages is 1.
        cutoff: of the edges, Å.
        species: atomic numbers it knows.
        seed: of the weights.
    """
    os.environ.setdefault("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", "1")  # e3nn's own tables need it
    from e3nn import o3
    from mace import modules

    torch.manual_seed(seed)
    first = modules.interaction_classes["RealAgnosticInteractionBlock"]
    later = modules.interaction_classes["RealAgnosticResidualInteractionBlock"]
    return modules.ScaleShiftMACE(
        r_max=cutoff,
        num_bessel=8,
        num_polynomial_cutoff=5,
        max_ell=l_max,
        interaction_cls_first=first,
        interaction_cls=later,
        num_interactions=layers,
        num_elements=len(species),
        hidden_irreps=o3.Irreps(f"{channels}x0e + {channels}x1o"),
        MLP_irreps=o3.Irreps("16x0e"),
        gate=torch.nn.functional.silu,
        atomic_energies=np.zeros(len(species)),
        avg_num_neighbors=4.0,
        atomic_numbers=sorted(species),
        correlation=correlation,
        radial_type="bessel",
        atomic_inter_scale=1.0,
        atomic_inter_shift=0.0,
    )
