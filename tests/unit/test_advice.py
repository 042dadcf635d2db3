"""Advice on n_max, l_max and sigma: of the audited basis and cutoff, on the same environments."""

import json

import numpy as np
import pandas as pd
import pytest
from ase.io import write

import advise_hyperparameters
import merge_advice
from audits import DENSITY, audit, write_page
from descriptor_sensitivity.audit.advice import in_words, settings_to_try, try_settings
from descriptor_sensitivity.environments import batch_from_vectors
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.structures.methane import methane_frames, random_methane
from descriptor_sensitivity.theory import families

GRID = {"n_max": [2, 6], "l_max": [1, 4], "sigma": [0.3]}


def tried(vectors, grid=GRID, factor=1.5):
    batch = batch_from_vectors(vectors)
    return try_settings("mine", DENSITY, grid, [batch], [], factor, 1e6, "sample")


def test_only_what_is_swept_differs_from_the_audited_settings():
    smooth = {**DENSITY, "cutoff_width": 0.5, "n_max": 6, "l_max": 4}
    every = list(settings_to_try(smooth, **GRID))
    assert every[0] == smooth and every.count(smooth) == 1 and len(every) == 4
    swept = ("n_max", "l_max", "sigma")
    rest = {key: value for key, value in smooth.items() if key not in swept}
    assert all({k: v for k, v in one.items() if k not in swept} == rest for one in every)


def test_a_complete_basis_has_no_n_max_and_nu_3_is_bounded():
    complete = {key: value for key, value in DENSITY.items() if key != "n_max"}
    every = list(settings_to_try(complete | {"radial_basis": "complete"}, **GRID))
    assert len(every) == 2 and not any("n_max" in one for one in every)
    large = {"n_max": [12, 13], "l_max": [9, 10], "sigma": [0.3]}
    every = list(settings_to_try(DENSITY | {"nu": 3}, **large))[1:]
    assert [(one["n_max"], one["l_max"]) for one in every] == [(12, 9)]


def test_singular_environments_count_only_where_a_basis_could_see_them():
    """The tetrahedron is singular in every basis; l_max = 0 is blind to angles."""
    vectors = np.array([*random_methane(10, seed=2), families.tetrahedral(1.09)])
    table = tried(vectors, GRID | {"l_max": [0, 4, 6]}).set_index(["n_max", "l_max"])
    assert (table["n_environments"] == 10).all() and (table["n_singular"] == 1).all()
    assert np.isinf(table.loc[(6, 0), "mean"]) and not table.loc[(6, 0), "allowed"]
    assert np.isfinite(table.loc[(6, 6), "mean"])
    best = table["mean"].min()
    assert (table["allowed"] == (table["mean"] <= 1.5 * best)).all()
    assert table["ms"].min() > 0 and table.loc[(4, 4), "audited"] and table["audited"].sum() == 1


def test_without_a_basis_that_sees_it_the_ranges_are_named():
    with pytest.raises(InputError, match="every setting of mine has singular.*audit.advice"):
        tried(families.tetrahedral(1.09)[None])
    with pytest.raises(InputError, match="no environment"):
        try_settings("mine", DENSITY, GRID, [], [], 1.5, 1e6, "sample")


def rows(**changed):
    """Three settings: the best, the cheapest within 1.5, and a cheaper one that is not."""
    table = {
        "representation": "mine",
        "n_max": [8, 4, 2],
        "l_max": [6, 4, 2],
        "sigma": [0.3, 0.3, 0.5],
        "cutoff": 4.0,
        "n_features": [900, 200, 50],
        "ms": [2.0, 0.5, 0.1],
        "audited": [False, False, True],
        "n_environments": 10,
        "n_singular": 3,
        "mean": [10.0, 14.0, 99.0],
        "median": 9.0,
        "allowed": [True, True, False],
    }
    return pd.DataFrame(table | changed)


def test_the_cheapest_allowed_setting_is_advised():
    said = in_words(rows(), 1.5)
    cheapest = "n_max = 4, l_max = 4, sigma = 0.3 Å (200 features, 0.5 ms per environment, mean CN"
    assert f"**{cheapest} 14)**" in said and "mine as audited (cutoff 4 Å): n_max = 2" in said
    assert "not within 1.5 of the best" in said and "n_max = 14 at this sigma" in said
    assert "3 more are singular" in said
    assert "good enough" in in_words(rows(allowed=[True, True, True]), 10)
    assert "rule of thumb" not in in_words(rows(n_max=[None] * 3), 1.5)


def test_scripts_from_sample_to_page(tmp_path):
    write(tmp_path / "m.xyz", list(methane_frames(random_methane(12, seed=2))), format="extxyz")
    folder = audit(tmp_path / "m.xyz", tmp_path, center="C")
    job = {"center_species": "C", **GRID, "factor": 1.5, "singular": 1e6, "n_environments": 10}
    sample, tables = tmp_path / "pieces" / "sample.parquet", []
    for name, descriptor in (("rep", DENSITY), ("omfp", {"kind": "omfp", "cutoff": 6.0})):
        tables.append(str(tmp_path / f"{name}.csv"))
        settings = json.dumps(job | {"name": name, "descriptor": descriptor})
        paths = ["--sample", str(sample), "--table", tables[-1]]
        advise_hyperparameters.main(["--settings", settings, *paths])
    settings = json.dumps({"names": ["rep", "omfp"], "factor": 1.5})
    paths = ["--tables", *tables, "--folder", str(folder)]
    merge_advice.main(["--settings", settings, *paths])
    text = (folder / "advice.md").read_text()
    assert "rep as audited (cutoff 3.5 Å)" in text and "omfp has no n_max" in text
    assert (folder / "advice.png").exists() and len(pd.read_csv(folder / "advice.csv")) == 5
    page = write_page(folder, "m").read_text()
    assert "rep as audited (cutoff 3.5 Å)" in page and "Which n_max, l_max, sigma" in page
    table = pd.read_csv(folder / "advice.csv")
    table.assign(sigma=table["sigma"] + 0.1).to_csv(folder / "advice.csv")
    assert "Which n_max" not in write_page(folder, "m").read_text(), "of other settings"
    (folder / "advice.csv").unlink()
    assert "Which n_max" not in write_page(folder, "m").read_text()
