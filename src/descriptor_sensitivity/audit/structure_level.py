r"""Whole structures: what the features of all atoms together see, and what symmetry hides of it.

A descriptor is blind at one atom more often than a model is that knows all of them: what one
environment hides, others show. With J the Jacobian (3M, n) of the features of all centres side by
side with respect to all M atoms, rigid motions left out, of the displacements left are

* out of reach those that no environment within the cutoff notices,
* hidden by symmetry those that no smooth sum of functions of the features can see (`theory.sites`),
* hidden from the concatenated features those with s < s_max / `singular`, and likewise hidden from
  their multiset, in which sites alike cannot be told apart; symmetry's included.

The condition number to judge is that of J over the displacements that site symmetry within a
tolerance allows: near a symmetric structure the others must be small, in every descriptor. Only
where J vanishes for a displacement that no symmetry hides it is that of J over all of these.
"""

from dataclasses import dataclass

import ase
import numpy as np

from descriptor_sensitivity.audit.rounding import (
    ERRORS,
    NEARLY,
    last_digit,
    singular_from,
    tolerance,
)
from descriptor_sensitivity.descriptors.base import Descriptor
from descriptor_sensitivity.descriptors.compression import r_factor, triangle
from descriptor_sensitivity.environments import Batch
from descriptor_sensitivity.gram.structure import (
    StructureJacobian,
    environments_with_atoms,
    internal_displacements,
)
from descriptor_sensitivity.theory.sites import (
    Site,
    free_displacements,
    groups_of,
    pooled_spread,
    sites_of,
    squares,
    symmetric_displacements,
)
from descriptor_sensitivity.tolerances import COORDINATES, SVD_ROUNDING

BOND = 3.0
"""Å. A symmetry operation that holds within t turns displacements by t / BOND, about."""

UNSEEN = 1e-10
"""Share of a displacement, squared, below which no environment notices it."""


@dataclass(frozen=True)
class StructureView:
    """How well one structure is seen.

    Attributes:
        modes: displacements but for rigid motions, 3M - 6 of a molecule, 3M - 3 of a crystal.
        out_of_reach, hidden_by_symmetry, hidden_concatenated, hidden_multiset: numbers of them.
        condition_number: s_max / s_min over what site symmetry allows; NaN if that is nothing,
            infinite where a displacement that no symmetry hides is in no features.
        displacement: (M, 3) of unit norm, the least seen of these; zero if there is none.
    """

    modes: int
    out_of_reach: int
    hidden_by_symmetry: int
    hidden_concatenated: int
    hidden_multiset: int
    condition_number: float
    displacement: np.ndarray


def view_structure(
    descriptor: Descriptor,
    atoms: ase.Atoms,
    cutoff: float,
    center_species: int | None,
    symmetry: float,
    singular: float,
) -> StructureView:
    """What the features of all centres (of one species, if given) see of a structure.

    Args:
        symmetry: Å, how far an atom may lie from where a symmetry operation puts one, for the
            condition number; counts take symmetry as exact as the coordinates are known.
        singular: CN from which a displacement is hidden; less where coordinates are so rounded
            that they cannot tell.
    """
    n_atoms = len(atoms)
    internal = internal_displacements(atoms, descriptor.invariant)
    rounding, unit = accuracy(atoms, cutoff)
    singular = float(singular_from(singular, np.array(unit)))
    sites = sites_of(atoms, cutoff, center_species, rounding)
    some_alike = any(site.alike != index for index, site in enumerate(sites))
    free = free_displacements(sites) if descriptor.invariant else _all_displacements(sites)
    reached, beyond = _reached(internal, squares(sites, n_atoms, False, free))
    everything = _complement(internal, beyond)

    def allowed(patterns: list[np.ndarray | None], within: float, pooled: bool) -> np.ndarray:
        if not pooled and _dimensions(patterns) == _dimensions(free):
            return everything
        seen = reached.T @ squares(sites, n_atoms, pooled, patterns) @ reached
        share, states = np.linalg.eigh(seen)
        hidden = reached @ states[:, share <= (within / BOND) ** 2]
        return _complement(internal, np.concatenate([hidden, beyond], axis=1))

    near = exact = free
    if descriptor.invariant:
        near = symmetric_displacements(sites, max(symmetry, rounding))
        # operations that hold within the wider tolerance are more
        if _dimensions(near) != _dimensions(free):
            exact = symmetric_displacements(sites, rounding)
    jacobian = StructureJacobian(descriptor, atoms, cutoff, center_species)
    alone = together = allowed(exact, rounding, pooled=False)
    values, shown = jacobian.within(alone)
    largest = values.max(initial=0.0)
    hidden = hidden_together = internal.shape[1] - _number_seen(values, largest, singular)
    if descriptor.invariant and some_alike:
        together = allowed(exact, rounding, pooled=True)
        folded = pooled_triangle(descriptor, sites, n_atoms)
        pooled = np.linalg.svd(together.T @ folded, compute_uv=False)
        hidden_together = internal.shape[1] - _number_seen(pooled, largest, singular)
    judged, patterns = values, shown
    if values.min(initial=np.inf) > SVD_ROUNDING * largest:
        judged, patterns = jacobian.within(allowed(near, max(symmetry, rounding), pooled=False))
    condition = np.nan
    if len(judged):
        condition = judged[0] / judged[-1] if judged[-1] > SVD_ROUNDING * largest else np.inf
    modes = internal.shape[1]
    return StructureView(
        modes=modes,
        out_of_reach=beyond.shape[1],
        hidden_by_symmetry=modes - beyond.shape[1] - together.shape[1],
        hidden_concatenated=hidden,
        hidden_multiset=hidden_together,
        condition_number=float(condition),
        displacement=(patterns[:, -1] if len(judged) else np.zeros(3 * n_atoms)).reshape(-1, 3),
    )


def accuracy(atoms: ase.Atoms, cutoff: float) -> tuple[float, float]:
    """How far (Å) atoms may be off the structure that was meant, and the unit of their rounding.

    The last digit is that of the coarsest environment, nearly equal lengths those of the median
    one: a few accidents among many lengths say nothing.
    """
    found, units = [COORDINATES], [0.0]
    for batch, _ in environments_with_atoms(atoms, cutoff):
        units.append(float(last_digit(batch.vectors).max()))
        both = zip(batch.vectors, batch.species, strict=True)
        found += [tolerance(vectors, species) for vectors, species in both]
    return max(float(np.median(found)), min(ERRORS * max(units), ERRORS * NEARLY)), max(units)


def pooled_triangle(descriptor: Descriptor, sites: list[Site], n_atoms: int) -> np.ndarray:
    """Triangle (3M, k) of the features of sites alike added up, the kinds side by side.

    Sites alike have the same features in a frame turned along, so that one Jacobian does for all.
    """
    short: list[np.ndarray | None] = [None] * len(sites)
    folded = np.zeros((0, 3 * n_atoms))
    for group in groups_of(sites, pooled=True):
        first, zero = group[0], np.zeros(1, dtype=int)
        batch = Batch(first.vectors[None], first.species, first.center, zero, zero)
        short[first.alike] = triangle(descriptor.reduced_jacobian(batch))[0]
        rows = pooled_spread(group, short, n_atoms).T
        folded = r_factor(np.concatenate([folded, rows]))
        short[first.alike] = None
    return folded.T


def _number_seen(values: np.ndarray, largest: float, singular: float) -> int:
    return int(np.sum(values > largest / singular)) if largest > 0 else 0


def _reached(internal: np.ndarray, square: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """W (3M, k) with W^T A W = 1 on internal displacements, and the null space of A (3M, d).

    A is the sum of the squares of what each environment notices of a displacement.
    """
    size, states = np.linalg.eigh(internal.T @ square @ internal)
    seen = size > UNSEEN * size.max(initial=1.0)
    return internal @ (states[:, seen] / np.sqrt(size[seen])), internal @ states[:, ~seen]


def _complement(internal: np.ndarray, hidden: np.ndarray) -> np.ndarray:
    """Orthonormal basis of the internal displacements orthogonal to some others."""
    left, size, _ = np.linalg.svd(internal.T @ hidden, full_matrices=True)
    rank = int(np.sum(size > 1e-8 * size.max(initial=0.0)))
    return internal @ left[:, rank:]


def _dimensions(patterns: list[np.ndarray | None]) -> list[int]:
    return [0 if each is None else each.shape[1] for each in patterns]


def _all_displacements(sites: list[Site]) -> list[np.ndarray | None]:
    return [
        np.eye(3 * len(site.species)) if site.alike == index else None
        for index, site in enumerate(sites)
    ]
