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
from descriptor_sensitivity.theory.symmetry import (
    TOLERANCE,
    isometries,
    matching,
    totally_symmetric,
)


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
    tolerance: float = TOLERANCE,
) -> list[Site]:
    """All sites that have neighbours, those alike within `tolerance` (Å) named after the first."""
    sites: list[Site] = []
    firsts: dict[tuple[int, ...], list[int]] = {}
    ways: dict[int, list[np.ndarray]] = {}
    for batch, members in environments_with_atoms(atoms, cutoff, center_species):
        for vectors, species, rows in zip(batch.vectors, batch.species, members, strict=True):
            among = firsts.setdefault((batch.center, *species.tolist()), [])
            for first in among:
                found = _laid_on(sites[first].vectors, vectors, species, tolerance, ways[first])
                if found is not None:
                    break
            else:
                first = len(sites)
                found = np.eye(3), np.arange(len(species))
                among.append(first)
                ways[first] = [np.eye(3), -np.eye(3)]
            sites.append(Site(vectors, species, batch.center, rows, first, *found))
    return sites


def seen_of(
    sites: Sequence[Site], n_atoms: int, pooled: bool, symmetric: Sequence[np.ndarray | None]
) -> np.ndarray:
    """What no symmetry hides, (3M, k): columns are the rows of the head of this module.

    Args:
        sites: of a structure of n_atoms atoms.
        pooled: False for concatenated features, True for their multiset.
        symmetric: (3N, k) of the first site of each kind, as from `symmetric_displacements`.
    """
    parts: dict[int, np.ndarray] = {}
    for index, site in enumerate(sites):
        patterns = symmetric[site.alike]
        assert patterns is not None
        mine = site.spread(patterns, n_atoms)
        key = site.alike if pooled else index
        parts[key] = parts[key] + mine if key in parts else mine
    return np.concatenate([np.zeros((3 * n_atoms, 0)), *parts.values()], axis=1)


def symmetric_displacements(
    sites: Sequence[Site], tolerance: float = TOLERANCE
) -> list[np.ndarray | None]:
    """Totally symmetric displacements (3N, k) of every first site; None for those like it."""
    return [
        totally_symmetric(site.vectors, site.species, tolerance) if site.alike == index else None
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
