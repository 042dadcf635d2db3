"""Descriptors by the name of their kind. `kinds.toml` lists them, each is imported when used."""

import importlib
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from descriptor_sensitivity.descriptors.base import Descriptor
from descriptor_sensitivity.descriptors.kinds import kinds, location
from descriptor_sensitivity.environments import Batch
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.settings import DescriptorSettings


def descriptor_class(kind: str) -> type[Descriptor]:
    """The class of a kind, imported now."""
    module, name = location(kind)
    return getattr(importlib.import_module(module), name)


def peers() -> dict[str, type[Any]]:
    """The kinds that other libraries compute."""
    return {
        kind: descriptor_class(kind)
        for kind, where in kinds().items()
        if where.startswith("adapters.")
    }


def descriptor_settings(name: str, settings: Mapping[str, Any]) -> DescriptorSettings:
    """One entry of the section `descriptors` as a model.

    Raises InputError, one sentence that names the descriptor and every option at fault.
    """
    kind = settings.get("kind", "density")
    try:
        model = descriptor_class(kind).settings_model(kind)
        return model.model_validate({**settings, "kind": kind})
    except InputError as error:
        raise InputError(f"Descriptor `{name}`: {error}") from error
    except ValidationError as error:
        faults = "; ".join(_fault(one) for one in error.errors())
        raise InputError(f"Descriptor `{name}` (kind {kind}): {faults}.") from error


def _fault(one: ErrorDetails) -> str:
    """One option at fault, or what the model says about several together."""
    option = ".".join(map(str, one["loc"]))
    return f"`{option}`: {one['msg'].lower()}" if option else str(one["ctx"]["error"])


def build_descriptor(
    name: str, settings: Mapping[str, Any], fit_batches: Sequence[Batch] | None = None
) -> Descriptor:
    """The descriptor described by one entry of the configuration.

    Args:
        name: its name there, used in messages and tables.
        settings: `kind` and the options of that kind.
        fit_batches: environments on which an optimal radial basis is fitted.

    Raises:
        InputError: one sentence that names the descriptor and every option at fault.
    """
    checked = descriptor_settings(name, settings)
    descriptor = descriptor_class(checked.kind).build(checked, fit_batches)
    descriptor.name, descriptor.settings = name, checked
    return descriptor
