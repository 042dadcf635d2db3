"""Descriptors by the name of their kind. `registry.toml` lists them, each is imported when used."""

import difflib
import importlib
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from descriptor_sensitivity.descriptors.base import Descriptor
from descriptor_sensitivity.environments import Batch
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.settings import DescriptorSettings


@cache
def kinds() -> dict[str, str]:
    """Every kind, with `module:class` inside this package."""
    return tomllib.loads(Path(__file__).with_name("registry.toml").read_text())


def location(kind: str) -> tuple[str, str]:
    """The module and the class of a kind. Raises InputError for a kind that there is not."""
    if kind not in kinds():
        near = difflib.get_close_matches(str(kind), kinds(), n=1)
        hint = f"did you mean `{near[0]}`?" if near else f"choose one of {', '.join(kinds())}."
        raise InputError(f"there is no kind of descriptor `{kind}`; {hint}")
    module, _, name = kinds()[kind].partition(":")
    return f"{__name__.partition('.')[0]}.{module}", name


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
        faults = "; ".join(
            f"`{'.'.join(map(str, one['loc']))}`: {one['msg'].lower()}" for one in error.errors()
        )
        raise InputError(f"Descriptor `{name}` (kind {kind}): {faults}.") from error


def build_descriptor(
    name: str, settings: Mapping[str, Any], fit_batches: Sequence[Batch] | None = None
) -> Descriptor:
    """The descriptor described by one entry of the configuration.

    Args:
        name: its name there, used in messages and tables.
        settings: `kind` and the options of that kind.
        fit_batches: environments on which an optimal radial basis is fitted.
    """
    checked = descriptor_settings(name, settings)
    descriptor = descriptor_class(checked.kind).build(checked, fit_batches)
    descriptor.name = name
    return descriptor
