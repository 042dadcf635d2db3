"""What the features of one descriptor know of those of another."""

import json

import numpy as np
import pandas as pd
import pytest
from ase.build import molecule
from ase.io import write
from skmatter.datasets import load_degenerate_CH4_manifold

import compare_features
import split_dataset
from descriptor_sensitivity.drawing.reconstruction import draw
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.reconstruction import reconstruction_errors
from descriptor_sensitivity.structures.methane import methane_frames, random_methane

DENSITY = {"kind": "density", "radial_basis": "gto", "n_max": 3, "l_max": 2}
DENSITY |= {"sigma": 0.4, "cutoff": 4.0}


def errors(table, source, target):
    (row,) = table[(table.source == source) & (table.target == target)].itertuples()
    return row.gfre, row.lfre


def test_the_numbers_of_degenerate_methane():
    """Power spectra and bispectra of pairs that the first cannot tell apart, as published."""
    data = load_degenerate_CH4_manifold().data
    table = reconstruction_errors(
        {"nu2": data["SOAP_power_spectrum"], "nu3": data["SOAP_bispectrum"]}
    )
    gfre, lfre = errors(table, "nu2", "nu3")
    assert gfre == pytest.approx(0.2291, abs=5e-5) and lfre > 0.1
    assert max(errors(table, "nu3", "nu2")) < 1e-8
    assert (table.n_environments == 162).all()


def test_linear_and_curved_functions_are_known_differently():
    x = np.random.default_rng(0).uniform(-1, 1, size=(400, 2))
    table = reconstruction_errors({"x": x, "turned": x @ [[1, 2], [3, -1]], "curved": x**2})
    assert max(errors(table, "x", "turned")) < 1e-8
    gfre, lfre = errors(table, "x", "curved")
    assert gfre > 0.5 and lfre < 0.3
    figure, _ = draw(table)
    assert len(figure.axes) == 3 and len(figure.axes[0].texts) == 6


def test_more_features_than_environments_are_folded_without_loss():
    x = np.random.default_rng(1).normal(size=(60, 5))
    wide = np.random.default_rng(2).normal(size=(5, 200))
    few, many = (reconstruction_errors({"x": x, "y": y}) for y in (x, x @ wide))
    assert errors(many, "x", "y")[0] < 1e-8 and errors(few, "x", "y")[0] < 1e-8


def test_too_few_environments_are_one_sentence():
    x = np.ones((39, 2))
    with pytest.raises(InputError, match="need 40 environments of one composition, not 39"):
        reconstruction_errors({"x": x, "y": x})


def test_the_most_frequent_composition_that_all_descriptors_see_is_compared(tmp_path):
    frames = [*methane_frames(random_methane(45, seed=1)), molecule("CH3OH"), molecule("H2O")]
    write(tmp_path / "mine.xyz", frames, format="extxyz")
    split = {"chunk_size": 100, "sample": 60, "seed": 1}
    folder = tmp_path / "pieces"
    words = ["--path", str(tmp_path / "mine.xyz"), "--folder", str(folder)]
    split_dataset.main(["--settings", json.dumps(split), *words])
    settings = {
        "descriptors": [["b", {**DENSITY, "nu": 2}], ["a", {**DENSITY, "nu": 1, "l_max": 0}]],
        "center_species": "C",
    }
    words = ["--sample", str(folder / "sample.parquet"), "--table", str(tmp_path / "t.csv")]
    compare_features.main(["--settings", json.dumps(settings), *words])
    table = pd.read_csv(tmp_path / "t.csv")
    assert (table.n_environments == 45).all()
    assert table.source.tolist() == ["b", "a"] and table.target.tolist() == ["a", "b"]
    assert errors(table, "b", "a")[1] < errors(table, "a", "b")[1]
