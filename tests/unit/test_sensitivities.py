"""Singular values read from J J^T: as certain as they say, and zeros read from J."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from descriptor_sensitivity.audit.table import environment_rows
from descriptor_sensitivity.descriptors.density import Density
from descriptor_sensitivity.descriptors.optimal import radial_basis
from descriptor_sensitivity.environments import Batch, batch_from_vectors, rotation_rank
from descriptor_sensitivity.files import write_csv
from descriptor_sensitivity.gram import certified
from descriptor_sensitivity.mixture import mixtures
from descriptor_sensitivity.singular import (
    condition_number,
    sensitivities,
    sensitivity,
    singular_values,
)
from descriptor_sensitivity.theory.families import mirror, mirror_singular, ring

GTO = radial_basis("gto", 8, 4, 0.3, 4.0)
WIDE = radial_basis("gto", 8, 6, 0.3, 4.0)
OCTAHEDRON = np.concatenate([np.eye(3), -np.eye(3)]) * 2.0


def apart(seed: int, n_env: int, n_neighbors: int, n_species: int = 1) -> Batch:
    """Points in a ball of 3.9 Å, none closer than 0.7 Å to another or the centre."""
    rng = np.random.default_rng(seed)
    found = []
    while len(found) < n_env:
        points = np.zeros((1, 3))
        while len(points) <= n_neighbors:
            point = rng.uniform(-3.9, 3.9, 3)
            distances = np.linalg.norm(points - point, axis=1)
            if distances[0] < 3.9 and distances.min() > 0.7:
                points = np.concatenate([points, point[None]])
        found.append(points[1:])
    return batch_from_vectors(np.array(found), np.arange(n_neighbors) % n_species + 1)


def exact(descriptor: Density, batch: Batch) -> np.ndarray:
    vectors = batch.vectors if descriptor.invariant else None
    return singular_values(descriptor.reduced_jacobian(batch), vectors)


CASES = [
    (nu, n_neighbors, width)
    for nu, sizes in ((1, (2, 6)), (2, (1, 2, 4, 12, 30)), (3, (2, 6, 11)))
    for n_neighbors in sizes
    for width in (0.0, 1.0)
]


@pytest.mark.parametrize("nu, n_neighbors, width", CASES)
def test_errors_stay_a_third_below_their_bounds(nu, n_neighbors, width):
    """Both ways to read J J^T on their own, also where they are too bad to be taken."""
    descriptor = Density(nu, GTO, width)
    batch = apart(nu + n_neighbors, 25, n_neighbors, 2)
    expected = exact(descriptor, batch)
    n_rotations = rotation_rank(batch.vectors[0]) if nu > 1 else 0
    for block, gram in descriptor.local_grams(batch):
        squares = np.linalg.eigvalsh(gram.matrix)[:, ::-1][:, : expected.shape[1]]
        bound = certified.eigenvalue_bound(gram, squares)
        known = bound < 1e-2
        read = np.sqrt(np.where(known, squares[:, -1], 1.0))
        error = abs(read / expected[block, -1] - 1)
        assert (error[known] < bound[known] / 3).all()
        for k, index in enumerate(block):
            graded = certified._graded(gram.matrix[k], gram.noise[k], expected.shape[1])
            if graded is not None and graded[1] < 1e-2:
                assert abs(graded[0] / expected[index] - 1).max() < graded[1] / 3
        values, bound = certified.certified_values(gram, n_rotations)
        taken = bound <= certified.ACCURACY
        assert abs(values / expected[block] - 1)[taken].max(initial=0) < 1e-10


def routes(descriptor: Density, batch: Batch, monkeypatch) -> list[str]:
    """Which way each environment of a batch goes."""
    taken = np.full(len(batch), "J", dtype=object)
    for block, gram in descriptor.local_grams(batch):
        values, bound = certified.certified_values(gram, 3)
        with monkeypatch.context() as patch:
            patch.setattr(certified, "_graded", lambda *_: None)
            _, alone = certified.certified_values(gram, 3)
        taken[block[bound <= certified.ACCURACY]] = "graded"
        taken[block[alone <= certified.ACCURACY]] = "eigenvalues"
    return list(taken)


def test_each_way_is_taken_where_it_should_be(monkeypatch):
    hard = apart(1, 10, 12)
    assert set(routes(Density(2, GTO), hard, monkeypatch)) == {"eigenvalues"}
    smooth = routes(Density(2, WIDE, 1.0), apart(1, 10, 30, 2), monkeypatch)
    assert smooth.count("graded") > 5 and smooth.count("J") < 5
    few = radial_basis("gto", 1, 2, 0.3, 4.0)  # fewer features than displacements
    assert set(routes(Density(2, few), hard, monkeypatch)) == {"J"}
    singular = batch_from_vectors(np.array([mirror_singular(), ring()]))
    assert set(routes(Density(2, GTO), singular, monkeypatch)) == {"J"}


def test_tables_do_not_show_the_way(tmp_path, monkeypatch):
    """Ten digits as tables print them: those of J, but for a unit in the last place."""
    texts = []
    for accuracy in (certified.ACCURACY, 0.0):
        monkeypatch.setattr("descriptor_sensitivity.singular.ACCURACY", accuracy)
        columns = {}
        for width in (0.0, 1.0):
            for n_neighbors in (4, 12, 30):
                batch = apart(n_neighbors, 10, n_neighbors)
                values = sensitivities(Density(2, GTO, width), batch)
                columns[f"{n_neighbors} {width}"] = condition_number(values)
        write_csv(pd.DataFrame(columns), tmp_path / "table.csv")
        texts.append(pd.read_csv(tmp_path / "table.csv").to_numpy())
    assert abs(texts[0] / texts[1] - 1).max() < 1e-9


@pytest.mark.parametrize("vectors", [mirror_singular(), ring(), mirror(1, p=0.0)])
@pytest.mark.parametrize("size", [(8, 6, 0.1), (20, 20, 0.05)])
def test_zeros_stay_zeros(vectors, size):
    """Both singular points, and a mirror pair b of equal radius in one plane with the centre."""
    descriptor = Density(2, radial_basis("gto", *size, 4.0))
    values = sensitivities(descriptor, batch_from_vectors(vectors))[0]
    assert values[-1] < 1e-14 * values[0]
    assert values[-2] > 1e-3 * values[0]


@pytest.mark.parametrize("nu", [2, 3])
@pytest.mark.parametrize("rattle", [0.0, 1e-7, 1e-5, 1e-3, 1e-2])
def test_rows_that_vanish_by_symmetry_are_not_read_from_their_rounding(nu, rattle):
    """Every tangential row of an octahedron is zero: scaled to one it would look harmless."""
    noise = np.random.default_rng(0).normal(size=(4, 6, 3))
    batch = batch_from_vectors(OCTAHEDRON + rattle * noise)
    descriptor = Density(nu, GTO)
    expected = exact(descriptor, batch)
    found = sensitivities(descriptor, batch)
    assert abs(found - expected).max() < 1e-14 * expected.max()
    assert np.array_equal(found < 1e-14 * found.max(), expected < 1e-14 * expected.max())


def test_a_mixed_batch_is_its_parts():
    """Bitwise, certified or not."""
    batches = [apart(k, 3, 30, k) for k in (1, 2, 5)]
    for descriptor in (Density(2, GTO, 1.0), Density(2, radial_basis("gto", 1, 2, 0.3, 4.0))):
        (together,) = mixtures(batches)
        found = sensitivities(descriptor, together)
        separate = np.concatenate([sensitivities(descriptor, batch) for batch in batches])
        alone = [sensitivities(descriptor, together[k : k + 1]) for k in range(len(together))]
        assert np.array_equal(found, separate)
        assert np.array_equal(found, np.concatenate(alone))


def test_a_refused_composition_leaves_the_others_in_the_table():
    """Environments go together whatever their species; a radial basis may not know one of these."""
    batches = [apart(k, 3, 6, k) for k in (1, 2, 3)]
    fitted = radial_basis("optimal", 4, 4, 0.3, 4.0, "dvr", 20, batches[:2])
    numbered = [replace(batch, frames=batch.frames + 3 * k) for k, batch in enumerate(batches)]
    table, refusals = environment_rows(Density(2, fitted), numbered, "test")
    assert list(table.frame) == list(range(6))
    assert [refusal.frame for refusal in refusals] == [6, 7, 8]
    assert all("not fitted for neighbours of species [3]" in one.reason for one in refusals)
    whole, none = environment_rows(Density(2, GTO), numbered, "test")
    assert len(whole) == 9 and not none
    expected = np.concatenate([sensitivities(Density(2, GTO), batch) for batch in batches])
    assert np.array_equal(whole.s_min, expected[:, -1])


@pytest.mark.parametrize("width", [0.0, 1.0])
def test_patterns_are_those_of_the_jacobian(width):
    """More than ten neighbours: singular values of J along each pattern, and nothing else."""
    descriptor, batch = Density(2, GTO, width), apart(4, 6, 12, 2)
    values, left = sensitivity(descriptor, batch)
    jacobian = descriptor.reduced_jacobian(batch)
    assert abs(values / exact(descriptor, batch) - 1).max() < 1e-9
    assert abs(left.swapaxes(1, 2) @ left - np.eye(33)).max() < 1e-12
    seen = left.swapaxes(1, 2) @ jacobian
    gram = seen @ seen.swapaxes(1, 2) / (values[:, :, None] * values[:, None])
    assert abs(gram - np.eye(33)).max() < 1e-5


def test_patterns_of_equal_sensitivity_are_not_certain():
    """In an icosahedron many are equal: their values are certain, their patterns are not."""
    corners = [(0, a, b * (1 + 5**0.5) / 2) for a in (-1, 1) for b in (-1, 1)]
    icosahedron = np.array([np.roll(corner, k) for k in range(3) for corner in corners])
    batch = batch_from_vectors(icosahedron * 1.5)
    descriptor = Density(1, WIDE)
    _, gram = next(iter(descriptor.local_grams(batch)))
    _, bound = certified.certified_values(gram, 0)
    _, _, with_patterns = certified.certified_patterns(gram, 0)
    assert bound[0] < certified.ACCURACY and with_patterns[0] == np.inf


def test_no_environments_no_values():
    empty = apart(1, 1, 12)[:0]
    assert sensitivities(Density(1, GTO), empty).shape == (0, 36)
