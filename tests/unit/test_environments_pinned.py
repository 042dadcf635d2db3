"""The conda environments hold the versions of the pip lock, and rules and environments match."""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENTS = sorted((ROOT / "envs").glob("*.yaml"))
PIP_NAME = {"pytorch-cpu": "torch", "tblite-python": "tblite"}  # where conda-forge's name differs


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
    if found.pop("python") != "3.11":
        pytest.skip(f"{path.name} needs an older Python, so other versions")
    differing = {
        name: (version, locked[pip_name])
        for name, version in found.items()
        if (pip_name := normalised(PIP_NAME.get(name, name))) in locked
        and locked[pip_name] != version
    }
    assert not differing


def test_every_environment_serves_a_rule_and_every_rule_finds_its_own():
    used = set()
    for rules in [ROOT / "Snakefile", *(ROOT / "workflow" / "rules").glob("*.smk")]:
        kinds = re.findall(r'environment\("(\w+)"\)', rules.read_text())
        used.update(ROOT / "envs" / f"{kind}.yaml" for kind in kinds)
    assert used == set(ENVIRONMENTS)
