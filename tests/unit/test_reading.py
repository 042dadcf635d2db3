"""Files as real work brings them: what is read, what is refused, and in which words."""

import bz2
import gzip
import lzma
import subprocess
import sys
from pathlib import Path

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
from descriptor_sensitivity.structures.frames import as_atoms, stored_frames
from descriptor_sensitivity.structures.labels import NoElement, element
from descriptor_sensitivity.structures.parquet import frame_file, read_frames
from descriptor_sensitivity.structures.xyz import BadFrame, number

WATER = "O 0 0 0.119\nH 0 0.763 -0.477\nH 0.05 -0.763 -0.477\n"
FRAME = f"3\n\n{WATER}"


def outcome(path: Path, content: str | bytes | None = None) -> list[Atoms | str]:
    """What every frame of a file becomes: a structure, or the sentence that refuses it."""
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    found = []
    for expected, (index, frame) in enumerate(stored_frames(path)):
        assert index == expected
        try:
            found.append(as_atoms(frame, str(path), index))
        except BadFrame as error:
            assert f"{path}, frame {index}" in str(error) and "\n" not in str(error)
            found.append(str(error))
    return found


def formulas(found: list[Atoms | str]) -> list[str]:
    """Chemical formulas, and a dash for what was refused."""
    return ["-" if isinstance(one, str) else one.get_chemical_formula() for one in found]


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


# ---------------------------------------------------------------- where a frame begins and ends


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


# ---------------------------------------------------------------- comments


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


# ---------------------------------------------------------------- labels


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


# ---------------------------------------------------------------- formats


ATOM = "ATOM  {:5d} {:4s} {:3s} A   1    {:8.3f}{:8.3f}{:8.3f}  1.00  0.00          {:>2s}\n"
BOX = "CRYST1{0:9.3f}{0:9.3f}{0:9.3f}  90.00  90.00  90.00 P 1           1\n"


def pdb(residue: str = "MOL", shift: float = 0.0) -> str:
    """Water as the lines of a PDB file."""
    water = molecule("H2O")
    return "".join(
        ATOM.format(k + 1, f" {s}{k}", residue, *(r + shift), s)
        for k, (s, r) in enumerate(zip(water.symbols, water.positions, strict=True))
    )


def test_pdb_with_models_and_without_residues(tmp_path):
    models = "".join(f"MODEL     {k:4d}\n{pdb(shift=k)}ENDMDL\n" for k in (1, 2, 3)) + "END\n"
    found = outcome(tmp_path / "models.pdb", models)
    assert formulas(found) == ["H2O"] * 3
    assert found[2].positions[0, 0] == pytest.approx(3)
    assert formulas(outcome(tmp_path / "blank.pdb", pdb("   ") + "END\n")) == ["H2O"]


@pytest.mark.parametrize(
    ("edge", "words"), [(0.0, "without a cell vector"), (1.0, "cannot be its cell"), (9.0, None)]
)
def test_a_box_of_zeros_or_of_one_is_no_cell(tmp_path, edge, words):
    (atoms,) = outcome(tmp_path / "a.pdb", BOX.format(edge) + pdb() + "END\n")
    batches, refusals = cut_batches([atoms], 3.0, None, [0], "a.pdb, frame")
    if words is None:
        assert not refusals and sum(map(len, batches)) == 3
    else:
        assert not batches and [words in refusal.reason for refusal in refusals] == [True]


def gro(labels: tuple[str, ...], residue: str, x: float, box: str, digits: int = 3) -> str:
    width = digits + 5
    rows = [
        f"{1:5d}{residue:<5s}{label:>5s}{k + 1:5d}{x:{width}.{digits}f}{0.1 * k:{width}.{digits}f}"
        f"{-0.25:{width}.{digits}f}\n"
        for k, label in enumerate(labels)
    ]
    return f"water t= 0.0\n{len(labels):5d}\n{''.join(rows)}{box}\n"


def test_frames_of_gromacs(tmp_path):
    """nm become Å; columns may be wider; an ion is named like its residue; zeros are no box."""
    water = ("OW", "HW1", "HW2")
    content = gro(water, "SOL", 1.5, "   1.2   1.3   1.4")
    content += gro(water, "SOL", -100.2, " 1 1 1 0 0 0.25 0 0.5 0.125", digits=6)
    content += gro(("NA",), "NA", 0.5, "0 0 0") + gro(("CA",), "ALA", 0.5, "0 0 0")
    content += gro(("CA",), "CA", 0.5, "1 1 1").replace("0.500", "0.5x0")
    for name in ("a.gro", "a.txt"):
        found = outcome(tmp_path / name, content)
        assert formulas(found) == ["H2O", "H2O", "Na", "-", "-"]
    np.testing.assert_allclose(found[0].positions[1], [15, 1, -2.5])
    np.testing.assert_allclose(found[0].cell.lengths(), [12, 13, 14])
    assert found[0].pbc.all() and not found[2].pbc.any()
    assert found[1].positions[0, 0] == pytest.approx(-1002)
    np.testing.assert_allclose(found[1].cell.array, [[10, 0, 0], [2.5, 10, 0], [5, 1.25, 10]])
    assert "the label `CA` is either Ca or C" in found[3] and "could not convert" in found[4]
    assert "truncated" in outcome(tmp_path / "b.gro", content[:100])[0]


CIF = """data_x
_cell_length_a 5.602
_cell_length_b 5.602
_cell_length_c 5.602
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 90
_symmetry_space_group_name_H-M 'P 1'
loop_
_atom_site_label
_atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
_atom_site_occupancy
"""


@pytest.mark.parametrize(
    ("sites", "said"),
    [
        ("Sr Sr 0 0 0 0.25\nLa La 0 0 0 0.75\nO1 O 0.5 0.5 0.5 1.0\n", True),
        ("O1 O 0 0 0 1.0\nH1 H 0.1 0.1 0.1 0.5\nD1 D 0.17 0.17 0.17 0.5\n", True),
        ("O1 O 0 0 0 1.0\nH1 H 0.1 0.1 0.1 1\n", False),
    ],
    ids=["mixed", "split", "full"],
)
def test_partly_occupied_sites_are_said(tmp_path, sites, said):
    (tmp_path / "a.cif").write_text(CIF + sites)
    notes = split_frames(tmp_path / "a.cif", tmp_path / "pieces", 100, 5, 0).notes
    assert ["a.cif: sites are partly occupied, first in frame 0" in note for note in notes] == [
        True
    ] * said


# ---------------------------------------------------------------- the copy that the audit works on


def exotic() -> list[Atoms]:
    """Structures whose numbers have no short decimals, whose labels hold anything."""
    rng = np.random.default_rng(4)
    slab = Atoms("C2", rng.normal(size=(2, 3)), cell=[[1 / 3, 0, 0], [0.1, 2.3, 0], [0, 0, 0]])
    slab.pbc = [True, True, False]
    far = Atoms("UH", rng.normal(size=(2, 3)) * 1e5, info={"note": "two\nlines"})
    tiny = Atoms("He", [[-0.0, 5e-324, 1e300]])
    return [slab, far, tiny, *[bulk("Si").repeat(k) for k in (1, 2, 3)]]


def test_the_copy_keeps_every_frame_and_every_bit(tmp_path):
    frames = exotic()
    write(tmp_path / "a.traj", frames * 20)
    split_frames(tmp_path / "a.traj", tmp_path / "one", 100, 7, 3)
    split_frames(tmp_path / "a.traj", tmp_path / "two", 100, 7, 3)
    chunks = sorted((tmp_path / "one" / "chunks").iterdir())
    assert [chunk.name for chunk in chunks] == ["000000.parquet", "000001.parquet"]
    copied = [item for chunk in chunks for block in read_frames(chunk) for item in block]
    assert [index for index, _ in copied] == list(range(120))
    for (_, mine), original in zip(copied, frames * 20, strict=True):
        for name in ("numbers", "positions", "pbc"):
            assert getattr(mine, name).tobytes() == getattr(original, name).tobytes()
        assert mine.cell.array.tobytes() == original.cell.array.tobytes() and not mine.info
    for name in ("sample.parquet", "chunks/000000.parquet", "chunks/000001.parquet"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_frames_keep_their_numbers_beside_those_that_cannot_be_read(tmp_path):
    good, bad = FRAME, FRAME.replace("0.119", "?")
    (tmp_path / "a.xyz").write_text((good * 3 + bad) * 60)
    dataset = split_frames(tmp_path / "a.xyz", tmp_path / "p", 100, 30, 0)
    assert (dataset.n_frames, dataset.n_chunks) == (240, 3)
    (blocks,) = read_frames(tmp_path / "p" / "chunks" / "000002.parquet")
    assert [index for index, _ in blocks] == list(range(200, 240))
    refused = [index for index, frame in blocks if isinstance(frame, BadFrame)]
    assert refused == list(range(203, 240, 4))
    assert f"{tmp_path / 'a.xyz'}, frame 203: " in str(blocks[3][1])
    sampled = [item for block in read_frames(tmp_path / "p" / "sample.parquet") for item in block]
    assert [index for index, _ in sampled] == dataset.sample
    assert not any(index % 4 == 3 for index in dataset.sample) and len(dataset.sample) > 15


def test_a_copy_without_frames(tmp_path):
    with frame_file(tmp_path / "none.parquet"):
        pass
    assert list(read_frames(tmp_path / "none.parquet")) == []


# ---------------------------------------------------------------- no file


def test_a_folder_in_place_of_a_file(tmp_path):
    with pytest.raises(InputError, match="this is a folder; give a file of structures"):
        outcome(tmp_path)


def test_a_file_that_may_not_be_read(tmp_path):
    """The tests may run as root, who may read everything: ask as somebody else."""
    (tmp_path / "a.xyz").write_text(FRAME)
    (tmp_path / "a.xyz").chmod(0)
    tmp_path.chmod(0o755)
    code = (
        "import os, sys; from descriptor_sensitivity.structures.frames import stored_frames;"
        "os.geteuid() or os.setuid(65534);"
        "list(stored_frames(sys.argv[1]))"
    )
    for folder in tmp_path.parents[:3]:
        folder.chmod(0o755)
    run = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "a.xyz")], capture_output=True, text=True
    )
    assert "a.xyz: cannot be read (Permission denied); see its permissions" in run.stderr
