"""Two environments or structures compared: what is one, what tells them apart, what is refused."""

import subprocess
import sys

import ase
import ase.build
import ase.io
import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from descriptor_sensitivity import compare, load_zoo
from descriptor_sensitivity.descriptors.registry import build_descriptor
from descriptor_sensitivity.environments import batch_from_vectors
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.theory import families
from descriptor_sensitivity.zoo.compare import main
from support import environment

PAIR = [batch_from_vectors(families.mirror(sign)) for sign in (1, -1)]
SOAP = {"kind": "density", "nu": 2, "n_max": 6, "l_max": 6, "sigma": 0.3, "cutoff": 4.0}


def test_a_degenerate_pair_of_environments():
    found = compare(*PAIR)
    assert found.relation == "different" and found.separates == {"centre": 3}
    distances = {name: one["centre"] for name, one in found.distances.items()}
    assert max(distances["density, nu = 1"], distances["density, nu = 2"]) < 1e-14
    higher = ("density, nu = 3", "density, nu = 4", "OMFP", "smooth OMFP")
    assert min(distances[name] for name in higher) > 1e-3


def test_a_rotated_environment_is_one_in_every_descriptor():
    turn = Rotation.random(rng=np.random.default_rng(0)).as_matrix()
    found = compare(PAIR[0], batch_from_vectors(families.mirror(1)[[2, 0, 3, 1]] @ turn))
    assert found.relation == "rotation" and found.separates == {"centre": None}
    assert max(one["centre"] for one in found.distances.values()) < 1e-12
    reflected = compare(PAIR[0], batch_from_vectors(-families.mirror(1)))
    assert reflected.relation == "reflection"


def test_structures_summed_and_as_a_multiset():
    found = compare(*load_zoo()["path_pair"].members)
    assert found.separates == {"summed": 3, "multiset": 2} and found.highest == 4
    soap = found.distances["density, nu = 2"]
    assert soap["summed"] < 1e-12 < 1e-3 < soap["multiset"]


def test_descriptors_of_ones_own():
    found = compare(*PAIR, {"mine": build_descriptor("mine", {**SOAP, "radial_basis": "gto"})})
    assert list(found.distances) == ["mine"] and found.distances["mine"]["centre"] < 1e-14


def test_large_structures_are_tried_up_to_the_order_that_can_be():
    many = batch_from_vectors(
        families.distorted(np.random.default_rng(0).normal(size=(40, 3)), 0.1, 0)
    )
    assert compare(many, many, {}).highest == 3
    molecule = ase.build.molecule("C6H6") + ase.Atoms("H8", 6 + np.arange(24).reshape(8, 3))
    assert compare(molecule, molecule, {}).highest == 3


METHANE = ase.build.molecule("CH4")
SHIFTED = METHANE.copy()
SHIFTED.positions[1] = SHIFTED.positions[2]


@pytest.mark.parametrize(
    ("a", "b", "said"),
    [
        (PAIR[0], METHANE, "An environment and a structure cannot be compared"),
        (METHANE, ase.build.molecule("CH3"), "The first has 5 atoms, the second 4"),
        (METHANE, ase.build.molecule("NH3") + ase.Atoms("H", [(0, 0, 3)]), "The first is CH4, the"),
        (PAIR[0], batch_from_vectors(families.mirror(1), center=7), "CH4 about C, .* H4N about N"),
        (
            PAIR[0],
            batch_from_vectors(families.mirror(1), species=9),
            "give two of the same species",
        ),
        (METHANE, SHIFTED, "Atoms 1 and 2 of the second structure coincide"),
        (ase.Atoms("H"), ase.Atoms("H"), "single atom"),
        (batch_from_vectors(np.ones((2, 1, 3))), PAIR[0], "The first batch holds 2 environments"),
        (METHANE, ase.Atoms("CH4", np.full((5, 3), np.nan)), "not a finite number"),
    ],
)
def test_what_cannot_be_compared_is_one_sentence(a, b, said):
    with pytest.raises(InputError, match=said) as error:
        compare(a, b)
    assert "\n" not in str(error.value)


def test_a_single_neighbour_is_compared_by_its_distance():
    one, other = (batch_from_vectors(np.array([[0, 0, z]])) for z in (1.0, 1.1))
    assert compare(one, other).separates == {"centre": 1}
    assert compare(one, one).relation == "rotation"


def test_the_command(tmp_path, capsys):
    files = [tmp_path / "a.xyz", tmp_path / "b.xyz"]
    for file, batch in zip(files, PAIR, strict=True):
        ase.io.write(file, batch.atoms(0))
    main([*map(str, files), "--center", "0"])
    said = capsys.readouterr().out
    assert "different: no rotation" in said and "centre: 3" in said
    main(list(map(str, files)))
    assert "summed: 2, multiset: 1" in capsys.readouterr().out
    with pytest.raises(InputError, match="there is no atom 7, it has 5 atoms"):
        main([*map(str, files), "--center", "7"])


def test_the_command_says_a_mistake_in_one_line(tmp_path):
    command = [sys.executable, "-m", "descriptor_sensitivity.zoo.compare", "no.xyz", "no.xyz"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment())
    assert done.returncode == 3
    assert done.stderr.startswith("error: ") and done.stderr.count("\n") == 1
