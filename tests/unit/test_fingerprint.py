"""What a fingerprint sees: every module that a script loads, and no more than their code."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from descriptor_sensitivity.fingerprint import PACKAGE, dependencies, fingerprint
from support import ROOT, copy_project, environment

APART = {"command", "validate_crate"}
"""No script by itself, and one of another environment."""
SCRIPTS = sorted(path for path in ROOT.joinpath("scripts").glob("*.py") if path.stem not in APART)
ALL = """
import json, sys
from pathlib import Path
from descriptor_sensitivity.fingerprint import fingerprint
scripts = sorted(Path(sys.argv[1]).glob("*.py"))
nothing = Path(sys.argv[1], "command.py")
found = {path.stem: fingerprint(path) for path in scripts}
found |= {f"kind {kind}": fingerprint(nothing, [kind]) for kind in ("density", "omfp", "ace")}
print(json.dumps(found))
"""


def fingerprints(clone: Path) -> dict[str, str]:
    """Of every script of a clone, by the clone's own code, and of some kinds of descriptors."""
    command = [sys.executable, "-c", ALL, str(clone / "scripts")]
    variables = environment(PYTHONPATH=str(clone / "src"))
    return json.loads(subprocess.check_output(command, env=variables, text=True))


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    return copy_project(tmp_path)


def changed(clone: Path, module: str, old: str, new: str) -> set[str]:
    """The scripts and kinds whose fingerprint a change of a module changes."""
    before = fingerprints(clone)
    path = clone / "src/descriptor_sensitivity" / module
    text = path.read_text()
    assert text.count(old) >= 1
    path.write_text(text.replace(old, new, 1))
    after = fingerprints(clone)
    return {name for name in before if before[name] != after[name]}


def relying_on(module: str) -> set[str]:
    """The scripts that rely on a module."""
    return {path.stem for path in SCRIPTS if PACKAGE / module in dependencies(path)}


EDITS = {
    "descriptors/power_spectrum.py": ("def power_spectrum(", "SPARE = 2\n\n\ndef power_spectrum("),
    "descriptors/omfp.py": ("0.37", "0.38"),
    "theory/symmetry.py": ("values > 0.5", "values > 0.4"),
    "theory/families.py": ("COMMENT_SINGULAR = ", "COMMENT_SINGULAR = 2 * "),
}


@pytest.mark.parametrize("module", EDITS)
def test_a_changed_line_of_code_changes_what_relies_on_it_and_nothing_else(clone, module):
    kinds = {
        "descriptors/power_spectrum.py": {"kind density"},
        "descriptors/omfp.py": {"kind omfp"},
    }
    found = changed(clone, module, *EDITS[module])
    assert found == relying_on(module) | kinds.get(module, set())
    assert found and "compare_results" not in found


def test_docstrings_comments_and_layout_change_nothing(clone):
    old = '"""Invariants of order nu = 2'
    new = '# a remark\n\n"""Something else about nu = 2'
    assert not changed(clone, "descriptors/power_spectrum.py", old, new)


def test_an_adapter_changes_its_own_kind_only(clone):
    assert changed(clone, "adapters/ace.py", "r0: float = 1.1", "r0: float = 1.2") == {"kind ace"}


def test_a_line_for_another_kind_changes_nothing(clone):
    line = 'omfp = "descriptors.omfp:OMFP"\n'
    assert not changed(clone, "descriptors/kinds.toml", line, line + 'mine = "descriptors.a:B"\n')


@pytest.mark.parametrize("script", SCRIPTS[::6], ids=lambda path: path.stem)
def test_every_module_that_python_loads_is_seen(script):
    """Against the interpreter's own account."""
    code = (
        "import importlib, json, sys; sys.path.insert(0, sys.argv[1])\n"
        "importlib.import_module(sys.argv[2])\n"
        "names = [n for n in sys.modules if n.startswith('descriptor_sensitivity.')]\n"
        "print(json.dumps([sys.modules[n].__file__ for n in names]))"
    )
    command = [sys.executable, "-c", code, str(script.parent), script.stem]
    said = subprocess.check_output(command, text=True, env=environment())
    loaded = {Path(file) for file in json.loads(said.splitlines()[-1])}
    seen = dependencies(script)
    packages = {path for path in loaded if path.name == "__init__.py"}
    assert loaded - packages <= seen


def test_a_file_that_code_names_counts(tmp_path):
    worker = PACKAGE / "adapters/librascal_worker.py"
    assert worker in dependencies(PACKAGE / "adapters/librascal.py")
    assert fingerprint(SCRIPTS[0], ["librascal"]) != fingerprint(SCRIPTS[0])
