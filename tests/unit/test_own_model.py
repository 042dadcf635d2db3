"""`make audit DATA=file MODEL=model`: the library of a model, and its layers as descriptors."""

import pickle
import zipfile

import ase
import ase.build
import pytest
import torch
import yaml
from ase.io import write

import configure_audit
from descriptor_sensitivity.audit.own_model import library_of
from descriptor_sensitivity.config.model import faults
from descriptor_sensitivity.errors import InputError

FUNCTION = """
def features(positions, numbers, cell):
    squares = (positions[:, None] - positions[None]).square().sum(-1)
    first = (-squares).exp().sum(1, keepdim=True)
    return [first, first**2, first**3]
"""


def pickled(module):
    """A pickle that names a class of a module that nobody has."""
    return b"\x80\x02c" + module.encode() + b"\nModel\n."


@pytest.fixture
def files(tmp_path):
    write(tmp_path / "alcohol.xyz", ase.build.molecule("CH3OH"), format="extxyz")
    (tmp_path / "own.py").write_text(FUNCTION)
    return tmp_path


@pytest.mark.parametrize("library", ["mace", "sevenn", "chgnet", "deepmd", "metatomic"])
def test_the_library_is_read_off_the_file_without_running_it(tmp_path, library):
    plain = tmp_path / "plain.model"
    plain.write_bytes(pickled(f"{library}.modules.models"))
    assert library_of(str(plain)) == library
    with pytest.raises(ModuleNotFoundError):  # opening it would ask for the module
        pickle.loads(plain.read_bytes())
    with zipfile.ZipFile(tmp_path / "zipped.model", "w") as archive:
        archive.writestr("archive/data.pkl", pickled(f"{library}.nn"))
        archive.writestr("archive/data/0", b"mace. sevenn. chgnet.")  # numbers that look like names
    assert library_of(str(tmp_path / "zipped.model")) == library


def test_a_checkpoint_of_deepmd_is_known_by_the_names_of_its_weights(tmp_path):
    weights = {"model.Default.atomic_model.descriptor.sea.mean": torch.zeros(3)}
    torch.save({"model": weights}, tmp_path / "model.ckpt.pt")
    assert library_of(str(tmp_path / "model.ckpt.pt")) == "deepmd"


def test_a_model_of_metatomic_is_one_whatever_it_wraps(tmp_path):
    (tmp_path / "wrapped.pt").write_bytes(pickled("metatomic.torch") + pickled("mace.modules"))
    assert library_of(str(tmp_path / "wrapped.pt")) == "metatomic"


def test_weights_of_a_library_and_functions_are_known_by_name():
    assert library_of("7net-0") == "sevenn" and library_of("r2scan") == "chgnet"
    assert library_of("own.py:features") == library_of("package.module:features") == "module"


def test_what_tells_no_library_is_refused(tmp_path):
    torch.save({"weights": torch.zeros(3)}, tmp_path / "some.pt")
    with pytest.raises(InputError, match="say LIBRARY=mace"):
        library_of(str(tmp_path / "some.pt"))
    (tmp_path / "two.pt").write_bytes(pickled("mace.a") + pickled("chgnet.b"))
    with pytest.raises(InputError, match="say LIBRARY=mace"):
        library_of(str(tmp_path / "two.pt"))
    with pytest.raises(InputError, match=r"no\.pt: there is no such file"):
        library_of(str(tmp_path / "no.pt"))
    with pytest.raises(InputError, match="is a folder; name the file of the model in it"):
        library_of(str(tmp_path))
    (tmp_path / "own.py").write_text("")
    with pytest.raises(InputError, match=r"name the function in it, MODEL=.*own\.py:function"):
        library_of(str(tmp_path / "own.py"))
    for text in ("", "a text of mace. and more"):
        (tmp_path / "text.model").write_text(text)
        with pytest.raises(InputError, match="is no file of a model: torch has not saved it"):
            library_of(str(tmp_path / "text.model"))


def configured(files, *words):
    """The overlay of an audit of alcohol."""
    output = files / "overlay.yaml"
    base = ["--data", str(files / "alcohol.xyz"), "--output", str(output)]
    configure_audit.main([*base, *words])
    return yaml.safe_load(output.read_text())


def test_each_layer_is_a_descriptor(files):
    made = configured(files, "--model", f"{files / 'own.py'}:features", "--center", "C")
    names = ["own-layer-1", "own-layer-2", "own-layer-3"]
    assert list(made["descriptors"]) == made["audit"]["datasets"]["alcohol"]["descriptors"] == names
    assert [row["layer"] for row in made["descriptors"].values()] == [1, 2, 3]
    wrong = [place for place, *_ in faults({"descriptors": made["descriptors"]})]
    assert not [place for place in wrong if place[0] == "descriptors"]


def test_named_descriptors_stand_beside_the_layers(files):
    model = f"{files / 'own.py'}:features"
    made = configured(files, "--model", model, "--descriptors", "soap")
    assert list(made["descriptors"])[:2] == ["soap", "own-layer-1"]


def test_a_library_that_is_none_is_one_sentence(files):
    with pytest.raises(
        InputError, match="LIBRARY=mce is none of mace, sevenn, chgnet, deepmd, metatomic, module"
    ):
        configured(files, "--model", f"{files / 'own.py'}:features", "--library", "mce")


def test_what_is_missing_is_said_before_the_model_is_opened(files):
    program = files / "own.py"
    program.write_text("raise SystemExit(3)")
    with pytest.raises(InputError, match=r"gone\.xyz: there is no such file; correct DATA"):
        configured(files, "--model", f"{program}:features", "--data", str(files / "gone.xyz"))
    with pytest.raises(InputError, match="LIBRARY=mace is of no model; name its file in MODEL"):
        configured(files, "--library", "mace")


def test_an_element_that_is_not_there_is_named(files):
    with pytest.raises(InputError, match="holds no atom Kr; correct CENTER"):
        configured(files, "--model", f"{files / 'own.py'}:features", "--center", "Kr")


def test_structures_without_neighbours_are_said(files):
    write(files / "alcohol.xyz", ase.Atoms("H"), format="extxyz")
    with pytest.raises(InputError, match="holds no environment with neighbours within 5 Å"):
        configured(files, "--model", f"{files / 'own.py'}:features")
