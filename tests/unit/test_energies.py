"""Reference energies: level of theory, provenance, resuming, points that do not converge."""

import numpy as np
import pandas as pd
import pytest
from ase.units import Hartree

import compute_energies as script
from descriptor_sensitivity.energies import (
    METHANE,
    compute_energies,
    energies_ev,
    mismatch,
    provenance,
    read_energies,
    recomputed,
    relative_energies,
    require_same,
    unfit,
    write_energies,
)
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.grids import symmetric
from descriptor_sensitivity.manifolds import Manifold, square_grid
from descriptor_sensitivity.scf import Level, along_path, check_level, single_point

SMALL = Level("PBE", "sto-3g", grid_level=1)
SHIPPED = ["asymmetric", "symmetric", "degenerate"]


@pytest.fixture
def manifold():
    return symmetric(1.1, 0.05, square_grid(3))


def moved(manifold, vectors):
    return Manifold(vectors, manifold.displacements, manifold.length, manifold.deltas)


@pytest.mark.parametrize(
    "level, word",
    [
        (Level(functional="no-such"), "functional `no-such`"),
        (Level(functional=" "), "functional"),
        (Level(basis="no-such"), "basis `no-such`"),
    ],
)
def test_unknown_levels_are_refused_in_one_sentence(level, word):
    with pytest.raises(InputError, match=word) as caught:
        check_level(level, [6, 1])
    assert "\n" not in str(caught.value)


def test_known_levels_pass():
    check_level(Level(), [6, 1])
    check_level(Level("B3LYP", "def2-svp"), [6, 1])


def test_symmetry_partners_have_the_same_energy_and_starts_do_not_matter(manifold):
    """The integration grid has the symmetry of the cube that the hydrogens sit on."""
    numbers, positions = [6, 1, 1, 1, 1], manifold.positions
    first, converged, density = single_point(numbers, positions[3], SMALL)
    second, _, _ = single_point(numbers, positions[5], SMALL)
    restarted, _, _ = single_point(numbers, positions[3], SMALL, density)
    assert converged
    assert first == pytest.approx(second, abs=1e-11)
    assert first == pytest.approx(restarted, abs=1e-11)


def test_all_points_are_computed_in_parallel_and_equal_single_ones(manifold, tmp_path):
    found = compute_energies({"tiny": manifold}, SMALL, tmp_path, 2)["tiny"]
    assert len(found) == 9 and set(found.status) == {"converged"}
    alone, _, _ = single_point(METHANE, manifold.positions[7], SMALL)
    assert found.energy_ha[7] == pytest.approx(alone, abs=1e-11)
    assert len(list(tmp_path.iterdir())) == 3  # rows of equal Delta_1


def test_finished_rows_are_kept_and_only_for_the_same_structures_and_level(manifold, tmp_path):
    compute_energies({"tiny": manifold}, SMALL, tmp_path)
    kept = sorted(tmp_path.iterdir())
    np.savez(kept[1], energy_ha=[-1.0, -2.0, -3.0], converged=[True, False, True])
    kept[2].unlink()  # as a killed run would leave it
    found = compute_energies({"tiny": manifold}, SMALL, tmp_path)["tiny"]
    assert found.energy_ha[3:6].tolist() == [-1, -2, -3] and found.status[4] == "not converged"
    assert found.energy_ha[6] == pytest.approx(-39.9, abs=0.5)
    assert sorted(tmp_path.iterdir()) == kept
    coarser = Level("PBE", "sto-3g", grid_level=0)
    other = compute_energies({"tiny": manifold}, coarser, tmp_path)["tiny"]
    assert other.energy_ha[4] < -30
    compute_energies({"tiny": moved(manifold, manifold.vectors + 1e-6)}, SMALL, tmp_path)
    assert len(list(tmp_path.iterdir())) == 9


def test_a_path_goes_on_from_atoms_after_a_point_that_does_not_converge(manifold):
    hopeless = Level("PBE", "sto-3g", grid_level=1, max_cycles=1)
    found = along_path(METHANE, manifold.positions[:2], hopeless)
    assert not found["converged"].any()
    alone, _, _ = single_point(METHANE, manifold.positions[1], hopeless)
    assert found["energy_ha"][1] == pytest.approx(alone, abs=1e-11)


def filled(manifold, energies, failed=()):
    status = ["not converged" if point in failed else "converged" for point in range(9)]
    return pd.DataFrame({"energy_ha": energies, "status": status})


def test_points_that_do_not_converge_are_kept_apart(manifold, tmp_path):
    path = tmp_path / "energies.csv"
    write_energies(path, SMALL, manifold, filled(manifold, -40.0, failed=(0, 4)))
    _, table = read_energies(path)
    found = energies_ev(table, 9)
    assert np.isnan(found[[0, 4]]).all() and found[1] == pytest.approx(-40 * Hartree)
    with pytest.raises(InputError, match="point 4, the reference"):
        relative_energies(table, manifold)
    assert unfit(path, SMALL, manifold) is None


def test_files_keep_every_digit_and_unfit_ones_say_why(manifold, tmp_path):
    path = tmp_path / "energies.csv"
    write_energies(path, SMALL, manifold, filled(manifold, -39.123456789012))
    found, table = read_energies(path)
    assert mismatch(found, SMALL, manifold) is None
    assert table.point.tolist() == list(range(9)) and table.energy_ha[0] == -39.123456789012
    assert "level" in unfit(path, Level("BLYP", "sto-3g", grid_level=1), manifold)
    path.write_text(path.read_text().rpartition("\n8,")[0] + "\n")
    assert "8 of 9" in unfit(path, SMALL, manifold)
    path.write_text("nonsense\n")
    with pytest.raises(InputError, match="not a file of energies"):
        read_energies(path)


def test_energies_in_use_are_compared_with_recomputed_ones(manifold):
    true = along_path(METHANE, manifold.positions[3:6], SMALL)["energy_ha"]
    table = filled(manifold, 0.0, failed=(0, 1, 2, 6, 7, 8))
    table["point"] = range(9)
    table.loc[3:5, "energy_ha"] = true
    check = recomputed({"tiny": manifold}, {"tiny": table}, SMALL, 3, seed=0)
    assert check.point.tolist() == [3, 4, 5]
    require_same(check, 0.01)
    table.loc[4, "energy_ha"] += 1e-9
    check = recomputed({"tiny": manifold}, {"tiny": table}, SMALL, 3, seed=0)
    assert check.difference_uev[1] == pytest.approx(-1e-3 * Hartree, rel=1e-3)
    with pytest.raises(InputError, match="Point 4 of the tiny manifold"):
        require_same(check, 0.01)
    require_same(check, 0.03)


def test_energies_are_reused_only_for_the_same_level_and_structures(manifold):
    found = provenance(SMALL, manifold)
    assert mismatch(found, SMALL, moved(manifold, manifold.vectors + 1e-12)) is None
    assert "level" in mismatch(found, Level("BLYP", "sto-3g", grid_level=1), manifold)
    assert "structures" in mismatch(found, SMALL, moved(manifold, manifold.vectors + 1e-8))
    finer = symmetric(1.1, 0.05, square_grid(5))
    assert "structures" in mismatch(found, SMALL, finer)


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_energies_are_complete_smooth_and_say_where_they_come_from(root, name):
    found, table = read_energies(root / "workflow" / "resources" / "energies" / f"{name}.csv")
    assert found["level"]["functional"] == "PBE" and found["level"]["basis"] == "cc-pvdz"
    assert found["versions"]["pyscf"] and len(found["structures"]["sha256"]) == 64
    values = energies_ev(table, 441)
    assert np.isfinite(values).all()
    first, second = table.delta_1, table.delta_2
    basis = np.polynomial.chebyshev.chebvander2d(first, second, [8, 8])
    values = values - values[220]
    left = values - basis @ np.linalg.lstsq(basis, values, rcond=None)[0]
    assert np.abs(left).max() < 1e-10  # eV: noise is 600 times below the smallest error of Table 1
    assert 0.02 < np.ptp(values) < 0.06  # "a few 10s of meV"


def test_script_takes_shipped_energies_that_fit_as_they_are_and_computes_the_others(tmp_path):
    level = Level("PBE", "sto-3g")
    manifolds = {
        "a": symmetric(1.1, 0.05, square_grid(3)),
        "b": symmetric(1.2, 0.05, square_grid(3)),
    }
    for name, manifold in manifolds.items():
        manifold.save(tmp_path / f"{name}.npz")
        path = tmp_path / "shipped" / f"{name}.csv"  # those of "b" are for the structures of "a"
        write_energies(path, level, manifolds["a"], filled(manifold, -1.0))
    files = {
        "--manifolds": [tmp_path / "a.npz", tmp_path / "b.npz"],
        "--shipped": [tmp_path / "shipped" / "a.csv", tmp_path / "shipped" / "b.csv"],
        "--energies": [tmp_path / "new" / "a.csv", tmp_path / "new" / "b.csv"],
        "--rows": [tmp_path / "rows"],
    }
    options = [word for key, paths in files.items() for word in (key, *map(str, paths))]
    script.main(["--settings", '{"functional": "PBE", "basis": "sto-3g"}', *options])
    assert files["--energies"][0].read_bytes() == files["--shipped"][0].read_bytes()
    _, table = read_energies(files["--energies"][1])
    assert table.energy_ha[4] == pytest.approx(-39.7, abs=0.3)
    assert unfit(files["--energies"][1], level, manifolds["b"]) is None
