"""Environments to look at: clusters with the displacement that a descriptor sees least."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import ase
import numpy as np
from ase.io import iread
from tqdm import tqdm

from descriptor_sensitivity.audit.chunks import sample_batches
from descriptor_sensitivity.audit.cost import seconds
from descriptor_sensitivity.audit.table import fit_batches, parts
from descriptor_sensitivity.descriptors.base import Descriptor
from descriptor_sensitivity.descriptors.registry import build_descriptor
from descriptor_sensitivity.environments import Batch
from descriptor_sensitivity.singular import condition_number, sensitivity

SHOWN = 500
"""Environments of the sample to look at, about."""

SHOWN_SECONDS = 30.0
"""What these may take of one core, as estimated; where each takes long they are fewer."""


def cluster(batch: Batch, index: int, displacement: np.ndarray, **info: Any) -> ase.Atoms:
    """One environment, centre first, with the array `displacement` (N + 1, 3) of its atoms.

    Args:
        displacement: (N, 3) or (3N,), of the neighbours.
        info: what else is known of it.
    """
    atoms = batch.atoms(index)
    atoms.arrays["displacement"] = np.vstack([np.zeros(3), displacement.reshape(-1, 3)])
    atoms.info |= info
    return atoms


def sampled(
    sample: Path,
    name: str,
    descriptor: Mapping[str, Any],
    center_species: str | None,
) -> list[ase.Atoms]:
    """Environments of the sample with their least visible displacement, u of the least s."""
    batches = sample_batches(sample, descriptor["cutoff"], center_species, SHOWN)
    expected = sum(seconds(descriptor, batch) for batch in batches)
    if expected > SHOWN_SECONDS:
        most = max(1, int(sum(map(len, batches)) * SHOWN_SECONDS / expected))
        batches = sample_batches(sample, descriptor["cutoff"], center_species, most)
    built = build_descriptor(name, descriptor, fit_batches(descriptor, sample, center_species))
    return [
        found
        for batch in tqdm(batches, desc="environments", mininterval=2)
        for part in parts(built, batch)
        for found in least_visible(built, part)
    ]


def least_visible(descriptor: Descriptor, batch: Batch) -> list[ase.Atoms]:
    """The environments of a batch as clusters with their least visible displacement."""
    values, left = sensitivity(descriptor, batch)
    return [
        cluster(
            batch,
            index,
            u[:, -1],
            frame=int(batch.frames[index]),
            center=int(batch.centers[index]),
            condition_number=float(condition_number(s)),
            diagnosis="sample",
        )
        for index, (s, u) in enumerate(zip(values, left, strict=True))
    ]


def read_clusters(path: Path) -> list[ase.Atoms]:
    """The clusters in an extended xyz file; none in one that is empty."""
    return list(iread(path, format="extxyz")) if path.stat().st_size else []


def worst_of_each(clusters: Iterable[ase.Atoms], most: int) -> list[ase.Atoms]:
    """The `most` environments of highest CN of each diagnosis, highest first.

    Equal ones keep the order of their frames, so that the worst of a data set are the worst of
    the worst of its chunks.
    """
    kept: dict[tuple[str, str], list[ase.Atoms]] = {}
    for cluster in clusters:
        key = cluster.info["representation"], cluster.info["diagnosis"]
        group = kept.setdefault(key, [])
        group.append(cluster)
        group.sort(key=_by_condition)
        del group[most:]
    return [cluster for _, group in sorted(kept.items()) for cluster in group]


def _by_condition(cluster: ase.Atoms) -> tuple[float, int, int]:
    info = cluster.info
    return -info["condition_number"], info["frame"], info["center"]
