"""A potential in the audit of one file: `make audit DATA=file MODEL=model`, layer by layer."""

import re
import zipfile
from pathlib import Path
from typing import Any

from descriptor_sensitivity.cutting import atomic_number, cut_batches
from descriptor_sensitivity.environments import Batch
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.models.descriptor import ModelFeatures, ModelSettings
from descriptor_sensitivity.models.process import PACKAGES
from descriptor_sensitivity.structures.frames import BadFrame, as_atoms, stored_frames

LIBRARIES = [library for library in PACKAGES if library != "module"]
"""Whose files are told by the modules that their pickles name."""

WEIGHT = b".atomic_model.descriptor."
"""In the names of weights in a checkpoint of DeePMD-kit, which names no modules."""

PICKLED = b"\x80"
"""How a pickle begins that torch saved without an archive."""

WEIGHTS = {"7net-0": "sevenn", "7net-0_22may2024": "sevenn", "7net-l3i5": "sevenn"}
WEIGHTS |= {"0.3.0": "chgnet", "0.2.0": "chgnet", "r2scan": "chgnet"}
"""Models that come with a library."""

CUTOFF = 5.0
"""Å, of the environments of a model that does not say how far it looks."""

WIDE = 100.0
"""Å, farther than a model looks: it is opened without a remark on what it does not see."""


def library_of(model: str) -> str:
    """The library of a model: a function, weights of a library, or what a file's pickle names.

    Nothing in the file is run.

    Raises:
        InputError: neither, or a file of none of the libraries.
    """
    if model in WEIGHTS:
        return WEIGHTS[model]
    if re.fullmatch(r"[^:]+:\w+", model):
        return "module"
    if Path(model).is_dir():
        raise InputError(f"{model} is a folder; name the file of the model in it.")
    if not Path(model).is_file():
        raise InputError(f"{model}: there is no such file; correct MODEL.")
    if model.endswith(".py"):
        raise InputError(f"{model} is a program; name the function in it, MODEL={model}:function.")
    pickle = _pickle(Path(model))
    if not (pickle.startswith(PICKLED) or zipfile.is_zipfile(model)):
        raise InputError(f"{model} is no file of a model: torch has not saved it; correct MODEL.")
    named = {library for library in LIBRARIES if f"{library}.".encode() in pickle}
    named |= {"deepmd"} if WEIGHT in pickle else set()
    if "metatomic" in named:  # whatever it wraps
        return "metatomic"
    if len(named) != 1:
        known = f"{', '.join(LIBRARIES[:-1])} or {LIBRARIES[-1]}"
        raise InputError(f"{model} does not tell which library it is of; say LIBRARY={known}.")
    return named.pop()


def layers(model: str, library: str, data: Path, center: str | None) -> dict[str, dict[str, Any]]:
    """Every layer of a model as a descriptor, by name, for environments as wide as its cutoff.

    Args:
        data: structures; the first environment in them tells the number of layers.
        center: element to centre on.

    Raises:
        InputError: what is wrong with the model, or that it cannot take the structures.
    """
    if library not in PACKAGES:
        raise InputError(f"LIBRARY={library} is none of {', '.join(PACKAGES)}.")
    given: dict[str, Any] = {"kind": "mlip", "library": library, "model": model}
    opened = ModelFeatures(ModelSettings(**given, cutoff=WIDE))
    given["cutoff"] = opened.cutoff or CUTOFF
    name = model if model in WEIGHTS else Path(model.partition(":")[0]).stem
    stem = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-") or "model"
    number = len(opened.widths(_first(data, given["cutoff"], center)))
    return {
        f"{stem}-layer-{layer}": {**given, "layer": layer, "atoms": "center"}
        for layer in range(1, number + 1)
    }


def _first(data: Path, cutoff: float, center: str | None) -> Batch:
    """An environment of the first structure that has one."""
    seen, element = False, atomic_number(center)
    for number, frame in stored_frames(data):
        try:
            atoms = as_atoms(frame, str(data), number)
        except BadFrame:
            continue
        seen = seen or element is None or element in atoms.numbers
        batches, _ = cut_batches([atoms], cutoff, center, [number], str(data))
        if batches:
            return batches[0]
    if not seen:
        raise InputError(f"{data} holds no atom {center}; correct CENTER.")
    raise InputError(f"{data} holds no environment with neighbours within {cutoff:g} Å.")


def _pickle(path: Path) -> bytes:
    """The pickle that torch wrote, without its numbers."""
    if not zipfile.is_zipfile(path):
        return path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.endswith("data.pkl")]
        return b"".join(archive.read(name) for name in names)
