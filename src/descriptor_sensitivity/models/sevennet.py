"""SevenNet (`sevenn`): equivariant message passing with pair products in each layer.

Park, Kim, Hwang and Han, J. Chem. Theory Comput. 20, 4857 (2024). The
wheel carries trained weights.
"""

from importlib.metadata import version
from typing import Any

import ase
import numpy as np
import torch

from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.models.base import Box, Evaluation, Potential, doubled, scalars
from descriptor_sensitivity.models.files import opened

INSIDE = ("7net-0", "7net-0_22may2024", "7net-l3i5")
"""Models whose weights the wheel carries; of others a person has a file."""


class SevenNet(Potential):
    """A SevenNet model of the wheel or of a file.

    Args:
        model: one of `INSIDE`, by default the first, or a checkpoint that sevenn wrote.
        device: of torch.
    """

    def __init__(self, model: str | None, device: str) -> None:
        import sevenn._keys as key
        from sevenn.atom_graph_data import AtomGraphData
        from sevenn.train.dataload import unlabeled_atoms_to_graph
        from sevenn.util import load_checkpoint, pretrained_name_to_path
        from torch_geometric.data import Batch

        self._key, self._data = key, AtomGraphData
        self._graph, self._collate = unlabeled_atoms_to_graph, Batch.from_data_list
        library = f"sevenn {version('sevenn')}"
        name = model or INSIDE[0]
        self.file = pretrained_name_to_path(name) if name in INSIDE else name
        if name in INSIDE:
            self._model = load_checkpoint(name).build_model()
        else:
            with opened(name, "SevenNet", library):
                self._model = load_checkpoint(name).build_model()
        self.description = f"{name} ({library})"
        if self._model.modal_map:
            raise InputError(
                f"{name} is a model of several fidelities, for which there is no option here;"
                f" choose one of {', '.join(INSIDE)}, or a file of a model of one."
            )
        torch.set_default_dtype(torch.float64)
        self.notes = doubled(self._model, self.description)
        # the positions' own gradients are taken outside
        self._model.delete_module_by_key("force_output")
        self._model.key_grad = None
        self._model.to(device)
        self.cutoff = float(self._model.cutoff)
        self.species = sorted(self._model.type_map)
        one_hot = self._model.get_submodule("onehot_idx_to_onehot")
        one_hot.register_forward_hook(lambda module, _given, out: _double(out, module))
        gates = [one for name, one in self._model.named_children() if name.endswith("_gate")]
        self._seen: list[torch.Tensor] = []
        self._scalars = [scalars(one.gate.irreps_out) for one in gates]
        for one in gates:
            one.register_forward_hook(
                lambda _module, _inputs, out: self._seen.append(out[key.NODE_FEATURE])
            )

    def evaluate(
        self, positions: torch.Tensor, numbers: np.ndarray, box: Box | None = None
    ) -> Evaluation:
        """Scalars of every layer after its gate, (n_env, M, channels), and the energy."""
        n_env, n_atoms = positions.shape[:2]
        repeated = {"cell": box.cell, "pbc": box.pbc} if box else {}
        atoms = [
            ase.Atoms(numbers, cluster, **repeated) for cluster in positions.detach().cpu().numpy()
        ]
        found = [self._graph(one, self.cutoff, with_shift=box is not None) for one in atoms]
        graph = self._collate([self._data.from_numpy_dict(one) for one in found])
        graph = graph.to(positions.device)
        source, target = graph[self._key.EDGE_IDX]
        flat = positions.reshape(-1, 3)
        graph[self._key.EDGE_VEC] = flat[target] - flat[source]
        if box is not None:
            cell = torch.as_tensor(box.cell, dtype=flat.dtype, device=flat.device)
            graph[self._key.EDGE_VEC] += graph[self._key.CELL_SHIFT].to(flat.dtype) @ cell
        self._seen.clear()
        energy = self._model(graph)[self._key.PRED_TOTAL_ENERGY]
        layers = [
            seen.reshape(n_env, n_atoms, -1)[:, :, mine]
            for seen, mine in zip(self._seen, self._scalars, strict=True)
        ]
        return Evaluation(layers, energy)


def _double(data: Any, module: Any) -> None:
    """Ones and zeros that tell species apart, from single to double precision, in place."""
    for name in (module.key_output, module.key_additional_output):
        if name is not None:
            data[name] = data[name].double()
