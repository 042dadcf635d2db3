"""TorchANI: the atomic environment vector (AEV) of the ANI potentials."""

import os
from typing import Any

import numpy as np

from descriptor_sensitivity.adapters.base import Peer, cluster_species, load
from descriptor_sensitivity.environments import Batch


class Aev(Peer):
    """ANI's atomic environment vector, nu = 2 (`torchani.aev.AEVComputer`).

    `n_max` radial shifts and `n_max` / 2 shifts in the angular part at equal spacing from 0.5 Å to
    the cutoff, `l_max` angular sections, eta = 1 / 2 sigma^2, zeta = 8. ANI wants the angular
    cutoff below the radial one: it is 0.999 of it. Derivatives by backward differentiation in
    double precision.
    """

    library = "torchani"
    versions = ">=2.9,<2.10"
    nu = 2

    def __init__(
        self, n_max: int = 16, l_max: int = 8, sigma: float = 0.3, cutoff: float = 4.0
    ) -> None:
        super().__init__()
        os.environ.setdefault("TORCHANI_NO_WARN_EXTENSIONS", "1")  # its CUDA kernels are not needed
        self._aev = load(self.library, "torchani.aev")
        self._torch = load("torch", "torch")
        eta = 1 / (2 * sigma**2)
        with self.blamed():
            self._radial = self._aev.ANIRadial.cover_linearly(
                start=0.5, cutoff=cutoff, eta=eta, num_shifts=n_max
            )
            self._angular = self._aev.ANIAngular.cover_linearly(
                start=0.5,
                cutoff=0.999 * cutoff,
                eta=eta,
                zeta=8.0,
                num_shifts=max(n_max // 2, 1),
                num_sections=l_max,
            )
        self._computers: dict[int, Any] = {}

    def features(self, batch: Batch) -> np.ndarray:
        """Features (n_env, n_features) in ANI's order."""
        positions = self._torch.as_tensor(batch.vectors)
        with self.blamed(), self._torch.no_grad():
            return self._evaluate(batch, positions).numpy()

    def jacobian(self, batch: Batch) -> tuple[np.ndarray, np.ndarray]:
        """Features and analytic Jacobian, one backward pass per feature for the whole batch."""
        positions = self._torch.as_tensor(batch.vectors).clone().requires_grad_(True)
        with self.blamed():
            features = self._evaluate(batch, positions)
            rows = [
                self._torch.autograd.grad(total, positions, retain_graph=True)[0]
                for total in features.sum(0)
            ]
        jacobian = self._torch.stack(rows, -1).numpy().reshape(len(batch), -1, features.shape[1])
        return features.detach().numpy(), jacobian

    def _evaluate(self, batch: Batch, positions: Any) -> Any:
        species = cluster_species(batch)
        n_species = len(species)
        if n_species not in self._computers:
            self._computers[n_species] = self._aev.AEVComputer(
                self._radial, self._angular, n_species
            ).double()
        index = [species.index(z) for z in (batch.center, *(int(s) for s in batch.species))]
        elements = self._torch.tensor([index] * len(batch))
        origin = self._torch.zeros((len(batch), 1, 3), dtype=positions.dtype)
        coordinates = self._torch.cat([origin, positions], dim=1)
        return self._computers[n_species](elements, coordinates)[:, 0]
