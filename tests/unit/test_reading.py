"""Texts as real work brings them: what is read, what is refused, and in which words."""

import bz2
import gzip
import lzma

import numpy as np
import pyarrow as pa
import pytest
from ase import Atoms
from ase.build import bulk, molecule
from ase.calculators.singlepoint import SinglePointCalculator
from ase.io import read, write
from hypothesis import given, settings
from hypothesis import strategies as st

from descriptor_sensitivity.audit.chunks import split_frames
from descriptor_sensitivity.cutting import cut_batches
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.structures.labels import NoElement, element
from descriptor_sensitivity.structures.xyz import number
from reading import FRAME, WATER, formulas, outcome

# ---------------------------------------------------------------- texts


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + (FRAME * 2).encode(),
        (FRAME * 2).encode("utf-16"),
        b"\xfe\xff" + (FRAME * 2).encode("utf-16-be"),
        (FRAME * 2).replace("\n", "\r\n").encode(),
        (FRAME * 2).replace("\n", "\r").encode(),
        (FRAME * 2).replace("\n\n", "\nd = 1 Å\n").encode("latin-1"),
        (FRAME * 2).replace("\n\n", "\nd = 1 Å\n").encode(),
        FRAME.encode() + b"\n \n\n" + FRAME.rstrip().encode(),
    ],
    ids=["BOM", "UTF-16 LE", "UTF-16 BE", "CRLF", "CR", "Latin-1", "UTF-8", "blank lines"],
)
def test_encodings_and_line_ends(tmp_path, content):
    found = outcome(tmp_path / "a.xyz", content)
    assert formulas(found) == ["H2O", "H2O"]
    np.testing.assert_array_equal(found[0].positions[2], [0.05, -0.763, -0.477])


def zstd(content: bytes) -> bytes:
    return pa.Codec("zstd").compress(content, asbytes=True)


@pytest.mark.parametrize(
    ("suffix", "pack"),
    [(".gz", gzip.compress), (".bz2", bz2.compress), (".xz", lzma.compress), (".zst", zstd)],
)
def test_compressions(tmp_path, suffix, pack):
    """By name or by content; the frames may be spread over several packed parts."""
    packed = pack(FRAME.encode()) + pack(FRAME.encode())
    assert formulas(outcome(tmp_path / f"a.xyz{suffix}", packed)) == ["H2O", "H2O"]
    assert formulas(outcome(tmp_path / "called_otherwise.xyz", packed)) == ["H2O", "H2O"]
    with pytest.raises(InputError, match="ends too early|not a readable"):
        outcome(tmp_path / f"cut.xyz{suffix}", pack(FRAME.encode() * 50)[:-12])
    with pytest.raises(InputError, match=f"a.xyz{suffix}: not a readable"):
        outcome(tmp_path / f"a.xyz{suffix}", b"5\nno compressed file at all")


def test_a_compressed_file_of_another_format(tmp_path):
    write(tmp_path / "a.cif", bulk("NaCl", "rocksalt", 5.64))
    packed = zstd((tmp_path / "a.cif").read_bytes())
    assert formulas(outcome(tmp_path / "a.cif.zst", packed)) == ["ClNa"]
    with pytest.raises(InputError, match="a.what.zst: ASE cannot read this file"):
        outcome(tmp_path / "a.what.zst", zstd(b"nothing known"))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.1D+00", 0.1),
        ("-1.5d2", -150.0),
        ("1.4*^-6", 1.4e-6),
        ("2.5-103", 2.5e-103),
        ("+.5Q1", 5.0),
        ("1e-3", 1e-3),
    ],
)
def test_numbers_of_fortran_and_mathematica(text, value):
    assert number(text) == value


@pytest.mark.parametrize("text", ["******", "0,5", "zero", "1.0D", "D5", "1-", ""])
def test_what_is_no_number(text):
    with pytest.raises(ValueError):
        number(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("******", "line 8: `******` is not a number"),
        ("0,763", "line 8: `0,763` is not a number"),
        ("nan", "not a finite number (line 8)"),
        ("-inf", "not a finite number (line 8)"),
        ("1e999", "not a finite number (line 8)"),
    ],
)
def test_a_coordinate_that_is_no_number_costs_its_frame(tmp_path, text, words):
    bad = FRAME.replace("0.763", text, 1)
    found = outcome(tmp_path / "a.xyz", FRAME + bad[:-1] + "\n" + FRAME)
    assert formulas(found) == ["H2O", "-", "H2O"]
    assert words.replace("line 8", "line 9") in found[1]


def test_the_layout_of_qm9(tmp_path):
    """Charges behind positions, frequencies, SMILES and InChI behind the atoms: all passed over."""
    methane = (
        "2\ngdb 1\t157.7\t6.4\t\nC\t0.0000615077\t1.4*^-6\t-0.0137\t-0.5\nH\t0.5\t0.6\t0.5\t-0.5\n"
        "1341.3\t1341.3\t1341.3\t1341.3\nC\tC\t\nInChI=1S/CH4/h1H4\tInChI=1S/CH4/h1H4\n"
    )
    found = outcome(tmp_path / "dsgdb9nsd.xyz", methane * 3)
    assert formulas(found) == ["CH"] * 3
    assert found[2].positions[0, 1] == 1.4e-6


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (2, "2 atoms are announced in line 6 and more follow"),
        (4, "4 atoms are announced in line 6 and 3 follow"),
        (9, "9 atoms are announced in line 6 and 3 follow"),
        ("3x", "expected a number of atoms and found '3x' in line 6"),
        (0, "0 atoms are announced in line 6 and more follow"),
    ],
)
def test_a_wrong_count_costs_its_own_frame(tmp_path, count, words):
    found = outcome(tmp_path / "a.xyz", f"{FRAME}{count}\n\n{WATER}{FRAME}{FRAME}")
    assert formulas(found) == ["H2O", "-", "H2O", "H2O"]
    assert words in found[1]


def test_a_file_that_ends_inside_a_frame(tmp_path):
    found = outcome(tmp_path / "a.xyz", FRAME + FRAME[:-30])
    assert formulas(found) == ["H2O", "-"] and "the file is truncated" in found[1]


@pytest.mark.parametrize("name", ["a.exyz", "a.txt", "a.dat", "frames"])
def test_extended_xyz_is_known_by_its_content(tmp_path, name):
    write(tmp_path / "a.extxyz", [bulk("Si"), molecule("CH4")], format="extxyz")
    content = (tmp_path / "a.extxyz").read_bytes()
    assert formulas(outcome(tmp_path / name, content)) == ["Si2", "CH4"]
    assert formulas(outcome(tmp_path / f"{name}.gz", gzip.compress(content))) == ["Si2", "CH4"]


def test_a_format_that_nothing_reads(tmp_path):
    with pytest.raises(InputError, match="a.txt: ASE cannot read this file"):
        outcome(tmp_path / "a.txt", "no structure at all\n")


LABELS = [
    'stress="1 2 3 4 5 6 7 8 9"',
    'stress="1 2 3 4 5 6"',
    'virial="1 2 3"',
    "energy=None stress=None",
    'energy="" free_energy=nan',
    'forces="bad" config_type="it\'s a \\"test\\""',
    "config=\"old pbc=F Lattice=none\" note='Properties=x'",
    "flag other= dipole={1 2 3} m=[[1, 2], [3, 4]]",
]


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("first", [True, False])
def test_energies_and_the_like_cannot_cost_a_frame(tmp_path, label, first):
    geometry = 'Lattice="4 0 0 0 5 0 0.5 0 6" Properties=species:S:1:pos:R:3:forces:R:3 pbc="T F T"'
    comment = f"{label} {geometry}" if first else f"{geometry} {label}"
    (atoms,) = outcome(tmp_path / "a.xyz", f"2\n{comment}\nSi 0 0 0 0 0 0\nO 1 1 1 0 0 0\n")
    np.testing.assert_array_equal(atoms.cell.array, [[4, 0, 0], [0, 5, 0], [0.5, 0, 6]])
    assert atoms.pbc.tolist() == [True, False, True]


@pytest.mark.parametrize(
    ("comment", "row"),
    [
        ("Properties=Z:I:1:pos:R:3", "14 1 2 3"),
        ("Properties=pos:R:3:species:S:1", "1 2 3 Si"),
        ("Properties=id:I:1:species:S:1:positions:R:3:Z:I:1", "7 Si 1 2 3 14"),
        ('Properties="species:S:1:pos:R:3:forces:R:3"', "Si 1 2 3 9 9 9"),
        ("", "Si 1 2 3 9 9"),
    ],
)
def test_columns_are_found_by_their_names(tmp_path, comment, row):
    (atoms,) = outcome(tmp_path / "a.xyz", f"1\n{comment}\n{row}\n")
    assert atoms.numbers.tolist() == [14] and atoms.positions.tolist() == [[1, 2, 3]]
    assert not atoms.info


@pytest.mark.parametrize(
    ("comment", "words"),
    [
        ("Properties=species:S:1:forces:R:3", "names no species or no pos"),
        ('Lattice="1 2 3 4"', "`Lattice` has 4 numbers, nine are due"),
        ('Lattice="4 0 0 0 4 0 0 0 a"', "could not convert string to float: 'a'"),
        ('pbc="T maybe F"', "is not three of T and F"),
    ],
)
def test_a_comment_that_cannot_be_meant(tmp_path, comment, words):
    found = outcome(tmp_path / "a.xyz", f"1\n{comment}\nSi 0 0 0\n{FRAME}")
    assert formulas(found) == ["-", "H2O"] and words in found[0]


@pytest.mark.parametrize(
    ("comment", "pbc", "edges"),
    [
        ('Lattice="4 0 0 0 4 0 0 0 4"', [True] * 3, [4, 4, 4]),
        ('Lattice="4 5 6" pbc=[T, F, T]', [True, False, True], [4, 5, 6]),
        ("Lattice=[[4,0,0],[0,5,0],[0,0,6]] pbc={1 1 0}", [True, True, False], [4, 5, 6]),
        ('lattice="4 0 0 0 4 0 0 0 4" pbc="T T T"', [True] * 3, [4, 4, 4]),
        ("lattice=fcc pbc=False", [False] * 3, [0, 0, 0]),
        ("pbc=TTF", [True, True, False], [0, 0, 0]),
    ],
)
def test_cells_and_periodicity_in_their_spellings(tmp_path, comment, pbc, edges):
    (atoms,) = outcome(tmp_path / "a.xyz", f"1\n{comment}\nSi 0 0 0\n")
    assert atoms.pbc.tolist() == pbc and atoms.cell.lengths().tolist() == edges


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6))
def test_what_ase_writes_is_read_as_ase_reads_it(tmp_path_factory, seed):
    """Energies, forces, stress, strings and arrays among it."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 8))
    cell = rng.normal(size=(3, 3)) * 10 if rng.random() < 0.7 else None
    pbc = rng.random(3) < 0.5 if cell is not None else False
    numbers = rng.integers(1, 119, count)
    atoms = Atoms(numbers, rng.normal(size=(count, 3)) * 7, cell=cell, pbc=pbc)
    atoms.info = {"name": 'a "b" = c', "value": rng.normal(), "m": rng.normal(size=(3, 3))}
    atoms.arrays["charge"] = rng.normal(size=count)
    atoms.calc = SinglePointCalculator(
        atoms, energy=1.0, forces=rng.normal(size=(count, 3)), stress=rng.normal(size=6)
    )
    path = tmp_path_factory.mktemp("ase") / "a.extxyz"
    write(path, atoms)
    (mine,), theirs = outcome(path), read(path)
    for name in ("numbers", "positions", "pbc"):
        np.testing.assert_array_equal(getattr(mine, name), getattr(theirs, name))
    np.testing.assert_array_equal(mine.cell.array, theirs.cell.array)


@pytest.mark.parametrize(
    ("labels", "symbol"),
    [
        ("H D T h 1 H1 H+ HW1 HW HB2 HN hw", "H"),
        (["C", "c", "6", "C13", "C_3", "CB", "ca1."][0] + " c 6 C13 C_3 C.ar CB CN", "C"),
        ("O o 8 O2- OW OXT O1 Ow", "O"),
        ("Cl CL cl 17 Cl- Cl1 CL-", "Cl"),
        ("Na Na+ NA+ na+ Na1", "Na"),
        ("Ca Ca2+ CA2+ Ca_1", "Ca"),
        ("S SG SD", "S"),
        ("Fe FE fe Fe3+ FE2", "Fe"),
        ("Si SI si14", "Si"),
    ],
)
def test_labels_of_an_element(labels, symbol):
    assert {element(label) for label in labels.split()} == {Atoms(symbol).numbers[0]}


@pytest.mark.parametrize("label", ["X", "Xx", "M", "MW", "EP", "LP", "DUM", "Q1", "0", "119", "-1"])
def test_labels_of_no_element(label):
    with pytest.raises(NoElement, match="no element"):
        element(label)


@pytest.mark.parametrize("label", ["CA", "NA", "ca", "CO", "HG", "HO1", "CD2", "NE"])
def test_labels_of_one_of_two_elements(label):
    with pytest.raises(NoElement, match="either .* or"):
        element(label)


def test_labels_are_guessed_once_or_refused_with_their_line(tmp_path):
    odd = FRAME.replace("O ", "OW ").replace("H ", "HW1 ")
    virtual = FRAME.replace("3\n", "4\n", 1) + "M 0.2 0.3 1.2\n"
    twofold = FRAME.replace("O ", "CA ")
    content = FRAME + odd * 2 + virtual + twofold
    found = outcome(tmp_path / "a.xyz", content)
    assert formulas(found) == ["H2O", "H2O", "H2O", "-", "-"]
    assert "frame 3: the label `M` in line 21 is no element" in found[3]
    assert "frame 4: the label `CA` in line 24 is either Ca or C" in found[4]
    dataset = split_frames(tmp_path / "a.xyz", tmp_path / "pieces", 100, 5, 0)
    (note,) = dataset.notes
    assert "first in frame 1: `HW1` as H, `OW` as O." in note


def test_an_atom_without_an_element_is_no_neighbour():
    frame = molecule("H2O") + Atoms("X", [[0.2, 0.3, 1.2]])
    batches, (refusal,) = cut_batches([frame], 4.0, None, [5], "a.traj, frame")
    assert not batches
    assert refusal.reason.startswith("a.traj, frame 5: atom 3 is of no element")
