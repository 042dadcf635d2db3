"""What users get wrong: configurations, sheets, files. Each is a sentence with a name in it."""

import gzip
from pathlib import Path

import pytest
import yaml

from descriptor_sensitivity.config.model import faults
from descriptor_sensitivity.config.reading import read_configuration, where
from descriptor_sensitivity.cutting import cut_environments
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.structures.frames import select_frames, stored_frames
from descriptor_sensitivity.sweeps import read_sheet

ROOT = Path(__file__).resolve().parents[2]
DEFAULTS = yaml.safe_load((ROOT / "config/config.yaml").read_text())

CONFIGURATIONS = {
    # misspelt and misplaced keys
    "density: {cutof: 3.0}": ["density.cutof", "did you mean `cutoff`?"],
    "densitty: {cutoff: 3.0}": ["`densitty`", "did you mean `density`?"],
    "structures: {methane: {cont: 3}}": ["structures.methane.cont", "`count`"],
    "singular: {structures: {degenerate: {mirror: {ra: 1.0}}}}": ["mirror.ra", "`r_a`"],
    "comment: {networks: {settings: {text: {sgma: 1.0}}}}": ["text.sgma", "`sigma`"],
    "audit: {diagnosis: {symetry: 0.3}}": ["audit.diagnosis.symetry", "`symmetry`"],
    "descriptors: {nu2: {nmax: 3}}": ["descriptors.nu2.nmax", "`n_max`"],
    "sweeps: {seeds: 1}": ["sweeps.seeds", "`seed`"],
    "theory: {zzz: 1}": ["theory.zzz", "choose one of `members`"],
    # values of the wrong kind
    "sweeps: {n_structures: 3.7}": ["sweeps.n_structures: 3.7", "without a decimal point"],
    "sweeps: {seed: 3e-1}": ["sweeps.seed: 3e-1", "3.0e-1 with a point"],
    "density: {cutoff: 4e0}": ["density.cutoff: 4e0", "reads it as text"],
    "density: {cutoff: four}": ["density.cutoff: four", "must be a number"],
    "density: {cutoff: '4.0'}": ["density.cutoff", "without quotes"],
    "density: {cutoff: .inf}": ["density.cutoff: .inf", "finite"],
    "density: {cutoff: .nan}": ["density.cutoff: .nan", "finite"],
    "density: {cutoff: null}": ["density.cutoff: null", "must be a number"],
    "density: 3": ["`density: 3`", "a section"],
    "density: [4.0]": ["density: [4.0]", "a section"],
    "sweeps: {sheets: [a.tsv]}": ["sweeps.sheets: [a.tsv]", "a section"],
    "singular: {recompute: maybe}": ["singular.recompute: maybe", "boolean"],
    "audit: {datasets: {m: {path: a.xyz, center_species: No}}}": [
        "center_species: false",
        "quotes",
    ],
    "audit: {datasets: {my set: {path: a.xyz}}}": ["`my set` in `audit.datasets`", "`my-set`"],
    "audit: {datasets: {a/b: {path: a.xyz}}}": ["`a/b` in `audit.datasets`", "hyphens", "`a-b`"],
    "audit: {datasets: {m: {path: 3}}}": ["audit.datasets.m.path: 3", "a string"],
    "audit: {datasets: {m: {path: a.xyz, descriptors: nu2}}}": ["descriptors: nu2", "list"],
    # values out of range
    "density: {cutoff: -1.0}": ["density.cutoff: -1.0", "greater than 0"],
    "structures: {methane: {count: 0}}": ["structures.methane.count: 0", "greater than or equal"],
    "audit: {chunk_size: 150}": ["audit.chunk_size: 150", "multiple of 100"],
    "comment: {features: {n_max: 7}}": ["comment.features.n_max: 7", "multiple of 2"],
    "singular: {n_points: 20}": ["`singular`", "`n_points` is odd"],
    "structures: {methane: {source: internet}}": ["source: internet", "'generate'"],
    "descriptors: {nu2: {nu: 5}}": ["descriptors.nu2.nu: 5", "1, 2, 3 or 4"],
    # what does not go together
    "structures: {mine: {source: path, count: 3, seed: 1}}": ["structures.mine", "`path`"],
    "structures: {methane: {source: download, whole_file: false, select: random}}": ["whole_file"],
    "audit: {datasets: {m: {}}}": ["audit.datasets.m", "either `path` or `structures`"],
    "audit: {datasets: {m: {structures: metane}}}": ["metane", "did you mean `methane`?"],
    "audit: {datasets: {m: {path: a.xyz, descriptors: [nu22]}}}": ["descriptors.0: nu22", "`nu2`?"],
    "singular: {descriptors: {nu2: shrp-nu2}}": ["shrp-nu2", "did you mean `sharp-nu2`?"],
    "singular: {descriptors: {nu2: omfp}}": ["nu2: omfp", "a density with nu = 2", "`sharp-nu2`"],
    "singular: {descriptors: {nu2: nu3}}": ["nu2: nu3", "a density with nu = 2"],
    "descriptors: {x: {kind: densty, cutoff: 3.0}}": ["kind: densty", "did you mean `density`?"],
    "audit: {representations: {a: {kind: omfp}}}": ["is now the section `descriptors`"],
    "comment: {networks: {settings: {near: {scale: 0.7}}}}": ["`orbits.scales` lacks 0.7"],
    "comment: {networks: {settings: {text: {scale: 0.5}}}}": ["`settings.text`", "scale 1.0"],
    "comment: {networks: {settings: {text: {runs: [full]}}}}": ["`settings.text`", "all three"],
    "comment: {networks: {settings: {near: {runs: [20]}}}}": ["runs", "'20'"],
    "comment: {networks: {settings: {text: {sigma: 0.7, repeats: 1}}}}": ["`orbits.sigmas` lacks"],
}

FILES = {
    "density:\n  cutoff: 1.0\n  cutoff: 2.0\n": ["line 3", "density.cutoff", "a second time"],
    "density: {cutoff: 1.0\n": ["line 2"],
    "density:\n\tcutoff: 1.0\n": ["line 2"],
    "- density\n": ["a mapping"],
}


def refusal(folder: Path, text: str) -> str:
    """What `read_configuration` says of an overlay."""
    overlay = folder / "overlay.yaml"
    overlay.write_text(text)
    try:
        given = yaml.safe_load(text)
    except yaml.YAMLError:
        given = {}
    with pytest.raises(InputError) as caught:
        read_configuration(given, [ROOT / "config/config.yaml", overlay], DEFAULTS)
    return str(caught.value)


@pytest.mark.parametrize(("text", "words"), [*CONFIGURATIONS.items(), *FILES.items()])
def test_a_wrong_configuration_is_a_line_with_file_and_key(tmp_path, text, words):
    said = refusal(tmp_path, text)
    assert len(said.splitlines()) <= 3
    assert said.startswith(str(tmp_path / "overlay.yaml"))
    for word in words:
        assert word in said


def test_several_faults_are_listed_together(tmp_path):
    said = refusal(tmp_path, "density: {cutof: 3.0, n_primitive: 0}\nsweeps: {seed: -1, x: 2}\n")
    lines = said.splitlines()
    assert len(lines) == 3
    assert "density.cutof" in lines[0] and "sweeps.x" in lines[1]
    assert "2 more: `density.n_primitive`, `sweeps.seed`" in lines[2]


def test_a_fault_is_placed_in_the_last_file_that_sets_the_key():
    places = [("a.yaml", {("x",): 1, ("x", "y"): 2}), ("b.yaml", {("x",): 7})]
    assert where(("x", "y"), places) == "a.yaml, line 2: "
    assert where(("x", "z"), places) == "b.yaml, line 7: "
    assert where(("q",), places) == ""


def test_a_part_of_a_configuration_takes_the_rest_from_the_defaults():
    found = read_configuration({"density": {"cutoff": 3.0}}, [], DEFAULTS)
    assert found["density"] == {**DEFAULTS["density"], "cutoff": 3.0}
    assert found["audit"] == DEFAULTS["audit"]


def test_every_shipped_configuration_is_right():
    for overlay in ROOT.joinpath("config").rglob("*.yaml"):
        if overlay.name != "peers.yaml":
            read_configuration(yaml.safe_load(overlay.read_text()), [overlay], DEFAULTS)
    assert not list(faults(DEFAULTS))


HEAD = "nu\tradial_basis\tn_max\tl_max\tsigma\n"
ROW = "2\tgto\t4\t6\t0.1\n"
SHEETS = {
    "": "is empty",
    "# nothing here\n": "is empty",
    HEAD: "has no rows",
    "nu\tbasis\n1\tgto\n": "`radial_basis` is missing, `n_max` is missing",
    HEAD.replace("sigma", "Sigma") + ROW: "`sigma` is missing, `Sigma` is unknown",
    HEAD.replace("sigma", "nu") + ROW: "`nu` stands there twice",
    HEAD
    + ROW
    + "2\tbessel\t4\t6\t0.1\n": "line 3: `radial_basis` is optimal, gto, dvr or complete",
    HEAD + "4\tgto\t4\t6\t0.1\n": "line 2: `nu` is 1, 2 or 3, not '4'",
    HEAD + "2\tgto\t3.7\t6\t0.1\n": "line 2: `n_max` is a whole number, not '3.7'",
    HEAD + "2\tgto\tsix\t6\t0.1\n": "line 2: `n_max` is a whole number, not 'six'",
    HEAD + "2\tgto\t0\t6\t0.1\n": "line 2: `n_max` is greater than or equal to 1",
    HEAD + "2\tgto\t4\t-1\t0.1\n": "line 2: `l_max` is greater than or equal to 0",
    HEAD + "2\tgto\t4\t6\t0\n": "line 2: `sigma` is greater than 0",
    HEAD + "2\tgto\t4\t6\tinf\n": "line 2: `sigma` is a finite number, not 'inf'",
    HEAD + "2\tgto\t4\t6\tsharp\n": "line 2: `sigma` is a number, not 'sharp'",
    HEAD + "2\tgto\t4\t6\n": "line 2: 4 values for 5 columns",
    HEAD + ROW + "2 # a comment\tgto\n": "line 3: 1 values for 5 columns",
    HEAD + ROW + "# a comment\n" + ROW: "line 4: nu2_gto_n4_l6_sigma0.1 stands in line 2 too",
}


@pytest.mark.parametrize(("text", "words"), SHEETS.items())
def test_a_wrong_sheet_is_one_sentence_with_file_and_line(tmp_path, text, words):
    sheet = tmp_path / "sheet.tsv"
    sheet.write_text(text)
    with pytest.raises(InputError) as caught:
        read_sheet(sheet)
    assert str(sheet) in str(caught.value) and words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_sheets_that_cannot_be_read_as_text(tmp_path):
    with pytest.raises(InputError, match=r"none\.tsv does not exist"):
        read_sheet(tmp_path / "none.tsv")
    (tmp_path / "binary.tsv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match=r"binary\.tsv cannot be read as text"):
        read_sheet(tmp_path / "binary.tsv")


@pytest.mark.parametrize(
    "spelt",
    [
        lambda text: text,
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\t", ","),
        lambda text: text.replace("\t", "; "),
        lambda text: "# points\n\n" + text + "\n",
    ],
)
def test_a_sheet_may_be_spelt_in_several_ways(tmp_path, spelt):
    sheet = tmp_path / "sheet.tsv"
    sheet.write_bytes(spelt(HEAD + ROW).encode())
    assert [tuple(point) for point in read_sheet(sheet)] == [(2, "gto", 4, 6, 0.1, 0.0)]


FRAME = "2\nProperties=species:S:1:pos:R:3\nC 0 0 0\nH 0 0 1.1\n"
DATA = {
    "empty.xyz": (b"", "empty"),
    "blank.xyz": (b"\n\n", "frame"),
    "words.xyz": (b"this is no structure\n", "expected a number of atoms"),
    "truncated.xyz": (FRAME.encode()[:-12], "frame 0"),
    "short.xyz": (b"5\n\nC 0 0 0\n", "ends inside this frame of 5 atoms"),
    "element.xyz": (FRAME.replace("H ", "Qq ").encode(), "frame 0"),
    "nan.xyz": (FRAME.replace("1.1", "nan").encode(), "not a finite number"),
    "text.xyz": (FRAME.replace("1.1", "far").encode(), "frame 0"),
    "columns.xyz": (FRAME.replace(" 1.1", "").encode(), "frame 0"),
    "binary.xyz": (bytes(range(200, 256)) * 5, "binary.xyz"),
    "page.xyz": (b"<!DOCTYPE html><html></html>\n", "expected a number of atoms"),
    "broken.xyz.gz": (gzip.compress(FRAME.encode() * 50)[:40], "broken.xyz.gz"),
    "notgzip.xyz.gz": (b"2\n", "not a readable gzip file"),
    "cell.cif": (b"nonsense", "cell.cif"),
    "empty.traj": (b"", "empty.traj"),
    "nothing.xyz": (None, "there is no such file"),
    "two.xyz": (FRAME.encode(), "two.xyz: 2 structures were asked for and it has 1"),
}


@pytest.mark.parametrize("name", DATA)
def test_a_file_that_cannot_be_used_is_one_sentence_with_its_name(tmp_path, name):
    content, words = DATA[name]
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(InputError) as caught:
        frames = select_frames(stored_frames(file), str(file), 2 if name == "two.xyz" else 1)
        cut_environments(frames, 4.0, "C", name=str(file))
    assert name in str(caught.value) and words in str(caught.value)
    assert "\n" not in str(caught.value)
