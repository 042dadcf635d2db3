"""ace-jax: the linear atomic cluster expansion (ACE), any correlation order."""

from typing import Any

import numpy as np

from descriptor_sensitivity.adapters.base import Peer, load, neighbor_species
from descriptor_sensitivity.environments import Batch

_FEW, _MANY = 8, 128
"""Environments per call; every block is filled up to one of these, so that compilations serve many
calls."""

_NEIGHBORS = 12
"""Neighbours are filled up to a multiple of this, for the same reason."""


class Ace(Peer):
    """Symmetrised products of up to `nu` density projections (`ace_jax`).

    The basis holds every product of order 1..nu whose total degree sum(n + l) is at most `degree`
    (ACE's sparse selection), optionally capped at `n_max` and `l_max` for each factor. Radial
    functions are polynomials of an Agnesi-transformed distance about `r0`, zero at the cutoff with
    its first derivative; there is no smearing. The neighbours alone are its chemical elements.

    Args:
        degree: largest total degree of a product.
        r0: distance about which distances are transformed, Å.
    """

    library = "ace-jax"
    versions = ">=0.4.1,<0.5"

    def __init__(
        self,
        nu: int,
        degree: int,
        cutoff: float,
        n_max: int | None = None,
        l_max: int | None = None,
        r0: float = 1.1,
    ) -> None:
        super().__init__()
        self.nu = nu
        self.name = f"ACE nu={nu}"
        self._settings = {
            "order": nu,
            "totaldegree": degree,
            "wL": 1.0,
            "rcut": cutoff,
            "r0": r0,
            "nmax_by_order": None if n_max is None else [n_max],
            "lmax_by_order": None if l_max is None else [l_max],
            "coupling_cache": False,
        }
        self._jax = load("jax", "jax")
        self._jax.config.update("jax_enable_x64", True)
        self._model = load(self.library, "ace_jax.basis.model")
        self._jacobians: dict[int, Any] = {}

    def jacobian(self, batch: Batch) -> tuple[np.ndarray, np.ndarray]:
        """Features (many-body, then pair functions) and analytic Jacobian."""
        species = neighbor_species(batch)
        n = batch.n_neighbors
        block = _FEW if len(batch) <= _FEW else _MANY
        shape = (block, _NEIGHBORS * -(-n // _NEIGHBORS))
        numbers = np.zeros(shape, dtype=int)
        numbers[:, :n] = [species.index(int(s)) for s in batch.species]
        there = np.broadcast_to(np.arange(shape[1]) < n, shape)
        features, jacobians = [], []
        with self.blamed():
            if len(species) not in self._jacobians:
                self._jacobians[len(species)] = self._compiled(len(species))
            for start in range(0, len(batch), block):
                vectors = batch.vectors[start : start + block]
                padded = np.ones((*shape, 3))  # neighbours that are not there stand somewhere
                padded[:, :n] = vectors[0]
                padded[: len(vectors), :n] = vectors
                feature, jacobian = self._jacobians[len(species)](
                    padded,
                    np.zeros(shape, dtype=int),
                    numbers,
                    there,
                )
                jacobian = np.asarray(jacobian).reshape(*shape, -1, 3).swapaxes(2, 3)
                features.append(np.asarray(feature)[: len(vectors)])
                jacobian = jacobian.reshape(block, 3 * shape[1], -1)
                jacobians.append(jacobian[: len(vectors), : 3 * n])
        return np.concatenate(features), np.concatenate(jacobians)

    def _compiled(self, n_species: int) -> Any:
        """ace-jax's Jacobian for so many elements; which they are makes no difference to it.

        XLA's optimisation takes longer than it saves.
        """
        elements = list(range(1, n_species + 1))
        model = self._model.build_model(elements, **self._settings).model
        return self._jax.jit(
            lambda *neighbors: model.edge_jacobian_dense(*neighbors),
            compiler_options={
                "xla_backend_optimization_level": 0,
                "xla_llvm_disable_expensive_passes": True,
            },
        )
