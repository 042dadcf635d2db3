"""Crystals: one and the same in any cell, and what tells two of them apart."""

import ase
import ase.io
import numpy as np
import pytest
from ase.build import bulk, fcc111, make_supercell, molecule
from scipy.spatial.transform import Rotation

from descriptor_sensitivity import compare, load_zoo
from descriptor_sensitivity.descriptors.registry import build_descriptor
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.theory.crystals import crystal_isometries, primitive
from descriptor_sensitivity.zoo.compare import main
from descriptor_sensitivity.zoo.entries import CARDS, read_card
from descriptor_sensitivity.zoo.relation import relation, same_features, sites

SKEWED = [[2, 0, 1], [0, 1, 0], [1, 0, 1]]
CRYSTALS = {
    "Cu": (bulk("Cu"), 48),
    "Si": (bulk("Si"), 48),
    "NaCl": (bulk("NaCl", "rocksalt", a=5.64), 48),
    "Mg": (bulk("Mg"), 24),
}
"""Primitive cells, and how many operations lay each on itself, shifts not counted."""

CHIRAL = ase.Atoms(
    "HCNO",
    [(0.1, 0.2, 0.1), (1.9, 0.3, 0.8), (0.4, 2.2, 1.7), (2.1, 2.4, 3.3)],
    cell=[(4.0, 0, 0), (0.7, 4.8, 0), (0.4, 0.9, 5.5)],
    pbc=True,
)


def elsewhere(atoms, supercell=SKEWED, sign=1, seed=0):
    """The same crystal in a supercell, turned, shifted, in another order and wrapped."""
    rng = np.random.default_rng(seed)
    found = make_supercell(atoms, supercell)
    turn = sign * Rotation.random(rng=rng).as_matrix()
    found.set_cell(found.cell.array @ turn)
    found.positions = found.positions @ turn + rng.normal(size=3)
    found = found[rng.permutation(len(found))]
    found.wrap()
    return found


@pytest.mark.parametrize("name", CRYSTALS)
@pytest.mark.parametrize("supercell", [SKEWED, [[3, 0, 0], [1, 2, 0], [0, 1, 2]]])
def test_a_crystal_is_one_in_any_cell(name, supercell):
    crystal, operations = CRYSTALS[name]
    one, other = primitive(crystal), primitive(elsewhere(crystal, supercell))
    assert len(one) == len(other) == len(crystal)
    assert other.cell.volume == pytest.approx(crystal.cell.volume)
    found = crystal_isometries(one, other)
    assert len(found) == operations
    np.testing.assert_allclose([m @ m.T for m in found], [np.eye(3)] * operations, atol=1e-12)


def in_a_row(symbols):
    chain = ase.Atoms(symbols)
    chain.positions[:, 0] = 2.5 * np.arange(len(chain))
    chain.set_cell([2.5 * len(chain), 2.6, 2.7])
    chain.pbc = True
    return chain


def test_a_cell_that_species_do_not_repeat_in_is_kept():
    alloy = bulk("Cu", cubic=True)
    alloy.numbers[0] = 79
    assert len(primitive(alloy)) == 4 and len(primitive(alloy.repeat((2, 1, 2)))) == 4
    assert len(primitive(in_a_row("CuCuAuAu"))) == 4 and len(primitive(in_a_row("CuAuCuAu"))) == 2
    one, other = in_a_row("CuCuAuCuAuAu"), in_a_row("CuCuCuAuAuAu")
    assert relation(one, other, "structure") == "different"


def test_mirror_images_of_a_crystal():
    assert relation(CHIRAL, elsewhere(CHIRAL), "structure") == "rotation"
    assert relation(CHIRAL, elsewhere(CHIRAL, sign=-1), "structure") == "reflection"


def one_atom(*cell):
    return ase.Atoms("H", cell=cell, pbc=True)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (one_atom(3, 3, 6), one_atom(3, 3, 3)),  # a sublattice: only the volume tells
        (one_atom(3, 4, 5, 80, 90, 90), one_atom(3, 4, 5, 90, 80, 90)),  # one volume
        (one_atom(3, 4, 5, 90, 80, 90), one_atom(3, 4, 5, 90, 90, 80)),
        (one_atom(3, 4, 5, 90, 90, 80), one_atom(3, 4, 5, 80, 90, 90)),
        (one_atom(3, 4, 5), one_atom(3, 4, 5.00001)),
    ],
)
def test_lattices_that_differ(a, b):
    assert relation(a, b, "structure") == relation(b, a, "structure") == "different"
    assert relation(a, a, "structure") == relation(b, b, "structure") == "rotation"


def test_an_atom_more_in_the_same_cell_is_another_crystal():
    full = ase.Atoms("H2", [(0, 0, 0), (1.5, 0, 0)], cell=(3, 4, 5), pbc=True)
    full.positions[1, 1] = 0.3
    assert relation(one_atom(3, 4, 5), full, "structure") == "different"
    assert relation(full, one_atom(3, 4, 5), "structure") == "different"


def displaced(atom, by):
    found = CHIRAL.copy()
    found.numbers[:] = 1, 6, 6, 6
    found.positions[atom, 0] += by
    return found


@pytest.mark.parametrize(
    ("atom", "by", "said"),
    [
        (1, 1.7e-6, "different"),  # every atom within twice the tolerance, not of one shift
        (0, 1.2e-6, "rotation"),  # the atom that is laid on its like is itself off
        (2, 1e-7, "rotation"),
    ],
)
def test_the_tolerance_is_of_every_atom(atom, by, said):
    assert relation(displaced(atom, 0), displaced(atom, by), "structure") == said


def test_a_cell_that_repeats_for_some_atoms_only_is_refused():
    chain = bulk("Cu").repeat((3, 1, 1))
    chain.positions[:, 1] += [0, 0.2e-6, 0.75e-6]  # one third is a shift of all, two thirds are not
    with pytest.raises(InputError, match="repeat in a smaller cell for some and not for others"):
        primitive(chain)


def test_the_same_crystal_in_every_descriptor():
    found = compare(CRYSTALS["NaCl"][0], elsewhere(CRYSTALS["NaCl"][0]))
    assert found.relation == "rotation"
    assert found.separates == {"summed": None, "multiset": None} and found.highest == 4
    assert max(max(one.values()) for one in found.distances.values()) < 1e-11
    assert "Atoms see up to 4 Å; NaCl in the primitive cell." in str(found)


def test_a_strained_crystal_is_another():
    crystal = CRYSTALS["Si"][0]
    strained = crystal.copy()
    strained.set_cell(crystal.cell.array @ np.diag([1, 1, 1.001]), scale_atoms=True)
    found = compare(crystal, strained)
    assert found.relation == "different"
    assert found.separates == {"summed": 1, "multiset": 1}
    assert all(min(one.values()) > 1e-6 for one in found.distances.values())


def test_cells_of_different_size_are_compared_for_the_same_amount_of_matter():
    """The first two shells of fcc and hcp are alike in their distances; the third is below 4 Å."""
    close = bulk("Cu", "hcp", a=2.0, c=2 * np.sqrt(8 / 3))
    found = compare(close, bulk("Cu", a=2 * np.sqrt(2)), cutoff=3.0)
    assert found.relation == "different" and found.separates == {"summed": 2, "multiset": 2}
    assert max(found.distances["density, nu = 1"].values()) < 1e-12
    assert min(found.distances["density, nu = 2"].values()) > 0.1
    assert "Cu2 in the primitive cell of the first, Cu in that of the second" in str(found)
    assert compare(close, bulk("Cu", a=2 * np.sqrt(2)), {}).separates["summed"] == 1


def test_a_descriptor_of_ones_own_sees_as_far_as_its_cutoff():
    settings = {"kind": "density", "nu": 1, "radial_basis": "gto", "n_max": 6, "l_max": 0}
    near, far = (build_descriptor("x", settings | {"sigma": 0.3, "cutoff": c}) for c in (3.0, 5.0))
    side = 3.61 / np.sqrt(2)
    close = bulk("Cu", "hcp", a=side, c=side * np.sqrt(8 / 3))
    found = compare(close, bulk("Cu", a=3.61), {"near": near, "far": far}).distances
    assert found["near"]["summed"] < 1e-12 < 1e-3 < found["far"]["summed"]


def test_homometric_crystals_have_the_same_distances_however_far_one_looks():
    one, other = load_zoo()["homometric_crystals"].members
    for cutoff in (2.1, 3.9, 7.0, 12.0):
        assert same_features(one, other, 1, "structure", "summed", cutoff)
        assert not same_features(one, other, 1, "structure", "multiset", cutoff)
    found = compare(one, other)
    assert found.separates == {"summed": 2, "multiset": 1}
    nearest = found.distances["density, nu = 1"]
    assert nearest["summed"] < 1e-12 < 1e-3 < nearest["multiset"]


def test_what_the_atoms_of_a_crystal_see():
    silicon = sites(bulk("Si"), "structure", 4.0)
    assert [(number, len(vectors)) for number, vectors, _ in silicon] == [(14, 16), (14, 16)]
    salt = sites(CRYSTALS["NaCl"][0], "structure", 4.5)
    around = {number: species.tolist() for number, _, species in salt}
    assert around == {11: 12 * [11] + 6 * [17], 17: 6 * [11] + 12 * [17]}


@pytest.mark.parametrize(
    ("a", "b", "said"),
    [
        (bulk("Cu"), molecule("H2O"), "A crystal and a molecule cannot be compared"),
        (bulk("Cu"), fcc111("Cu", (1, 1, 2), vacuum=5), "second structure is periodic in some"),
        (bulk("Cu"), bulk("Au"), "The first crystal is Cu, the second Au"),
        (
            bulk("NaCl", "rocksalt", a=5.64),
            bulk("NaF", "rocksalt", a=4.6).repeat(2),
            "The first crystal is ClNa, the second FNa; give two of the same composition",
        ),
        (
            ase.Atoms("Cu2", [(0, 0, 0), (0, 0, 1e-5)], cell=np.eye(3) * 3, pbc=True),
            bulk("Cu"),
            "Atoms 0 and 1 of the first structure coincide",
        ),
        (
            ase.Atoms("Cu2", [(0, 0, 0), (0, 0, 2.99999)], cell=np.eye(3) * 3, pbc=True),
            bulk("Cu"),
            "Atoms 0 and 1 of the first structure coincide",
        ),
    ],
)
def test_crystals_that_cannot_be_compared(a, b, said):
    with pytest.raises(InputError, match=said) as error:
        compare(a, b)
    assert "\n" not in str(error.value)


def test_a_cutoff_that_sees_nothing_says_so(tmp_path):
    with pytest.raises(InputError, match="No atom has a neighbour within the cutoff of 2 Å"):
        compare(bulk("Cu"), bulk("Cu", a=3.7), cutoff=2.0)
    with pytest.raises(InputError, match="A cutoff of 0 Å sees nothing"):
        main(["a.xyz", "b.xyz", "--cutoff", "0"])


def test_a_file_of_few_digits_needs_its_tolerance():
    rounded = elsewhere(CRYSTALS["Mg"][0])
    rounded.positions = rounded.positions.round(3)
    exact = CRYSTALS["Mg"][0]
    found = compare(exact, rounded, {}, cutoff=3.5)
    assert found.relation == "different" and found.separates["summed"] == 1
    found = compare(exact, rounded, {}, cutoff=3.5, tolerance=2e-3)
    assert found.relation == "rotation" and found.separates["summed"] is None


@pytest.mark.parametrize("tolerance", [0.0, -1.0, 0.2, np.nan])
def test_a_tolerance_that_cannot_be_is_refused(tolerance):
    with pytest.raises(InputError, match="cannot tell atoms 0 and 1 of the first structure, 2.35"):
        compare(bulk("Si"), bulk("Si"), tolerance=tolerance)
    with pytest.raises(InputError, match="of the first structure, 2.55 Å apart"):
        compare(bulk("Cu"), bulk("Cu"), tolerance=0.5)


def test_the_command_reads_crystals(tmp_path, capsys):
    crystals = CRYSTALS["Si"][0], elsewhere(CRYSTALS["Si"][0])
    files = [str(tmp_path / name) for name in ("a.xyz", "b.xyz")]
    for file, atoms in zip(files, crystals, strict=True):
        ase.io.write(file, atoms)
    main([*files, "--cutoff", "3"])
    said = capsys.readouterr().out
    assert "one and the same, rotated" in said and "see up to 3 Å; Si2 in the" in said
    with pytest.raises(InputError, match="A tolerance of 1 Å cannot tell"):
        main([*files, "--tolerance", "1"])
    main([*files, "--center", "0"])  # 16 neighbours, most of them images
    said = capsys.readouterr().out
    assert "one and the same, rotated" in said and "centre: none up to 4" in said


def test_a_card_of_a_crystal_needs_cell_and_cutoff(tmp_path):
    card, text = tmp_path / "card.toml", (CARDS / "homometric_crystals.toml").read_text()
    for line in text.splitlines():
        if line.startswith(("cell = ", "cutoff = ")):
            card.write_text(text.replace(line, ""))
            with pytest.raises(InputError, match="a crystal needs `cell` .* and a `cutoff`"):
                read_card(card)
