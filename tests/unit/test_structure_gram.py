"""Whole structures: J J^T of all centres' features against derivatives of the features."""

import ase.build
import numpy as np
import pytest

from descriptor_sensitivity.centers import internal_singular_values, molecule_jacobian
from descriptor_sensitivity.cutting import cut_environments
from descriptor_sensitivity.descriptors.base import Descriptor
from descriptor_sensitivity.descriptors.density import Density
from descriptor_sensitivity.descriptors.radial import gto_basis
from descriptor_sensitivity.gram.structure import (
    StructureJacobian,
    environments_with_atoms,
    internal_displacements,
    rigid_motions,
    structure_gram,
    structure_sensitivities,
    structure_triangle,
)
from descriptor_sensitivity.theory.families import mirror_singular

CUTOFF = 3.2
BASIS = gto_basis(4, 3, 0.4, CUTOFF)


def alloy(periodic: bool | tuple[bool, bool, bool] = True) -> ase.Atoms:
    """Eight atoms of two species, rattled; a cell so small that atoms see images, their own too."""
    atoms = ase.build.bulk("NaCl", "rocksalt", a=3.0, cubic=True)
    atoms.rattle(0.15, seed=1)
    atoms.pbc = periodic
    return atoms


def all_features(descriptor: Density, atoms: ase.Atoms) -> np.ndarray:
    """Features of every centre, in order, cut anew from the structure."""
    batches = cut_environments([atoms], CUTOFF)
    found = {}
    for batch in batches:
        for center, features in zip(batch.centers, descriptor.features(batch), strict=True):
            found[center] = features
    return np.concatenate([found[k] for k in sorted(found)])


@pytest.mark.parametrize(
    "nu, periodic", [(1, True), (2, True), (3, True), (2, False), (2, (True, True, False))]
)
def test_structure_gram_is_that_of_features_of_moved_structures(nu, periodic):
    """A moved atom moves all its images; features by differences, the cell untouched."""
    descriptor = Density(nu, gto_basis(2, 2, 0.4, CUTOFF), 1.0, species=[11, 17])
    atoms = alloy(periodic)
    step, rows = 1e-3, []
    for k in range(3 * len(atoms)):
        at = []
        for i in (-2, -1, 1, 2):
            moved = atoms.copy()
            moved.positions.flat[k] += i * step
            at.append(all_features(descriptor, moved))
        rows.append((at[0] - 8 * at[1] + 8 * at[2] - at[3]) / (12 * step))
    jacobian = np.array(rows)
    expected = jacobian @ jacobian.T
    assert abs(structure_gram(descriptor, atoms, CUTOFF) - expected).max() < 1e-6 * expected.max()


@pytest.mark.parametrize("center_species", [None, 17])
def test_triangle_has_the_same_square(center_species):
    descriptor, atoms = Density(2, BASIS, 1.0), alloy()
    gram = structure_gram(descriptor, atoms, CUTOFF, center_species)
    folded = structure_triangle(descriptor, atoms, CUTOFF, center_species)
    assert abs(folded @ folded.T - gram).max() < 1e-13 * gram.max()


def test_molecule_is_the_one_seen_from_all_centres():
    atoms = ase.build.molecule("CH3OH")
    atoms.rattle(0.05, seed=2)
    descriptor = Density(2, gto_basis(6, 6, 0.3, 4.0))
    values = structure_sensitivities(descriptor, atoms, 4.0)
    jacobian = molecule_jacobian(descriptor, atoms.positions, atoms.numbers, range(len(atoms)))
    expected = internal_singular_values(jacobian, atoms.positions)
    assert values.shape == (12,)
    assert abs(values / expected - 1).max() < 1e-9


def test_crystal_has_three_rigid_motions_and_a_molecule_six():
    descriptor = Density(2, BASIS, 1.0)
    for periodic, number in ((True, 21), (False, 18), ((False, False, True), 20)):
        atoms = alloy(periodic)
        assert structure_sensitivities(descriptor, atoms, CUTOFF).shape == (number,)
        rigid = rigid_motions(atoms, True)
        gram = structure_gram(descriptor, atoms, CUTOFF)
        assert abs(gram @ rigid).max() < 1e-12 * gram.max()
    row = ase.Atoms("OCO", positions=[(0, 0, -1.2), (0, 0, 0), (0, 0, 1.2)])
    assert rigid_motions(row, True).shape == (9, 5)
    assert rigid_motions(row, False).shape == (9, 3)


def test_zeros_of_a_structure_are_exact():
    """One centre at a singular point: its own zero stays 1e-16, and the other centres fill it."""
    atoms = ase.Atoms("CH4", positions=np.concatenate([np.zeros((1, 3)), mirror_singular()]))
    descriptor = Density(2, gto_basis(8, 6, 0.3, 4.0))
    alone = structure_sensitivities(descriptor, atoms, 4.0, center_species=6)
    assert alone[-1] < 1e-14 * alone[0] and alone[-2] > 1e-3 * alone[0]
    together = structure_sensitivities(descriptor, atoms, 4.0)
    assert together[-1] > 1e-3 * together[0]


def test_environments_take_the_cheaper_way(monkeypatch):
    """At nu = 3 and l_max = 12 four neighbours have a small Jacobian and a large bilinear form."""
    descriptor, atoms = Density(3, gto_basis(4, 12, 0.5, 3.0)), ase.build.molecule("CH4")
    without_features = [descriptor.gram(batch) for batch, _ in environments_with_atoms(atoms, 3.0)]

    def never(batch):
        assert not len(batch), "J J^T was taken the expensive way"
        return np.empty((0, *2 * (3 * batch.n_neighbors,)))

    monkeypatch.setattr(descriptor, "gram", never)
    by_jacobians = structure_gram(descriptor, atoms, 3.0)
    assert np.trace(by_jacobians) > 0
    monkeypatch.setattr(descriptor, "gram_pays", lambda batch: np.ones(len(batch), dtype=bool))
    monkeypatch.setattr(descriptor, "gram", lambda batch: without_features.pop(0))
    np.testing.assert_allclose(
        structure_gram(descriptor, atoms, 3.0), by_jacobians, atol=1e-12 * by_jacobians.max()
    )


class WithoutForm(Descriptor):
    """The power spectrum as a descriptor that has no J J^T of its own; counts what it derives."""

    def __init__(self) -> None:
        self.density, self.seen = Density(2, gto_basis(4, 3, 0.4, 3.0)), []

    def jacobian(self, batch):
        self.seen.extend(batch.centers)
        return self.density.jacobian(batch)


@pytest.mark.parametrize("center", [None, 6], ids=["all", "the carbon, nearly symmetric"])
def test_features_without_such_a_form_are_derived_once(center):
    """Several spaces of displacements are asked for; next to symmetry no square is certain."""
    descriptor, atoms = WithoutForm(), alloy(periodic=False)
    if center:
        atoms = ase.build.molecule("CH4")
        atoms.rattle(1e-6, seed=0)
    features = StructureJacobian(descriptor, atoms, 3.0, center)
    internal = internal_displacements(atoms, rotations=True)
    values = [features.within(basis)[0] for basis in (internal, internal[:, :5])]
    centers = [k for k in range(len(atoms)) if center in (None, atoms.numbers[k])]
    assert sorted(descriptor.seen) == centers
    assert values[0].shape == (3 * len(atoms) - 6,) and values[1].shape == (5,)
    squares = structure_gram(descriptor, atoms, 3.0, center)
    certain = 1 if center else 6
    expected = np.sqrt(np.linalg.eigvalsh(internal.T @ squares @ internal)[::-1][:certain])
    np.testing.assert_allclose(values[0][:certain], expected, rtol=1e-9)
