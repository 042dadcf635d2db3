"""DScribe: SOAP power spectrum and Behler-Parrinello symmetry functions."""

from collections.abc import Sequence
from typing import Any

import ase
import numpy as np

from descriptor_sensitivity.adapters.base import (
    Peer,
    central_differences,
    cluster_species,
    load,
    neighbor_species,
)
from descriptor_sensitivity.environments import Batch
from descriptor_sensitivity.settings import Width


class DscribeSoap(Peer):
    """SOAP power spectrum, nu = 2 (`dscribe.descriptors.SOAP`).

    `n_max`, `l_max`, `sigma` and `cutoff` go by the same names (`r_cut`), but they mean other
    functions: `radial: gto` has r^l exp(-alpha_nl r^2), alpha chosen so that function n has decayed
    to 1e-3 at radii from 1 Å to the cutoff; `radial: polynomial` has powers of cutoff - r. The
    Gaussian is not normalised, (n, n') is kept for n <= n' without weight, and nothing is smoothed
    at the cutoff. Derivatives are analytic for `gto`, DScribe's own differences otherwise.

    Args:
        radial: gto or polynomial.
        n_jobs: processes that DScribe uses.
        center_weight: of the Gaussian of the central atom (DScribe's `w0`), which DScribe adds to
            the density of the centre's species.
    """

    library = "dscribe"
    versions = ">=2.1.2,<2.2"
    nu = 2

    def __init__(
        self,
        n_max: int,
        l_max: int,
        sigma: float,
        cutoff: float,
        radial: str = "gto",
        n_jobs: int = 1,
        center_weight: Width = 0.0,
    ) -> None:
        super().__init__()
        self._settings: dict[str, Any] = {
            "r_cut": cutoff,
            "n_max": n_max,
            "l_max": l_max,
            "sigma": sigma,
            "rbf": radial,
        }
        self._center = center_weight > 0
        if self._center:
            self._settings["weighting"] = {"w0": center_weight}
        self._n_jobs = n_jobs
        self.derivatives = "analytic" if radial == "gto" else "library's central differences"
        self._soap: dict[tuple[int, ...], Any] = {}
        self._build([1])

    def features(self, batch: Batch) -> np.ndarray:
        """Features (n_env, n_features) in DScribe's order."""
        soap = self._build(self._species(batch))
        systems, centers = self._systems(batch)
        with self.blamed():
            out = soap.create(systems, centers=centers, n_jobs=self._n_jobs)
        return np.asarray(out).reshape(len(batch), -1)

    def jacobian(self, batch: Batch) -> tuple[np.ndarray, np.ndarray]:
        """Features and Jacobian. The centre is a point in space here, so it stays at rest."""
        soap = self._build(self._species(batch))
        systems, centers = self._systems(batch)
        with self.blamed():
            jacobian, features = soap.derivatives(
                systems,
                centers=centers,
                exclude=[0] if self._center else None,
                attach=False,
                n_jobs=self._n_jobs,
            )
        n_env = len(batch)
        return (
            np.asarray(features).reshape(n_env, -1),
            np.asarray(jacobian).reshape(n_env, 3 * batch.n_neighbors, -1),
        )

    def _build(self, species: Sequence[int]) -> Any:
        key = tuple(species)
        if key not in self._soap:
            descriptors = load("dscribe", "dscribe.descriptors")
            with self.blamed():
                self._soap[key] = descriptors.SOAP(species=list(key), **self._settings)
        return self._soap[key]

    def _species(self, batch: Batch) -> list[int]:
        return cluster_species(batch) if self._center else neighbor_species(batch)

    def _systems(self, batch: Batch) -> tuple[list[ase.Atoms], list[list[list[float]]]]:
        """The neighbours, and their centre as a point: an atom only where it has a weight."""
        if self._center:
            systems = [batch.atoms(index) for index in range(len(batch))]
        else:
            systems = [ase.Atoms(batch.species, positions=vectors) for vectors in batch.vectors]
        return systems, [[[0.0, 0.0, 0.0]]] * len(batch)


class DscribeAcsf(Peer):
    """Behler-Parrinello symmetry functions G2 and G4, nu = 2 (`dscribe.descriptors.ACSF`).

    `n_max` Gaussians exp(-eta (r - R_s)^2) at equal spacing in (0, cutoff), eta = 1 / 2 sigma^2;
    for G4, 2 `l_max` angular functions (1 + lambda cos)^zeta, lambda = +-1 and zeta = 1, 2, 4, ...,
    for each of `n_eta` widths of the radial envelope. G4 holds the distance between two neighbours,
    which follows from their radii and angle: the order stays nu = 2.

    Args:
        n_eta: widths of the radial envelope of G4.
    """

    library = "dscribe"
    versions = ">=2.1.2,<2.2"
    nu = 2

    def __init__(
        self,
        n_max: int = 8,
        l_max: int = 4,
        sigma: float = 0.3,
        cutoff: float = 4.0,
        n_eta: int = 4,
    ) -> None:
        super().__init__()
        shifts = cutoff * (np.arange(n_max) + 0.5) / n_max
        self._settings = {
            "r_cut": cutoff,
            "g2_params": [[1 / (2 * sigma**2), shift] for shift in shifts],
            "g4_params": [
                [eta, 2.0**k, sign]
                for eta in 0.01 * 4.0 ** np.arange(n_eta)
                for k in range(l_max)
                for sign in (1, -1)
            ],
        }
        self.derivatives = "central differences of order 8"
        self._acsf: dict[tuple[int, ...], Any] = {}

    def features(self, batch: Batch) -> np.ndarray:
        """Features (n_env, n_features) in DScribe's order."""
        acsf = self._build(cluster_species(batch))
        with self.blamed():
            out = acsf.create(
                [batch.atoms(index) for index in range(len(batch))], centers=[[0]] * len(batch)
            )
        return np.asarray(out).reshape(len(batch), -1)

    def jacobian(self, batch: Batch) -> tuple[np.ndarray, np.ndarray]:
        """Features and their central differences: DScribe has no analytic ones."""
        return self.features(batch), central_differences(self.features, batch)

    def _build(self, species: Sequence[int]) -> Any:
        key = tuple(species)
        if key not in self._acsf:
            descriptors = load("dscribe", "dscribe.descriptors")
            with self.blamed():
                self._acsf[key] = descriptors.ACSF(species=list(key), **self._settings)
        return self._acsf[key]
