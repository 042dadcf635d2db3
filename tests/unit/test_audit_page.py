"""What the page of an audit says: a verdict, causes with remedies, what was left out, and why."""

import re
import shutil

import numpy as np
import pandas as pd
import pytest
from ase import Atoms
from ase.build import bulk, molecule
from ase.io import write

import conclude_audit
from audits import audit, audit_of_methanes, table, write_page
from descriptor_sensitivity.audit.finding import CATEGORIES
from descriptor_sensitivity.audit.thresholds import USUAL
from descriptor_sensitivity.audit.verdict import CAUSES, verdicts
from descriptor_sensitivity.audit.worst import read_clusters
from descriptor_sensitivity.drawing.audit_viewer import viewer
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.report.page import code


def conclude(folder):
    options = ["--folder", str(folder), "--page", "index.html"]
    conclude_audit.main([*options, "--verdict", str(folder / "verdict.txt")])
    return (folder / "verdict.txt").read_text()


@pytest.fixture(scope="module")
def methane(tmp_path_factory):
    """Twenty methanes: one degenerate, one symmetric, one that cannot be used."""
    return audit_of_methanes(tmp_path_factory.mktemp("mine"))


def test_the_page_says_what_the_tables_say(methane):
    text = write_page(methane, "mine", "C").read_text()
    words = " ".join(re.sub(r"<[^>]+>", " ", text.partition("<script>")[0]).split())
    summary = pd.read_csv(methane / "summary.csv").iloc[0]
    assert f"of {summary['fine']:.0f} of 19 atoms" in words
    for kind in ("degenerate", "symmetric"):
        assert CAUSES[kind].remedy.split(":")[0] in words
    assert "frame 11 has a coordinate that is not a finite number" in words
    assert "it is a degenerate point itself of the mirror family" in words
    assert "What this means for forces" not in words
    assert "C atoms" in words and "again.yaml" in words and "n_max: 4" in words
    assert text.partition("<script>")[0].count("<svg") == 3
    for sentence in conclude(methane).splitlines():
        assert sentence in words


def test_the_viewer_shows_the_singular_point_to_scale():
    """A ball at each atom's place there; where no point is known, one within the centre."""
    known = {"frame": 0, "center": 0, "condition_number": 9.0, "diagnosis": "degenerate"}
    near = Atoms("CHFe", [(0, 0, 0), (0, 0, 1.1), (1, 0, 0)], info=known)
    near.arrays["displacement"] = np.zeros((3, 3))
    far = near.copy()
    near.arrays["to_singular"] = np.array([(0, 0, 0), (0, 0.28, 0), (0, 0, 0.1)])
    near.info["singular"] = "a degenerate point of the mirror family lies 0.28 Å away or nearer"
    shown = viewer([near, far], "title")
    assert shown["settings"]["structure"][0]["shape"].split(",") == list(shown["shapes"])
    shape = shown["shapes"]["nearest singular point"]
    first, second = shape["parameters"]["structure"]
    assert shape["kind"] == "spheres"
    assert first["centers"] == [[0, 0, 0], [0, 0.28, 1.1], [1, 0, 0.1]]
    np.testing.assert_allclose(first["radii"][:2], [0.34, 0.24])  # van der Waals 1.7 and 1.2 Å
    assert second["centers"] == [[0, 0, 0]] and np.isfinite(first["radii"]).all()
    said = shown["properties"]["nearest singular point"]["values"]
    assert said == [near.info["singular"], "none known"]


def test_the_page_explains_the_balls_where_there_are_some(methane, tmp_path):
    balls = "The blue balls show, to scale, where the atoms stand"
    text = " ".join(write_page(methane, "mine", "C").read_text().split())
    assert "The red arrows are the move" in text and balls in text
    bare = shutil.copytree(methane, tmp_path / "bare")
    worst = read_clusters(bare / "worst.xyz")
    for atoms in worst:
        atoms.arrays.pop("to_singular", None)
    write(bare / "worst.xyz", worst, format="extxyz")
    text = " ".join(write_page(bare, "mine", "C").read_text().split())
    assert "The red arrows are the move" in text and balls not in text


def test_without_a_usable_frame_page_and_terminal_say_why(tmp_path):
    write(tmp_path / "none.xyz", [molecule("H2O"), molecule("NH3")], format="extxyz")
    folder = audit(tmp_path / "none.xyz", tmp_path, center="Kr")
    text = write_page(folder, "none").read_text()
    said = "Nothing could be audited in any of 2 frames: 2 no atom of the centre species."
    assert said in text and "holds no Kr atom" in text and "Causes" not in text
    with pytest.raises(InputError, match="2 no atom of the centre species. See index.html"):
        conclude(folder)
    assert not (folder / "verdict.txt").exists()


@pytest.mark.parametrize(("cutoff", "named"), [(3.61, True), (3.7, False), (3.5, False)])
def test_a_shell_at_the_cutoff_is_named(tmp_path, cutoff, named):
    """Copper has 12 neighbours at 2.553 Å and 6 at 3.61 Å; those are taken, or left out, as one."""
    crystal = bulk("Cu", a=3.61, cubic=True).repeat(2)
    crystal.rotate(37, (1, 2, 3), rotate_cell=True)
    write(tmp_path / "cu.xyz", crystal, format="extxyz")
    folder = audit(tmp_path / "cu.xyz", tmp_path, settings={"cutoff": cutoff})
    rows = table(folder)
    assert (rows["n_neighbors"] == (18 if cutoff > 3.61 else 12)).all()
    assert (rows["at_cutoff"] == (6 if named else 0)).all()
    said = "in 32 of 32 environments a shell lies at the cutoff of 3.61 Å (6 neighbours)"
    assert (said in str(pd.read_csv(folder / "summary.csv")["remark"].tolist())) == named
    assert (said in write_page(folder, "cu").read_text()) == named


def test_every_cause_has_a_meaning_and_a_remedy():
    assert set(CAUSES) == set(CATEGORIES) - {"fine"}


def summary(**counts):
    """Of a data set of one species with a median CN of `usual`."""
    usual = counts.pop("usual", 10.0)
    found = dict.fromkeys((kind.replace(" ", "_") for kind in CATEGORIES), 0) | counts
    whole = {"representation": "rep", "species": "all", "n_environments": sum(counts.values())}
    rows = [whole | found, {"representation": "rep", "species": "C", "median_regular": usual}]
    return pd.DataFrame(rows)


def structures(*diagnoses):
    table = pd.DataFrame({"diagnosis": diagnoses})
    return table.assign(representation="rep")


def said(table, *diagnoses):
    return verdicts(table, structures(*diagnoses))["rep"]


def test_three_sentences():
    for counts in ({"fine": 5}, {"fine": 5, "usual": USUAL + 1}, {"fine": 1, "symmetric": 4}):
        sentences = said(summary(**counts), "fine")
        assert len(sentences) == 3
        assert all(s.endswith(".") and "  " not in s and s[0].strip() for s in sentences)


def test_a_data_set_does_not_hide_behind_its_own_median():
    assert "every small move" in said(summary(fine=5, usual=USUAL - 1), "fine")[0]
    first, second, _ = said(summary(fine=5, usual=65087.9), "fine")
    assert "not well" in first and "65,000 times less" in first and "make advice" in second
    assert first.endswith("the one that it sees best.")
    none = said(summary(fine=0, truncation=7), "fine")[0]
    assert "of none of 7 atoms: about each there is a move" in none
    assert "of 0 of 1 atoms; about the other one" in said(summary(fine=0, truncation=1), "fine")[0]


@pytest.mark.parametrize(
    ("lost", "words"), [(3, "other 3 are seen worse"), (1, "other one is seen worse")]
)
def test_causes_are_those_of_the_atoms_named_last(lost, words):
    """What is said of "these" is about the atoms seen badly, not about those seen as usual."""
    first, second, _ = said(summary(fine=5, truncation=lost, usual=65087.9), "fine")
    assert "of 5 of" in first and first.endswith(f"{words} still.")
    assert "lost to the basis" in second


def test_symmetric_environments_alone_are_no_fault():
    second = said(summary(fine=2, symmetric=4), "fine")[1]
    assert second.startswith("All 4 are symmetric") and "nothing to do" in second
    second = said(summary(fine=2, symmetric=4, truncation=9), "fine")[1]
    assert second.startswith("Of these, 9 are lost to the basis and 4 are symmetric")
    assert "remedy" not in said(summary(fine=2, truncation=9), "fine")[1]


def test_structures_are_counted_by_what_is_seen():
    third = said(summary(fine=5), "fine", "symmetric", "low sensitivity", "blind", "blind")[2]
    assert "2 of 5 structures" in third and "1 badly" in third and "2 with a blind" in third
    assert "loses nothing" in said(summary(fine=5), "fine", "symmetric")[2]
    assert said(summary(fine=5))[2] == "No structure was judged as a whole."


def test_what_stands_between_backticks_is_code():
    assert code("a < b: `make advice` says") == "a &lt; b: <code>make advice</code> says"
