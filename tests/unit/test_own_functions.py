"""Functions of one's own are tried once: what will not do is one sentence."""

import numpy as np
import pytest

from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.models import base
from descriptor_sensitivity.models.callables import Callable

OWN = '''"""One function that will do, `radial`, and others that will not."""

import torch


def lengths(positions):
    apart = positions[:, None] - positions[None]
    return apart, (apart.square().sum(-1) + 1e-300).sqrt()


def radial(positions, numbers, cell):
    apart, r = lengths(positions)
    return torch.stack([(-(r**2) * k).exp().sum(1) for k in range(1, 8)], 1)


def turning(positions, numbers, cell):
    return positions


def single(positions, numbers, cell):
    return radial(positions, numbers, cell).float()


def shapeless(positions, numbers, cell):
    return positions.square().sum(-1)


def broken(positions, numbers, cell):
    return positions @ positions


def rough(positions, numbers, cell):
    """In single precision, and back."""
    return radial(positions.float(), numbers, cell).double()


def in_order(positions, numbers, cell):
    return radial(positions, numbers, cell) * torch.arange(len(positions))[:, None]


def at_itself(positions, numbers, cell):
    apart = positions[:, None] - positions[None]
    r = apart.square().sum(-1).sqrt()
    return [radial(positions, numbers, cell), (-r).exp().sum(1)[:, None]]


def endless(positions, numbers, cell):
    return 1 / (radial(positions, numbers, cell) * 0)


def detached(positions, numbers, cell):
    return radial(positions.detach(), numbers, cell)


def partly_detached(positions, numbers, cell):
    first = radial(positions, numbers, cell)
    return [first, first * first.detach()]


def detached_energy(positions, numbers, cell):
    first = radial(positions, numbers, cell)
    return {"features": first, "energy": first.sum().detach()}


def energies(positions, numbers, cell):
    first = radial(positions, numbers, cell)
    return {"features": first, "energy": first.sum(1)}


def number(positions, numbers, cell):
    return {"features": radial(positions, numbers, cell), "energy": 1.0}


def nothing(positions, numbers, cell):
    return []


def misspelt(positions, numbers, cell):
    return {"feature": radial(positions, numbers, cell), "energy": 1.0}


def leaves(positions, numbers, cell):
    raise SystemExit("no more")
'''


@pytest.fixture
def here(tmp_path, monkeypatch):
    """The working directory, with a module in it."""
    (tmp_path / "own.py").write_text(OWN)
    monkeypatch.chdir(tmp_path)


def cluster(vectors):
    return base.Clusters(vectors[None], np.array([6, 1, 1, 1, 1]))


def test_a_function_is_turned_once_and_a_refused_one_again(here):
    methane = cluster(np.eye(4, 3))
    counted, calls = Callable("own.py:radial", "cpu"), []
    function = counted._function
    counted._function = lambda *given: calls.append(given) or function(*given)
    for expected in (9, 10):  # the cluster; first as it stands, turned, reordered and moved
        base.features(counted, methane, [(1, "all")])
        assert len(calls) == expected
    turning = Callable("own.py:turning", "cpu")
    for _ in range(2):
        with pytest.raises(InputError, match="when the cluster is turned"):
            base.features(turning, methane, [(1, "all")])


@pytest.mark.parametrize(
    ("function", "message"),
    [
        ("own.py:turning", "own.py:turning: layer 1 changes by .* when the cluster is turned"),
        ("own.py:rough", "layer 1 changes by .*e-0[78] .* compute them in torch.float64"),
        ("own.py:in_order", "layer 1 depends on the order of the atoms; treat like atoms alike"),
        ("own.py:at_itself", "layer 2 has derivatives that are no finite numbers; a square root"),
        ("own.py:endless", "layer 1 is not finite"),
        ("own.py:detached", "layer 1 changes .* otherwise than torch's derivatives .* detach"),
        ("own.py:partly_detached", "layer 2 changes .* otherwise than torch's derivatives"),
        ("own.py:detached_energy", "the energy changes .* otherwise than torch's derivatives"),
        ("own.py:energies", r"`energy` must be one number of torch; it is \(5,\)"),
        ("own.py:number", "`energy` must be one number of torch; it is <class 'float'>"),
        ("own.py:nothing", "returns a list without any layer of features"),
        ("own.py:misspelt", "a dictionary with `features`; it holds feature, energy"),
        ("own.py:leaves", "own.py:leaves stops with: no more"),
        ("own.py:single", r"computes layer 1 in torch.float32, not in torch.float64"),
        ("own.py:shapeless", r"must return features \(5, f\) of 5 atoms.*\(5,\)"),
        ("own.py:broken", "own.py:broken stops with: mat1 and mat2"),
        ("own.py:absent", "`own.py` has no function `absent`"),
        ("own", "`own` names no function; write `module:function`"),
        ("nowhere:f", "`nowhere` of `nowhere:f` cannot be loaded: No module named"),
        ("gone.py:f", "`gone.py` of `gone.py:f` cannot be loaded: .*No such file"),
    ],
)
def test_a_function_that_will_not_do_is_one_sentence(here, function, message):
    methane = cluster(np.eye(4, 3) + 0.3)
    with pytest.raises(InputError, match=message) as caught:
        base.jacobians(Callable(function, "cpu"), methane, [(1, "all")])
    assert "\n" not in str(caught.value)
