"""featomic (rascaline): spherical expansion and SOAP power spectrum on a GTO basis."""

from typing import Any

import numpy as np

from descriptor_sensitivity.adapters.base import Peer, cluster_species, load, neighbor_species
from descriptor_sensitivity.environments import Batch
from descriptor_sensitivity.settings import Width


class FeatomicExpansion(Peer):
    """Density coefficients, nu = 1 (`featomic.SphericalExpansion`).

    `n_max` functions are featomic's `max_radial` = n_max - 1, and its GTO radius is the cutoff, so
    the basis is ours (`radial_basis: gto`), as is the normalised Gaussian. `cutoff_width` is the
    width of its shifted-cosine smoothing, 0 its `Step`. `spline_accuracy` bounds the error of
    featomic's interpolated radial integrals; None computes them anew for each pair, exactly.

    Args:
        spline_accuracy: error bound of the interpolated radial integrals; null: none are.
        center_weight: of the Gaussian of the central atom (`center_atom_weight`), which featomic
            adds to the density of the centre's species.
    """

    library = "featomic"
    versions = ">=0.6.7,<0.7"
    nu: int | None = 1
    invariant = False
    calculator = "SphericalExpansion"

    def __init__(
        self,
        n_max: int,
        l_max: int,
        sigma: float,
        cutoff: float,
        cutoff_width: float = 0.0,
        spline_accuracy: float | None = 1e-8,
        center_weight: Width = 0.0,
    ) -> None:
        super().__init__()
        self._center = center_weight > 0
        featomic = load("featomic", "featomic")
        self._l_max = l_max
        smoothing: dict[str, Any] = {"type": "Step"}
        if cutoff_width > 0:
            smoothing = {"type": "ShiftedCosine", "width": cutoff_width}
        with self.blamed():
            self._calculator = getattr(featomic, self.calculator)(
                cutoff={"radius": cutoff, "smoothing": smoothing},
                density={"type": "Gaussian", "width": sigma, "center_atom_weight": center_weight},
                basis={
                    "type": "TensorProduct",
                    "max_angular": l_max,
                    "radial": {"type": "Gto", "max_radial": n_max - 1},
                    "spline_accuracy": spline_accuracy,
                },
            )

    def features(self, batch: Batch) -> np.ndarray:
        """Features (n_env, n_features), blocks by species (and l), in featomic's order."""
        return np.concatenate([b.values.reshape(len(batch), -1) for b in self._run(batch, [])], 1)

    def jacobian(self, batch: Batch) -> tuple[np.ndarray, np.ndarray]:
        """Features and analytic Jacobian; the gradients of the centre's own atom are left out."""
        features, jacobians = [], []
        for block in self._run(batch, ["positions"]):
            features.append(block.values.reshape(len(batch), -1))
            gradient = block.gradient("positions")
            values = np.asarray(gradient.values)
            # (rows, 3, [m,] properties) -> (rows, 3, features)
            values = values.reshape(len(values), 3, -1)
            samples = np.asarray(gradient.samples.values)
            jacobian = np.zeros((len(batch), batch.n_neighbors + 1, *values.shape[1:]))
            jacobian[samples[:, 0], samples[:, 2]] = values
            jacobians.append(jacobian[:, 1:].reshape(len(batch), 3 * batch.n_neighbors, -1))
        return np.concatenate(features, 1), np.concatenate(jacobians, 2)

    def _species(self, batch: Batch) -> list[int]:
        return cluster_species(batch) if self._center else neighbor_species(batch)

    def _keys(self, batch: Batch) -> Any:
        labels = load("metatensor-core", "metatensor").Labels
        return labels(
            ["o3_lambda", "o3_sigma", "center_type", "neighbor_type"],
            np.array(
                [
                    [degree, 1, batch.center, species]
                    for species in self._species(batch)
                    for degree in range(self._l_max + 1)
                ]
            ),
        )

    def _run(self, batch: Batch, gradients: list[str]) -> list[Any]:
        labels = load("metatensor-core", "metatensor").Labels
        n_env = len(batch)
        centers = np.stack([np.arange(n_env), np.zeros(n_env, dtype=int)], axis=1)
        with self.blamed():
            result = self._calculator.compute(
                [batch.atoms(index) for index in range(n_env)],
                gradients=gradients,
                selected_samples=labels(["system", "atom"], centers),
                selected_keys=self._keys(batch),
            )
        return list(result.blocks())


class FeatomicSoap(FeatomicExpansion):
    """SOAP power spectrum, nu = 2 (`featomic.SoapPowerSpectrum`); settings as for the expansion.

    Args:
        spline_accuracy: error bound of the interpolated radial integrals; null: none are.
        center_weight: of the Gaussian of the central atom (`center_atom_weight`), which featomic
            adds to the density of the centre's species.
    """

    nu = 2
    invariant = True
    calculator = "SoapPowerSpectrum"

    def _keys(self, batch: Batch) -> Any:
        labels = load("metatensor-core", "metatensor").Labels
        species = self._species(batch)
        return labels(
            ["center_type", "neighbor_1_type", "neighbor_2_type"],
            np.array([[batch.center, a, b] for a in species for b in species if a <= b]),
        )
