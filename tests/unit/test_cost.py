"""Memory and time of an audit in advance: against measured peaks, and refused in one sentence."""

import json
import subprocess
import sys

import pytest
from ase import Atoms
from ase.build import bulk
from ase.io import write

from descriptor_sensitivity.audit.chunks import split_frames
from descriptor_sensitivity.audit.cost import PROGRAM, estimate, gigabytes, time_in_words
from descriptor_sensitivity.descriptors.registry import descriptor_class, descriptor_settings
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.memory import largest_node, machine_memory
from descriptor_sensitivity.structures.methane import methane_frames, random_methane

BASIS = {
    "kind": "density",
    "radial_basis": "gto",
    "n_max": 8,
    "l_max": 6,
    "sigma": 0.3,
    "cutoff": 5.0,
}

PEAK = """
import json, re, sys
from pathlib import Path
import numpy as np
import descriptor_sensitivity.audit.findings
from descriptor_sensitivity.descriptors.registry import build_descriptor
from descriptor_sensitivity.environments import Batch
from descriptor_sensitivity.singular import decompose, sensitivities

def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])

settings, n, n_species, n_env = json.loads(sys.argv[1])
generator = np.random.default_rng(0)
directions = generator.normal(size=(n_env, n, 3))
directions /= np.linalg.norm(directions, axis=-1, keepdims=True)
lengths = generator.uniform(0.2, 0.98, (n_env, n, 1)) * settings["cutoff"]
species = np.array([1, 6, 7, 8, 9])[np.arange(n) % n_species]
batch = Batch(directions * lengths, np.sort(species), 6, np.arange(n_env), np.zeros(n_env, int))
before = peak()
descriptor = build_descriptor("x", settings, [batch])
sensitivities(descriptor, batch)
vectors = batch.vectors[:1] if descriptor.invariant else None
decompose(descriptor.reduced_jacobian(batch[:1]), vectors)
print(1024 * (peak() - before))
"""
"""What one job does that computes environments and diagnoses one: bytes beside the program's."""

CASES = {
    "nu1": ({"nu": 1, "l_max": 30}, 20, 1),
    "nu2, dense": ({"nu": 2}, 100, 5),
    "nu2, very dense": ({"nu": 2, "cutoff": 7.0}, 300, 2),
    "nu2, large basis": ({"nu": 2, "n_max": 20, "l_max": 20, "sigma": 0.05}, 60, 5),
    "nu2, sharp": ({"nu": 2, "n_max": 20, "l_max": 20, "sigma": 0.004}, 10, 2),
    "nu2, large table": ({"nu": 2, "n_max": 60, "l_max": 20, "sigma": 0.003}, 4, 1),
    "nu2, complete": ({"nu": 2, "radial_basis": "complete", "n_max": None, "sigma": 0.02}, 10, 2),
    "nu2, optimal": (
        {"nu": 2, "radial_basis": "optimal", "n_max": 20, "l_max": 20, "sigma": 0.02},
        10,
        4,
    ),
    "nu3, few": ({"nu": 3, "l_max": 12}, 8, 2),
    "nu3, bilinear form": ({"nu": 3, "l_max": 14}, 20, 1),
    "nu3, species": ({"nu": 3}, 24, 5),
    "nu3, dense": ({"nu": 3}, 60, 1),
    "nu4": ({"nu": 4, "n_max": 4, "l_max": 5}, 12, 1),
    "omfp": ({"kind": "omfp", "cutoff": 7.0}, 150, 2),
}


def cost(changes, n_neighbors, n_species):
    settings = changes if "kind" in changes else {**BASIS, **changes}
    checked = descriptor_settings("x", settings)
    return descriptor_class(checked.kind).cost(checked, n_neighbors, n_species)


@pytest.mark.parametrize("case", CASES)
def test_memory_is_an_upper_bound_that_is_not_far_off(case):
    changes, n, n_species = CASES[case]
    settings = changes if "kind" in changes else {**BASIS, **changes}
    task = json.dumps([settings, n, n_species, 3])
    run = subprocess.run([sys.executable, "-c", PEAK, task], capture_output=True, text=True)
    peak = int(run.stdout)
    estimated = cost(changes, n, n_species).bytes
    assert peak <= estimated <= 3 * peak + 1e8


def test_time_grows_with_what_is_computed():
    def seconds(*arguments):
        return cost(*arguments).seconds

    assert seconds({"nu": 2}, 60, 1) > 3 * seconds({"nu": 2}, 20, 1)
    assert seconds({"nu": 3, "l_max": 12}, 20, 1) > 3 * seconds({"nu": 3}, 20, 1)
    assert seconds({"nu": 3, "l_max": 20}, 4, 1) > 10 * seconds({"nu": 3, "l_max": 6}, 4, 1)
    # J J^T does not know how many species there are, the Jacobian of a few neighbours does
    assert seconds({"nu": 3}, 36, 5) == seconds({"nu": 3}, 36, 2)


@pytest.fixture
def split(tmp_path):
    """A data set of some frames, cut."""
    frames = tmp_path / "frames.xyz"

    def made(atoms):
        write(frames, atoms, format="extxyz")
        return split_frames(frames, tmp_path, 100, 20, 1), tmp_path / "sample.parquet"

    return made


def test_environments_are_counted_from_the_sample(split):
    dataset, sample = split(list(methane_frames(random_methane(40, 1, 3.0, 0.5))))
    found = estimate(dataset, sample, "nu2", {**BASIS, "nu": 2}, None)
    assert (found.environments, found.neighbors) == (200, 4)
    assert found.seconds == pytest.approx(found.chunk_seconds)
    carbon = estimate(dataset, sample, "nu2", {**BASIS, "nu": 2}, "C")
    assert carbon.environments == 40
    assert 0 < carbon.seconds < found.seconds / 4
    assert found.sentence("nu2").startswith(
        "nu2: about 200 environments of up to 4 neighbours, 1 s of one core for their singular"
        " values, up to 0."
    )


def test_chunks_share_the_time(split):
    dataset, sample = split(list(methane_frames(random_methane(250, 1, 3.0, 0.5))))
    found = estimate(dataset, sample, "nu2", {**BASIS, "nu": 2}, "C")
    assert found.chunk_seconds == pytest.approx(found.seconds * 100 / 250)


def test_what_does_not_fit_is_refused_with_what_does(split):
    dataset, sample = split([bulk("Al", cubic=True) * (3, 3, 3)])
    descriptor = {**BASIS, "nu": 3, "n_max": 20, "l_max": 22}
    with pytest.raises(InputError) as refusal:
        estimate(dataset, sample, "fine", descriptor, None, most_mb=1000)
    said = str(refusal.value)
    assert said.startswith("Descriptor `fine` would need about ")
    assert "for environments of 42 neighbours, more than the 1 GB that a job may have here" in said
    for key in ("l_max", "n_max"):
        value = int(said.split(f"`{key}: ")[1].split("`")[0])
        assert f"`{key}: {value}` (now {descriptor[key]})" in said
        assert estimate(dataset, sample, "x", {**descriptor, key: value}, None, most_mb=1000)
        with pytest.raises(InputError):
            estimate(dataset, sample, "x", {**descriptor, key: value + 1}, None, most_mb=1000)
    assert estimate(dataset, sample, "x", descriptor, None).mem_mb > 1000


def test_more_neighbours_than_in_the_sample_are_allowed_for(split):
    """A tenth more: OMFP of 54 neighbours asks for what 59 take."""
    dataset, sample = split([bulk("Al", cubic=True) * (3, 3, 3)])
    settings = {"kind": "omfp", "cutoff": 6.0}
    found = estimate(dataset, sample, "o", settings, None)
    assert found.neighbors == 54
    assert found.mem_mb == round((PROGRAM + cost(settings, 59, 1).bytes) / 1e6)


def test_a_smaller_cutoff_has_fewer_neighbours(split):
    dataset, sample = split([bulk("Al", cubic=True) * (4, 4, 4)])
    descriptor = {"kind": "omfp", "cutoff": 11.0}
    with pytest.raises(InputError) as refusal:
        estimate(dataset, sample, "o", descriptor, None, most_mb=700)
    cutoff = float(str(refusal.value).split("`cutoff: ")[1].split("`")[0])
    assert cutoff < 11
    assert estimate(dataset, sample, "o", {**descriptor, "cutoff": cutoff}, None, most_mb=700)


def test_a_memory_that_nothing_fits_in_is_said(split):
    dataset, sample = split(list(methane_frames(random_methane(5, 1, 3.0, 0.5))))
    with pytest.raises(InputError, match="choose another basis"):
        estimate(dataset, sample, "x", {**BASIS, "nu": 2}, None, most_mb=100)


def test_a_sample_without_environments_is_not_estimated(split):
    dataset, sample = split([Atoms("He", [[0, 0, 0]])])
    found = estimate(dataset, sample, "x", {**BASIS, "nu": 2}, None, most_mb=1)
    assert found.environments == 0
    assert "not known in advance" in found.sentence("x")


def test_words():
    assert [time_in_words(t) for t in (0.1, 90, 600, 36000)] == ["1 s", "90 s", "10 min", "10 h"]
    assert [gigabytes(m) for m in (503, 1100, 25276, 6.59e8)] == [
        "0.5 GB",
        "1.1 GB",
        "25 GB",
        "660,000 GB",
    ]


def test_memory_of_this_machine():
    assert 100 < machine_memory() < 1e8


def test_the_largest_node_is_asked_of_slurm(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert largest_node() is None
    script = tmp_path / "sinfo"
    script.write_text("#!/bin/sh\necho 64000\necho 128000+\n")
    script.chmod(0o755)
    assert largest_node() == int(128000 * 2**20 / 1e6)
    script.write_text("#!/bin/sh\n")
    assert largest_node() is None


def test_neighbour_lists_do_not_load_torch():
    code = "import sys; import descriptor_sensitivity.neighbors; print('torch' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
