"""Structures: the random recipe, streaming and selecting."""

import numpy as np
import pytest
from ase import Atoms
from ase.io import read, write

from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.structures.frames import (
    BadFrame,
    as_atoms,
    random_items,
    select_frames,
    stored_frames,
)
from descriptor_sensitivity.structures.methane import methane_frames, random_methane

# ---------------------------------------------------------------- the recipe


def test_random_methane_is_uniform_in_the_ball_and_keeps_its_distances():
    hydrogens = random_methane(20000, seed=3)
    radii = np.linalg.norm(hydrogens, axis=-1)
    assert radii.max() <= 3.0
    assert radii.min() >= 0.5
    pairs = np.linalg.norm(hydrogens[:, :, None] - hydrogens[:, None], axis=-1)
    assert pairs[:, *np.triu_indices(4, k=1)].min() >= 0.5
    # uniform in the ball but for the excluded core: P(r < 2) = (2^3 - 0.5^3) / (3^3 - 0.5^3)
    assert np.mean(radii < 2) == pytest.approx(7.875 / 26.875, abs=0.01)
    assert np.abs(hydrogens.mean(axis=(0, 1))).max() < 0.02


def test_the_first_structures_of_a_seed_do_not_depend_on_how_many_are_asked_for():
    np.testing.assert_array_equal(random_methane(10, seed=5), random_methane(9000, seed=5)[:10])
    assert not np.array_equal(random_methane(10, seed=5), random_methane(10, seed=6))


@pytest.mark.parametrize(
    "arguments", [{"count": 0}, {"count": 5, "min_distance": 4.0}, {"count": 5, "radius": -1.0}]
)
def test_an_impossible_recipe_is_refused(arguments):
    with pytest.raises(InputError):
        random_methane(seed=0, **arguments)


def test_the_published_data_set_follows_the_recipe(reference):
    """It is slightly more compact (median C-H 2.32 against 2.38 Å), beyond statistical error.

    Structures for which the energy calculation failed are missing from it.
    """
    frames = read(reference / "methane/methane_1000.extxyz", ":")
    radii = np.linalg.norm([atoms.positions[1:] for atoms in frames], axis=-1)
    ours = np.linalg.norm(random_methane(1000, seed=0), axis=-1)
    assert radii.max() <= 3.0
    for quantile in (0.1, 0.5, 0.9):
        assert np.quantile(radii, quantile) == pytest.approx(np.quantile(ours, quantile), abs=0.08)


# ---------------------------------------------------------------- selecting


def test_random_items_are_uniform_sorted_and_seeded():
    counts = np.zeros(40)
    for seed in range(2000):
        chosen = random_items(range(40), 5, seed)
        assert chosen == sorted(set(chosen)) and len(chosen) == 5
        counts[chosen] += 1
    # each item is expected 250 times, with a standard deviation of 14.8
    assert np.abs(counts - 250).max() < 5 * 14.8
    assert random_items(range(40), 5, 1) == random_items(range(40), 5, 1)
    assert random_items(range(3), 5, 1) == [0, 1, 2]


def test_first_and_random_frames_of_a_file_keep_their_number(archive):
    every = [a.positions for a in methane_frames(random_methane(3000, seed=7))]
    first = select_frames(stored_frames(archive), "m", 4)
    assert [atoms.info["source_frame"] for atoms in first] == [0, 1, 2, 3]
    chosen = select_frames(stored_frames(archive), "m", 50, seed=1)
    numbers = [atoms.info["source_frame"] for atoms in chosen]
    assert numbers == sorted(set(numbers)) and numbers[-1] > 1000
    for number, atoms in zip(numbers, chosen, strict=True):
        np.testing.assert_allclose(atoms.positions, every[number], atol=1e-8)


def test_too_few_frames(archive):
    with pytest.raises(InputError, match="4000 structures were asked for and it has 3000"):
        select_frames(stored_frames(archive), "m", 4000)


def test_the_first_frames_are_read_without_the_rest(archive):
    """A file broken behind its first frames gives them all the same."""
    broken = archive.with_name("broken.extxyz.gz")
    broken.write_bytes(archive.read_bytes()[:20000])
    assert len(select_frames(stored_frames(broken), "m", 10)) == 10
    with pytest.raises(InputError, match="truncated"):
        select_frames(stored_frames(broken), "m", 3000)


# ---------------------------------------------------------------- bad files


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.xyz", b"", "empty"),
        ("a.xyz", b"\n \n", "empty"),
        ("a.extxyz.gz", b"5\nnot gzip", "not a readable gzip"),
        ("a.xyz", b"\xff\xfe\x00", "not a readable text"),
        ("a.cif", b"nonsense", "ASE cannot read"),
    ],
)
def test_a_file_that_cannot_be_read_gives_one_sentence(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=message) as caught:
        list(stored_frames(tmp_path / name))
    assert name in str(caught.value) and "\n" not in str(caught.value)


def test_an_absent_file():
    with pytest.raises(InputError, match="no such file"):
        list(stored_frames("/nowhere/a.xyz"))


def test_bad_frames_are_named_and_the_rest_is_read(tmp_path):
    good = "2\n\nC 0 0 0\nH 0 0 1\n"
    frames = [good, "2\n\nC 0 0 0\nH 0 zero 1\n", good, "two\nC 0 0 0\n", good, "0\n\n", good]
    path = tmp_path / "mixed.xyz"
    path.write_text("".join(frames) + "2\n\nC 0 0 0\n")
    outcome = {}
    for number, frame in stored_frames(path):
        try:
            outcome[number] = as_atoms(frame, str(path), number)
        except BadFrame as error:
            outcome[number] = str(error)
    bad = {number: text for number, text in outcome.items() if isinstance(text, str)}
    assert sorted(bad) == [1, 3, 5, 7]
    assert "not a readable xyz frame" in bad[1]
    assert "expected a number of atoms and found 'two'" in bad[3]
    assert "no atoms" in bad[5]
    assert "truncated" in bad[7]
    assert all(f"mixed.xyz, frame {number}" in text for number, text in bad.items())
    assert all(len(outcome[number]) == 2 for number in (0, 2, 4, 6))


def test_other_formats_are_read_by_ase(tmp_path):
    crystal = Atoms("NaCl", positions=[[0, 0, 0], [2.8, 0, 0]], cell=[5.6, 5.6, 5.6], pbc=True)
    write(tmp_path / "a.traj", [crystal, crystal])
    frames = select_frames(stored_frames(tmp_path / "a.traj"), "a.traj", 2)
    assert frames[1].pbc.all() and frames[1].info["source_frame"] == 1
