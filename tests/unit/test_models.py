"""Potentials as descriptors: derivatives, layers and atoms, a model of one's own, refusals."""

import sys

import numpy as np
import pytest
import torch

from descriptor_sensitivity.adapters.base import central_differences
from descriptor_sensitivity.audit.table import environment_rows
from descriptor_sensitivity.descriptors.registry import build_descriptor
from descriptor_sensitivity.environments import batch_from_vectors
from descriptor_sensitivity.errors import InputError, SettingsError
from descriptor_sensitivity.models import base, process
from descriptor_sensitivity.models.callables import Callable
from descriptor_sensitivity.singular import sensitivities, singular_values
from descriptor_sensitivity.theory import families

OWN = '''"""Two layers of a model: sums over the neighbours of each atom and over pairs of them."""

import torch


def lengths(positions):
    apart = positions[:, None] - positions[None]
    return apart, (apart.square().sum(-1) + 1e-300).sqrt()


def radial(positions, numbers, cell):
    apart, r = lengths(positions)
    return torch.stack([(-(r**2) * k).exp().sum(1) for k in range(1, 8)], 1)


def layers(positions, numbers, cell):
    apart, r = lengths(positions)
    near = (-(r**2)).exp()
    powers = torch.stack([near * r**k for k in range(4)])
    cosines = torch.einsum("ijx,ikx->ijk", apart, apart) / (r[:, :, None] * r[:, None] + 1e-9)
    angles = torch.stack([cosines**k for k in range(1, 5)])
    pairs = torch.einsum("aij,bik,cijk->iabc", powers, powers, angles).flatten(1)
    weights = 1.0 + numbers
    first = radial(positions, numbers, cell) * weights[:, None]
    return {"features": [first, pairs], "energy": pairs.sum()}


def still(positions, numbers, cell):
    return torch.ones(len(positions), 3, dtype=positions.dtype)
'''


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A working directory with a module in it."""
    folder = tmp_path_factory.mktemp("models")
    (folder / "own.py").write_text(OWN)
    return folder


@pytest.fixture
def here(folder, monkeypatch):
    monkeypatch.chdir(folder)


def model(folder, function="layers", **options):
    settings = {"kind": "mlip", "library": "module", "cutoff": 4.0, "device": "cpu"}
    settings["model"] = f"{folder / 'own.py'}:{function}"
    return build_descriptor("mine", settings | options)


@pytest.fixture(scope="module")
def mine(folder):
    """One process for the tests that ask it for several layers and atoms."""
    return model(folder, layer=2)


def clusters(vectors, numbers=(6, 1, 1, 1, 1)):
    return base.Clusters(np.asarray(vectors), np.array(numbers))


@pytest.fixture
def batch():
    """Two unrelated environments of a carbon with two hydrogens and two oxygens."""
    vectors = np.random.default_rng(7).uniform(-1.3, 1.3, size=(2, 4, 3))
    return batch_from_vectors(vectors, species=[1, 1, 8, 8])


def test_a_function_of_ones_own_is_a_descriptor(here, batch):
    """Found in the working directory; every option comes through to the model."""
    settings = {"kind": "mlip", "library": "module", "model": "own:layers", "cutoff": 4.0}
    mine = build_descriptor("mine", settings | {"layer": "all", "atoms": "all"})
    features, jacobian = mine.jacobian(batch)
    assert features.shape == (2, 5 * (7 + 64))
    differences = central_differences(mine.features, batch)
    assert np.abs(jacobian - differences).max() < 1e-7 * np.abs(jacobian).max()
    np.testing.assert_allclose(mine.features(batch), features, rtol=1e-13)


def test_layers_and_atoms_are_what_their_names_say(mine, batch):
    choices = [(1, "center"), (2, "center"), ("last", "center"), ("all", "center")]
    choices += [(1, "all"), (1, "sum")]
    found = mine.jacobians(batch, choices)
    first, second, last, joined, every, total = (features for features, _ in found)
    np.testing.assert_array_equal(second, last)
    np.testing.assert_array_equal(joined, np.concatenate([first, second], axis=1))
    np.testing.assert_array_equal(every[:, :7], first)  # the centre comes first
    np.testing.assert_allclose(every.reshape(2, 5, 7).sum(1), total, rtol=1e-13)
    slopes = [jacobian for _, jacobian in found]
    np.testing.assert_array_equal(slopes[3], np.concatenate(slopes[:2], axis=2))
    np.testing.assert_allclose(slopes[4].reshape(2, 12, 5, 7).sum(2), slopes[5], atol=1e-12)


def test_both_ways_to_derivatives_agree_and_pieces_change_nothing(folder, monkeypatch):
    potential = Callable(f"{folder / 'own.py'}:layers", "cpu")
    vectors = np.random.default_rng(2).uniform(-1.3, 1.3, size=(3, 4, 3))
    whole = clusters(vectors)
    values = base.select(potential.evaluate(whole.positions, whole.numbers).layers, (2, "center"))
    forward = base.by_feature(values, whole.moved)
    double = base.by_displacement(values, whole.moved)
    assert (forward - double).abs().max() < 1e-13 * forward.abs().max()
    together = base.jacobians(potential, whole, [(2, "all")])[0][1]
    monkeypatch.setattr(base, "PAIRS", 1)
    alone = base.jacobians(potential, whole, [(2, "all")])[0][1]
    np.testing.assert_allclose(alone, together, atol=1e-13 * np.abs(together).max())


def test_energies_and_their_gradients(mine, folder, batch):
    energy, gradient = mine.energies(batch)
    assert energy.shape == (2,) and gradient.shape == (2, 12)
    np.testing.assert_allclose(energy, mine.jacobians(batch, [(2, "sum")])[0][0].sum(1), rtol=1e-12)
    differences = central_differences(lambda moved: mine.energies(moved)[0][:, None], batch)
    assert np.abs(gradient - differences[..., 0]).max() < 1e-7 * np.abs(gradient).max()
    without = Callable(f"{folder / 'own.py'}:radial", "cpu")
    values, slopes = base.energies(without, clusters(batch.vectors))
    assert np.isnan(values).all() and np.isnan(slopes).all() and slopes.shape == (2, 12)


def test_pairs_of_neighbours_are_blind_where_nu_2_is_and_all_atoms_are_not(mine):
    """Layer 2 couples two neighbours of an atom: order 2, singular at the mirror A0."""
    singular = batch_from_vectors(families.mirror_singular())
    generic = batch_from_vectors(families.distorted(families.tetrahedral(1.09), 0.3, 3))
    for batch, atoms, blind in [
        (singular, "center", True),
        (singular, "all", False),
        (generic, "center", False),
    ]:
        ((_, jacobian),) = mine.jacobians(batch, [(2, atoms)])
        values = singular_values(jacobian, batch.vectors)[0]
        assert (values[-1] < 1e-13 * values[0]) == blind, (atoms, values)
    np.testing.assert_array_equal(  # as the audit takes them
        sensitivities(mine, singular),
        singular_values(mine.jacobian(singular)[1], singular.vectors),
    )
    pair = batch_from_vectors(np.array([families.mirror(sign) for sign in (1, -1)]))
    plus, minus = mine.features(pair)
    assert np.linalg.norm(plus - minus) < 1e-14 * np.linalg.norm(plus)


def test_features_that_do_not_move_have_no_derivatives(folder):
    still = Callable(f"{folder / 'own.py'}:still", "cpu")
    ((features, jacobian),) = base.jacobians(still, clusters(np.eye(4, 3)[None]), [(1, "center")])
    assert (features == 1).all() and jacobian.shape == (1, 12, 3) and not jacobian.any()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"layer": 0}, r"`layer`: a whole number from 1, last or all\.$"),
        ({"layer": "frist"}, r"`layer`: a whole number from 1, last or all\.$"),
        ({"atoms": "some"}, "`atoms`"),
        ({"model": None}, "library module needs `model`, `module:function`"),
        ({"model": {"layers": 1}}, "only library mace builds a model with random weights"),
        ({"model": None, "library": "mace"}, "library mace needs `model`, a file"),
        ({"model": None, "library": "deepmd"}, "library deepmd needs `model`, a file"),
        ({"library": "macce"}, "`library`"),
        ({"python": "/no/python"}, "`/no/python` cannot be started: No such file"),
        ({"python": "/bin/false"}, "`/bin/false` ended with status 1 while it ran torch"),
        ({"model": "own"}, "`own` names no function"),
    ],
)
def test_mistakes_in_the_settings_are_one_sentence(folder, options, message):
    with pytest.raises(InputError, match=message) as caught:
        model(folder, **options)
    assert "\n" not in str(caught.value)


def test_a_model_goes_on_after_a_question_it_refused(mine, batch):
    with pytest.raises(InputError, match="there is no layer 9: the model has 2; choose 1 to 2"):
        mine.jacobians(batch, [(9, "center")])
    with pytest.raises(InputError, match="`device: cuda:1`: torch sees none here"):
        base.device("cuda:1")
    assert mine.features(batch).shape == (2, 64)


def test_a_layer_that_is_not_there_ends_the_audit(folder, batch):
    """A mistake in the settings is not the atoms', which would be left out one by one."""
    far = model(folder, layer=3)
    with pytest.raises(SettingsError, match=r"`layer: 3`: .*own.py:layers has 2; choose 1 to 2"):
        environment_rows(far, [batch], "data")
    rows, refused = environment_rows(model(folder, layer=2), [batch], "data")
    assert len(rows) == 2 and not refused


class OnlyHydrogen(base.Potential):
    """A potential that knows H alone."""

    description, cutoff, species, notes = "h.model", 5.0, [1], []

    def evaluate(self, positions, numbers, box=None):
        return base.Evaluation([positions.square().sum(-1, keepdim=True)])


def test_an_unknown_species_is_named():
    with pytest.raises(InputError, match=r"^h.model does not know C, O; it knows H\.$"):
        base.features(OnlyHydrogen(), clusters(np.ones((1, 2, 3)), [6, 1, 8]), [("last", "all")])
    found = base.features(
        OnlyHydrogen(), clusters(np.ones((1, 2, 3)), [1, 1, 1]), [("last", "all")]
    )
    assert found[0].tolist() == [[0.0, 3.0, 3.0]]


def test_single_precision_is_turned_to_double_and_said():
    layer = torch.nn.Linear(2, 2).float()
    assert base.doubled(layer, "a.model") == [
        "a.model is stored in float32; it is turned to float64."
    ]
    assert layer.weight.dtype == torch.float64 and not layer.weight.requires_grad
    assert base.doubled(layer, "a.model") == []


def test_an_environment_with_deepmd_kit_but_not_what_its_models_need_is_passed_over(monkeypatch):
    held = {"deepmd", "torch"}
    monkeypatch.setattr(
        process.importlib.util, "find_spec", lambda name: name if name in held else None
    )
    monkeypatch.setattr(process, "FOLDER", process.FOLDER / "absent")
    with pytest.raises(InputError, match='deepmd-kit is not installed; `make models MODELS="dee'):
        process.interpreter("deepmd")
    held.add("e3nn")
    assert process.interpreter("deepmd") == sys.executable


@pytest.mark.parametrize("library", ["mace", "sevenn", "chgnet", "deepmd", "metatomic"])
def test_a_missing_library_names_the_command_that_installs_it(library, monkeypatch, tmp_path):
    monkeypatch.setattr(process, "FOLDER", tmp_path)
    monkeypatch.setattr(process.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=f'not installed; `make models MODELS="{library}"`'):
        process.Process(library, "a.model", "cpu", None)
    with pytest.raises(InputError, match="lacks .*; install it there, or .*`make models MODELS"):
        process.Process(library, "a.model", "cpu", sys.executable)
    python = tmp_path / library / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    assert process.interpreter(library) == str(python)
    assert process.interpreter(library, "other") == "other"
