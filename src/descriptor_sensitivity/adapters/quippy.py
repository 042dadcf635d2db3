"""QUIP through quippy-ase: SOAP and QUIP's other invariant descriptors of one atom."""

from typing import Any

import numpy as np

from descriptor_sensitivity.adapters.base import Peer, load, neighbor_species
from descriptor_sensitivity.environments import Batch
from descriptor_sensitivity.errors import InputError

_ORDERS = {
    "soap": 2,
    "cosnx": 2,
    "behler": 2,
    "bispectrum_so3": 3,
    "bispectrum_so4": 3,
}
"""QUIP's descriptors of one atom that are invariant and have gradients, and their order."""


class Quippy(Peer):
    """A QUIP descriptor of one atom, given as QUIP's own command.

    Args:
        descriptor: QUIP's name and options, without cutoff and species, for example
            `bispectrum_so4 j_max=4`.
        cutoff: Å.
    """

    library = "quippy-ase"
    versions = ">=0.10,<0.11"

    _spoilt = False
    """Whether this process has used the SO(4) bispectrum: QUIP keeps its coupling coefficients, and
    an SO(3) bispectrum after it comes out wrong, with no message (0.10.3)."""

    def __init__(self, descriptor: str, cutoff: float) -> None:
        super().__init__()
        kind = descriptor.split()[0]
        if kind not in _ORDERS:
            raise InputError(
                f"quippy-ase has no descriptor `{kind}` of one atom with gradients; choose one of"
                f" {', '.join(_ORDERS)}."
            )
        self.nu = _ORDERS[kind]
        self.name = self._kind = kind
        self._command = descriptor
        self._cutoff = cutoff
        self._descriptors: dict[tuple[int, ...], Any] = {}
        load(self.library, "quippy.descriptors")

    def features(self, batch: Batch) -> np.ndarray:
        """Features (n_env, n_features) in QUIP's order."""
        descriptor = self._descriptor(batch)
        with self.blamed():
            return np.array([descriptor.calc(batch.atoms(i))["data"][0] for i in range(len(batch))])

    def jacobian(self, batch: Batch) -> tuple[np.ndarray, np.ndarray]:
        """Features and analytic Jacobian; the gradients of the centre's own atom are left out.

        QUIP describes every atom of the centre's species; the centre is the first atom.
        """
        descriptor = self._descriptor(batch)
        features, jacobians = [], []
        for index in range(len(batch)):
            with self.blamed():
                result = descriptor.calc(batch.atoms(index), grad=True)
            features.append(result["data"][0])
            jacobian = np.zeros((batch.n_neighbors + 1, 3, len(features[-1])))
            described, moved = result["grad_index_0based"].T
            jacobian[moved[described == 0]] = result["grad_data"][described == 0]
            jacobians.append(jacobian[1:].reshape(3 * batch.n_neighbors, -1))
        return np.array(features), np.array(jacobians)

    def _descriptor(self, batch: Batch) -> Any:
        if self._kind == "bispectrum_so3" and Quippy._spoilt:
            raise InputError(
                "quippy-ase gives a wrong `bispectrum_so3` once a process has used its"
                " `bispectrum_so4`; list it before, or audit the two apart."
            )
        Quippy._spoilt |= self._kind == "bispectrum_so4"
        species = neighbor_species(batch)
        key = (batch.center, *species)
        if key not in self._descriptors:
            quippy = load(self.library, "quippy.descriptors")
            with self.blamed():
                self._descriptors[key] = quippy.Descriptor(
                    f"{self._command} cutoff={self._cutoff} {self._species(batch.center, species)}"
                )
        return self._descriptors[key]

    def _species(self, center: int, species: list[int]) -> str:
        weights = " ".join(str(1.0 + k) for k in range(len(species)))
        numbers = " ".join(str(z) for z in species)
        return f"Z={center} n_species={len(species)} species_Z={{{numbers}}} w={{{weights}}}"


class QuippySoap(Quippy):
    """SOAP power spectrum, nu = 2 (QUIP's `soap`).

    `sigma` is `atom_sigma`; `n_max` Gaussians of that width sit at equal spacing in
    [0, cutoff + sigma sqrt(2 e log 10)), e = `basis_error_exponent`, and are made orthonormal by a
    Cholesky factor. `cutoff_width` is `cutoff_transition_width`. The features are not normalised
    (`normalise=F`) and the centre itself has no weight.
    """

    def __init__(
        self, n_max: int, l_max: int, sigma: float, cutoff: float, cutoff_width: float = 0.0
    ) -> None:
        super().__init__(
            f"soap n_max={n_max} l_max={l_max} atom_sigma={sigma} normalise=F central_weight=0.0"
            f" cutoff_transition_width={cutoff_width}",
            cutoff,
        )

    def _species(self, center: int, species: list[int]) -> str:
        numbers = " ".join(str(z) for z in species)
        return f"n_Z=1 Z={{{center}}} n_species={len(species)} species_Z={{{numbers}}}"
