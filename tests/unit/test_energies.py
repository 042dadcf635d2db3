"""Reference energies: level of theory, provenance, resuming, points that do not converge."""

import numpy as np
import pytest
from ase.units import Hartree

import compute_energies
from descriptor_sensitivity.energies import (
    Level,
    check_level,
    energies_ev,
    energies_file_head,
    energies_file_line,
    energies_of_points,
    mismatch,
    provenance,
    read_energies,
    relative_energies,
    single_point,
)
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.grids import symmetric
from descriptor_sensitivity.manifolds import Manifold, square_grid

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


def test_all_points_are_computed_in_parallel_and_equal_single_ones(manifold):
    found = {}
    energies_of_points(manifold, SMALL, range(9), lambda p, e, c: found.update({p: (e, c)}))
    assert sorted(found) == list(range(9)) and all(converged for _, converged in found.values())
    alone, _, _ = single_point([6, 1, 1, 1, 1], manifold.positions[7], SMALL)
    assert found[7][0] == pytest.approx(alone, abs=1e-11)


def test_a_failing_record_ends_the_run(manifold):
    def record(point, energy, converged):
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        energies_of_points(manifold, SMALL, range(9), record)


def test_points_that_do_not_converge_are_kept_apart(manifold, tmp_path):
    hopeless = Level("PBE", "sto-3g", grid_level=1, max_cycles=1)
    energy, converged, _ = single_point([6, 1, 1, 1, 1], manifold.positions[0], hopeless)
    assert not converged
    path = tmp_path / "energies.csv"
    path.write_text(
        energies_file_head(hopeless, manifold)
        + energies_file_line(manifold, 0, energy, converged)
        + energies_file_line(manifold, 1, -40.0, True)
    )
    _, table = read_energies(path)
    found = energies_ev(table, 9)
    assert np.isnan(found[0]) and found[1] == pytest.approx(-40 * Hartree)
    assert np.isnan(found[2:]).all()
    with pytest.raises(InputError, match="point 4, the reference"):
        relative_energies(table, manifold)


def test_files_keep_every_digit_and_survive_a_line_cut_short(manifold, tmp_path):
    path = tmp_path / "energies.csv"
    path.write_text(
        energies_file_head(SMALL, manifold)
        + energies_file_line(manifold, 4, -39.123456789012, True)
        + "5,0,1,-39.12"
    )
    found, table = read_energies(path)
    assert mismatch(found, SMALL, manifold) is None
    assert table.point.tolist() == [4] and table.energy_ha[0] == -39.123456789012
    path.write_text("nonsense\n")
    with pytest.raises(InputError, match="not a file of energies"):
        read_energies(path)


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


def test_script_takes_finished_points_and_computes_the_rest(manifold, tmp_path, monkeypatch):
    level = Level("PBE", "sto-3g")
    manifold.save(tmp_path / "tiny.npz")
    partial, output = tmp_path / "partial.csv", tmp_path / "energies.csv"
    kept = [energies_file_line(manifold, p, -1.0 - p, True) for p in range(8)]
    partial.write_text(energies_file_head(level, manifold) + "".join(kept) + "8,1,1,-4")
    options = [
        *("--manifold", str(tmp_path / "tiny.npz"), "--functional", "PBE", "--basis", "sto-3g"),
        *("--partial", str(partial), "--output", str(output)),
    ]
    compute_energies.main(options)
    _, table = read_energies(output)
    assert table.energy_ha[:8].tolist() == [-1.0 - p for p in range(8)]
    assert table.energy_ha[8] == pytest.approx(-39.9, abs=0.2)
    assert not partial.exists()
    # shipped energies that fit are taken as they are, others are not
    monkeypatch.setattr(compute_energies, "energies_of_points", None)
    again = tmp_path / "again.csv"
    compute_energies.main([*options[:-1], str(again), "--shipped", str(output)])
    assert again.read_bytes() == output.read_bytes()
