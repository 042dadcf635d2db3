"""librascal, the library both papers used: density correlations nu = 1, 2, 3."""

import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from ase.data import chemical_symbols

from descriptor_sensitivity.adapters.base import (
    MissingLibrary,
    Peer,
    central_differences,
    neighbor_species,
)
from descriptor_sensitivity.environments import Batch
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.settings import Width

COMMIT = "db2e2445d34c196c94731249061740123f9fbc28"
"""The commit that paper 1 names."""

PYTHON_VARIABLE = "LIBRASCAL_PYTHON"

_KINDS = {
    "expansion": ("SphericalExpansion", 1),
    "radial": ("RadialSpectrum", 1),
    "power": ("PowerSpectrum", 2),
    "bispectrum": ("BiSpectrum", 3),
}


class Librascal(Peer):
    """librascal's density correlations of the neighbours (`rascal.representations`).

    `sigma` is `gaussian_sigma_constant` of an unnormalised Gaussian, `n_max` `max_radial`, `l_max`
    `max_angular`, `cutoff_width` `cutoff_smooth_width` of the shifted cosine. (n, n') is stored in
    both orders, and the expansion coefficients differ from ours by one factor (docs/peers.md).
    Derivatives are analytic, but for the bispectrum, of which librascal has none.

    librascal gives the centre's own density to the features of the centre's species, so a centre
    whose species is also among its neighbours goes by another (`stand_in`).

    librascal wants a Python of its own (envs/librascal.yaml), so every batch is one call of
    `librascal_worker.py` by the interpreter `python`.

    Args:
        correlation: expansion, radial (l = 0), power or bispectrum.
        radial_basis: gto, dvr or optimal; the last is fitted on `fit_batches` with GTO functions.
        n_primitive: GTO functions an optimal basis is contracted from.
        spline_accuracy: error bound of librascal's interpolated radial integrals; None: exact, or
            1e-12 for an optimal basis, which librascal cannot have without.
        center_weight: 1 keeps the Gaussian of the central atom, as librascal adds it, in features
            of the centre's species; 0 leaves them out.
        python: interpreter that has librascal; by default $LIBRASCAL_PYTHON, else `python`.
    """

    library = "librascal"
    versions = COMMIT

    def __init__(
        self,
        correlation: str,
        n_max: int,
        l_max: int,
        sigma: float,
        cutoff: float,
        cutoff_width: float = 0.0,
        radial_basis: str = "gto",
        n_primitive: int = 20,
        spline_accuracy: float | None = 1e-8,
        center_weight: Width = 0.0,
        python: str | None = None,
        fit_batches: Sequence[Batch] | None = None,
    ) -> None:
        if correlation not in _KINDS:
            raise InputError(
                f"librascal has no correlation `{correlation}`; choose one of {', '.join(_KINDS)}."
            )
        if radial_basis not in ("gto", "dvr", "optimal"):
            raise InputError(
                f"librascal has no radial basis `{radial_basis}`; choose gto, dvr or optimal."
            )
        if center_weight not in (0, 1):
            raise InputError(
                "librascal keeps its centre's own density (`center_weight` 1) or leaves it out (0);"
                f" `center_weight` cannot be {center_weight:g}."
            )
        if radial_basis == "optimal" and not fit_batches:
            raise InputError("librascal's optimal basis needs environments to be fitted on.")
        self._fit = fit_batches if radial_basis == "optimal" else None
        self._python = python or os.environ.get(PYTHON_VARIABLE) or "python"
        self.name = f"librascal {correlation}"
        library_kind, self.nu = _KINDS[correlation]
        self.invariant = correlation != "expansion"
        self._differentiable = correlation != "bispectrum"
        if not self._differentiable:
            self.derivatives = "central differences of order 8"
        self._settings: dict[str, Any] = {
            "kind": library_kind,
            "n_primitive": n_primitive,
            "center": center_weight == 1,
            "hypers": {
                "interaction_cutoff": cutoff,
                "cutoff_smooth_width": cutoff_width,
                "max_radial": n_max,
                "max_angular": l_max,
                "gaussian_sigma_type": "Constant",
                "gaussian_sigma_constant": sigma,
                "radial_basis": "DVR" if radial_basis == "dvr" else "GTO",
                "optimization": (
                    {} if spline_accuracy is None else {"Spline": {"accuracy": spline_accuracy}}
                ),
            },
        }
        self.seconds = 0.0
        if not has_librascal(self._python):
            raise MissingLibrary(
                f"`{self._python}` cannot import librascal (rascal); build the environment of"
                f" envs/librascal.yaml and put its interpreter in {PYTHON_VARIABLE}, or leave this"
                " representation out."
            )

    def features(self, batch: Batch) -> np.ndarray:
        """Features (n_env, n_features) in librascal's order, blocks by neighbour species."""
        return self._run(batch, gradients=False)[0]

    def jacobian(self, batch: Batch) -> tuple[np.ndarray, np.ndarray]:
        """Features and Jacobian. librascal computes every centre; the first of each is kept."""
        if self._differentiable:
            return self._run(batch, gradients=True)
        return self.features(batch), central_differences(self.features, batch)

    def _run(self, batch: Batch, gradients: bool) -> tuple[np.ndarray, np.ndarray]:
        """One call of the worker; `seconds` is then its CPU time in librascal alone."""
        arrays: dict[str, Any] = {
            "vectors": batch.vectors,
            "center": stand_in(batch),
            "species": batch.species,
        }
        arrays |= {"settings": json.dumps(self._settings), "gradients": gradients}
        if self._fit:
            arrays["fit"] = np.concatenate([b.vectors for b in self._fit])
        with tempfile.TemporaryDirectory() as folder:
            source, target = Path(folder, "in.npz"), Path(folder, "out.npz")
            np.savez(source, **arrays)
            worker = Path(__file__).with_name("librascal_worker.py")
            done = subprocess.run(
                [self._python, str(worker), str(source), str(target)],
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode < 0:
                raise InputError(
                    f"librascal was ended by signal {signal.Signals(-done.returncode).name} while"
                    f" it computed `{self.name}`; give it more memory, or a smaller basis."
                )
            if done.returncode != 0:
                said = (done.stderr.strip().splitlines() or ["no message"])[-1]
                raise InputError(f"librascal refuses `{self.name}`: {said.rstrip('.')}.")
            with np.load(target) as data:
                self.seconds = float(data["seconds"])
                features, jacobian = data["features"], data["jacobian"]
        if not (np.isfinite(features).all() and np.isfinite(jacobian).all()):
            hypers = self._settings["hypers"]
            raise InputError(
                f"librascal gives features of `{self.name}` that are no numbers at n_max"
                f" {hypers['max_radial']}, l_max {hypers['max_angular']}; take a smaller n_max."
            )
        return features, jacobian


def stand_in(batch: Batch) -> int:
    """The species of the centre, or the lightest that no neighbour has, if a neighbour has it.

    librascal adds the Gaussian of the central atom to the density of the centre's species, and
    features are those of the neighbours' species: with a species of its own the centre is in none.
    """
    taken = set(neighbor_species(batch))
    return next(z for z in (batch.center, *range(1, len(chemical_symbols))) if z not in taken)


def has_librascal(python: str | None = None) -> bool:
    """Whether `python` (default $LIBRASCAL_PYTHON, else `python`) can import librascal."""
    python = python or os.environ.get(PYTHON_VARIABLE) or "python"
    try:
        check = subprocess.run([python, "-c", "import rascal"], capture_output=True, check=False)
    except OSError:
        return False
    return check.returncode == 0
