"""An audit of one file without writing a configuration: the overlay of `make audit DATA=file`."""

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from descriptor_sensitivity.audit.chunks import BLOCK
from descriptor_sensitivity.cutting import atomic_number
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.structures.frames import BadFrame, as_atoms, stored_frames

LOOKED = 20
"""Frames of a file that are looked at to tell molecules from crystals, and large from small."""

ENVIRONMENTS = 10_000
"""Of a job, about: enough that starting it costs little, few enough for all cores to have some."""

COMPRESSED = {".gz", ".bz2", ".xz", ".zst"}
SUFFIXES = {".xyz", ".extxyz", ".cif", ".traj", ".db", ".vasp", ".pdb", ".gro", ".json", ".gen"}


def dataset_name(path: Path, taken: Sequence[str]) -> str:
    """The stem of a file as the name of a data set: letters, digits and hyphens, none of `taken`.

    A data set of the configuration keeps its name, with its settings and its folder.
    """
    stem = path.name
    while Path(stem).suffix in {*COMPRESSED, *SUFFIXES} and Path(stem).stem != stem:
        stem = Path(stem).stem
    name = re.sub(r"[^A-Za-z0-9]+", "-", stem).strip("-") or "data"
    while name in taken:
        name += "-file"
    return name


@dataclass(frozen=True)
class Look:
    """What the first structures of a file are like.

    Attributes:
        periodic: whether one of them is periodic in some direction.
        environments: those of a frame, on the average; at least 1.
    """

    periodic: bool
    environments: float

    @classmethod
    def at(cls, path: Path, center: int | None) -> "Look":
        """The first structures that can be read, centred on atoms of one species or on all."""
        periodic, counts = False, []
        for number, frame in islice(stored_frames(path), LOOKED):
            try:
                atoms = as_atoms(frame, str(path), number)
            except BadFrame:
                continue
            periodic = periodic or bool(atoms.pbc.any())
            counts.append(int((atoms.numbers == center).sum()) if center else len(atoms))
        return cls(periodic, max(1.0, sum(counts) / max(1, len(counts))))

    @property
    def chunk_size(self) -> int:
        """Frames of a job of about `ENVIRONMENTS`, in whole blocks."""
        return BLOCK * max(1, round(ENVIRONMENTS / self.environments / BLOCK))


def require_file(path: Path) -> None:
    """Raise InputError where there is no file of structures."""
    if path.is_dir():
        raise InputError(f"{path} is a folder; name one file of structures in it.")
    if not path.is_file():
        raise InputError(f"{path}: there is no such file; correct DATA.")


def overlay(
    path: Path,
    names: Sequence[str],
    center: str | None,
    config: Mapping[str, Any],
    presets: Mapping[str, Mapping[str, Any]],
    layers: Mapping[str, Mapping[str, Any]] | None = None,
) -> tuple[str, dict[str, Any], str]:
    """What a configuration lacks for the audit of one file.

    Args:
        names: of descriptors, in the configuration or in a preset; none for those of the preset
            that suits the file, or for the layers alone.
        center: centre on atoms of this element only.
        presets: of `molecules` and of `crystals`, overlays themselves.
        layers: those of a model, as descriptors by name.

    Returns:
        The name of the data set, the overlay, and a sentence that says what was chosen.
    """
    require_file(path)
    look = Look.at(path, atomic_number(center))
    kind = "crystals" if look.periodic else "molecules"
    preset = presets[kind]
    known = {key: value for each in presets.values() for key, value in each["descriptors"].items()}
    known = {**known, **preset["descriptors"], **config["descriptors"], **(layers or {})}
    if names or layers:
        for one in names:
            if one not in known:
                close = difflib.get_close_matches(one, known, n=1)
                meant = f"did you mean `{close[0]}`?" if close else f"known: {', '.join(known)}."
                raise InputError(f"`{one}` is no descriptor of the configuration; {meant}")
        chosen, said = [*names, *(layers or {})], "as named"
    else:
        chosen = list(preset["descriptors"])[:1]
        said = (
            f"the preset for {kind}, as the file is {'' if kind == 'crystals' else 'not '}periodic"
        )
    name = dataset_name(path, list(config["audit"]["datasets"]))
    dataset: dict[str, Any] = {"path": str(path), "descriptors": chosen}
    if center:
        dataset["center_species"] = center
    made = {
        "descriptors": {one: known[one] for one in chosen},
        "audit": {
            **preset["audit"],
            "chunk_size": look.chunk_size,
            "datasets": {name: dataset},
        },
    }
    listed = "; ".join(f"{one} ({in_words(known[one])})" for one in chosen)
    return name, made, f"{path}: audited as `{name}` for {listed}, {said}."


def in_words(settings: Mapping[str, Any]) -> str:
    """The settings of a descriptor in a line."""
    return ", ".join(f"{key} {value}" for key, value in settings.items())
