"""Every leaf of the configuration reaches parameters or inputs of some job, and of its own only."""

import copy
import inspect
import itertools
import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from snakemake.api import SnakemakeApi
from snakemake.settings.types import ConfigSettings, OutputSettings, ResourceSettings

from support import ROOT

CONFIG = yaml.safe_load((ROOT / "config/config.yaml").read_text())
UNTRACKED = {
    ("container",): "where jobs run",
    ("comment", "networks", "device"): "where networks are trained",
    ("audit", "datasets", "methane", "structures"): "there is one set of structures only",
    ("comment", "networks", "settings", "text", "scale"): "the published orbit alone",
    ("descriptors", "sharp-nu2", "nu"): "row nu2 of Table 1 takes no other",
}
"""Leaves that change no result."""

OTHER_SOURCES = {"urls", "md5", "select", "whole_file", "url", "sha256"}
"""Keys that count for another `source` than the one of config.yaml."""


def jobs(config: dict[str, Any], folder: Path) -> dict[tuple, str]:
    """What Snakemake compares between runs for every rule and its wildcards: parameters, inputs."""
    here = os.getcwd()
    try:
        with SnakemakeApi(OutputSettings(quiet=set(), stdout=True)) as api:
            workflow = api.workflow(
                resource_settings=ResourceSettings(cores=2),
                config_settings=ConfigSettings(config=config),
                snakefile=ROOT / "workflow/Snakefile",
                workdir=folder,
            )._workflow
            return dict(_described(workflow, config))
    finally:
        os.chdir(here)


def _described(workflow: Any, config: dict[str, Any]) -> Iterator[tuple[tuple, str]]:
    values = {
        "set": list(config["structures"]),
        "sweep": list(config["sweeps"]["sheets"]),
        "methane": list(config["singular"]["structures"]),
        "setting": list(config["comment"]["networks"]["settings"]),
        "sigma": [f"{sigma:g}" for sigma in config["comment"]["orbits"]["sigmas"]],
        "dataset": list(config["audit"]["datasets"]),
        "representation": config["audit"]["descriptors"],
        "descriptor": config["audit"]["descriptors"],
        "chunk": ["000000"],
        "library": ["exact", "dscribe", "librascal"],
        "models": list({row["library"]: 0 for row in config["models"]["potentials"].values()}),
        "run": ["none", "20", "full"],
        "seed": [str(seed) for seed in config["comment"]["networks"]["seeds"]],
    }
    for rule in workflow.rules:
        names = sorted(rule.wildcard_names)
        for chosen in itertools.product(*(values[name] for name in names)):
            wildcards = SimpleNamespace(**dict(zip(names, chosen, strict=True)))
            known = [_value(item, wildcards) for item in (*rule.params, *rule.input)]
            if rule.name != "write_report":  # it shows the whole configuration
                yield (Path(str(rule.snakefile)).stem, rule.name, chosen), repr(known)


def _value(item: Any, wildcards: SimpleNamespace) -> str:
    """An item of a rule as it is for some wildcards; what needs more than these is left out."""
    if not callable(item):
        return str(item)
    if list(inspect.signature(item).parameters) != ["wildcards"]:
        return ""
    try:
        return str(item(wildcards))
    except Exception:  # chunks of a data set are known once it was cut
        return "not known yet"


def leaves(config: Any, place: tuple = ()) -> Iterator[tuple]:
    if isinstance(config, dict):
        for key, value in config.items():
            yield from leaves(value, (*place, key))
    else:
        yield place


def changed(place: tuple) -> dict[str, Any]:
    """The configuration with another allowed value at one place."""
    config = copy.deepcopy(CONFIG)
    section = config
    for key in place[:-1]:
        section = section[key]
    section[place[-1]] = _another(place, section[place[-1]])
    return config


def _another(place: tuple, value: Any) -> Any:
    """Another value that is allowed there."""
    choices = {
        "method": "GFN1-xTB",
        "integrator": "euler",
        "schedule": "plateau",
        "radial_basis": "gto",
        "chunk_size": 200,
        "nu": 1,
    }
    if place[-1] in choices:
        return choices[place[-1]]
    if place[:2] == ("singular", "descriptors"):
        return {"nu2": "nu2", "omfp": "nu3"}.get(place[2], "omfp")
    if place[:3] == ("comment", "networks", "settings") and place[-1] == "sigma":
        return 0.1
    if place[:3] == ("comment", "networks", "settings") and place[-1] == "runs":
        return value[::-1] if len(value) > 1 else [*value, "full"]
    if place[:3] == ("comment", "networks", "settings") and place[-1] == "scale":
        return 1.5
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 2
    if isinstance(value, float):
        return 0.9 * value
    if isinstance(value, list):
        return value[:-1] if place[-1] in ("seeds", "descriptors") else value[::-1]
    return value + "x"


LEAVES = [
    place
    for place in leaves(CONFIG)
    if place not in UNTRACKED and place[-1] not in OTHER_SOURCES | {"source", "kind", "library"}
]

OF_ITS_OWN = {
    "structures": {"structures", "methane", "sweeps", "report"},
    "density": {"sweeps", "methane"},
    "descriptors": {"methane", "audit", "audit_structures", "audit_page", "audit_features"},
    "sweeps": {"sweeps"},
    "singular": {"methane", "theory"},
    "theory": {"methane", "theory"},
    "census": {"blind_spots"},
    "comment": {"comment"},
    "audit": {"audit", "audit_structures", "audit_page", "audit_features", "report"},
    "models": {"models", "zoo"},
}
"""Section -> the files of rules whose jobs it may rerun."""


@pytest.mark.slow
def test_every_leaf_is_tracked_and_reruns_jobs_of_its_own_section_only(tmp_path):
    before = jobs(CONFIG, tmp_path)
    untracked, strange = [], []
    for place in LEAVES:
        after = jobs(changed(place), tmp_path)
        every = before.keys() | after.keys()
        found = {name[0] for name in every if before.get(name) != after.get(name)}
        if not found:
            untracked.append(".".join(map(str, place)))
        strange += [(place, name) for name in found if name not in OF_ITS_OWN[place[0]]]
    assert not untracked
    assert not strange


@pytest.mark.slow
def test_a_library_that_is_installed_reruns_what_uses_it(tmp_path, monkeypatch):
    before = jobs(CONFIG, tmp_path)
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nexit 0\n")  # an interpreter that can import anything
    python.chmod(0o755)
    monkeypatch.setenv("LIBRASCAL_PYTHON", str(python))
    after = jobs(CONFIG, tmp_path)
    changed = {name for name in before | after if before.get(name) != after.get(name)}
    users = {
        ("libraries", "audit_peers", ("librascal",)),
        ("libraries", "benchmark_descriptors", ()),
    }
    assert changed == users | {("zoo", "confront_zoo", ("librascal",))}
