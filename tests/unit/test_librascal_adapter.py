"""What the adapter of librascal asks of it, and how it takes what comes back.

librascal itself is seldom at hand: a package of its name notes what it is asked for and gives
numbers of the right shape. What librascal really computes is compared in tests/parity.
"""

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from descriptor_sensitivity.adapters.librascal import COMMIT, stand_in
from descriptor_sensitivity.descriptors.registry import build_descriptor
from descriptor_sensitivity.environments import batch_from_vectors
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.peers import COLUMNS, audit_library, read_recorded, structures

ROOT = Path(__file__).resolve().parents[2]
RECORDED = ROOT / "workflow/resources/recorded/peers_librascal.csv"
SHEET = {
    name: settings
    for name, settings in yaml.safe_load((ROOT / "config/peers.yaml").read_text()).items()
    if settings["kind"] == "librascal"
}
SOAP = {"kind": "librascal", "correlation": "power", "n_max": 2, "l_max": 1, "sigma": 0.3}
SOAP |= {"cutoff": 4.0}

REPRESENTATIONS = """
import json, os, signal
import numpy as np

def note(**asked):
    with open(os.path.join(os.path.dirname(__file__), "asked.jsonl"), "a") as file:
        file.write(json.dumps(asked, default=lambda value: np.asarray(value).tolist()) + "\\n")

class Managers:
    def __init__(self, frames):
        masks = [f.arrays.get("center_atoms_mask", np.ones(len(f), bool)) for f in frames]
        note(numbers=[f.numbers for f in frames], masks=masks)
        self.rows = int(sum(mask.sum() for mask in masks))
        self.atoms = len(frames[0])
    def get_features(self, calculator, species):
        note(neighbors=species)
        values = np.arange(self.rows * 3.0).reshape(self.rows, 3)
        return values * FACTOR
    def get_features_by_species(self, calculator):
        return {(z,): np.ones((self.rows, 3)) for z in range(1, 10)}

class SphericalInvariants:
    def __init__(self, **hypers):
        note(hypers=hypers)
    def transform(self, frames):
        ACT
        return Managers(frames)

SphericalExpansion = SphericalInvariants
"""
UTILS = """
def get_radial_basis_covariance(expansion, blocks): return blocks
def get_radial_basis_pca(covariance): return None, covariance
def get_radial_basis_projections(vectors, n_max): return {z[0]: [[[1.0]]] for z in vectors}
"""


@pytest.fixture
def librascal(tmp_path):
    """Make an interpreter that has a package `rascal`; `asked()` is what that was asked for."""

    def make(factor: str = "1.0", act: str = "pass"):
        package = tmp_path / "rascal"
        package.mkdir()
        (package / "__init__.py").touch()
        (package / "representations.py").write_text(
            REPRESENTATIONS.replace("FACTOR", factor).replace("ACT", act)
        )
        (package / "utils.py").write_text(UTILS)
        python = tmp_path / "python"
        python.write_text(f'#!/bin/sh\nPYTHONPATH="{tmp_path}" exec "{sys.executable}" "$@"\n')
        python.chmod(0o755)
        return str(python), lambda: [
            json.loads(line) for line in (package / "asked.jsonl").read_text().splitlines()
        ]

    return make


def two_environments(center: int):
    vectors = np.random.default_rng(7).uniform(-1.3, 1.3, size=(2, 3, 3))
    return batch_from_vectors(vectors, species=[1, 1, 8], center=center)


@pytest.mark.parametrize(("center", "expected"), [(6, 6), (1, 2), (8, 2), (2, 2)])
def test_a_centre_among_its_own_neighbours_goes_by_another_species(librascal, center, expected):
    python, asked = librascal()
    batch = two_environments(center)
    assert stand_in(batch) == expected
    build_descriptor("mine", {**SOAP, "python": python}).features(batch)
    said = {key: value for one in asked() for key, value in one.items()}
    assert said["numbers"] == [[expected, 1, 1, 8]] * 2
    assert said["neighbors"] == [1, 8]


def test_the_density_of_the_centre_is_kept_on_request(librascal):
    python, asked = librascal()
    settings = {**SOAP, "python": python, "center_weight": 1}
    build_descriptor("mine", settings).features(two_environments(1))
    assert [one["neighbors"] for one in asked() if "neighbors" in one] == [[1, 2, 8]]
    with pytest.raises(InputError, match="`center_weight` cannot be 0.5"):
        build_descriptor("mine", {**settings, "center_weight": 0.5})


def test_features_alone_are_asked_of_the_centres_alone(librascal):
    python, asked = librascal()
    features = build_descriptor("mine", {**SOAP, "python": python}).features(two_environments(6))
    np.testing.assert_array_equal(features, [[0, 1, 2], [3, 4, 5]])  # a row for each environment
    assert next(one["masks"] for one in asked() if "masks" in one) == [[True] + 3 * [False]] * 2


@pytest.mark.parametrize(("asked_for", "accuracy"), [(None, 1e-12), (1e-6, 1e-6)])
def test_an_optimal_basis_without_splines_has_the_finest_one(librascal, asked_for, accuracy):
    python, asked = librascal()
    settings = {**SOAP, "python": python, "radial_basis": "optimal", "spline_accuracy": asked_for}
    batch = two_environments(6)
    build_descriptor("mine", settings, fit_batches=[batch]).features(batch)
    last = [one["hypers"] for one in asked() if "hypers" in one][-1]["optimization"]
    assert last["Spline"] == {"accuracy": accuracy}
    assert set(last["RadialDimReduction"]["projection_matrices"]) == {"1", "6", "8"}


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"act": "os.kill(os.getpid(), signal.SIGKILL)"}, "signal SIGKILL .* `mine`; give it more"),
        ({"act": "raise RuntimeError('too large')"}, "refuses `mine`: RuntimeError: too large"),
        ({"factor": "np.nan"}, "no numbers at n_max 2, l_max 1; take a smaller n_max"),
    ],
)
def test_what_goes_wrong_is_one_sentence(librascal, how, words):
    python, _ = librascal(**how)
    with pytest.raises(InputError, match=words) as caught:
        build_descriptor("mine", {**SOAP, "python": python}).features(two_environments(6))
    assert "\n" not in str(caught.value) and str(caught.value).endswith(".")


def test_recorded_rows_are_of_the_sheet_and_of_every_structure():
    recorded = read_recorded(RECORDED, SHEET)
    assert set(recorded) == set(SHEET)
    assert COMMIT in RECORDED.read_text().splitlines()[0]
    for table in recorded.values():
        assert list(table.columns) == COLUMNS
        sizes = table.groupby("structure", sort=False).size().to_dict()
        assert sizes == {name: len(vectors) for name, (vectors, _) in structures().items()}
        assert set(table.recorded) == {"2026-11-25"}


def test_recorded_numbers_are_ours():
    """librascal's SOAP: one factor and our own singular values, its zeros our zeros."""
    theirs = read_recorded(RECORDED, SHEET)["librascal SOAP"].reset_index()
    soap = {key: SHEET["librascal SOAP"][key] for key in ("n_max", "l_max", "sigma", "cutoff")}
    density = {"kind": "density", "nu": 2, "radial_basis": "gto"}
    ours = audit_library("exact", {"ours": {**density, **soap}})
    factor = ((2 * np.pi * 0.3**2) ** 1.5 / (4 * np.pi**1.5)) ** 2
    np.testing.assert_allclose(theirs.s_max, factor * ours.s_max, rtol=1e-9)
    zero = ours.ratio < 1e-12
    assert zero.sum() == 6 and (theirs.ratio[zero] < 1e-12).all()
    np.testing.assert_allclose(theirs.ratio[~zero], ours.ratio[~zero], rtol=1e-8)


def test_recorded_rows_fill_in_for_a_missing_library_alone(tmp_path, monkeypatch):
    name, settings = "librascal SOAP", SHEET["librascal SOAP"]
    recorded = read_recorded(RECORDED, SHEET)
    monkeypatch.setenv("LIBRASCAL_PYTHON", str(tmp_path / "none"))
    table = audit_library("librascal", {name: settings}, recorded)
    pd.testing.assert_frame_equal(table, recorded[name].reset_index(drop=True), check_dtype=False)
    # a mistake in the settings is a mistake, whatever is recorded
    wrong = audit_library("librascal", {name: {**settings, "correlation": "tri"}}, recorded)
    assert "tri" in wrong.status[0] and wrong.recorded.isna().all()
    # without recorded rows, as it was
    assert "cannot import" in audit_library("librascal", {name: settings}).status[0]


def test_rows_recorded_at_other_settings_are_not_used():
    changed = {**SHEET, "librascal SOAP": {**SHEET["librascal SOAP"], "sigma": 0.2}}
    assert set(read_recorded(RECORDED, changed)) == {"librascal bispectrum"}
