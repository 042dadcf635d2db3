"""The census of singular points over many structures, in pieces that are kept, and its summary."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import ase
import numpy as np
import pandas as pd

from descriptor_sensitivity.census import COLUMNS, CUTOFF, survey
from descriptor_sensitivity.environments import Batch
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.store import Task, finish, load
from descriptor_sensitivity.structure_census import SEARCHES, molecules, survey_clusters

PIECE, CLUSTERS = 25, 5
"""Structures, and clusters, of one piece of work."""

NAMED = ("mirror", "flat_pair", "ring", "equal_angles", "double_ring")
"""Families of degenerate environments (`theory.families`, `theory.equal_angles`)."""

NEAR = (0.1, 0.3, 1.0)
"""Å. Distances within which the summary counts structures."""


def census(
    vectors: np.ndarray,
    followed: Mapping[int, int],
    folder: Path,
    shared: Mapping[str, Any],
    processes: int = 1,
) -> tuple[pd.DataFrame, np.ndarray]:
    """The singular points of `census.survey` next to all environments, and where they are.

    Args:
        vectors: (n, 4, 3) neighbour positions, Å. Closed forms are tried next to all.
        followed: nu -> number of environments, from the first, next to which the density
            correlations of this order are followed too.
        folder: where finished pieces are kept.
        shared: what all of them depend on (see `store.finish`).

    Returns:
        One row for each point (`census.COLUMNS`), and (n_points, 4, 3) Å.
    """

    def task(nu: int, first: int, end: int) -> Task:
        own = {"nu": nu, "first": first, "end": end, "follow": end <= followed[nu]}
        piece = vectors[first:end], first, nu, own["follow"]
        return Task(f"nu{nu}_{first}", own, lambda: piece)

    tasks = []
    for nu, count in followed.items():
        count = min(count, len(vectors))
        for begin, end in ((0, count), (count, len(vectors) if nu == 2 else count)):
            cuts = [*range(begin, end, PIECE), end]
            tasks += [task(nu, *ends) for ends in pairwise(cuts) if ends[0] < ends[1]]
    files = finish(survey, tasks, folder, shared, processes, "singular points")
    found = [load(file) for file in files]
    points = np.concatenate([piece["vectors"] for piece in found])
    table = pd.DataFrame(
        {name: np.concatenate([piece[name] for piece in found]) for name in COLUMNS}
    )
    order = table.sort_values(["nu", "structure", "distance"], kind="stable").index
    return table.loc[order].reset_index(drop=True), points[order]


def summary(table: pd.DataFrame, n_structures: int, followed: Mapping[int, int]) -> pd.DataFrame:
    """What kinds of points there are, how often and how near.

    Args:
        table, followed: of `census`.
        n_structures: next to which closed forms were tried.

    Returns:
        nu, found_by, kind, what; tried, structures: next to how many this was tried, and came out;
        points; nearest: median distance (Å) of the nearest point of each; within_*: share of
        those tried that have one within so many Å; crossings, no_crossings: points at which pairs
        cross, and at which none were found; residual, pair_residual: the largest. Rows `any` count
        all points of a kind.
    """
    rows = []
    any_name = table.assign(found_by="any", what="any")
    groups = pd.concat([table, any_name]).groupby(["nu", "found_by", "kind", "what"], sort=True)
    for (nu, found_by, kind, what), points in groups:
        closed = nu == 2 and found_by in ("closed form", "any")
        tried = n_structures if closed else min(followed[nu], n_structures)
        nearest = points.groupby("structure").distance.min()
        row = {"nu": nu, "found_by": found_by, "kind": kind, "what": what, "tried": tried}
        row |= {"structures": len(nearest), "points": len(points), "nearest": nearest.median()}
        row |= {f"within_{near:g}": (nearest <= near).sum() / tried for near in NEAR}
        row |= {
            "crossings": int(points.crossing.isin(["by construction", "found"]).sum()),
            "no_crossings": int((points.crossing == "not found").sum()),
            "residual": points.residual.max(),
            "pair_residual": points.pair_residual.max(),
        }
        rows.append(row)
    return pd.DataFrame(rows)


def candidates(table: pd.DataFrame, points: np.ndarray) -> Iterator[ase.Atoms]:
    """Environments of a `census` that are of no known kind, or where no pair was found to cross.

    Degenerate ones of no family with a name, unresolved ones, and those blind for want of basis.
    """
    for row, vectors in zip(table.itertuples(index=False), points, strict=True):
        unnamed = row.kind == "degenerate" and row.what not in NAMED
        if unnamed or row.kind in ("unresolved", "truncation") or row.crossing == "not found":
            yield ase.Atoms("CH4", [np.zeros(3), *vectors], info=row._asdict())


def clusters(
    formulas: Sequence[str],
    n_starts: int,
    seed: int,
    folder: Path,
    shared: Mapping[str, Any],
    processes: int = 1,
) -> tuple[pd.DataFrame, list[dict[str, np.ndarray]]]:
    """The singular points of whole molecules, from random clusters (see `structure_census`).

    Returns:
        search, formula; starts; singular: descents that ended at a certified point; symmetric,
        degenerate, truncation, unresolved: what these are; residual: the largest of the symmetric
        and degenerate; said. And the points of each row.
    """
    wanted = [(search, formula) for search in SEARCHES for formula in formulas]
    cuts = [*range(0, n_starts, CLUSTERS), n_starts]
    tasks = [
        _cluster_task(formula, search, seed, *ends)
        for search, formula in wanted
        for ends in pairwise(cuts)
    ]
    files = finish(survey_clusters, tasks, folder, shared, processes, "singular clusters")
    pieces = [load(file) for file in files]
    n = len(cuts) - 1
    found = [
        {name: np.concatenate([one[name] for one in pieces[k : k + n]]) for name in pieces[k]}
        for k in range(0, len(pieces), n)
    ]
    rows = []
    for (search, formula), points in zip(wanted, found, strict=True):
        kinds = points["kind"]
        counts = {
            kind: int(np.sum(kinds == kind))
            for kind in ("symmetric", "degenerate", "truncation", "unresolved")
        }
        known = np.isin(kinds, ["symmetric", "degenerate"])
        n = counts["degenerate"]
        rows.append(
            {
                "search": search,
                "formula": formula,
                "starts": n_starts,
                "singular": len(kinds),
                **counts,
                "residual": points["residual"][known].max(initial=0.0),
                "said": f"{n or 'no'} degenerate points in {n_starts} starts",
            }
        )
    return pd.DataFrame(rows), found


def _cluster_task(formula: str, search: str, seed: int, first: int, end: int) -> Task:
    own = {"formula": formula, "search": search, "seed": seed, "first": first, "end": end}
    name = f"{search.replace(' ', '').replace('=', '')}_{formula}_{first}"
    return Task(name, own, lambda: (formula, search, seed, first, end))


def cluster_candidates(
    table: pd.DataFrame, found: Sequence[Mapping[str, np.ndarray]]
) -> Iterator[ase.Atoms]:
    """Molecules that `clusters` found and symmetry does not explain."""
    for row, points in zip(table.itertuples(index=False), found, strict=True):
        atoms = molecules(row.formula, points["positions"])
        for index in np.flatnonzero(points["kind"] != "symmetric"):
            told = {name: points[name][index] for name in ("kind", "hidden", "ratio", "residual")}
            atoms[index].info = {"search": row.search, "formula": row.formula, **told}
            yield atoms[index]


def methane_vectors(batches: Sequence[Batch], name: str) -> np.ndarray:
    """(n, 4, 3) of environments in the order of their frames, Å.

    Raises:
        InputError: one of them is not of four hydrogens.
    """
    for batch in batches:
        if batch.n_neighbors != 4 or set(batch.species) != {1}:
            raise InputError(
                f"{name}, structure {int(batch.frames[0])}: the census is of methane, and this"
                f" carbon has not four hydrogens, and nothing else, within {CUTOFF:g} Å; choose"
                " structures of CH4."
            )
    frames = np.concatenate([batch.frames for batch in batches])
    return np.concatenate([batch.vectors for batch in batches])[np.argsort(frames)]
