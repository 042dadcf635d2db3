"""Table 1 as a study: energies between computed points, ranges, what a setting leaves."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from descriptor_sensitivity.drawing import fig_table1
from descriptor_sensitivity.drawing.style import plt
from descriptor_sensitivity.energies import energies_ev, read_energies
from descriptor_sensitivity.energy_models import decades
from descriptor_sensitivity.grids import build
from descriptor_sensitivity.manifolds import Manifold, square_grid
from descriptor_sensitivity.scf import Level
from descriptor_sensitivity.table1_study import (
    COARSE,
    FLOORS,
    NOISES,
    at,
    energy_surface,
    misfits,
    random_structures,
    ranges,
    stretched,
    variations,
)

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "workflow/resources/energies"
RANDOM = sorted(SHIPPED.glob("random/*.csv"))
SINGULAR = yaml.safe_load((ROOT / "config/config.yaml").read_text())["singular"]
LEVEL = Level(SINGULAR["functional"], SINGULAR["basis"])
WITHIN = 0.1
"""Smaller over larger slope of the energy of the asymmetric structure, at least."""


def shipped(file: Path) -> tuple[Manifold, np.ndarray]:
    """The structure a file of energies is for, and its energies, eV."""
    head, table = read_energies(file)
    stored = head["structures"]
    arrays = (np.array(stored[f"{key}"]) for key in ("vectors_angstrom", "displacements"))
    manifold = Manifold(*arrays, stored["length_angstrom"], np.array(stored["deltas"]))
    return manifold, energies_ev(table, len(manifold))


@pytest.mark.parametrize("name", ["asymmetric", "symmetric", "degenerate"])
def test_energies_at_twice_the_length_follow_from_those_at_half(name):
    """The inner half of the points foretells the whole grid, to a tenth of a ueV."""
    manifold, energies = shipped(SHIPPED / f"{name}.csv")
    inside = np.abs(manifold.coordinates).max(axis=1) < 0.51
    surface, residual = energy_surface(manifold.coordinates[inside], energies[inside])
    assert 1e6 * residual < 1e-3
    wrong = 1e6 * np.abs(at(surface, manifold.coordinates) - energies).max()
    assert wrong < 0.1


def test_a_surface_leaves_out_what_is_unknown():
    coordinates = Manifold(np.eye(3), np.zeros((2, 3, 3)), 1.0, square_grid(9)).coordinates
    energies = 5 + coordinates[:, 0] ** 3 * coordinates[:, 1] ** 3 - coordinates[:, 1]
    known = np.where(np.arange(81) == 7, np.nan, energies)
    surface, residual = energy_surface(coordinates, known)
    np.testing.assert_allclose(at(surface, coordinates), energies, atol=1e-12)
    assert residual < 1e-12


def slopes(manifold: Manifold, energies: np.ndarray) -> np.ndarray:
    """Slopes of the energy along both displacements, eV/Å."""
    surface, _ = energy_surface(manifold.coordinates, energies)
    step = 1e-3 * np.concatenate([np.eye(2), -np.eye(2)])
    ahead, behind = at(surface, step).reshape(2, 2)
    return (ahead - behind) / (2e-3 * manifold.length)


def test_the_asymmetric_structure_is_the_first_whose_energy_has_both_slopes():
    steep = [np.sort(np.abs(slopes(*shipped(SHIPPED / "asymmetric.csv"))))]
    assert steep[0][0] > WITHIN * steep[0][1] > 0.05
    for file in RANDOM:  # the first few of those before
        small, large = np.sort(np.abs(slopes(*shipped(file))))
        assert small < WITHIN * large


@pytest.mark.parametrize("file", RANDOM, ids=lambda file: file.stem)
def test_random_structures_are_those_of_their_seed(file):
    own, _ = shipped(file)
    settings = {"distortion": 0.3, "seed": int(file.stem), "length": own.length}
    bond = 1.1061
    built = build("asymmetric", settings, 7, bond, SINGULAR["directions"])
    np.testing.assert_allclose(own.vectors, built.vectors, atol=1e-9)
    np.testing.assert_allclose(own.displacements, built.displacements, atol=1e-9)


def test_random_structures_at_another_level_are_left_out():
    (manifold, energies), *others = random_structures(RANDOM, LEVEL, 21)
    assert len(others) == 4 and len(manifold) == len(energies) == 441
    coarse, known = shipped(RANDOM[0])
    same = [
        np.flatnonzero(np.isclose(manifold.coordinates, c).all(axis=1)) for c in coarse.coordinates
    ]
    pairs = [(k[0], i) for i, k in enumerate(same) if len(k)]
    assert len(pairs) == 9  # the two grids share -1, 0, 1
    for fine, number in pairs:
        assert 1e6 * abs(energies[fine] - known[number]) < 0.01
    assert random_structures(RANDOM, Level("PBE", "def2-svp"), 21) == []


def test_a_stretched_manifold_moves_further_along_the_same_patterns():
    manifold, _ = shipped(RANDOM[0])
    longer = stretched(manifold, 2.0)
    moved = manifold.batch.vectors - manifold.vectors
    np.testing.assert_allclose(longer.batch.vectors - manifold.vectors, 2 * moved, atol=1e-15)


@pytest.fixture(scope="module")
def varied() -> pd.DataFrame:
    """A model that is good to far less than any noise, on features that are the coordinates."""
    manifold = Manifold(np.eye(3), np.zeros((2, 3, 3)), 1.0, square_grid(13))
    energies = 0.01 * np.sin(manifold.coordinates).sum(axis=1)
    features = {"nu2": manifold.coordinates, "nu3": 2 * manifold.coordinates}
    tried = decades(-5, 3, 0.25), decades(-12, 0, 0.5)
    return variations(manifold, energies, features, [7], *tried)


def test_each_setting_is_changed_alone(varied):
    table = varied.query("representation == 'nu2'").set_index(["setting", "value"]).rmse_uev
    counts = {"ours": 1, "sigma2 floor": len(FLOORS), "hyperparameters": len(COARSE)}
    assert table.groupby("setting").size().to_dict() == counts | {"noise": len(NOISES)}
    ours = table["ours"].iloc[0]
    assert ours < 0.05
    floors = table["sigma2 floor"].sort_index()
    assert (np.diff(floors) > 0).all() and floors.iloc[0] > ours
    assert (table["hyperparameters"] >= ours).all()
    assert table["noise", 5.0] == pytest.approx(5.0, rel=0.25)
    assert table["noise", 0.5] == pytest.approx(0.5, rel=0.25)


def entries(setting: str, value: float, first: float, second: float) -> pd.DataFrame:
    table = pd.DataFrame({"structure": ["a", "b"], "grid": "3x3", "representation": "nu2"})
    return table.assign(setting=setting, value=value, rmse_uev=[first, second])


PRINTED = pd.DataFrame(
    {"structure": ["a", "b"], "grid": "3x3", "representation": "nu2", "printed_uev": [8.0, 100.0]}
)
POINTS = pd.concat(
    [
        entries("ours", 0.0, 2.0, 400.0),
        entries("length", 0.5, 1.0, 100.0),
        entries("length", 2.0, 4.0, 900.0),
        entries("random structure", 0.0, 16.0, np.nan).iloc[:1],
    ]
)


def test_ranges_hold_our_own_value_and_tell_whether_they_hold_the_printed_one():
    table = ranges(POINTS, PRINTED).set_index(["structure", "setting"])
    assert table.loc[("a", "length"), ["low_uev", "high_uev", "covers"]].tolist() == [1, 4, False]
    assert table.loc[("b", "length"), ["low_uev", "high_uev", "covers"]].tolist() == [
        100,
        900,
        True,
    ]
    random = table.loc[("a", "random structure")]
    assert random[["ours_uev", "low_uev", "high_uev", "covers"]].tolist() == [2, 2, 16, True]
    unprinted = ranges(POINTS, PRINTED.iloc[:1]).set_index(["structure", "setting"])
    assert not unprinted.covers["b", "length"] and np.isnan(unprinted.printed_uev["b", "length"])


def test_a_setting_is_judged_by_the_whole_table():
    table = misfits(POINTS, PRINTED).set_index(["setting", "value"])
    assert table.factor.to_dict() == pytest.approx(
        {
            ("ours", 0.0): 4,  # 8 / 2 and 400 / 100
            ("length", 0.5): np.sqrt(8),
            ("length", 2.0): np.sqrt(2 * 9),
            ("random structure", 0.0): np.sqrt(2 * 4),  # the other entry stays ours
        }
    )
    assert table.within_two.tolist() == [0, 1, 1, 1] and (table.n_entries == 2).all()


def test_the_figure_draws_every_range_once():
    table, whole = ranges(POINTS, PRINTED), misfits(POINTS, PRINTED)
    figure, data = fig_table1.draw(table, whole)
    drawn = [path.vertices[:, 1].tolist() for path in figure.axes[0].collections[0].get_paths()]
    assert drawn == [[1, 4]]
    assert len(figure.axes[-1].patches) == len(whole) and set(data) == {"", "misfits"}
    plt.close(figure)
