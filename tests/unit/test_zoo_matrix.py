"""Descriptors against the zoo: what their order lets expect is found, and what is not shows."""

import dataclasses

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from descriptor_sensitivity.descriptors.registry import build_descriptor
from descriptor_sensitivity.drawing import fig_zoo
from descriptor_sensitivity.zoo.entries import load_zoo
from descriptor_sensitivity.zoo.matrix import (
    BLIND,
    PARTLY,
    SEPARATES,
    found,
    of_environment,
    of_structure,
    predicted,
    zoo_of_library,
)
from descriptor_sensitivity.zoo.table import markdown, merged, surprising
from support import ROOT

ZOO = load_zoo()
SIZE = {"radial_basis": "gto", "n_max": 5, "l_max": 6, "sigma": 0.3, "cutoff": 4.0}
MINE = {f"nu{nu}": {"kind": "density", "nu": nu, **SIZE} for nu in (2, 3)}
POTENTIALS = [
    pd.read_csv(ROOT / f"workflow/resources/models/zoo/{name}.csv") for name in ("mace", "chgnet")
]


@pytest.fixture(scope="module")
def table():
    return zoo_of_library("exact", MINE)


def test_density_correlations_are_what_their_order_lets_expect(table):
    assert (table.status == "ok").all() and len(table) == 2 * len(ZOO)
    assert (table.verdict == table.predicted).all()
    verdicts = table.set_index(["entry", "descriptor"]).verdict
    for entry, two, three in (
        ("mirror_pair", BLIND, SEPARATES),
        ("seven_neighbours", BLIND, BLIND),
        ("seven_A0", BLIND, PARTLY),
        ("path_pair", PARTLY, SEPARATES),
        ("hub", PARTLY, SEPARATES),
        ("heptagon", BLIND, SEPARATES),
        ("icosahedron", BLIND, BLIND),
        ("water", PARTLY, PARTLY),
        ("homometric_crystals", SEPARATES, SEPARATES),
        ("silicon", BLIND, BLIND),
        ("chain_5", BLIND, BLIND),
        ("generic", SEPARATES, SEPARATES),
    ):
        assert (verdicts[entry, "nu2"], verdicts[entry, "nu3"]) == (two, three), entry


def test_numbers_of_the_table(table):
    rows = table[table.descriptor == "nu2"].set_index("entry")
    assert (
        rows.loc["mirror_pair", "distance"] < 1e-14 < 1e-3 < rows.loc["rhombus", "s_min_over_s_max"]
    )
    assert rows.loc["mirror_A0", "null_dimension"] == "1"
    assert rows.loc["methane_molecule", "null_dimension"] == "8/8/2"
    assert rows.loc["mirror_A0", "s_min_over_s_max"] < 1e-14
    assert rows.n_neighbors["icosahedron"] == 12 and rows.n_neighbors["water"] == 2
    assert rows.n_neighbors["homometric_crystals"] == 14 and rows.n_neighbors["silicon"] == 16


def test_an_order_decides_what_is_expected():
    assert [predicted(ZOO["two_neighbours"], nu) for nu in (1, 2)] == [BLIND, SEPARATES]
    assert [predicted(ZOO["double_ring_pair"], nu) for nu in (3, 4)] == [BLIND, SEPARATES]
    assert [predicted(ZOO["generic"], nu) for nu in (1, 2, None)] == [BLIND, SEPARATES, ""]
    assert [predicted(ZOO["six_on_a_line"], nu) for nu in (1, 2)] == [PARTLY, SEPARATES]
    assert [predicted(ZOO["homometric_crystals"], nu) for nu in (1, 2)] == [PARTLY, SEPARATES]
    assert [predicted(ZOO["rhombus"], nu) for nu in (1, 2)] == [BLIND, SEPARATES]
    assert predicted(ZOO["mirror_images"], 4) == BLIND
    assert predicted(ZOO["mirror_A0"], None) == "" and predicted(ZOO["cube"], None) == BLIND


def test_a_basis_too_small_for_its_order_is_not_as_expected():
    blunt = build_descriptor("blunt", {**MINE["nu3"], "n_max": 1, "l_max": 1})
    row = found(ZOO["mirror_A0"], blunt)
    assert row["verdict"] == BLIND and predicted(ZOO["mirror_A0"], 3) == SEPARATES


def test_some_of_the_hidden_displacements_is_partly():
    values = np.array([1.0, 0.1, 1e-12, 1e-13])
    assert of_environment(ZOO["seven_A0"], values)["verdict"] == PARTLY
    assert of_environment(ZOO["mirror_A0"], values[:3])["verdict"] == BLIND
    seen = dict.fromkeys(("concatenated", "multiset", "summed"), values[:2])
    assert of_structure(ZOO["hub"], seen)["verdict"] == SEPARATES
    assert of_structure(ZOO["hub"], seen | {"summed": values})["verdict"] == PARTLY
    assert of_structure(ZOO["hub"], seen | {"concatenated": values})["verdict"] == BLIND


def test_a_descriptor_that_refuses_says_why_at_every_entry():
    table = zoo_of_library("exact", {"odd": {**MINE["nu2"], "cutoff": 1.0}, "none": {"kind": "x"}})
    refused = table[table.status != "ok"]
    assert refused[refused.descriptor == "none"].status.str.contains("no kind|kind").all()
    beyond = refused[refused.descriptor == "odd"]
    assert "beyond the cutoff of 1 Å" in beyond.set_index("entry").status["icosahedron"]
    assert beyond.verdict.isna().all()


def test_the_layers_of_potentials_join_the_table(table):
    found = merged([table], POTENTIALS)
    layers = found[found.library == "mace"].set_index(["descriptor", "entry"])
    assert layers.verdict["MACE 1 layer, ν=3", "mirror_pair"] == SEPARATES
    assert layers.verdict["MACE 1 layer, ν=3", "double_ring_A0"] == PARTLY
    assert layers.verdict["MACE 2 layers, ν=3, layer 2", "double_ring_A0"] == SEPARATES
    assert layers.nu["MACE 1 layer, ν=2", "generic"] == 2
    assert np.isnan(layers.nu["MACE 2 layers, ν=3, layer 1", "generic"])
    assert not surprising(found).any()
    absent = POTENTIALS[0].head(1).assign(status="mace is not installed.", entry=None)
    rows = merged([table], [absent])
    assert (rows.status == "mace is not installed.").sum() == len(ZOO)


def test_the_readable_table_names_who_is_blind_and_what_was_not_expected(table):
    odd = table.copy()
    odd.loc[(odd.entry == "mirror_A0") & (odd.descriptor == "nu3"), "verdict"] = BLIND
    odd.loc[odd.entry == "water", "status"] = "refused."
    lines = markdown(odd).splitlines()
    mirror = next(line for line in lines if line.startswith("| mirror_A0 |"))
    assert mirror.endswith("| nu2, nu3 | - | - | nu3 |")
    assert "nu2: refused." in lines


def test_the_picture_marks_what_is_not_as_expected(table):
    odd = merged([table], POTENTIALS)
    odd.loc[(odd.entry == "mirror_A0") & (odd.descriptor == "nu3"), "verdict"] = BLIND
    missing = pd.DataFrame(
        [
            {
                "entry": "mirror_A0",
                "descriptor": "far",
                "status": "far is not installed; x.",
                "scope": "environment",
                "kind": "singular",
                "library": "far",
            }
        ]
    )
    figure, data = fig_zoo.draw(pd.concat([odd, missing], ignore_index=True))
    axis = figure.axes[0]
    crosses = [line for line in axis.lines if line.get_marker() == "x"]
    assert [len(line.get_xdata()) for line in crosses] == [1]
    assert "not installed" in [text.get_text() for text in axis.texts]
    assert len(axis.get_xticks()) == len(ZOO) and list(data) == [""]
    plt.close(figure)


def test_a_wrong_verdict_would_show():
    entry = dataclasses.replace(ZOO["mirror_pair"], members=ZOO["generic"].members * 2)
    row = found(entry, build_descriptor("nu3", MINE["nu3"]))
    assert row["verdict"] == BLIND != predicted(entry, 3)
