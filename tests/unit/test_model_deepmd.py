"""DeePMD-kit's PyTorch models as descriptors, where `make models MODELS=deepmd` has set it up."""

import json

import ase
import numpy as np
import pytest

from descriptor_sensitivity.adapters.base import central_differences
from descriptor_sensitivity.audit.own_model import library_of
from descriptor_sensitivity.descriptors.registry import build_descriptor
from descriptor_sensitivity.environments import batch_from_vectors
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.singular import sensitivities
from descriptor_sensitivity.theory import families
from libraries import run

pytestmark = pytest.mark.slow

WITHOUT_OPERATORS = """
import json, sys, types
import numpy as np, torch
operators = types.ModuleType("deepmd.pt.cxx_op")
operators.ENABLE_CUSTOMIZED_OP = False
sys.modules["deepmd.pt.cxx_op"] = operators
"""

SAVE = (
    WITHOUT_OPERATORS
    + """
from copy import deepcopy
from deepmd.pt.model.model import get_model
from deepmd.pt.train.wrapper import ModelWrapper

def save(path, descriptor, precision="float64", fitting={}, **more):
    both = {"precision": precision, "seed": 1, "neuron": [16, 32]}
    settings = {"type_map": ["H", "C"], **more}
    settings["descriptor"] = {"rcut": 5.0, "rcut_smth": 0.5, "axis_neuron": 8, **both, **descriptor}
    settings["fitting_net"] = {**both, **fitting}
    model = get_model(deepcopy(settings))
    if path.endswith(".pth"):
        torch.jit.script(model.eval()).save(path)
    else:
        torch.save({"model": ModelWrapper(model, model_params=settings).state_dict()}, path)

folder = sys.argv[1]
pairs = {"type": "se_e2_a", "sel": [40, 20]}
attention = {"type": "dpa1", "sel": 60, "attn_layer": 2, "attn": 8}
save(folder + "/pairs.pt", pairs)
save(folder + "/attention.pt", attention)
save(folder + "/single.pt", pairs, "float32")
save(folder + "/single.pth", pairs, "float32")
save(folder + "/polar.pt", pairs, fitting={"type": "polar"})
save(folder + "/parameters.pt", pairs, fitting={"numb_fparam": 2})
save(folder + "/spins.pt", pairs, spin={"use_spin": [True, False], "virtual_scale": [0.3]})
torch.save({"weights": torch.zeros(3)}, folder + "/other.pt")
for name, word in [("heads", "model_dict"), ("table", "use_srtab"), ("charges", "modifier")]:
    torch.save({"_extra_state": {"model_params": {word: {}}}}, f"{folder}/{name}.pt")
torch.save({"_extra_state": {"model_params": {"type": "linear_ener"}}}, folder + "/linear.pt")
save(folder + "/atomic.pt", pairs, fitting={"numb_aparam": 1})
"""
)

THEIRS = (
    WITHOUT_OPERATORS
    + """
from deepmd.infer import DeepPot
said = []
for file, symbols, positions, cell in json.loads(sys.argv[1]):
    model = DeepPot(file)
    types = [model.get_type_map().index(symbol) for symbol in symbols]
    where = np.array([positions]), cell and np.array([cell]), types
    energy, forces, _ = model.eval(*where)
    features = model.eval_descriptor(*where)
    said.append([energy.item(), forces[0].tolist(), features[0].tolist()])
print(json.dumps(said))
"""
)

OPEN = """
import json, sys
import numpy as np
from descriptor_sensitivity.models.base import Clusters, energies, features
from descriptor_sensitivity.models.deepmd import Deepmd
said = []
clusters = Clusters(np.array(json.loads(sys.argv[1])), np.array([6, 1, 1, 1, 1]))
for file in sys.argv[2:]:
    try:
        model = Deepmd(file, "cpu")
        (found,) = features(model, clusters, [("last", "center")])
        said.append([found.tolist(), energies(model, clusters)[0].tolist()])
    except ValueError as error:
        said.append(str(error))
print(json.dumps(said))
"""

CELL = [[3.9, 0, 0], [0.8, 4.1, 0], [0.5, -0.6, 4.3]]
IN_CELL = [[0, 0, 0], [1.2, 0.3, 0.1], [2.2, 1.4, 0.3], [0.4, 2.1, 1.9]]
"""A cell without right angles, in which atoms are neighbours of their own images."""

BATCH = batch_from_vectors(families.distorted(families.tetrahedral(1.09), 0.3, 3))
"""An environment of a carbon with four hydrogens, without symmetry."""


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Models with random weights in the library's own formats."""
    folder = tmp_path_factory.mktemp("deepmd")
    run("deepmd", "-c", SAVE, folder, DEVICE="cpu")
    return folder


def model(file, cutoff=5.0):
    settings = {"kind": "mlip", "library": "deepmd", "model": str(file), "cutoff": cutoff}
    return build_descriptor("mine", settings | {"device": "cpu"})


@pytest.fixture(scope="module")
def models(files):
    """One process for the tests that ask it; of smaller environments than the cutoff the last."""
    names = {"pairs": 5.0, "attention": 5.0, "single": 4.0}
    return {name: model(files / f"{name}.pt", cutoff) for name, cutoff in names.items()}


@pytest.fixture(scope="module")
def theirs(files):
    """Energy, forces and features of the library itself, of each model and of a crystal."""
    methane = ["CHHHH", [[0, 0, 0], *BATCH.vectors[0].tolist()], None]
    asked = [[str(files / f"{name}.pt"), *methane] for name in ("pairs", "attention", "single")]
    asked.append([str(files / "pairs.pt"), "CHCH", IN_CELL, CELL])
    said = json.loads(
        run("deepmd", "-c", THEIRS, json.dumps(asked), DEVICE="cpu")[0].splitlines()[-1]
    )
    return dict(zip(["pairs", "attention", "single", "crystal"], said, strict=True))


@pytest.mark.parametrize("name", ["pairs", "attention", "single"])
def test_features_derivatives_and_energy_are_the_librarys_own(name, models, theirs):
    mine = models[name]
    ((features, jacobian),) = mine.jacobians(BATCH, [("last", "all")])
    differences = central_differences(
        lambda moved: mine.jacobians(moved, [("last", "all")])[0][0], BATCH, step=1e-4
    )
    assert np.abs(jacobian - differences).max() < 1e-7 * np.abs(jacobian).max()
    tolerance = 1e-5 if name == "single" else 1e-12  # the library keeps to single precision
    said, forces, own = theirs[name]
    assert np.abs(features[0] - np.ravel(own)).max() < tolerance * np.abs(own).max()
    energy, gradient = mine.energies(BATCH)
    assert energy[0] == pytest.approx(said, rel=tolerance)
    assert np.abs(gradient[0] + np.ravel(forces[1:])).max() < 10 * tolerance * np.abs(forces).max()


def test_forces_on_crystals_are_the_librarys_own_and_slabs_are_refused(models, theirs):
    atoms = ase.Atoms("CHCH", IN_CELL, cell=CELL, pbc=True)
    energy, forces = models["pairs"].forces(atoms)
    assert energy == pytest.approx(theirs["crystal"][0], rel=1e-12)
    assert np.abs(forces - theirs["crystal"][1]).max() < 1e-11 * np.abs(forces).max()
    atoms.pbc = [True, True, False]
    with pytest.raises(InputError, match="periodic along one or two axes only is none"):
        models["pairs"].forces(atoms)


@pytest.mark.parametrize(("name", "blind"), [("pairs", True), ("attention", False)])
def test_pairs_of_neighbours_are_order_2_and_attention_is_more(name, blind, models):
    """Untrained networks resolve little: s_min / s_max is 1e-9 where nothing is blind."""
    mine = models[name]
    plus, minus = mine.features(batch_from_vectors([families.mirror(s) for s in (1, -1)]))
    apart = np.linalg.norm(plus - minus) / np.linalg.norm(plus)
    assert apart < 1e-14 if blind else apart > 1e-5
    generic = sensitivities(mine, BATCH)[0]
    assert generic[-1] > 1e-10 * generic[0]
    values = sensitivities(mine, batch_from_vectors(families.mirror_singular()))[0]
    assert values[-1] < 1e-15 * values[0] if blind else values[-1] > 1e-10 * values[0]


def test_what_is_said_of_a_file_and_species_it_does_not_know(models):
    first, second = models["single"].notes
    assert "(deepmd-kit 3.2.0) is stored in float32; it is turned to float64." in first
    assert "draws edges up to 5 Å, which is what is used, in environments cut at 4 Å" in second
    assert models["pairs"].notes == [] and len(models["pairs"].sha256) == 64
    assert models["pairs"].widths(BATCH) == [32 * 8]
    with pytest.raises(InputError, match=r"pairs.pt \(deepmd-kit .*\) does not know O; it knows"):
        models["pairs"].features(batch_from_vectors(BATCH.vectors, species=[1, 1, 1, 8]))


def test_the_library_is_read_off_the_file(files):
    for name in ("pairs.pt", "attention.pt", "single.pth"):
        assert library_of(str(files / name)) == "deepmd"


def test_frozen_files_models_without_an_energy_and_files_that_will_not_do(files, models):
    refused = {
        "absent.pt": "there is no such file; name the model's file in `model`",
        "graph.pb": "no file of DeePMD-kit's PyTorch backend; name a checkpoint (.pt)",
        "text.pt": "is no file of a DeePMD model",
        "text.pth": "is no file of a DeePMD model",
        "other.pt": "does not go with deepmd-kit 3.2.0 ('_extra_state'): it holds something else",
        "spins.pt": "is a DeePMD model of spins, for which there is no option here",
        "heads.pt": "is a DeePMD model of several heads",
        "table.pt": "is a DeePMD model of a table of pairs",
        "charges.pt": "is a DeePMD model of long-range charges",
        "linear.pt": "is a DeePMD model of type linear_ener",
        "parameters.pt": "reads more than the positions (fparam, aparam: 2 numbers)",
        "atomic.pt": "reads more than the positions (fparam, aparam: 1 numbers)",
    }
    for wrong in ("graph.pb", "text.pt", "text.pth"):
        (files / wrong).write_text("a text")
    names = [files / name for name in ("single.pth", "polar.pt", *refused)]
    out, said = run("deepmd", "-c", OPEN, json.dumps(BATCH.vectors.tolist()), *names, DEVICE="cpu")
    frozen, polar, *sentences = json.loads(out.splitlines()[-1])
    np.testing.assert_allclose(frozen[0], models["single"].features(BATCH), rtol=1e-12)
    np.testing.assert_allclose(frozen[1], models["single"].energies(BATCH)[0], rtol=1e-12)
    np.testing.assert_allclose(polar[0], models["pairs"].features(BATCH), rtol=1e-12)
    assert np.isnan(polar[1]).all()
    for sentence, expected in zip(sentences, refused.values(), strict=True):
        assert expected in sentence and "\n" not in sentence
    # checkpoints hold numbers and settings alone; of frozen files that cannot be said
    assert "single.pth is a pickle: opening it runs" in said and ".pt is a pickle" not in said
