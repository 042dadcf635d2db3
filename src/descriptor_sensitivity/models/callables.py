"""A door for any model: a function in torch, `positions, numbers, cell -> features`."""

import importlib
import importlib.util
import inspect
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch

from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.models.base import Box, Evaluation, Potential
from descriptor_sensitivity.models.checks import why_not


class Callable(Potential):
    """A function that computes features of one cluster.

    It is given positions (M, 3) in Å and double precision, atomic numbers (M,) and a cell (3, 3) of
    zeros, and returns features (M, f) of its atoms, or a list of such, one for each layer; or a
    dictionary of `features` and `energy` (eV). It must be differentiable, and its features must not
    turn with the cluster.

    Args:
        model: `module:function` or `file.py:function`; a module is looked for in the working
            directory too.
        device: of torch.
    """

    def __init__(self, model: str, device: str) -> None:
        self._function = found(model)
        self.description = model
        self.file = inspect.getsourcefile(self._function)
        self.notes = []
        self._tried = False

    def evaluate(
        self, positions: torch.Tensor, numbers: np.ndarray, box: Box | None = None
    ) -> Evaluation:
        """Features (n_env, M, f) of each layer, one environment after the other."""
        if box is not None:
            raise InputError(f"{self.description} is given clusters, and no periodic structure.")
        z = torch.tensor(numbers, device=positions.device)
        if not self._tried:
            self._try(positions[0].detach(), z)
        results = [self._call(cluster, z) for cluster in positions]
        layers = [torch.stack(layer) for layer in zip(*(one for one, _ in results), strict=True)]
        energies = [energy for _, energy in results if energy is not None]
        return Evaluation(layers, torch.stack(energies) if energies else None)

    def _call(
        self, positions: torch.Tensor, z: torch.Tensor
    ) -> tuple[list[torch.Tensor], torch.Tensor | None]:
        cell = torch.zeros(3, 3, dtype=positions.dtype, device=positions.device)
        try:
            given: Any = self._function(positions, z, cell)
        except (Exception, SystemExit) as error:
            said = " ".join(str(error).split()) or type(error).__name__
            raise InputError(f"{self.description} stops with: {said.rstrip('.')}.") from error
        energy = given.get("energy") if isinstance(given, dict) else None
        if isinstance(given, dict) and "features" not in given:
            keys = ", ".join(map(str, given)) or "nothing"
            raise InputError(
                f"{self.description} must return a dictionary with `features`; it holds {keys}."
            )
        features = given["features"] if isinstance(given, dict) else given
        layers: list[Any] = list(features) if isinstance(features, list | tuple) else [features]
        if not layers:
            raise InputError(f"{self.description} returns a list without any layer of features.")
        for layer in layers:
            if not isinstance(layer, torch.Tensor) or layer.ndim != 2 or len(layer) != len(z):
                shape = tuple(layer.shape) if isinstance(layer, torch.Tensor) else type(layer)
                raise InputError(
                    f"{self.description} must return features ({len(z)}, f) of {len(z)} atoms, or"
                    f" a list of such; it returned {shape}."
                )
        if energy is not None and not (isinstance(energy, torch.Tensor) and energy.numel() == 1):
            what = tuple(energy.shape) if isinstance(energy, torch.Tensor) else type(energy)
            raise InputError(
                f"{self.description}: `energy` must be one number of torch; it is {what}."
            )
        return layers, energy.reshape(()) if energy is not None else None

    def _try(self, positions: torch.Tensor, z: torch.Tensor) -> None:
        """Raise InputError for outputs that are no invariants, or lack their derivatives."""

        def outputs(some: torch.Tensor, kinds: torch.Tensor) -> list[torch.Tensor]:
            layers, energy = self._call(some, kinds)
            return layers if energy is None else [*layers, energy.expand(len(kinds), 1)]

        layers, _ = self._call(positions, z)
        if all(layer.dtype == torch.float64 for layer in layers):  # or it is refused for that
            for number, reason in enumerate(why_not(outputs, positions, z), 1):
                if reason:
                    what = f"layer {number}" if number <= len(layers) else "the energy"
                    raise InputError(f"{self.description}: {what} {reason}.")
        self._tried = True


def found(model: str) -> Any:
    """The function that `module:function` or `file.py:function` names."""
    where, _, name = model.rpartition(":")
    if not where or not name:
        raise InputError(
            f"`{model}` names no function; write `module:function` or `file.py:function`."
        )
    try:
        if where.endswith(".py"):
            spec = importlib.util.spec_from_file_location(Path(where).stem, where)
            assert spec is not None and spec.loader is not None
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
        else:
            sys.path.insert(0, "")
            module = importlib.import_module(where)
    except Exception as error:
        said = " ".join(str(error).split()) or type(error).__name__
        raise InputError(f"`{where}` of `{model}` cannot be loaded: {said.rstrip('.')}.") from error
    function = getattr(module, name, None)
    if not callable(function):
        raise InputError(f"`{where}` has no function `{name}`.")
    return function
