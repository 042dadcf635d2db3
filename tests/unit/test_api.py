"""The reference of the public names is complete, and each says which errors it raises."""

import ast
import importlib
import inspect
import re
from pathlib import Path

import pytest

import descriptor_sensitivity
from support import ROOT

PACKAGE = Path(descriptor_sensitivity.__file__).parent
CALLABLES = [
    name
    for name in descriptor_sensitivity.__all__
    if inspect.isfunction(getattr(descriptor_sensitivity, name))
]


def raised(function: object, seen: set[object] | None = None) -> set[str]:
    """Errors that a function raises itself, or through functions of its own module."""
    seen = set() if seen is None else seen
    if function in seen:
        return set()
    seen.add(function)
    module = importlib.import_module(function.__module__)
    found = set()
    for node in ast.walk(ast.parse(inspect.getsource(function))):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            found.add(ast.unparse(node.exc.func))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            called = getattr(module, node.func.id, None)
            if inspect.isfunction(called) and called.__module__ == module.__name__:
                found |= raised(called, seen)
    return found


@pytest.mark.parametrize("name", CALLABLES)
def test_every_error_stands_in_the_docstring(name):
    function = getattr(descriptor_sensitivity, name)
    _, _, section = (inspect.getdoc(function) or "").partition("\nRaises:\n")
    said = set(re.findall(r"^    (\w+): ", section, re.M))
    assert raised(function) <= said


def test_the_errors_are_found():
    assert raised(descriptor_sensitivity.nearest_singular) == {"InputError"}
    assert "InputError" in raised(descriptor_sensitivity.build_descriptor)


def test_the_page_has_every_public_name():
    page = (ROOT / "docs/api.md").read_text()
    listed = set(re.findall(r"^\.\. auto\w+:: (\w+)$", page, re.M))
    assert listed == set(descriptor_sensitivity.__all__)


@pytest.mark.parametrize("name", descriptor_sensitivity.__all__)
def test_every_public_name_has_a_docstring_of_its_own(name):
    assert len(inspect.getdoc(getattr(descriptor_sensitivity, name)) or "") > 20
