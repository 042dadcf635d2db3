"""Whole structures in the audit: numbers of hidden displacements, what is judged, the sentence."""

import ase.build
import numpy as np
import pandas as pd
import pytest
from ase.io import read, write
from scipy.spatial.transform import Rotation

from audits import audit
from descriptor_sensitivity.audit.structure_level import StructureView, view_structure
from descriptor_sensitivity.audit.structure_table import COLUMNS, judged
from descriptor_sensitivity.cutting import cut_environments
from descriptor_sensitivity.descriptors.registry import build_descriptor
from descriptor_sensitivity.theory.families import mirror_singular
from descriptor_sensitivity.theory.structures import structure_null_space
from whole_structures import CRYSTALS, MOLECULES, centred, cube

NAMES = ["water 2", "methane 2", "ethane 2", "cube 2", "mirror 2", "seven 2", "generic 2"]
STRUCTURES = {name: MOLECULES[name] for name in NAMES}
STRUCTURES |= {name: (row[0], row[1], 2, *row[2:]) for name, row in CRYSTALS.items()}


def soap(cutoff: float = 9.0, **changed):
    settings = {"kind": "density", "nu": 2, "radial_basis": "gto", "n_max": 8, "l_max": 6}
    settings |= {"sigma": 0.4, "cutoff": cutoff, **changed}
    return build_descriptor("soap", settings)


def view(atoms: ase.Atoms, cutoff: float = 9.0, center: int | None = None) -> StructureView:
    return view_structure(soap(min(cutoff, 5.0)), atoms, min(cutoff, 5.0), center, 0.3, 1e6)


@pytest.mark.parametrize("name", STRUCTURES)
def test_numbers_of_hidden_displacements_are_those_of_the_theory(name):
    atoms, cutoff, order, *_ = STRUCTURES[name]
    found = view(atoms, cutoff)
    spaces = {
        partition: structure_null_space(atoms, min(cutoff, 5.0), order, partition)
        for partition in ("multiset", "concatenated")
    }
    assert found.hidden_concatenated == spaces["concatenated"].dimension
    assert found.hidden_multiset == spaces["multiset"].dimension
    assert found.hidden_by_symmetry == spaces["multiset"].symmetric.shape[1]
    assert found.modes == 3 * len(atoms) - (3 if atoms.pbc.all() else 6 - 3 * atoms.pbc.any())
    assert found.out_of_reach == 0


@pytest.mark.parametrize("decimals", [4, 5, 8])
def test_numbers_do_not_depend_on_decimals_or_orientation(decimals):
    for name in ("CH4", "C2H6", "C6H6", "C3H4_D2d"):
        atoms = ase.build.molecule(name)
        expected = view(atoms)
        atoms.positions = Rotation.random(random_state=decimals).apply(atoms.positions)
        atoms.positions = np.round(atoms.positions, decimals)
        found = view(atoms)
        for key in ("hidden_by_symmetry", "hidden_concatenated", "hidden_multiset"):
            assert getattr(found, key) == getattr(expected, key), name
        assert abs(found.condition_number / expected.condition_number - 1) < 0.05


def test_near_symmetry_counts_as_seen_but_is_not_judged():
    """Methane rattled by 0.03 Å: nothing is hidden, and all that symmetry would hide is small."""
    atoms = ase.build.molecule("CH4")
    exact = view(atoms)
    atoms.rattle(0.03, seed=1)
    found = view(atoms)
    assert found.hidden_by_symmetry == found.hidden_concatenated == found.hidden_multiset == 0
    assert found.condition_number < 1.5 * exact.condition_number
    strict = view_structure(soap(5.0), atoms, 5.0, None, 1e-4, 1e6)
    assert strict.condition_number > 5 * found.condition_number


def test_what_no_feature_holds_is_blindness_near_symmetry_too():
    """The carbon has two densities for nine moves: seven are seen nowhere, and no symmetry is."""
    atoms = ase.build.molecule("CH4")
    atoms.rattle(0.03, seed=1)
    poor = soap(5.0, n_max=2, l_max=0)
    found = view_structure(poor, atoms, 5.0, 6, 0.3, 1e6)
    assert found.hidden_by_symmetry == 0 and found.hidden_concatenated == 7
    assert np.isinf(found.condition_number)
    hidden = seen_along(poor, atoms, found.displacement)
    assert hidden < 1e-9
    exact = view_structure(poor, ase.build.molecule("CH4"), 5.0, 6, 0.3, 1e6)
    assert exact.hidden_by_symmetry == 8 and np.isfinite(exact.condition_number)


def seen_along(descriptor, atoms, displacement):
    """|J^T u| of the carbon's features over s_max, u the displacement relative to the carbon."""
    (batch,) = cut_environments([atoms], 5.0, "C")
    jacobian = descriptor.jacobian(batch)[1][0]
    relative = (displacement - displacement[0])[1:].ravel()
    return np.linalg.norm(relative @ jacobian) / np.linalg.norm(jacobian, 2)


def test_a_degenerate_atom_is_filled_in_by_the_others():
    atoms = centred(mirror_singular())
    together, alone = view(atoms), view(atoms, center=6)
    assert together.hidden_concatenated == 0 and together.condition_number < 1e3
    assert alone.hidden_concatenated == 1 and alone.hidden_by_symmetry == 0
    assert alone.condition_number > 1e10
    assert np.linalg.norm(alone.displacement) == pytest.approx(1)


def test_the_displacement_is_the_one_seen_least():
    """Features of all centres after a step along it change less than along any other."""
    atoms = ase.build.molecule("CH3OH")
    atoms.rattle(0.2, seed=4)
    found = view_structure(soap(5.0), atoms, 5.0, None, 1e-4, 1e6)

    from_here = features(atoms)
    step = 1e-4

    def response(direction: np.ndarray) -> float:
        moved = atoms.copy()
        moved.positions += step * direction
        return float(np.linalg.norm(features(moved) - from_here)) / step

    rng = np.random.default_rng(0)
    others = [rng.normal(size=(6, 3)) for _ in range(5)]
    least = response(found.displacement)
    assert all(response(d / np.linalg.norm(d)) > 2 * least for d in others)


def features(atoms: ase.Atoms) -> np.ndarray:
    """Of all centres, side by side."""
    batches = cut_environments([atoms], 5.0)
    found = {}
    for batch in batches:
        for center, row in zip(batch.centers, soap(5.0).features(batch), strict=True):
            found[center] = row
    return np.concatenate([found[k] for k in sorted(found)])


def test_parts_beyond_the_cutoff_move_unseen_and_are_not_judged():
    pair = ase.build.molecule("CH4")
    far = ase.build.molecule("CH4")
    far.positions += [20.0, 1.0, 0.5]
    both = view(pair + far)
    assert both.modes == 24 and both.out_of_reach == 6
    assert both.condition_number < 1e3
    assert both.hidden_concatenated == 6 + 2 * 2
    assert both.hidden_by_symmetry == 24 - 6 - 1  # the two breathe alike
    assert view(pair).out_of_reach == 0


def test_an_orbital_matrix_and_a_descriptor_with_orientation_are_judged_too():
    atoms = ase.build.molecule("CH3OH")
    atoms.rattle(0.1, seed=2)
    omfp = build_descriptor("omfp", {"kind": "omfp", "cutoff": 5.0})
    assert view_structure(omfp, atoms, 5.0, None, 0.3, 1e6).condition_number < 1e3
    first = soap(5.0, nu=1)
    found = view_structure(first, atoms, 5.0, None, 0.3, 1e6)
    assert found.modes == 15 and found.hidden_by_symmetry == 0


def test_one_atom_has_nothing_to_hide():
    found = view(ase.build.bulk("Cu"), 4.0)
    assert found.modes == 0 and np.isnan(found.condition_number)


def rows(**columns) -> pd.DataFrame:
    number = len(columns["condition_number"])
    table = {column: [0] * number for column in COLUMNS} | {"modes": [9] * number}
    table["worst_center_condition_number"] = [8.0] * number
    return pd.DataFrame(table | {"frame": list(range(number))} | columns).astype(COLUMNS)


def test_sentences_and_diagnoses():
    table = rows(
        condition_number=[10.0, 11.0, 12.0, 60.0, 1e7, np.nan, 11.0],
        worst_center=[3, 0, 0, 0, 2, 0, 1],
        worst_center_condition_number=[np.inf, 8.0, 200.0, 70.0, 1e9, np.inf, 8.0],
        hidden_by_symmetry=[8, 0, 0, 0, 0, 9, 0],
        hidden_concatenated=[2, 0, 0, 0, 1, 9, 6],
        out_of_reach=[0, 0, 0, 0, 0, 0, 6],
    )
    found = judged(table, "soap", 5.0, 1e6)
    kinds = ["fine", "fine", "fine", "low sensitivity", "blind", "symmetric", "fine"]
    assert found["diagnosis"].tolist() == kinds
    said = found["because"].tolist()
    assert said[0].startswith(
        "Atom 3 alone is blind (CN infinite); with the features of all audited atoms the structure"
        " is seen (CN 10)."
    )
    assert "hides 8 of 9" in said[0] and "2 are in no atom's" in said[0]
    assert said[1].startswith("Every atom sees its surroundings (CN up to 8); with the features")
    assert "Atom 0 alone sees badly (CN 2e+02)" in said[2]
    assert "together see the structure badly (CN 60)" in said[3]
    assert "Atom 2 alone is blind (CN 1e+09); all audited atoms together are blind too" in said[4]
    assert "symmetry hides every displacement" in said[5]
    assert "6 move parts that lie beyond the cutoff" in said[6]
    assert found["representation"].eq("soap").all()


def test_structures_of_a_file(tmp_path):
    """Every second frame of six; one is no structure, one has two atoms in one place."""
    frames = []
    for seed in range(6):
        atoms = ase.build.molecule("CH4")
        atoms.rattle(0.1, seed=seed)
        frames.append(atoms)
    frames[2].positions[2] = frames[2].positions[1]
    write(tmp_path / "six.xyz", frames, format="extxyz")
    folder = audit(tmp_path / "six.xyz", tmp_path / "all")
    table = pd.read_csv(folder / "structures.csv")
    assert table["frame"].tolist() == [0, 1, 3, 4, 5]
    assert (table["n_atoms"] == 5).all() and (table["modes"] == 9).all()
    environments = pd.read_csv(folder / "environments.csv")
    highest = environments.groupby("frame")["condition_number"].max()
    assert np.allclose(table["worst_center_condition_number"], highest.drop(2, errors="ignore"))
    worst = read(folder / "worst_structures.xyz", ":")
    highest = table["condition_number"].max()
    assert len(worst) == 2 and worst[0].info["condition_number"] == pytest.approx(highest, 1e-5)
    assert np.linalg.norm(worst[0].arrays["displacement"]) == pytest.approx(1)
    half = pd.read_csv(audit(tmp_path / "six.xyz", tmp_path / "half", most=3) / "structures.csv")
    assert half["frame"].tolist() == [0, 4]


def test_cube_is_the_same_seen_from_any_side():
    atoms = cube()
    atoms.rotate(33, (1, 2, 3))
    assert view(atoms).hidden_concatenated == 7


def test_a_sum_over_atoms_has_fewer_features_than_the_atoms_side_by_side():
    """Two pairs of like atoms under a twofold axis and one feature each: 4, and 2 when added up."""
    half = np.array([[0.7, 0.2, 0.0], [0.9, -0.8, 0.6]])
    atoms = ase.Atoms("H4", np.concatenate([half, half * [-1, -1, 1]]))
    poor = soap(5.0, n_max=1, l_max=0)
    found = view_structure(poor, atoms, 5.0, None, 0.3, 1e6)
    assert found.hidden_by_symmetry == 2  # the two odd ones
    assert found.hidden_concatenated == 6 - 4
    assert found.hidden_multiset == 6 - 2
