r"""Sites of a structure: which are alike, and what symmetry lets their features see.

A site is a centre with the neighbours within the cutoff. With the displacements d of the M atoms,
site i sees P_i d (see `gram.structure`), and whatever its features are, smooth and invariant, they
answer to the totally symmetric part of P_i d alone: S_i^T P_i d, with S_i an orthonormal basis of
the totally symmetric displacements of the site. Sites that an isometry g_i lays on a first site r
have the same features there, and answer to S_r^T D(g_i)^T P_i d. So, with stacked rows,

    concatenated features see   d -> (S_i^T P_i d)_i,
    the multiset of features    d -> (sum_{i like r} S_r^T D(g_i)^T P_i d)_r,

and are blind to the rest of d at any correlation order. The first is the site symmetry of the cut
environments; the second, for cutoffs that reach far enough, the symmetry of the whole structure.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import ase
import numpy as np

from descriptor_sensitivity.gram.structure import environments_with_atoms
from descriptor_sensitivity.singular import rotation_free_basis
from descriptor_sensitivity.theory.symmetry import isometries, matching, totally_symmetric
from descriptor_sensitivity.tolerances import COORDINATES


@dataclass(frozen=True)
class Site:
    """One centre of a structure.

    Attributes:
        vectors: (N, 3) neighbours minus centre, Å, the species ascending.
        species: (N,) their atomic numbers.
        center: atomic number of the centre.
        members: (N + 1,) the atoms that the neighbours are, last the centre.
        alike: index of the first site like this one, its own if it is the first.
        matrix, permutation: (3, 3), (N,) take neighbour j of that site to permutation[j] of this.
    """

    vectors: np.ndarray
    species: np.ndarray
    center: int
    members: np.ndarray
    alike: int
    matrix: np.ndarray
    permutation: np.ndarray

    def spread(self, patterns: np.ndarray, n_atoms: int) -> np.ndarray:
        """P^T D(g) W (3M, k): patterns W (3N, k) of the first site alike, on the atoms."""
        turned = self.matrix @ patterns.reshape(len(self.species), 3, -1)
        out = np.zeros((n_atoms, *turned.shape[1:]))
        np.add.at(out, self.members[:-1][self.permutation], turned)
        out[self.members[-1]] -= turned.sum(axis=0)
        return out.reshape(3 * n_atoms, -1)


def sites_of(
    atoms: ase.Atoms,
    cutoff: float,
    center_species: int | None = None,
    tolerance: float = COORDINATES,
) -> list[Site]:
    """All sites that have neighbours, those alike within `tolerance` (Å) named after the first."""
    sites: list[Site] = []
    firsts: dict[tuple[int, ...], list[int]] = {}
    radii: dict[tuple[int, ...], list[np.ndarray]] = {}
    ways: dict[int, list[np.ndarray]] = {}
    for batch, members in environments_with_atoms(atoms, cutoff, center_species):
        for vectors, species, rows in zip(batch.vectors, batch.species, members, strict=True):
            kind = (batch.center, *species.tolist())
            among, known = firsts.setdefault(kind, []), radii.setdefault(kind, [])
            mine = np.linalg.norm(vectors, axis=1)
            mine = mine[np.lexsort((mine, species))]
            near = abs(np.array(known).reshape(-1, len(mine)) - mine).max(axis=1) <= tolerance
            for first in np.array(among, dtype=int)[near].tolist():
                found = _laid_on(sites[first].vectors, vectors, species, tolerance, ways[first])
                if found is not None:
                    break
            else:
                first = len(sites)
                found = np.eye(3), np.arange(len(species))
                among.append(first)
                known.append(mine)
                ways[first] = [np.eye(3), -np.eye(3)]
            sites.append(Site(vectors, species, batch.center, rows, first, *found))
    return sites


def groups_of(sites: Sequence[Site], pooled: bool) -> list[list[Site]]:
    """The sites whose features are added up: those alike together, or each alone."""
    groups: dict[int, list[Site]] = {}
    for index, site in enumerate(sites):
        groups.setdefault(site.alike if pooled else index, []).append(site)
    return list(groups.values())


def seen_of(
    sites: Sequence[Site], n_atoms: int, pooled: bool, patterns: Sequence[np.ndarray | None]
) -> np.ndarray:
    """What no symmetry hides, (3M, k): columns are the rows of the head of this module.

    Args:
        sites: of a structure of n_atoms atoms.
        pooled: False for concatenated features, True for their multiset.
        patterns: (3N, k) of the first site of each kind, as from `symmetric_displacements`.
    """
    parts = [pooled_spread(group, patterns, n_atoms) for group in groups_of(sites, pooled)]
    return np.concatenate([np.zeros((3 * n_atoms, 0)), *parts], axis=1)


def pooled_spread(
    group: Sequence[Site], patterns: Sequence[np.ndarray | None], n_atoms: int
) -> np.ndarray:
    """sum_i P_i^T D(g_i) W (3M, k) over sites alike, W the patterns of the first of them."""
    first = patterns[group[0].alike]
    assert first is not None, "patterns are those of first sites"
    return np.sum([site.spread(first, n_atoms) for site in group], axis=0)


def squares(
    sites: Sequence[Site], n_atoms: int, pooled: bool, patterns: Sequence[np.ndarray | None]
) -> np.ndarray:
    """`seen_of` times its transpose, (3M, 3M), however many columns it has."""
    total = np.zeros((n_atoms, 3, n_atoms, 3))
    for group in groups_of(sites, pooled):
        here = np.unique(np.concatenate([site.members for site in group]))
        rows = pooled_spread(group, patterns, n_atoms).reshape(n_atoms, 3, -1)[here]
        block = np.tensordot(rows, rows, axes=(2, 2))
        total[here[:, None], :, here[None], :] += block.transpose(0, 2, 1, 3)
    return total.reshape(3 * n_atoms, -1)


def symmetric_displacements(
    sites: Sequence[Site], tolerance: float = COORDINATES
) -> list[np.ndarray | None]:
    """Totally symmetric displacements (3N, k) of every first site; None for those like it."""
    return [
        totally_symmetric(site.vectors, site.species, tolerance) if site.alike == index else None
        for index, site in enumerate(sites)
    ]


def free_displacements(sites: Sequence[Site]) -> list[np.ndarray | None]:
    """Displacements without rotation (3N, 3N - 3) of every first site; None for those like it."""
    return [
        rotation_free_basis(site.vectors[None])[0] if site.alike == index else None
        for index, site in enumerate(sites)
    ]


def _laid_on(
    first: np.ndarray,
    vectors: np.ndarray,
    species: np.ndarray,
    tolerance: float,
    ways: list[np.ndarray],
) -> tuple[np.ndarray, np.ndarray] | None:
    """One isometry from a site to another; `ways` are matrices to try first, and are added to."""
    for matrix in ways:
        permutation = matching(first @ matrix.T, vectors, species, tolerance)
        if permutation is not None:
            return matrix, permutation
    found = isometries(first, vectors, species, tolerance)
    if not found:
        return None
    ways.append(found[0].matrix)
    return found[0].matrix, found[0].permutation
