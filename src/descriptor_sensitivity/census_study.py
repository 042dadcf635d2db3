"""The census of singular points over many structures, in pieces that are kept, and its summary."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
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
from descriptor_sensitivity.structures.methane import random_methane
from descriptor_sensitivity.theory.recognise import FAMILIES
from descriptor_sensitivity.theory.trapezoid import trapezoid

PIECE, CLUSTERS = 25, 5
"""Structures, and clusters, of one piece of work."""

NEAR = (0.1, 0.3, 1.0)
"""Å. Distances within which the summary counts structures."""


@dataclass(frozen=True)
class Structures:
    """Environments next to which singular points are looked for.

    Attributes:
        vectors: (n, N, 3) neighbour positions, Å.
        nu: order of the correlations; closed forms are tried next to all at nu = 2.
        n_followed: number of them, from the first, next to which the features are followed too.
    """

    vectors: np.ndarray
    nu: int
    n_followed: int

    def tasks(self) -> Iterator[Task]:
        """Pieces of `census.survey`, those that are followed first."""
        n, name = len(self.vectors), f"n{self.vectors.shape[1]}_nu{self.nu}"
        count = min(self.n_followed, n)
        for begin, end in ((0, count), (count, n if self.nu == 2 else count)):
            for first, last in pairwise([*range(begin, end, PIECE), end]):
                piece = self.vectors[first:last], first, self.nu, last <= count
                own = dict(zip(("first", "nu", "follow"), piece[1:], strict=True))
                own |= {"n": self.vectors.shape[1], "last": last}
                yield _task(f"{name}_{first}", own, piece)


def census(
    sets: Sequence[Structures], folder: Path, shared: Mapping[str, Any], processes: int = 1
) -> tuple[pd.DataFrame, list[np.ndarray]]:
    """The singular points of `census.survey` next to all environments, and where they are.

    Args:
        folder: where finished pieces are kept.
        shared: what all of them depend on (see `store.finish`).

    Returns:
        One row for each point (`census.COLUMNS`), and its neighbours (N, 3), Å.
    """
    tasks = [task for one in sets for task in one.tasks()]
    files = finish(survey, tasks, folder, shared, processes, "singular points")
    found = [load(file) for file in files]
    points = [vectors for piece in found for vectors in piece["vectors"]]
    table = pd.DataFrame(
        {name: np.concatenate([piece[name] for piece in found]) for name in COLUMNS}
    )
    order = table.sort_values(["n_neighbors", "nu", "structure", "distance"], kind="stable").index
    return table.loc[order].reset_index(drop=True), [points[k] for k in order]


def summary(table: pd.DataFrame, sets: Sequence[Structures]) -> pd.DataFrame:
    """What kinds of points there are, how often and how near.

    Args:
        table, sets: of `census`.

    Returns:
        n_neighbors, nu, found_by, kind, what; tried, structures: next to how many this was tried,
        and came out; points; nearest: median distance (Å) of the nearest point of each; within_*:
        share of those tried that have one within so many Å; crossings, no_crossings: points at
        which pairs cross, and at which none were found; residual, pair_residual: the largest. Rows
        `any` count all points of a kind.
    """
    rows, tried = [], {}
    for one in sets:
        key = one.vectors.shape[1], one.nu
        followed = min(one.n_followed, len(one.vectors))
        tried[key] = {"search": followed, "start": followed}
        all_of_them = len(one.vectors) if one.nu == 2 else followed
        tried[key] |= {"closed form": all_of_them, "any": all_of_them}
    names = ["n_neighbors", "nu", "found_by", "kind", "what"]
    every = pd.concat([table, table.assign(found_by="any", what="any")])
    for group, points in every.groupby(names, sort=True):
        row = dict(zip(names, group, strict=True))
        row["tried"] = tried[row["n_neighbors"], row["nu"]][row["found_by"]]
        nearest = points.groupby("structure").distance.min()
        row |= {"structures": len(nearest), "points": len(points), "nearest": nearest.median()}
        row |= {f"within_{near:g}": (nearest <= near).sum() / row["tried"] for near in NEAR}
        row |= {
            "crossings": int(points.crossing.isin(["by construction", "found"]).sum()),
            "no_crossings": int((points.crossing == "not found").sum()),
            "residual": points.residual.max(),
            "pair_residual": points.pair_residual.max(),
        }
        rows.append(row)
    return pd.DataFrame(rows)


def candidates(table: pd.DataFrame, points: Sequence[np.ndarray]) -> Iterator[ase.Atoms]:
    """Environments of a `census` that are of no known kind, or where no pair was found to cross.

    Degenerate ones of no family with a name, unresolved ones, and those blind for want of basis.
    """
    for row, vectors in zip(table.itertuples(index=False), points, strict=True):
        unnamed = row.kind == "degenerate" and row.what not in FAMILIES
        if unnamed or row.kind in ("unresolved", "truncation") or row.crossing == "not found":
            yield ase.Atoms(f"CH{len(vectors)}", [np.zeros(3), *vectors], info=row._asdict())


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
    return _task(name, own, (formula, search, seed, first, end))


def _task(name: str, settings: Mapping[str, Any], arguments: tuple[Any, ...]) -> Task:
    return Task(name, settings, lambda: arguments)


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


def five_neighbours(count: int, seed: int) -> np.ndarray:
    """Environments (count + 1, 5, 3) of five like neighbours: random, and a trapezoid (Å).

    A trapezoid is singular itself, and no pairs cross there.
    """
    return np.concatenate([random_methane(count, seed, n_hydrogens=5), [trapezoid()]])


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
