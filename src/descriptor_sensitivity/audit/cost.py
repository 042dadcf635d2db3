"""What the audit of a data set will take, said before anything is paid for it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from descriptor_sensitivity.audit.case import USUAL, Companions
from descriptor_sensitivity.audit.chunks import DataSet, cut_block, small_blocks
from descriptor_sensitivity.audit.companion import third_order
from descriptor_sensitivity.descriptors.base import Cost
from descriptor_sensitivity.descriptors.registry import descriptor_class, descriptor_settings
from descriptor_sensitivity.environments import Batch
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.structures.xyz import BadFrame

PROGRAM = 3.5e8
"""Bytes of Python, its libraries and the frames of a block."""

LOOKED = 5000
"""Atoms of the sample whose environments are counted."""

COMPARED = 20
"""Neighbours up to which environments are compared with nu = 3, as in the default criteria."""

MARGIN = 1.1
"""Neighbours that the largest environment may have beyond the largest of the sample."""


@dataclass(frozen=True)
class Estimate:
    """What a data set takes with one descriptor.

    Attributes:
        mem_mb: of a job at most.
        seconds: of one core, for all environments.
        chunk_seconds: for those of one chunk.
        environments: how many there are.
        neighbors: the largest number of neighbours in the sample.
    """

    mem_mb: int
    seconds: float
    chunk_seconds: float
    environments: int
    neighbors: int

    def sentence(self, name: str) -> str:
        """One line for the terminal."""
        if not self.environments:
            return f"{name}: the sample has no environments, so the cost is not known in advance"
        return (
            f"{name}: about {self.environments} environments of up to {self.neighbors} neighbours,"
            f" {time_in_words(self.seconds)} of one core for their singular values, up to"
            f" {gigabytes(self.mem_mb)} a job"
        )


def gigabytes(megabytes: float) -> str:
    """MB as GB of two digits."""
    return f"{float(f'{megabytes / 1000:.2g}'):,g} GB"


def time_in_words(seconds: float) -> str:
    """Seconds, minutes, or hours."""
    for unit, size in (("h", 3600.0), ("min", 60.0)):
        if seconds >= 2 * size:
            return f"{seconds / size:.2g} {unit}"
    return f"{max(seconds, 1.0):.2g} s"


def estimate(
    dataset: DataSet,
    sample: Path,
    name: str,
    descriptor: Mapping[str, Any],
    center_species: str | None,
    most_mb: float = np.inf,
) -> Estimate:
    """Memory and time of the audit of a data set, from the environments of its sample.

    Args:
        sample: its file.
        name, descriptor: the audited descriptor and its settings.
        center_species: centre on these atoms only.
        most_mb: what a job may have.

    Raises InputError, with the basis or cutoff that would do, where a job would need more.
    """
    batches, share = _some_environments(dataset, sample, descriptor["cutoff"], center_species)
    if not batches:
        return Estimate(round(2 * PROGRAM / 1e6), 0.0, 0.0, 0, 0)

    def job(changes: Mapping[str, Any]) -> float:
        return _job_bytes({**descriptor, **changes}, batches) / 1e6

    needed = job({})
    if needed > most_mb:
        raise InputError(_refusal(name, descriptor, batches, needed, most_mb, job))
    per_frame = share * sum(seconds(descriptor, batch) for batch in batches)
    count = share * sum(len(batch) for batch in batches)
    return Estimate(
        mem_mb=round(needed),
        seconds=per_frame * dataset.n_frames,
        chunk_seconds=per_frame * min(dataset.chunk_size, dataset.n_frames),
        environments=round(count * dataset.n_frames),
        neighbors=max(batch.n_neighbors for batch in batches),
    )


def _some_environments(
    dataset: DataSet, sample: Path, cutoff: float, center_species: str | None
) -> tuple[list[Batch], float]:
    """Environments of some frames of the sample, and one over the number of these frames."""
    frames = [item for block in small_blocks(sample) for item in block]
    atoms = sum(len(frame) for _, frame in frames if not isinstance(frame, BadFrame))
    some = frames[:: max(1, atoms // LOOKED)]
    batches, _ = cut_block(some, cutoff, center_species, dataset.path)
    return batches, 1 / max(len(some), 1)


def _job_bytes(settings: Mapping[str, Any], batches: list[Batch]) -> float:
    """Of a job that computes or diagnoses environments as they are within the cutoff.

    A diagnosis asks the density itself (nu = 1), after a larger basis too, and nu = 3.
    """
    own = settings["kind"] == "density"
    density = settings if own else {**USUAL, "cutoff": settings["cutoff"]}
    moves = Companions(density).moves
    every = [settings, *({**density, "nu": 1, key: value} for key, value in moves.items())]
    largest = 0.0
    for number, n_species in {(_count(b, settings["cutoff"]), _n_species(b)) for b in batches}:
        some = [*every, third_order(density)] if number <= COMPARED else every
        more = round(MARGIN * number)
        largest = max(largest, *(_cost(one, more, n_species).bytes for one in some))
    return PROGRAM + largest


def _cost(settings: Mapping[str, Any], n_neighbors: int, n_species: int) -> Cost:
    checked = descriptor_settings(settings["kind"], settings)
    return descriptor_class(checked.kind).cost(checked, n_neighbors, n_species)


def seconds(settings: Mapping[str, Any], batch: Batch) -> float:
    """What the environments of a batch take of one core, as estimated."""
    return _cost(settings, batch.n_neighbors, _n_species(batch)).seconds * len(batch)


def _n_species(batch: Batch) -> int:
    return len(set(batch.species.tolist()))


def _count(batch: Batch, cutoff: float) -> int:
    """The largest number of neighbours within a cutoff, 1 at least."""
    inside = np.linalg.norm(batch.vectors, axis=-1) <= cutoff
    return max(1, int(inside.sum(axis=1).max()))


def _refusal(
    name: str,
    descriptor: Mapping[str, Any],
    batches: list[Batch],
    needed: float,
    most_mb: float,
    job: Callable[[Mapping[str, Any]], float],
) -> str:
    """What it needs, what there is, and each setting that would do by itself."""
    fits = []
    for key, unit in (("l_max", ""), ("n_max", ""), ("cutoff", " Å")):
        for value in _smaller(descriptor.get(key)):
            if job({key: value}) <= most_mb:
                fits.append(f"`{key}: {value:g}`{unit} (now {descriptor[key]:g})")
                break
    number = max(batch.n_neighbors for batch in batches)
    return (
        f"Descriptor `{name}` would need about {gigabytes(needed)} for environments of {number}"
        f" neighbours, more than the {gigabytes(most_mb)} that a job may have here;"
        + (f" it fits with {', or with '.join(fits)}." if fits else " choose another basis.")
    )


def _smaller(value: float | int | None) -> list[float]:
    """Values below one, largest first."""
    if value is None:
        return []
    if isinstance(value, int):
        return list(range(value - 1, 0, -1))
    return [round(value * factor, 1) for factor in np.arange(0.95, 0.2, -0.05)]
