"""Any two environments or structures, as a function and as a command."""

import ase
import ase.build
import numpy as np
import pytest
from ase.io import write
from scipy.spatial.transform import Rotation

from descriptor_sensitivity import InputError, load_zoo
from descriptor_sensitivity.theory.families import double_ring, mirror
from descriptor_sensitivity.zoo.compare import compare, main

ZOO = load_zoo()
NU2 = {"kind": "density", "nu": 2, "radial_basis": "gto", "n_max": 4, "l_max": 4, "sigma": 0.3}
ONE = {"nu2": NU2}


def pair(name: str) -> tuple[ase.Atoms, ...]:
    entry = ZOO[name]
    return entry.structures(next(entry.members()))


def test_an_environment_that_no_pair_of_neighbours_tells_apart():
    found = compare(mirror(1), mirror(-1))
    assert (found.environment, found.congruent, found.order) == (True, "no", 3)
    assert found.distances["ν=2"] < 1e-12 < 1e-4 < found.distances["ν=3"]
    assert set(found.distances) == {"ν=2", "ν=3", "ν=4", "OMFP", "smooth OMFP"}
    assert "differ from order ν = 3 on" in str(found) and "ν=2" in str(found)


def test_a_structure_that_sums_of_pairs_do_not_tell_apart():
    a, b = pair("path")
    found = compare(a, b, descriptors=ONE)
    assert (found.environment, found.congruent) == (False, "no")
    assert (found.order, found.summed) == (2, 3)
    assert found.distances["nu2"] > 0.1  # centre by centre


def test_the_same_structure_turned_shifted_and_renumbered():
    a = ase.build.molecule("CH3CH2OH")
    order = np.random.default_rng(0).permutation(len(a))
    b = a[order]
    b.positions = b.positions @ Rotation.from_euler("xyz", [1, 2, 3]).as_matrix() + 4.0
    found = compare(a, b, descriptors=ONE)
    assert (found.congruent, found.order, found.summed) == ("rotation", None, None)
    assert found.distances["nu2"] < 1e-12
    one = int(np.flatnonzero(order == 0)[0])
    carbon = compare(a, b[[one, *np.delete(np.arange(len(b)), one)]], 0, 3.0, ONE)
    assert carbon.congruent == "rotation" and carbon.distances["nu2"] < 1e-12


def test_mirror_images_of_a_chiral_molecule():
    a = ase.Atoms(
        "CHFClBr", [(0, 0, 0), (0, 0, 1), (1.3, 0, -0.4), (-0.9, 1.5, -0.6), (-1, -1.7, -0.6)]
    )
    b = a.copy()
    b.positions[:, 1] *= -1
    found = compare(a, b, descriptors=ONE)
    assert (found.congruent, found.order, found.summed) == ("reflection", None, None)
    assert "mirror images" in str(found)


def test_crystals_are_compared_by_their_environments():
    a = ase.build.bulk("NaCl", "rocksalt", a=5.64, cubic=True)
    b = a.copy()
    b.positions += 0.3
    found = compare(a, b, cutoff=3.0, descriptors=ONE)
    assert (found.congruent, found.order) == (None, None)
    b.rattle(0.1, seed=1)
    assert compare(a, b, cutoff=3.0, descriptors=ONE).order == 1
    assert "not decided" in str(found)


def test_a_descriptor_that_refuses_says_why():
    found = compare(mirror(1), mirror(-1), descriptors={"odd": {"kind": "density", "nu": 7}})
    assert found.distances == {} and "odd" in found.refused["odd"]
    assert found.refused["odd"] in str(found)


WATER, METHANE = ase.build.molecule("H2O"), ase.build.molecule("CH4")
CRYSTAL = ase.build.bulk("Si")
TOUCHING = ase.Atoms("OH2", [(0, 0, 0), (0, 0, 1), (0, 0, 1)])
BAD = [
    ((WATER, METHANE), {}, "hold other atoms, H2O and CH4"),
    ((mirror(1), double_ring(1)), {}, "hold other atoms"),
    ((WATER, METHANE), {"center": 0}, "centres are of other species, O and C"),
    ((METHANE, METHANE), {"center": "H"}, "4 atoms of the element `H`"),
    ((METHANE, METHANE), {"center": 7}, "there is no atom 7"),
    ((METHANE, METHANE), {"center": 0, "cutoff": 0.5}, "no neighbour"),
    ((CRYSTAL, CRYSTAL), {}, "which cutoff"),
    ((TOUCHING, WATER), {}, "Atoms 1 and 2 of the first of the structures coincide"),
    ((TOUCHING, WATER), {"center": "O"}, "coincide"),
    ((np.zeros((3, 2)), mirror(1)), {}, "array \\(N, 3\\)"),
    ((ase.Atoms(), WATER), {}, "holds no atoms"),
]


@pytest.mark.parametrize(("pair", "options", "said"), BAD)
def test_what_cannot_be_compared_is_one_sentence(pair, options, said):
    with pytest.raises(InputError, match=said):
        compare(*pair, **options, descriptors=ONE)


def test_the_command(tmp_path, capsys):
    files = []
    for name, atoms in zip("ab", pair("double_ring"), strict=True):
        files.append(str(tmp_path / f"{name}.xyz"))
        write(files[-1], atoms)
    main([*files, "--center", "C"])
    said = capsys.readouterr().out
    assert "not congruent" in said and "differ from order ν = 4 on" in said
    # eight decimals leave something of what is equal
    assert "within the tolerance" in said
    with pytest.raises(SystemExit) as caught:
        main([files[0], str(tmp_path / "no.xyz")])
    assert caught.value.code == 3
    assert capsys.readouterr().err.startswith("error: ")
