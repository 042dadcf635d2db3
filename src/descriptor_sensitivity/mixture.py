"""Environments of several compositions in one batch, for what needs no common order of species.

In an alloy or a liquid nearly every environment has a composition of its own. In a mixture the
`species` of a `Batch` are (n_env, N), a row for each.
"""

from collections.abc import Iterable, Iterator

import numpy as np

from descriptor_sensitivity.environments import Batch, rotation_rank


def mixtures(batches: Iterable[Batch]) -> list[Batch]:
    """The same environments in fewer batches: together whatever the species of the neighbours.

    What stays apart is the centre's species, N, and whether the neighbours lie on one line.
    """
    groups: dict[tuple[int, int, int], list[Batch]] = {}
    for batch in batches:
        if len(batch):
            key = (batch.center, batch.n_neighbors, rotation_rank(batch.vectors[0]))
            groups.setdefault(key, []).append(batch)
    merged = []
    for (center, n_neighbors, _), members in groups.items():
        shapes = [(len(batch), n_neighbors) for batch in members]
        species = [np.broadcast_to(b.species, s) for b, s in zip(members, shapes, strict=True)]
        fields = ("vectors", "frames", "centers")
        vectors, frames, centers = (
            np.concatenate([getattr(batch, field) for batch in members]) for field in fields
        )
        merged.append(Batch(vectors, np.concatenate(species), center, frames, centers))
    return merged


def compositions(batch: Batch) -> Iterator[tuple[np.ndarray, Batch]]:
    """The environments of each composition: their indices, and a batch with `species` (N,)."""
    if batch.species.ndim == 1:
        yield np.arange(len(batch)), batch
        return
    kinds, which = np.unique(batch.species, axis=0, return_inverse=True)
    for kind, species in enumerate(kinds):
        mine = np.flatnonzero(which.reshape(-1) == kind)
        part = batch[mine]
        yield mine, Batch(part.vectors, species, part.center, part.frames, part.centers)
