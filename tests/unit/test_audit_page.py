"""What the page of an audit says: a verdict, causes with remedies, what was left out, and why."""

import re

import pandas as pd
import pytest
from ase.build import bulk, molecule
from ase.io import write

import conclude_audit
from audits import audit, audit_of_methanes, table, write_page
from descriptor_sensitivity.audit.finding import CATEGORIES
from descriptor_sensitivity.audit.thresholds import USUAL
from descriptor_sensitivity.audit.verdict import CAUSES, verdicts
from descriptor_sensitivity.errors import InputError


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
    assert "it is a degenerate point itself (mirror)" in words
    assert "What this means for forces" not in words
    assert "C atoms" in words and "again.yaml" in words and "n_max: 4" in words
    assert text.partition("<script>")[0].count("<svg") == 3
    for sentence in conclude(methane).splitlines():
        assert sentence in words


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
