"""Where each kind of descriptor stands, by name alone: nothing is imported."""

import difflib
import tomllib
from functools import cache
from pathlib import Path

from descriptor_sensitivity.errors import InputError


@cache
def kinds() -> dict[str, str]:
    """Every kind, with `module:class` inside this package."""
    return tomllib.loads(Path(__file__).with_name("kinds.toml").read_text())


def location(kind: str) -> tuple[str, str]:
    """The module and the class of a kind. Raises InputError for a kind that there is not."""
    if kind not in kinds():
        near = difflib.get_close_matches(str(kind), kinds(), n=1)
        hint = f"did you mean `{near[0]}`?" if near else f"choose one of {', '.join(kinds())}."
        raise InputError(f"there is no kind of descriptor `{kind}`; {hint}")
    module, _, name = kinds()[kind].partition(":")
    return f"{__name__.partition('.')[0]}.{module}", name
