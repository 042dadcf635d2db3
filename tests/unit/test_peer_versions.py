"""Versions of other libraries: the conda environments and the locks hold the same ones."""

import re
from pathlib import Path

import pytest
import yaml

from descriptor_sensitivity.adapters.librascal import COMMIT
from descriptor_sensitivity.descriptors.registry import peers

PEERS = peers()
ROOT = Path(__file__).resolve().parents[2]


def _pins(text: str) -> dict[str, str]:
    return {
        re.sub(r"[-_.]+", "-", name).lower(): version
        for name, version in re.findall(r"^ *-? *([\w.-]+)==?([\w.]+)$", text, re.MULTILINE)
    }


@pytest.mark.parametrize(
    "path", sorted((ROOT / "envs" / "peers").glob("*.yaml")), ids=lambda p: p.stem
)
def test_conda_environments_hold_the_versions_of_the_locks(path):
    locked = _pins((ROOT / "envs" / "requirements.txt").read_text())
    locked |= _pins((ROOT / "envs" / "peers" / "requirements.txt").read_text())
    locked |= {"python": "3.11", "pytorch-cpu": locked["torch"]}
    found = _pins(path.read_text())
    assert path.stem in found
    assert found == {name: locked.get(name) for name in found}


def test_librascal_environment_is_pinned():
    """By commit, with the compiler and the Python it still builds with."""
    for entry in yaml.safe_load((ROOT / "envs" / "librascal.yaml").read_text())["dependencies"]:
        for line in entry["pip"] if isinstance(entry, dict) else [entry]:
            assert line == "pip" or re.fullmatch(r"[\w.-]+=[\w.]+|rascal @ git\S+@" + COMMIT, line)


def test_locks_do_not_overlap():
    main = _pins((ROOT / "envs" / "requirements.txt").read_text())
    added = _pins((ROOT / "envs" / "peers" / "requirements.txt").read_text())
    assert not main.keys() & added.keys()
    wanted = (ROOT / "envs" / "peers" / "requirements.in").read_text().splitlines()
    names = {line.split("#")[0].strip() for line in wanted} - {""}
    assert names <= added.keys()
    assert names == {peer.library for peer in PEERS.values()} - {"librascal"}
