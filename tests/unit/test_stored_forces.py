"""Forces in a user's file: which columns or results they are, and what is no number."""

import numpy as np
import pytest
from ase.build import molecule
from ase.calculators.singlepoint import SinglePointCalculator
from ase.constraints import FixAtoms
from ase.io import write

from descriptor_sensitivity.structures.forces import stored_forces
from descriptor_sensitivity.structures.frames import as_atoms, stored_frames

GIVEN = np.random.default_rng(0).normal(size=(3, 3))


def forces_in(path):
    return [stored_forces(frame) for _, frame in stored_frames(path, bare=False)]


def water(results=True, **arrays):
    atoms = molecule("H2O")
    if results:
        atoms.calc = SinglePointCalculator(atoms, energy=-1.0, forces=GIVEN)
    for name, values in arrays.items():
        atoms.arrays[name] = values
    return atoms


@pytest.mark.parametrize("name", ["a.xyz", "a.extxyz.gz", "a.traj", "a.json", "content"])
def test_results_of_a_calculation_that_ase_wrote(tmp_path, name):
    """Those of the frames that have them, also where atoms are fixed."""
    fixed = water()
    fixed.set_constraint(FixAtoms([0]))
    kind = "extxyz" if name == "content" else None
    write(tmp_path / name, [water(), water(results=False), fixed], format=kind)
    first, none, last = forces_in(tmp_path / name)
    assert none is None
    np.testing.assert_allclose(first, GIVEN, atol=1e-8)
    np.testing.assert_allclose(last, GIVEN, atol=1e-8)


@pytest.mark.parametrize("name", ["forces", "force", "REF_forces", "dft_forces"])
def test_names(tmp_path, name):
    write(tmp_path / "a.xyz", water(results=False, **{name: GIVEN}), format="extxyz")
    np.testing.assert_allclose(forces_in(tmp_path / "a.xyz")[0], GIVEN, atol=1e-8)


def test_what_is_called_the_reference_comes_first(tmp_path):
    """Beside it `forces` may be those of a model; those called so are never taken."""
    both = water(results=False, forces=-GIVEN, REF_forces=GIVEN, MACE_forces=2 * GIVEN)
    write(tmp_path / "a.xyz", both, format="extxyz")
    np.testing.assert_allclose(forces_in(tmp_path / "a.xyz")[0], GIVEN, atol=1e-8)
    write(tmp_path / "b.xyz", water(results=False, MACE_forces=GIVEN), format="extxyz")
    assert forces_in(tmp_path / "b.xyz") == [None]


@pytest.mark.parametrize(
    ("properties", "row"),
    [
        ("", "H 0 0 1 5 6 7"),
        ("Properties=species:S:1:pos:R:3", "H 0 0 1"),
        ("Properties=species:S:1:pos:R:3:forces:R:1", "H 0 0 1 5"),
        ("Properties=species:S:1:pos:R:3:forces:S:3", "H 0 0 1 a b c"),
    ],
)
def test_other_columns_are_no_forces(tmp_path, properties, row):
    (tmp_path / "a.xyz").write_text(f"1\n{properties}\n{row}\n")
    assert forces_in(tmp_path / "a.xyz") == [None]


def test_what_is_no_number_is_nan_and_costs_no_structure(tmp_path):
    rows = ["H 0 0 0 nan 1 2", "H 0 0 1 1.0D+00 -- 3", "H 0 1 1 4 5"]
    text = "\n".join(["3", "Properties=species:S:1:pos:R:3:forces:R:3", *rows]) + "\n"
    (tmp_path / "a.xyz").write_text(text)
    ((_, frame),) = stored_frames(tmp_path / "a.xyz", bare=False)
    nan = np.nan
    np.testing.assert_array_equal(stored_forces(frame), [[nan, 1, 2], [1, nan, 3], [4, 5, nan]])
    assert len(as_atoms(frame, "a.xyz", 0)) == 3


def test_an_array_of_another_shape_is_none(tmp_path):
    write(tmp_path / "a.traj", water(results=False, forces=GIVEN[:, 0]))
    assert forces_in(tmp_path / "a.traj") == [None]


def test_a_format_without_forces(tmp_path):
    write(tmp_path / "a.gro", molecule("H2O"))
    assert forces_in(tmp_path / "a.gro") == [None]
