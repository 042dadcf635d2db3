"""The sheet of descriptors that are compared between libraries: name: {kind, options}."""

from pathlib import Path
from typing import Any

import yaml

from descriptor_sensitivity.config.reading import read_places, where
from descriptor_sensitivity.descriptors.kinds import location
from descriptor_sensitivity.descriptors.registry import peers
from descriptor_sensitivity.errors import InputError

OURS = "exact"
"""The name of this package among the libraries."""


def read_peers(file: str | Path) -> dict[str, dict[str, dict[str, Any]]]:
    """Library -> name -> kind and options, in the order of the sheet; libraries may be empty.

    Raises InputError naming file and line of an entry that is no mapping or of an unknown kind.
    """
    lines = [(str(file), read_places(Path(file)))]
    entries = yaml.safe_load(Path(file).read_text(encoding="utf-8-sig")) or {}
    libraries = {kind: peer.library for kind, peer in peers().items()}
    found: dict[str, dict[str, dict[str, Any]]] = {OURS: {}}
    found |= {library: {} for library in libraries.values()}
    for name, settings in entries.items():
        at = where((name,), lines)
        if not isinstance(settings, dict) or "kind" not in settings:
            raise InputError(f"{at}`{name}` must hold a kind and its options, as kind: value.")
        try:
            location(settings["kind"])
        except InputError as error:
            raise InputError(f"{at}`{name}`: {error}") from None
        found[libraries.get(settings["kind"], OURS)][name] = settings
    return found
