"""The Python of a library of potentials: where it is, and a process of it that answers questions.

Libraries of machine-learned potentials exclude one another, so each lives in an environment of its
own, and a model is loaded once by a process that runs there (`worker.py`).
"""

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from descriptor_sensitivity.errors import InputError

PACKAGES = {"mace": "mace-torch", "sevenn": "sevenn", "chgnet": "chgnet", "deepmd": "deepmd-kit"}
PACKAGES |= {"metatomic": "metatomic-torch", "module": "torch"}
"""Name in the configuration -> package. `module` is a function of the user's own."""

MODULES = {
    "module": ["torch"],
    "metatomic": ["metatomic", "metatensor", "torch"],
    "deepmd": ["deepmd", "torch", "e3nn"],
}
"""What Python has to import where that is more than the name; deepmd-kit installs without torch."""

FOLDER = Path(__file__).resolve().parents[3] / ".models"
"""Where `make models` puts the environments."""


def interpreter(library: str, python: str | None = None) -> str:
    """The Python that runs a library: a given one, this one if it has it, or that of `make models`.

    Raises InputError, with the command that installs the library, where there is none.
    """
    if python is not None:
        return python
    own = FOLDER / library / "bin" / "python"
    modules = MODULES.get(library, [library])
    if all(importlib.util.find_spec(module) is not None for module in modules):
        return sys.executable
    if not own.exists():
        raise missing(library)
    return str(own)


def missing(library: str) -> InputError:
    """A library that is not there, and the command that installs it."""
    if library == "module":
        return InputError(
            "torch is not installed, which a model of one's own needs; install it, or give its"
            " descriptor in the configuration `python`, a Python that has it."
        )
    return InputError(
        f'{PACKAGES[library]} is not installed; `make models MODELS="{library}"` sets it up in'
        f" .models/{library}; in a configuration `python` of its descriptor names one that has it."
    )


class Process:
    """A model that waits for questions in the Python of its library.

    Attributes:
        said: description, cutoff (Å or None), invariant, notes and sha256 (of the file).
    """

    def __init__(
        self, library: str, model: str | dict[str, Any] | None, device: str, python: str | None
    ) -> None:
        self._library, self._python = library, interpreter(library, python)
        self._named = python is not None
        self._folder = tempfile.TemporaryDirectory()
        package = Path(__file__).resolve().parents[1]
        settings = json.dumps({"library": library, "model": model, "device": device})
        path = os.pathsep.join([str(package.parent), os.environ.get("PYTHONPATH", "")])
        worker = f"{package.name}.models.{Path('worker.py').stem}"
        try:
            self._process = subprocess.Popen(
                [self._python, "-m", worker, settings],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env={**os.environ, "PYTHONPATH": path.rstrip(os.pathsep)},
            )
        except OSError as error:
            raise InputError(f"`{self._python}` cannot be started: {error.strerror}.") from error
        self.said = self._hear()

    def ask(
        self,
        task: str,
        vectors: np.ndarray,
        numbers: np.ndarray,
        choices: Sequence[Any],
        **box: np.ndarray,
    ) -> dict[str, np.ndarray]:
        """Arrays of one of the tasks widths, features, jacobians, energies; see `worker.answer`.

        `box` is `cell` (3, 3) and `pbc` (3,) of structures that are periodic.
        """
        question = Path(self._folder.name, "question.npz")
        asked = json.dumps(choices)
        given: dict[str, Any] = {"vectors": vectors, "numbers": numbers, **box}
        np.savez(question, task=task, choices=asked, **given)
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(f"{question}\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise self._ended() from None
        self._hear()
        with np.load(question.with_name("answer.npz")) as found:
            return dict(found)

    def _hear(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise self._ended()
        said = json.loads(line)
        if "lacking" in said:
            needed = ("torch", *MODULES.get(self._library, [self._library]))
            if said["lacking"] in needed and not self._named:
                raise missing(self._library)
            hint = f', or leave out `python` after `make models MODELS="{self._library}"`'
            raise InputError(
                f"`{self._python}` lacks {said['lacking']}; install it there"
                f"{'' if self._library == 'module' else hint}."
            )
        if "error" in said:
            raise InputError(said["error"])
        return said

    def _ended(self) -> InputError:
        status = self._process.wait()
        return InputError(
            f"`{self._python}` ended with status {status} while it ran {PACKAGES[self._library]};"
            " what it said stands above (-9: out of memory; ask for fewer atoms at once)."
        )

    def __del__(self) -> None:
        process = getattr(self, "_process", None)
        if process is not None:
            process.stdin.close()
            process.stdout.close()
            process.wait()
