"""Layers of potentials at the zoo: whole structures, and what the shipped rows say."""

import numpy as np
import pandas as pd
import pytest
from ase.build import bulk, molecule
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from descriptor_sensitivity.descriptors.registry import build_descriptor, descriptor_settings
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.zoo.entries import load_zoo
from descriptor_sensitivity.zoo.matrix import BLIND, PARTLY, SEPARATES, predicted
from descriptor_sensitivity.zoo.potentials import ROWS, order_of, zoo_of_potential
from descriptor_sensitivity.zoo.table import merged, surprising
from support import ROOT

ZOO = load_zoo()
SHIPPED = {
    library: pd.read_csv(
        ROOT / f"workflow/resources/models/zoo/{library}.csv", dtype={"null_dimension": str}
    )
    for library in ("mace", "sevenn", "chgnet")
}

LAYERS = '''
"""Distances up to 5 Å, and then those weighted with what the neighbours have of theirs."""

import torch


def features(positions, numbers, cell):
    apart = (positions[:, None] - positions[None]).square().sum(-1)
    bonded = (apart < 25.0) & ~torch.eye(len(positions), dtype=torch.bool)
    apart = torch.where(bonded, apart, 100.0)
    charges = torch.as_tensor(numbers, dtype=positions.dtype)
    powers = torch.stack([torch.exp(-k * apart) for k in (0.05, 0.1, 0.2)]) * bonded
    first = torch.einsum("aij,j->ia", powers, charges)
    second = torch.einsum("aij,jb->iab", powers, first**2).flatten(1)
    return {"features": [first, torch.cat([first, second], 1)]}
'''


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    file = tmp_path_factory.mktemp("own") / "own.py"
    file.write_text(LAYERS)
    return {"library": "module", "model": f"{file}:features", "cutoff": 5.0, "device": "cpu"}


@pytest.fixture(scope="module")
def rows(settings):
    return pd.DataFrame(zoo_of_potential("own", settings), columns=ROWS)


def test_slopes_of_a_whole_structure(settings):
    model = build_descriptor("own", {"kind": "mlip", **settings})
    atoms = molecule("CH3OH")
    atoms.rattle(0.1, seed=1)
    step = 1e-5
    for number, (features, slopes) in enumerate(model.atoms_features(atoms, [1, 2])):
        assert features.shape == (6, (3, 12)[number]) and slopes.shape == (18, *features.shape)
        for moved in range(18):
            values = []
            for sign in (1, -1):
                other = atoms.copy()
                other.positions.flat[moved] += sign * step
                values.append(model.atoms_features(other, [1, 2], slopes=False)[number][0])
            difference = (values[0] - values[1]) / (2 * step)
            assert np.abs(slopes[moved] - difference).max() < 1e-8 * np.abs(slopes).max()
    with pytest.raises(InputError, match="periodic|crystal"):
        model.atoms_features(bulk("Si"), [1])


def test_each_layer_has_a_verdict_at_each_entry(rows):
    assert list(rows.entry.unique()) == list(ZOO) and len(rows) == 2 * len(ZOO)
    verdicts = rows.set_index(["entry", "descriptor"])
    for entry, first, second in (
        ("mirror_pair", BLIND, SEPARATES),  # the neighbours see one another
        ("mirror_images", BLIND, BLIND),
        ("six_on_a_line", PARTLY, SEPARATES),
        ("tetrahedron", BLIND, BLIND),
        ("chain_3", BLIND, BLIND),  # distances tell no bend, however many layers
        ("water", PARTLY, PARTLY),
    ):
        found = tuple(verdicts.loc[(entry, f"own, layer {n}"), "verdict"] for n in (1, 2))
        assert found == (first, second), entry
    expected = [verdicts.loc[("chain_3", f"own, layer {n}"), "predicted"] for n in (1, 2)]
    assert expected == [BLIND, ""]
    crystals = rows[rows.entry.isin(["silicon", "homometric_crystals"])]
    assert crystals.verdict.isna().all() and crystals.status.str.contains("periodic|crystal").all()
    others = rows.drop(crystals.index)
    assert (others.status == "ok").all() and not surprising(others).any()


def test_structures_are_scaled_and_each_species_has_features_of_its_own(rows):
    first = rows[rows.descriptor == "own, layer 1"].set_index("entry")
    x, y = (
        np.exp(-np.array([0.05, 0.1, 0.2]) * atoms.get_all_distances()[..., None] ** 2)
        for atoms in ZOO["six_on_a_line"].scaled
    )
    near = [atoms.get_all_distances() < 5.0 for atoms in ZOO["six_on_a_line"].scaled]
    x, y = (np.einsum("ij,ija->ia", n, e) - 1.0 for n, e in zip(near, (x, y), strict=True))
    cost = cdist(x, y, "sqeuclidean")
    apart = np.sqrt(cost[linear_sum_assignment(cost)].sum() / max((x**2).sum(), (y**2).sum()))
    assert first.distance["six_on_a_line"] == pytest.approx(apart, rel=1e-9)
    # of nine displacements of CH4 three features of the centre and three of all H see six
    assert first.null_dimension["mirror_A0_molecule"].startswith("3/")


def test_a_single_layer_needs_no_number(tmp_path, settings):
    (tmp_path / "one.py").write_text(LAYERS.replace('"features": [first, ', '"features": ['))
    table = zoo_of_potential("one", {**settings, "model": f"{tmp_path / 'one.py'}:features"})
    assert next(iter(table))["descriptor"] == "one"


def test_what_is_expected_of_a_layer():
    assert [predicted(ZOO["chain_5"], None, layer) for layer in (1, 2, 3)] == [BLIND, BLIND, ""]
    assert [predicted(ZOO["mirror_images"], None, layer) for layer in (1, 3)] == [BLIND, BLIND]


@pytest.mark.parametrize(
    ("settings", "order"),
    [
        ({"library": "mace", "model": {"layers": 1, "correlation": 2}}, 2),
        ({"library": "mace", "model": {"layers": 1}}, 3),  # the default
        ({"library": "mace", "model": {"correlation": 2}}, None),
        ({"library": "mace", "model": "my.model"}, None),
        ({"library": "sevenn"}, None),
    ],
)
def test_the_order_of_a_potential(settings, order):
    assert (
        order_of(descriptor_settings("mine", {"kind": "mlip", "cutoff": 5.0, **settings})) == order
    )


@pytest.mark.parametrize("library", ["mace", "sevenn", "chgnet"])
def test_shipped_rows_are_complete(library):
    rows = SHIPPED[library]
    assert (rows.groupby("descriptor").entry.apply(set) == set(ZOO)).all()
    lacking = rows[rows.status != "ok"]
    assert lacking.verdict.isna().all() and rows.drop(lacking.index).verdict.notna().all()
    allowed = {"silicon", "water"} if library == "mace" else set()  # of H and C alone
    assert set(lacking.entry) == allowed


def test_one_layer_of_mace_is_its_order_at_every_entry():
    rows = SHIPPED["mace"].query("nu == nu and status == 'ok'")
    assert rows.nu.nunique() == 3 and (rows.predicted != "").all()
    assert (rows.verdict == rows.predicted).all()


def test_sevennet_tells_mirror_images_apart_and_nothing_else_is_unexpected():
    odd = pd.concat(SHIPPED.values(), ignore_index=True)
    odd = odd[surprising(odd)]
    assert set(odd.library) == {"sevenn"}
    assert set(odd.entry) == {"mirror_images", "planar", "two_pairs", "ethane"}
    assert set(odd.descriptor.str.split().str[-1]) == {"3", "4", "5"}


def test_blind_but_by_symmetry_are_the_first_layers_and_chains():
    """docs/models.md, of SevenNet and CHGNet."""
    rows = pd.concat([SHIPPED["sevenn"], SHIPPED["chgnet"]])
    deeper = rows[~rows.descriptor.str.endswith("layer 1")]
    blind = deeper[(deeper.verdict != SEPARATES) & (deeper.kind != "symmetric")]
    assert set(blind.entry) == {"mirror_images", "chain_2", "chain_3", "chain_4", "chain_5"}
    chains = rows[rows.entry.str.startswith("chain")].set_index(["descriptor", "entry"]).distance
    told = chains[chains > 1e-9]
    assert {
        name: round(told[f"SevenNet-0, layer {layer}", name], 9)
        for layer, name in ((3, "chain_2"), (4, "chain_3"), (5, "chain_4"))
    } == {
        "chain_2": pytest.approx(2e-6, rel=0.3),
        "chain_3": pytest.approx(4e-8, rel=0.3),
        "chain_4": pytest.approx(3e-9, rel=0.3),
    }
    first = {(name.split(",")[0], entry): name[-1] for name, entry in reversed(told.index)}
    assert first == {
        (model, entry): layer
        for model in ("SevenNet-0", "SevenNet-l3i5")
        for entry, layer in (("chain_2", "3"), ("chain_3", "4"), ("chain_4", "5"))
    }


def test_two_layers_of_mace_tell_the_chains_that_two_layers_can():
    rows = SHIPPED["mace"].set_index(["descriptor", "entry"]).distance
    told = {
        entry: rows["MACE 2 layers, ν=3, layer 2", entry]
        for entry in sorted(ZOO)
        if "chain" in entry
    }
    assert told["chain_2"] == pytest.approx(2e-7, rel=0.2)
    assert told["chain_3"] == pytest.approx(1e-7, rel=0.2)
    assert told["chain_4"] == told["chain_5"] == 0


def test_layers_join_the_table_and_what_is_missing_says_so_everywhere():
    table = SHIPPED["mace"].head(1)
    refused = pd.DataFrame([{"model": "far", "library": "far", "status": "far is not installed."}])
    found = merged([table], [SHIPPED["chgnet"], refused.reindex(columns=ROWS)])
    assert list(found.library.unique()) == ["mace", "chgnet", "far"]
    assert len(found) == 1 + 4 * len(ZOO) + len(ZOO)
    far = found[found.library == "far"]
    assert list(far.entry) == list(ZOO) and set(far.descriptor) == {"far"}
    assert far.verdict.isna().all() and (far.status == "far is not installed.").all()
