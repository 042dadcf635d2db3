"""MACE, SevenNet and CHGNet as descriptors, where `make models` has set them up."""

import json
import logging

import ase
import numpy as np
import pandas as pd
import pytest
from ase.build import molecule
from ase.io import write

from descriptor_sensitivity.adapters.base import central_differences
from descriptor_sensitivity.audit.own_model import layers, library_of
from descriptor_sensitivity.descriptors.registry import build_descriptor
from descriptor_sensitivity.environments import batch_from_vectors
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.potentials import compare
from descriptor_sensitivity.singular import sensitivities
from descriptor_sensitivity.theory import families
from descriptor_sensitivity.zoo.entries import load_zoo
from descriptor_sensitivity.zoo.potentials import found
from libraries import python, run, said_by
from support import ROOT

pytestmark = pytest.mark.slow

SHIPPED = ROOT / "workflow/resources/models"

SAVE = """
import sys, torch
from descriptor_sensitivity.models.mace import random_model
torch.set_default_dtype(torch.float64)
model = random_model(layers=2, correlation=3, channels=4, l_max=2, cutoff=5.0, seed=1)
torch.save(model.float(), sys.argv[1])
torch.save({"weights": 1}, sys.argv[2])
"""

CALCULATORS = {
    "mace": "from mace.calculators import MACECalculator as C; calc = C(model_paths=sys.argv[1],"
    " device='cpu', default_dtype='float64')",
    "sevenn": "from sevenn.calculator import SevenNetCalculator as C; calc = C('7net-0')",
    "chgnet": "from chgnet.model import CHGNetCalculator as C; calc = C(use_device='cpu')",
}
ENERGY = """
import sys, json, ase
import numpy as np
{calculator}
vectors = np.array(json.loads(sys.argv[2]))
positions = np.concatenate([np.zeros((1, 3)), vectors]) + 15
atoms = ase.Atoms("CH4", positions, cell=[30] * 3, pbc={periodic})
atoms.calc = calc
print("\\n" + json.dumps([float(atoms.get_potential_energy()), atoms.get_forces()[1:].tolist()]))
"""

WHOLE = """
import sys, json
from ase.io import read
{calculator}
atoms = read(sys.argv[2], format="extxyz")
atoms.calc = calc
print("\\n" + json.dumps(atoms.get_forces().tolist()))
"""


def model(library, name=None, **options):
    python(library)
    settings = {"kind": "mlip", "library": library, "model": name, "cutoff": 6.0, "device": "cpu"}
    return build_descriptor("mine", settings | options)


@pytest.fixture
def batch():
    """An environment of a carbon with four hydrogens, without symmetry."""
    return batch_from_vectors(families.distorted(families.tetrahedral(1.09), 0.3, 3))


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A MACE in single precision, and a file of torch that is no model."""
    folder = tmp_path_factory.mktemp("mace")
    saved = folder / "mine.model", folder / "other.pt"
    run("mace", "-c", SAVE, *saved)
    return saved


@pytest.mark.parametrize("library", ["mace", "sevenn", "chgnet"])
def test_derivatives_and_the_energy_of_the_librarys_own_calculator(library, batch, files):
    mine = model(library, str(files[0]) if library == "mace" else None, atoms="all", layer="all")
    features, jacobian = mine.jacobian(batch)
    assert features.shape[1] == 5 * sum(mine.widths(batch)) == jacobian.shape[2]
    # CHGNet's arc cosines bend within 1e-3 Å where three atoms are in line
    differences = central_differences(mine.features, batch, step=1e-4)
    assert np.abs(jacobian - differences).max() < 1e-7 * np.abs(jacobian).max()
    turn = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))[0]
    turned = mine.features(batch.moved(batch.vectors @ turn))
    assert np.abs(turned - features).max() < 1e-10 * np.abs(features).max()
    code = ENERGY.format(calculator=CALCULATORS[library], periodic=library == "chgnet")
    vectors = json.dumps(batch.vectors[0].tolist())
    energy, forces = said_by(library, code, files[0], vectors)
    ours, gradient = mine.energies(batch)
    tolerance = 1e-9 if library == "mace" else 2e-5  # the others calculate in single precision
    assert ours[0] == pytest.approx(energy, abs=tolerance * abs(energy))
    assert np.abs(gradient[0] + np.ravel(forces)).max() < tolerance * np.abs(forces).max() * 10


@pytest.mark.parametrize("library", ["mace", "sevenn", "chgnet"])
def test_forces_on_crystals_are_those_of_the_librarys_own_calculator(library, files, tmp_path):
    """A cell without right angles, in which atoms are neighbours of their own images; a slab."""
    cell = [[3.9, 0, 0], [0.8, 4.1, 0], [0.5, -0.6, 4.3]]
    positions = [[0, 0, 0], [1.2, 0.3, 0.1], [2.2, 1.4, 0.3], [0.4, 2.1, 1.9]]
    crystal = ase.Atoms("CHCH", positions, cell=cell, pbc=True)
    slab = ase.Atoms("CHCH", positions, cell=cell, pbc=[True, True, False])
    mine = model(library, str(files[0]) if library == "mace" else None)
    for atoms in (crystal, slab):
        if library == "chgnet" and atoms is slab:
            with pytest.raises(InputError, match="periodic along one or two axes only is none"):
                mine.forces(atoms)
            continue
        _, forces = mine.forces(atoms)
        write(tmp_path / "a.xyz", atoms, format="extxyz")
        code = WHOLE.format(calculator=CALCULATORS[library])
        theirs = json.loads(
            run(library, "-c", code, files[0], tmp_path / "a.xyz")[0].splitlines()[-1]
        )
        tolerance = 1e-9 if library == "mace" else 2e-5  # single precision
        assert np.abs(forces - theirs).max() < tolerance * np.abs(forces).max()
        # atoms in line with their own images: what is left of four points falls with step^4
        way, step, slope = np.random.default_rng(2).normal(size=(4, 3)), 2e-5, 0.0
        for steps, weight in ((1, 8), (-1, -8), (2, -1), (-2, 1)):
            moved = atoms.copy()
            moved.positions += steps * step * way
            slope -= weight * mine.forces(moved)[0] / (12 * step)
        assert slope == pytest.approx((forces * way).sum(), abs=1e-7 * np.abs(forces).max())


@pytest.mark.parametrize(("correlation", "blind"), [(1, True), (2, True), (3, False)])
def test_one_layer_of_mace_of_correlation_nu_is_order_nu(correlation, blind):
    mine = model("mace", {"layers": 1, "correlation": correlation, "channels": 32})
    plus, minus = mine.features(batch_from_vectors([families.mirror(s) for s in (1, -1)]))
    apart = np.linalg.norm(plus - minus) / np.linalg.norm(plus)
    assert apart < 1e-14 if blind else apart > 1e-5
    values = sensitivities(mine, batch_from_vectors(families.mirror_singular()))[0]
    assert values[-1] < 1e-15 * values[0] if blind else values[-1] > 1e-6 * values[0]
    seven = sensitivities(mine, batch_from_vectors(families.double_ring_singular(), center=6))[0]
    assert seven[-1] < 1e-15 * seven[0]


def test_a_file_of_mace_and_what_is_said_of_it(files, batch, caplog, capfd):
    with caplog.at_level(logging.WARNING):
        mine = model("mace", str(files[0]), cutoff=4.0)
    assert (
        f"{files[0]} is a pickle: opening it runs what code stands in it" in capfd.readouterr().err
    )
    said = [record.getMessage() for record in caplog.records]
    assert "is stored in float32; it is turned to float64." in said[0]
    assert "draws edges up to 5 Å, which is what is used, in environments cut at 4 Å" in said[1]
    assert len(said) == 2 and len(mine.sha256) == 64
    with pytest.raises(InputError, match=r"mine.model \(mace-torch .*\) does not know O; it knows"):
        mine.features(batch_from_vectors(batch.vectors, species=[1, 1, 1, 8]))
    with pytest.raises(InputError, match="there is no layer 3: the model has 2"):
        mine.jacobians(batch, [(3, "center")])


def test_layers_of_a_file_are_seen_as_far_as_its_cutoff(tmp_path):
    mine, data = tmp_path / "my model.pt", tmp_path / "mine.xyz"
    run("mace", "-c", SAVE.replace("cutoff=5.0", "cutoff=3.5"), mine, tmp_path / "other.pt")
    write(data, molecule("CH4"), format="extxyz")
    assert library_of(str(mine)) == "mace"
    found = layers(str(mine), "mace", data, "C")
    assert list(found) == ["my-model-layer-1", "my-model-layer-2"]
    assert [one["cutoff"] for one in found.values()] == [3.5, 3.5]
    write(data, molecule("H2O"), format="extxyz")
    with pytest.raises(InputError, match="does not know O"):
        layers(str(mine), "mace", data, "O")


@pytest.mark.parametrize("library", ["mace", "sevenn", "chgnet"])
def test_files_that_are_no_models_are_one_sentence(library, files, tmp_path):
    text = tmp_path / "a.txt"
    text.write_text("a text")
    with pytest.raises(InputError, match="no file of a|does not go with"):
        model(library, str(text))
    with pytest.raises(InputError, match="there is no such file; name the model's file"):
        model(library, str(tmp_path / "absent"))
    with pytest.raises(InputError, match=r"holds a dict, not a MACE model|does not go with") as e:
        model(library, str(files[1]))
    assert "\n" not in str(e.value)


@pytest.mark.parametrize(
    ("library", "name"),
    [("mace", "MACE 2 layers, ν=3"), ("sevenn", "SevenNet-0"), ("chgnet", "CHGNet")],
)
def test_shipped_rows_come_out_again(library, name):
    python(library)
    kept = pd.read_csv(SHIPPED / f"{library}.csv").query("model == @name")
    settings = {**json.loads(kept.settings.iloc[0]), "cutoff": 6.0}
    fresh = compare(library, {name: settings}, recompute=True)
    assert (fresh.status == "ok").all() and list(fresh.structure) == list(kept.structure)
    digests = [one.sha256.astype("string").fillna("").tolist() for one in (fresh, kept)]
    assert digests[0] == digests[1]
    for column in ("s_max", "s_min", "separation"):
        ours, theirs = fresh[column].to_numpy(), kept[column].to_numpy()
        scale = 1.0 if column == "separation" else fresh.s_max.to_numpy()
        close = np.abs(ours - theirs) <= 1e-6 * np.abs(theirs) + 1e-11 * scale
        assert (close | (np.isnan(ours) & np.isnan(theirs))).all(), column


@pytest.mark.parametrize(
    ("library", "name"),
    [("mace", "MACE 2 layers, ν=3"), ("sevenn", "SevenNet-0"), ("chgnet", "CHGNet")],
)
def test_shipped_rows_of_the_zoo_come_out_again(library, name):
    kept = pd.read_csv(SHIPPED / f"zoo/{library}.csv", dtype={"null_dimension": str})
    kept = kept.query("model == @name")
    given = json.loads(kept.settings.iloc[0])
    mine = model(library, given["model"])
    for entry in ("chain_3", "planar", "mirror_images", "rhombus", "homometric_crystals"):
        theirs = kept.query("entry == @entry")
        ours = pd.DataFrame(found(load_zoo()[entry], mine, range(1, len(theirs) + 1)))
        assert ours.verdict.tolist() == theirs.verdict.tolist()
        for column in {"distance", "s_min_over_s_max"} & set(ours):
            np.testing.assert_allclose(ours[column], theirs[column], rtol=1e-6, atol=1e-11)
        if "null_dimension" in ours:
            assert ours.null_dimension.tolist() == theirs.null_dimension.tolist()


@pytest.mark.parametrize(("name", "apart"), [("7net-0", 5e-3), ("7net-l3i5", 7e-3)])
def test_the_energy_of_sevennet_is_not_that_of_the_mirror_image(name, apart):
    directions = np.random.default_rng(0).normal(size=(8, 3))
    directions /= np.linalg.norm(directions, axis=1)[:, None]
    vectors = directions * np.linspace(1.2, 3.5, 8)[:, None]
    turn = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))[0]
    turn *= np.linalg.det(turn)
    mine = model("sevenn", name)
    known, turned, mirrored = (
        mine.energies(batch_from_vectors(vectors @ operation))[0][0]
        for operation in (np.eye(3), turn, np.diag([1.0, 1.0, -1.0]))
    )
    assert abs(turned - known) < 1e-12
    assert mirrored - known == pytest.approx(apart, abs=5e-4)


def test_a_gpu_changes_nothing_but_the_time(batch):
    if run("mace", "-c", "import torch; print(torch.cuda.is_available())")[0].strip() != "True":
        pytest.skip("torch of .models/mace sees no GPU here")
    options = {"layers": 2, "correlation": 3, "channels": 8}
    cpu = model("mace", options, device="cpu").jacobian(batch)[1]
    gpu = model("mace", options, device="cuda").jacobian(batch)[1]
    assert np.abs(cpu - gpu).max() < 1e-9 * np.abs(cpu).max()
