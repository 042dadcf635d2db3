"""Formats as real work brings them, and the copy that the audit works on."""

import subprocess
import sys

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, molecule
from ase.io import write

from descriptor_sensitivity.audit.chunks import split_frames
from descriptor_sensitivity.cutting import cut_batches
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.structures.parquet import frame_file, read_frames
from descriptor_sensitivity.structures.xyz import BadFrame
from reading import FRAME, formulas, outcome

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
