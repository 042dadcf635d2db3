"""Every card of the zoo holds, a wrong one does not, and the well-known wrong pair is refused."""

import dataclasses

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from descriptor_sensitivity import InputError, load_zoo
from descriptor_sensitivity.theory.families import RANGES
from descriptor_sensitivity.zoo import evidence, verdict
from descriptor_sensitivity.zoo.card import CARDS, Card, Entry
from descriptor_sensitivity.zoo.verify import verify

ZOO = load_zoo()
MIRRORED = np.diag([1.0, 1.0, -1.0])


@pytest.mark.parametrize("name", ZOO)
def test_every_card_holds_by_theory_and_by_two_sets_of_features(name):
    statements = verify(ZOO[name])
    assert [statement.fault for statement in statements if statement.fault] == []
    assert statements


def test_every_family_of_the_theory_is_in_the_zoo_with_random_members():
    families = {entry.card.family for entry in ZOO.values()} - {None}
    assert families == set(RANGES)
    for entry in ZOO.values():
        if entry.card.family:
            fixed, first, second = entry.members(random=2, seed=5)
            assert len(fixed) == (2 if entry.paired else 1)
            assert np.abs(first[0] - second[0]).max() > 1e-3


def test_the_81_pairs_of_methane_are_degenerate_at_elevation_0_alone():
    orders = [s.theory for s in verify(ZOO["mirror_manifold"]) if s.what.startswith("separates")]
    assert orders.count(3) == 9 and orders.count(2) == 72


def changed(name: str, **expected: object) -> Entry:
    card = ZOO[name].card
    other = card.expected.model_copy(update=expected)
    return Entry(name, card.model_copy(update={"expected": other}))


@pytest.mark.parametrize(
    ("entry", "faults"),
    [
        (changed("mirror", separates={"environment": 2}), 2),
        (changed("mirror", congruent="reflection"), 2),
        (changed("mirror_images", congruent="rotation"), 1),
        (changed("ring", null={"environment": {"2": [1, 0]}}), 2),
        (changed("heptagon", null={"concatenated": {"2": [0, 2]}}), 1),
        (changed("chain_4", separates={"hops": 2}), 1),
        (changed("cube_octahedron_6", separates={"graph": 2}), 1),
        (changed("mirror_manifold", separates={"environment": [3, 4]}), 72),
    ],
)
def test_a_wrong_card_is_found_out(entry, faults):
    found = [statement for statement in verify(entry) if statement.fault]
    assert len(found) == faults
    for statement in found:  # each kind of evidence on its own
        for name in ("theory", "density", "random"):
            if getattr(statement, name) is not None:
                alone = {"theory": None, "density": None, "random": None}
                alone[name] = getattr(statement, name)
                assert dataclasses.replace(statement, **alone).fault
    assert "the card says" in found[0].fault and entry.name in found[0].fault


def test_a_pair_that_was_known_for_two_years_is_one_environment_rotated():
    """The `4-body` pairs of geometric-gnn-dojo, commit 30277bf, experiments/incompleteness.ipynb.

    The triangle has a mirror plane of its own, which the rotated copy shares with the apex.
    """
    triangle = np.array([(3, 2, -4), (0, 2, 5), (-3, 2, -4)], dtype=float)
    below = triangle * [1, -1, 1] @ Rotation.from_euler("y", 2 * np.pi / 10).as_matrix()
    flat = triangle * [1, 0, 1]
    for ring in (np.vstack([triangle, below]), flat):
        a, b = (np.vstack([ring, (0, sign * 5.0, 0)]) for sign in (1, -1))
        assert verdict.congruence(a, b) == "rotation"
        assert evidence.congruence(a / 5, b / 5, np.ones(len(a))) == "rotation"
        refused = {"congruent": "no", "separates": {"environment": 4}}
        entry = changed("seven_neighbors", null={}, **refused)
        card = entry.card.model_copy(update={"points": [a.tolist(), b.tolist()]})
        assert sum(bool(s.fault) for s in verify(Entry("wrong", card))) == 2


def test_congruence_tells_rotations_from_reflections():
    rng = np.random.default_rng(0)
    points = rng.normal(size=(5, 3))
    turned = (points @ Rotation.random(rng=rng).as_matrix())[rng.permutation(5)]
    assert verdict.congruence(points, turned) == "rotation"
    assert verdict.congruence(points, turned @ MIRRORED) == "reflection"
    assert verdict.congruence(points, 1.01 * turned) == "no"
    symmetric = ZOO["tetrahedral"].members()
    tetrahedron = next(symmetric)[0]
    assert verdict.congruence(tetrahedron, tetrahedron @ MIRRORED) == "rotation"


def test_species_count_in_the_multisets():
    vectors = np.array([[1.0, 0, 0], [0, 1.0, 0], [0, 0, 1.2]])
    a = [(vectors, np.array([1, 1, 9]), 6)]
    assert verdict.separating_order(a, [(vectors, np.array([1, 9, 1]), 6)]) == 1
    assert verdict.separating_order(a, [(vectors[[1, 0, 2]], np.array([1, 1, 9]), 6)]) is None
    other_center = [(vectors, np.array([1, 1, 9]), 7)]
    assert verdict.separating_order(a, other_center) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title = ", "is no card"),
        ("title = 'x'", "`level`: field required"),
        (None, "either `points` or `function`"),
    ],
)
def test_a_broken_card_is_one_sentence(tmp_path, text, said):
    if text is None:
        lines = (CARDS / "ring.toml").read_text(encoding="utf-8").splitlines()
        text = "\n".join(line for line in lines if not line.startswith("function"))
    (tmp_path / "bad.toml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="bad.toml") as caught:
        load_zoo(tmp_path)
    assert said in str(caught.value)


def test_cards_say_all_that_a_card_must():
    for name, entry in ZOO.items():
        card: Card = entry.card
        assert all((card.title, card.defeats, card.why, card.source, card.exact, card.numerical))
        expected = card.expected
        assert (expected.congruent is not None) == entry.paired == bool(expected.separates), name
        assert expected.null or entry.paired
