"""The whole configuration as one model, and what holds between its sections."""

from collections.abc import Iterator
from typing import Any

from pydantic import Field, ValidationError

from descriptor_sensitivity.config.audit import Audit
from descriptor_sensitivity.config.comment import Comment
from descriptor_sensitivity.config.models import Models
from descriptor_sensitivity.config.papers import (
    Census,
    DensityExpansion,
    Name,
    Singular,
    StructureSet,
    Sweeps,
    Theory,
)
from descriptor_sensitivity.descriptors.kinds import kinds
from descriptor_sensitivity.descriptors.registry import descriptor_class
from descriptor_sensitivity.settings import DescriptorSettings, Settings

Place = tuple[str | int, ...]


class Configuration(Settings):
    """Every option of config/config.yaml."""

    container: str = Field(
        description="Image for `--sdm apptainer`, a file or an address; unused otherwise."
    )
    structures: dict[Name, StructureSet] = Field(description="Sets of structures, by name.")
    descriptors: dict[Name, dict[str, Any]] = Field(
        description="Descriptors by name, each with its kind, cutoff and the options of its kind."
    )
    density: DensityExpansion
    sweeps: Sweeps
    singular: Singular
    comment: Comment
    theory: Theory
    census: Census
    audit: Audit
    models: Models


def faults(config: dict[str, Any]) -> Iterator[tuple[Place, str, dict[str, Any]]]:
    """Place, type and details of everything that is wrong, in pydantic's terms; `named` is ours."""
    try:
        Configuration.model_validate(config)
    except ValidationError as error:
        for fault in error.errors():
            yield fault["loc"], fault["type"], {**fault}
    descriptors = config.get("descriptors")
    for name, settings in (descriptors if isinstance(descriptors, dict) else {}).items():
        if isinstance(settings, dict):
            yield from _descriptor_faults(name, settings)
    yield from _unknown_names(config)
    yield from _no_power_spectrum(config)


def descriptor_model(settings: dict[str, Any]) -> type[DescriptorSettings]:
    """The model of the kind that some settings name."""
    kind = settings.get("kind", "density")
    return descriptor_class(kind).settings_model(kind)


def _descriptor_faults(
    name: str, settings: dict[str, Any]
) -> Iterator[tuple[Place, str, dict[str, Any]]]:
    place: Place = ("descriptors", name)
    kind = settings.get("kind")
    if kind is None:
        yield (*place, "kind"), "missing", {}
    elif kind not in kinds():
        yield (*place, "kind"), "named", {"input": kind, "names": list(kinds()), "what": "a kind"}
    else:
        try:
            descriptor_model(settings).model_validate(settings)
        except ValidationError as error:
            for fault in error.errors():
                yield (*place, *fault["loc"]), fault["type"], {**fault}


def _unknown_names(config: dict[str, Any]) -> Iterator[tuple[Place, str, dict[str, Any]]]:
    """Names of descriptors and of sets of structures that are not there."""
    known, sets = _mapping(config, "descriptors"), _mapping(config, "structures")
    asked: list[tuple[Place, Any, dict[str, Any], str]] = []
    for row, name in _mapping(config, "singular", "descriptors").items():
        asked.append((("singular", "descriptors", row), name, known, "descriptors"))
    listed: list[tuple[Place, Any]] = [
        (("audit", "descriptors"), _mapping(config, "audit").get("descriptors"))
    ]
    for dataset, settings in _mapping(config, "audit", "datasets").items():
        place: Place = ("audit", "datasets", dataset)
        if isinstance(settings, dict):
            listed.append(((*place, "descriptors"), settings.get("descriptors")))
            asked.append(((*place, "structures"), settings.get("structures"), sets, "structures"))
    for place, names in listed:
        for position, name in enumerate(names if isinstance(names, list) else []):
            asked.append(((*place, position), name, known, "descriptors"))
    for place, name, names, section in asked:
        if isinstance(name, str) and name not in names:
            what = f"a name in the section `{section}`"
            yield place, "named", {"input": name, "names": list(names), "what": what}


def _no_power_spectrum(config: dict[str, Any]) -> Iterator[tuple[Place, str, dict[str, Any]]]:
    """The row nu2, whose convergence with the radial basis is computed: a density of nu = 2."""
    rows, known = _mapping(config, "singular", "descriptors"), _mapping(config, "descriptors")
    place: Place = ("singular", "descriptors", "nu2")
    if rows and "nu2" not in rows:
        yield place, "missing", {}
        return
    spectra = [
        name
        for name, settings in known.items()
        if isinstance(settings, dict)
        and settings.get("kind") == "density"
        and settings.get("nu") == 2
    ]
    if rows and rows["nu2"] in known and rows["nu2"] not in spectra:
        what = "a density with nu = 2 of the section `descriptors`"
        yield place, "named", {"input": rows["nu2"], "names": spectra, "what": what}


def _mapping(config: dict[str, Any], *keys: str) -> dict[str, Any]:
    found: Any = config
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}
