"""What the conda environments take from PyPI resolves, and serves the scripts that run in it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from support import ROOT, environment

pytestmark = pytest.mark.slow

EVERY = [path for path in sorted(ROOT.joinpath("envs").rglob("*.yaml")) if path.stem != "librascal"]
MODELS = [path for path in EVERY if path.parent.name == "models"]
"""Their libraries exclude one another: no two of them resolve together."""

FILES = [path for path in EVERY if path not in MODELS]
INSTALLED = "figures"
"""The kind of environment that is installed for real."""


def pins(path: Path) -> list[str]:
    """The part of an environment that pip installs."""
    (listed,) = (
        entry["pip"]
        for entry in yaml.safe_load(path.read_text())["dependencies"]
        if isinstance(entry, dict)
    )
    return listed


def scripts(kind: str) -> list[str]:
    """The scripts of the rules that run in an environment."""
    found = set()
    for rules in ROOT.joinpath("workflow/rules").glob("*.smk"):
        for body in re.split(r"^ *(?:rule|checkpoint)\b", rules.read_text(), flags=re.M)[1:]:
            if f'environment("{kind}")' in body:
                found |= set(re.findall(r'code\(\s*"(\w+)"', body))
    return sorted(found)


def test_conda_gives_python_and_pip_the_rest():
    for path in EVERY:
        plain = [e for e in yaml.safe_load(path.read_text())["dependencies"] if isinstance(e, str)]
        assert plain == ["python=3.11", "pip"], path.name


def test_all_pins_resolve(tmp_path):
    """One resolution of all files together: then each of them, a part of it, resolves too."""
    together = tmp_path / "pins.txt"
    together.write_text("\n".join(sorted({pin for path in FILES for pin in pins(path)})))
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed"]
    done = subprocess.run([*pip, "-r", together], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_the_environments_of_potentials_resolve(path):
    """That of conda and that of `make models` together, and so each of them."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed"]
    wanted = [*pins(path), "-r", path.with_suffix(".txt")]
    done = subprocess.run([*pip, *wanted], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_an_environment_serves_its_scripts(tmp_path):
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "env"], check=True)
    python = tmp_path / "env/bin/python"
    install = [python, "-m", "pip", "install", "--quiet", *pins(ROOT / f"envs/{INSTALLED}.yaml")]
    subprocess.run(install, check=True, capture_output=True)
    for script in scripts(INSTALLED):
        command = [python, ROOT / "scripts" / f"{script}.py", "--help"]
        done = subprocess.run(command, capture_output=True, text=True, env=environment(PATH="/bin"))
        assert done.returncode == 0, f"{script}: {done.stderr[-500:]}"
    assert scripts(INSTALLED)
