"""`make audit DATA=file`: the overlay that is made of a file, and what it says."""

import ase.build
import pytest
import yaml
from ase.io import write

import configure_audit
from descriptor_sensitivity.audit.own_data import dataset_name
from descriptor_sensitivity.config.reading import audited_datasets, read_configuration
from descriptor_sensitivity.errors import InputError


@pytest.fixture
def files(tmp_path):
    write(tmp_path / "my alcohols_2.xyz", ase.build.molecule("CH3OH"), format="extxyz")
    write(tmp_path / "salt.extxyz", ase.build.bulk("NaCl", "rocksalt", a=5.6), format="extxyz")
    (tmp_path / "methane.xyz").write_bytes((tmp_path / "my alcohols_2.xyz").read_bytes())
    return tmp_path


def configured(root, files, data, **options):
    """The overlay, and the completed configuration of a run with it."""
    output = files / "overlay.yaml"
    words = [word for key, value in options.items() for word in (f"--{key}", value)]
    configure_audit.main(["--data", str(files / data), *words, "--output", str(output)])
    made = yaml.safe_load(output.read_text())
    base = root / "config" / "config.yaml"
    defaults = yaml.safe_load(base.read_text())
    given = {**defaults, "descriptors": {**defaults["descriptors"], **made["descriptors"]}}
    given["audit"] = {**defaults["audit"], **made["audit"]}
    config = read_configuration(given, [base, output], defaults)
    return made, config, audited_datasets([output], [base], config)


def test_molecules_get_the_preset_for_molecules(root, files, capsys):
    made, config, names = configured(root, files, "my alcohols_2.xyz", center="C")
    assert names == ["my-alcohols-2"]
    mine = config["audit"]["datasets"]["my-alcohols-2"]
    assert mine["center_species"] == "C" and mine["descriptors"] == ["soap"]
    assert config["descriptors"]["soap"] == made["descriptors"]["soap"]
    said = capsys.readouterr().err
    assert "as `my-alcohols-2` for soap" in said and "cutoff 3.5" in said
    assert "the file is not periodic" in said


def test_crystals_get_the_preset_for_crystals(root, files, capsys):
    made, config, names = configured(root, files, "salt.extxyz")
    assert names == ["salt"] and made["audit"]["datasets"]["salt"]["descriptors"] == ["smooth"]
    assert "the file is periodic" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("center", "size"), [("", 1700), ("C", 10_000), ("H", 2500), ("N", 10_000)]
)
def test_a_job_has_about_ten_thousand_environments(root, files, center, size):
    """Methanol: six atoms, one of carbon, four of hydrogen; none of nitrogen, which is no error."""
    options = {"center": center} if center else {}
    _, config, _ = configured(root, files, "my alcohols_2.xyz", **options)
    assert config["audit"]["chunk_size"] == size


def test_frames_differ_and_jobs_are_whole_blocks(root, files):
    write(files / "box.xyz", ase.build.bulk("Al", cubic=True) * (5, 5, 5), format="extxyz")
    assert configured(root, files, "box.xyz")[1]["audit"]["chunk_size"] == 100
    both = [ase.build.molecule("CH4"), ase.build.molecule("C60")]
    write(files / "both.xyz", both, format="extxyz")
    assert configured(root, files, "both.xyz")[1]["audit"]["chunk_size"] == 300


def test_one_periodic_frame_makes_crystals(root, files, capsys):
    both = [ase.build.bulk("Al", cubic=True), ase.build.molecule("CH4")]
    write(files / "mixed.xyz", both, format="extxyz")
    configured(root, files, "mixed.xyz")
    assert "the file is periodic" in capsys.readouterr().err


def test_named_descriptors_are_taken_from_configuration_and_presets(root, files):
    made, _, _ = configured(root, files, "salt.extxyz", descriptors="omfp, soap")
    assert list(made["descriptors"]) == ["omfp", "soap"]


def test_a_file_named_as_a_data_set_is_another_one(root, files):
    """`methane` of the configuration is made of random structures."""
    _, config, names = configured(root, files, "methane.xyz")
    assert names == ["methane-file"] and "methane" in config["audit"]["datasets"]


@pytest.mark.parametrize(
    ("data", "options", "words"),
    [
        ("nothing.xyz", {}, "there is no such file"),
        (".", {}, "is a folder"),
        ("salt.extxyz", {"descriptors": "sop"}, "did you mean `soap`"),
        ("salt.extxyz", {"center": "Xq"}, "not a chemical element"),
    ],
)
def test_mistakes_are_named(root, files, data, options, words):
    with pytest.raises(InputError, match=words):
        configured(root, files, data, **options)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("a/b/qm9.extxyz.gz", "qm9"),
        ("water.v2.xyz", "water-v2"),
        ("ω.xyz", "data"),
        ("POSCAR", "POSCAR"),
    ],
)
def test_names_are_what_the_workflow_can_use(tmp_path, path, name):
    assert dataset_name(tmp_path / path, ["qm9x"]) == name
    assert dataset_name(tmp_path / path, [name]) == f"{name}-file"


def test_without_an_overlay_the_configuration_says_which(root, tmp_path):
    base = root / "config" / "config.yaml"
    config = yaml.safe_load(base.read_text())
    assert audited_datasets([], [base], config) == ["methane"]
    other = tmp_path / "other.yaml"
    other.write_text("audit: {factor: 3}\n")
    assert audited_datasets([other], [base], config) == ["methane"]
    assert audited_datasets([], [other], config) == ["methane"]
