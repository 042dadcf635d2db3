"""How well do atomic descriptors see a structure?

Data flow: structures -> environments -> descriptors -> singular values and vectors -> studies.
Every module is importable without Snakemake and knows no file of a working directory.

Units: Å, eV, radians. Jacobians are (3N, n_features), rows neighbour-major in x, y, z.
"""

import importlib
from typing import Any

_PUBLIC = {
    "Batch": "environments",
    "cut_environments": "cutting",
    "Density": "descriptors.density",
    "OMFP": "descriptors.omfp",
    "SmoothOMFP": "descriptors.omfp",
    "build_descriptor": "descriptors.registry",
    "sensitivity": "singular",
    "sensitivities": "singular",
    "singular_values": "singular",
    "condition_number": "singular",
    "null_space": "theory.nullspace",
    "diagnose": "audit.diagnosis",
    "nearest_singular": "search",
    "invert": "inversion",
    "partner": "partners",
    "structure_null_space": "theory.structures",
    "load_zoo": "zoo.entries",
    "compare": "zoo.compare",
    "InputError": "errors",
}
"""Name -> module. Loaded when first asked for: importing a module costs that one alone."""

__all__ = list(_PUBLIC)


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_PUBLIC[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_PUBLIC])
