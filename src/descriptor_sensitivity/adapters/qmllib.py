"""qmllib: the FCHL19 representation (two- and three-body histograms, Fourier in the angle)."""

import numpy as np

from descriptor_sensitivity.adapters.base import Peer, cluster_species, load
from descriptor_sensitivity.environments import Batch


class Fchl19(Peer):
    """FCHL19, nu = 2 (`qmllib.representations.generate_fchl19`).

    `n_max` radial functions in both the two-body (`nRs2`) and the three-body part (`nRs3`),
    `eta2` = `eta3` = 1 / 2 sigma^2. qmllib offers one Fourier term of the angle alone (cosine and
    sine): where all neighbours have one radius, two functions of the angles are all that is left.
    The cutoff function is FCHL's own cosine over the whole range. The three-body term carries the
    Axilrod-Teller factor 1 + 3 cos cos cos of the triangle, still a function of two neighbours.
    """

    library = "qmllib"
    versions = ">=1.2,<1.3"
    nu = 2

    def __init__(self, n_max: int = 20, sigma: float = 0.5, cutoff: float = 8.0) -> None:
        super().__init__()
        self._generate = load(self.library, "qmllib.representations").generate_fchl19
        self._settings = {
            "nRs2": n_max,
            "nRs3": n_max,
            "eta2": 1 / (2 * sigma**2),
            "eta3": 1 / (2 * sigma**2),
            "rcut": cutoff,
            "acut": cutoff,
        }

    def features(self, batch: Batch) -> np.ndarray:
        """Features (n_env, n_features) in qmllib's order."""
        return np.array([self._one(batch, i, gradients=False)[0] for i in range(len(batch))])

    def jacobian(self, batch: Batch) -> tuple[np.ndarray, np.ndarray]:
        """Features and analytic Jacobian. qmllib knows no centres: every atom is computed."""
        features, jacobians = [], []
        for index in range(len(batch)):
            feature, gradient = self._one(batch, index, gradients=True)
            features.append(feature)
            jacobians.append(gradient[:, 1:].reshape(len(feature), -1).T)
        return np.array(features), np.array(jacobians)

    def _one(self, batch: Batch, index: int, gradients: bool) -> tuple[np.ndarray, np.ndarray]:
        atoms = batch.atoms(index)
        with self.blamed():
            out = self._generate(
                atoms.numbers,
                atoms.positions,
                elements=cluster_species(batch),
                gradients=gradients,
                **self._settings,
            )
        return (out[0][0], out[1][0]) if gradients else (out[0], np.empty(0))
