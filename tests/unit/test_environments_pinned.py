"""The conda environments hold the versions of the pip lock, and rules and environments match."""

import ast
import re
import sys
from pathlib import Path

import pytest
import yaml

from descriptor_sensitivity.fingerprint import dependencies
from descriptor_sensitivity.models.process import PACKAGES

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENTS = sorted(
    file for file in (ROOT / "envs").glob("*.yaml") if file.stem != "librascal"
)  # librascal is of 2021 and lives outside


def normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def lock() -> dict[str, str]:
    lines = (ROOT / "envs" / "requirements.txt").read_text().splitlines()
    pins = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {normalised(name): version for name, version in pins}


def pins(path: Path) -> dict[str, str]:
    """Name and version of each package of a conda environment file; every one must be exact."""
    found = {}
    for entry in yaml.safe_load(path.read_text())["dependencies"]:
        for line in entry["pip"] if isinstance(entry, dict) else [entry]:
            if line == "pip":
                continue
            match = re.fullmatch(r"([\w.-]+)==?([\w.]+)", line)
            assert match, f"{path.name}: {line!r} is not pinned to one version"
            found[match[1]] = match[2]
    return found


def test_lock_is_exact_and_covers_what_is_asked_for():
    text = (ROOT / "envs" / "requirements.txt").read_text()
    for line in text.splitlines():
        assert line.startswith("#") or re.fullmatch(r"[\w.-]+==[\w.]+", line), line
    wanted = (ROOT / "envs" / "requirements.in").read_text().splitlines()
    names = [line.split("#")[0].strip() for line in wanted]
    missing = {normalised(name) for name in names if name} - lock().keys()
    assert not missing


@pytest.mark.parametrize("path", ENVIRONMENTS, ids=lambda path: path.stem)
def test_conda_versions_are_those_of_the_lock(path):
    locked, found = lock(), pins(path)
    assert found.pop("python") == "3.11"
    differing = {
        name: (version, locked[pip_name])
        for name, version in found.items()
        if (pip_name := normalised(name)) in locked and locked[pip_name] != version
    }
    assert not differing


POTENTIALS = sorted((ROOT / "envs" / "models").glob("*.yaml"))


@pytest.mark.parametrize("path", POTENTIALS, ids=lambda path: path.stem)
def test_environments_of_potentials_are_pinned_and_serve_their_script(path):
    """Versions of the lock, the library's those of `make models`, every import of the job there."""
    lines = path.with_suffix(".txt").read_text().splitlines()
    own = {normalised(line.split("==")[0]): line.split("==")[1] for line in lines[1:]}
    assert lines[0].startswith("#") and all(re.fullmatch(r"[\w.-]+==[\w.]+", x) for x in lines[1:])
    found = pins(path)
    assert found.pop("python") == "3.11"
    beyond = found.keys() - lock().keys()
    assert PACKAGES[path.stem] in beyond
    assert found == {
        name: own[normalised(name)] if name in beyond else lock()[name] for name in found
    }
    assert own["torch"] == lock()["torch"] and own["numpy"] == lock()["numpy"]
    assert imports(ROOT / "scripts/compare_models.py") <= found.keys()


def test_every_environment_serves_a_rule_and_every_rule_finds_its_own():
    used = set()
    for rules in [*(ROOT / "workflow" / "rules").glob("*.smk")]:
        kinds = re.findall(r'environment\("(\w+)"\)', rules.read_text())
        used.update(ROOT / "envs" / f"{kind}.yaml" for kind in kinds)
    assert used == set(ENVIRONMENTS)


IMPORT_NAME = {"scikit-learn": "sklearn", "pyyaml": "yaml", "Jinja2": "jinja2"}


def imports(script: Path) -> set[str]:
    """Third-party packages that a script and what it relies on import at the top."""
    found: set[str] = set()
    for path in dependencies(script):
        if path.suffix == ".py" and path.stem != "librascal_worker":
            for node in ast.parse(path.read_text()).body:
                if isinstance(node, ast.Import):
                    found |= {alias.name.split(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom):
                    found.add((node.module or "").split(".")[0])
    return (
        found
        - set(sys.stdlib_module_names)
        - {"command", "descriptor_sensitivity", "pydantic_core", "markupsafe"}
    )


def jobs() -> set[tuple[str, str]]:
    """Script and kind of environment of each rule that names both."""
    found = set()
    for rules in (ROOT / "workflow" / "rules").glob("*.smk"):
        for body in re.split(r"^(?:rule|checkpoint) ", rules.read_text(), flags=re.M)[1:]:
            script = re.search(r'code\(\s*"(\w+)"', body)
            kind = re.search(r'environment\("(\w+)"\)', body)
            if script and kind:
                found.add((script[1], kind[1]))
    return found


@pytest.mark.parametrize(("script", "kind"), sorted(jobs()))
def test_environment_holds_what_its_script_imports(script, kind):
    listed = pins(ROOT / "envs" / f"{kind}.yaml")
    held = {IMPORT_NAME.get(name, name) for name in listed}
    assert imports(ROOT / "scripts" / f"{script}.py") <= held
