"""DeePMD-kit: the smooth two-neighbour descriptor `se_e2_a` of the Deep Potential."""

from typing import Any

import numpy as np

from descriptor_sensitivity.adapters.base import Peer, central_differences, cluster_species, load
from descriptor_sensitivity.environments import Batch


class DeepPotential(Peer):
    """The Deep Potential's descriptor D = G^T R R^T G', nu = 2 (`deepmd` `se_e2_a`).

    G is a small embedding network of the distances with weights drawn from `seed`, as before any
    training; `n_max` is its width (`neuron` = [n_max / 2, n_max]) and `l_max` the number of columns
    of G' (`axis_neuron`). R = (s - `mean`, s x/r, s y/r, s z/r) / `sigma` with s(r) = 1/r, switched
    off over the last `cutoff_width` Å; DeePMD-kit takes mean and deviation from its training data,
    here they are given, and the smaller `sigma`, the sharper G resolves the distance.
    The scalar products in R R^T are the cosines, so D couples two neighbours whatever the network.
    DeePMD-kit differentiates the energy, not the descriptor, so the Jacobian is by central
    differences.

    Args:
        mean: subtracted from s(r) = 1/r, 1/Å.
    """

    library = "deepmd-kit"
    versions = ">=3.2,<3.3"
    nu = 2
    derivatives = "central differences of order 8"

    def __init__(
        self,
        n_max: int = 32,
        l_max: int = 8,
        mean: float = 0.7,
        sigma: float = 0.05,
        cutoff: float = 4.0,
        cutoff_width: float = 2.5,
        seed: int = 1,
    ) -> None:
        super().__init__()
        self._module = load(self.library, "deepmd.dpmodel.descriptor.se_e2_a")
        self._mean, self._deviation = mean, sigma
        self._settings = {
            "rcut": cutoff,
            "rcut_smth": cutoff - cutoff_width,
            "neuron": [max(n_max // 2, 1), n_max],
            "axis_neuron": l_max,
            "precision": "float64",
            "seed": seed,
        }
        self._descriptors: dict[tuple[int, ...], Any] = {}

    def features(self, batch: Batch) -> np.ndarray:
        """Features (n_env, n_features) in DeePMD's order."""
        species = cluster_species(batch)
        key = tuple(int(np.sum(batch.species == z)) for z in species)
        if key not in self._descriptors:
            with self.blamed():
                descriptor = self._module.DescrptSeA(sel=list(key), **self._settings)
                mean = np.zeros((len(species), batch.n_neighbors, 4))
                mean[..., 0] = self._mean
                descriptor.set_stat_mean_and_stddev(mean, np.full(mean.shape, self._deviation))
                self._descriptors[key] = descriptor
        n_env, n_neighbors = len(batch), batch.n_neighbors
        coordinates = np.concatenate([np.zeros((n_env, 1, 3)), batch.vectors], axis=1)
        types = [species.index(z) for z in (batch.center, *(int(s) for s in batch.species))]
        neighbors = np.broadcast_to(np.arange(1, n_neighbors + 1), (n_env, 1, n_neighbors))
        with self.blamed():
            out = self._descriptors[key].call(
                coordinates.reshape(n_env, -1), np.tile(types, (n_env, 1)), neighbors
            )
        return np.asarray(out[0]).reshape(n_env, -1)

    def jacobian(self, batch: Batch) -> tuple[np.ndarray, np.ndarray]:
        """Features and their central differences."""
        return self.features(batch), central_differences(self.features, batch)
