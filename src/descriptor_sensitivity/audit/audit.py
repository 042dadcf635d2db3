"""Where a representation is blind on a data set: the table, its thresholds, and its pieces.

Frames are taken in blocks of `BLOCK`, counted from the beginning of the data set, and every
environment is computed in the company of its block only. A chunk, the unit of a job, is a whole
number of blocks: how many, and in which order chunks are finished, cannot change a digit.

Nothing here holds more than one chunk. Quantiles over a data set come from histograms of fixed
bins, which add.
"""

import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import ase
import numpy as np
import pandas as pd
from ase.data import chemical_symbols
from ase.io import write

from descriptor_sensitivity.audit.diagnosis import ZERO
from descriptor_sensitivity.descriptors.base import Descriptor
from descriptor_sensitivity.environments import Batch, Refusal, cut_batches
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.files import atomic
from descriptor_sensitivity.singular import condition_number, singular_values
from descriptor_sensitivity.structures.frames import BadFrame, as_atoms, random_items, stored_frames

BLOCK = 100
"""Frames that are computed together."""

BINS = np.linspace(0, 13, 13001)
"""Edges of the histogram of log10 CN; a bin is 0.23 % wide."""

COLUMNS = {
    "frame": "int64",
    "center": "int64",
    "species": "object",
    "n_neighbors": "int64",
    "nearest": "float64",
    "s_max": "float64",
    "s_min": "float64",
    "condition_number": "float64",
    "effective_rank": "float64",
}
"""Of the table of environments, with their types."""


# ---------------------------------------------------------------- cutting a data set into chunks


def split_frames(
    path: Path, folder: Path, chunk_size: int, n_sample: int, seed: int
) -> dict[str, Any]:
    """Copy a data set into extended xyz files of `chunk_size` frames, and a sample beside them.

    Writes `folder`/chunks/000000.xyz, ..., `folder`/sample.xyz (at most `n_sample` frames, each set
    of frames equally likely for a seed) and returns their count and frame numbers. A frame that
    cannot be read is replaced by one without atoms whose comment says why, so that frames keep
    their numbers. Raises InputError if chunk_size is not a multiple of BLOCK.
    """
    if chunk_size < 1 or chunk_size % BLOCK:
        raise InputError(
            f"chunk_size = {chunk_size} must be a multiple of {BLOCK}, the number of frames that "
            "are computed together."
        )
    chunks = folder / "chunks"
    chunks.mkdir(parents=True, exist_ok=True)
    count = 0

    def copied() -> Iterator[tuple[int, str]]:
        nonlocal count
        frames = ((number, _as_text(frame)) for number, frame in stored_frames(path))
        while part := list(islice(frames, chunk_size)):
            with atomic(chunks / f"{count // chunk_size:06d}.xyz") as partial:
                partial.write_text("".join(text for _, text in part))
            count += len(part)
            yield from part

    sample = [item for item in random_items(copied(), n_sample, seed) if item[1][:2] != "0\n"]
    with atomic(folder / "sample.xyz") as partial:
        partial.write_text("".join(text for _, text in sample))
    return {
        "path": str(path),
        "n_frames": count,
        "n_chunks": -(-count // chunk_size),
        "chunk_size": chunk_size,
        "seed": seed,
        "sample": [number for number, _ in sample],
    }


def _as_text(frame: list[str] | ase.Atoms | BadFrame) -> str:
    """One frame as the text of an extended xyz file, ending with a newline."""
    if isinstance(frame, BadFrame):
        return f"0\n{frame}\n"
    if isinstance(frame, ase.Atoms):
        stream = io.StringIO()
        write(stream, frame, format="extxyz")
        return stream.getvalue()
    text = "".join(frame)
    return text if text.endswith("\n") else text + "\n"


def read_chunk(
    path: Path, name: str, first_frame: int
) -> Iterator[list[tuple[int, ase.Atoms | BadFrame]]]:
    """Blocks of (frame number, structure or the reason why there is none) of one chunk."""

    def frames() -> Iterator[tuple[int, ase.Atoms | BadFrame]]:
        for index, frame in stored_frames(path):
            number = first_frame + index
            if isinstance(frame, list) and frame[0] == "0\n":
                yield number, BadFrame(frame[1].strip() or f"{name}, frame {number}: no atoms.")
                continue
            try:
                yield number, as_atoms(frame, name, number)
            except BadFrame as error:
                yield number, error

    stream = frames()
    while block := list(islice(stream, BLOCK)):
        yield block


def read_numbered(path: Path, numbers: list[int]) -> list[tuple[int, ase.Atoms | BadFrame]]:
    """The frames of a sample with the numbers they have in their data set."""
    blocks = read_chunk(path, str(path), 0) if path.stat().st_size else []
    frames = [frame for block in blocks for _, frame in block]
    return list(zip(numbers, frames, strict=True))


# ---------------------------------------------------------------- the table


def cut_block(
    block: Iterable[tuple[int, ase.Atoms | BadFrame]],
    cutoff: float,
    center_species: str | None,
    name: str,
) -> tuple[list[Batch], list[Refusal]]:
    """Environments of a block of frames, and what had to be left out and why."""
    refused, numbers, frames = [], [], []
    for number, frame in block:
        if isinstance(frame, BadFrame):
            refused.append(Refusal(number, -1, str(frame)))
        else:
            numbers.append(number)
            frames.append(frame)
    batches, more = cut_batches(frames, cutoff, center_species, numbers, f"{name}, frame")
    return batches, sorted([*refused, *more], key=lambda refusal: (refusal.frame, refusal.center))


def parts(representation: Descriptor, batch: Batch) -> Iterator[Batch]:
    """A batch in the pieces that the representation can treat at once."""
    size = representation.block_size(batch)
    for start in range(0, len(batch), size):
        yield batch[start : start + size]


def nearest_distance(vectors: np.ndarray) -> np.ndarray:
    """Smallest distance (n_env,) in Å between two atoms of an environment, the centre included."""
    points = np.concatenate([np.zeros_like(vectors[:, :1]), vectors], axis=1)
    first, second = np.triu_indices(points.shape[1], k=1)
    return np.linalg.norm(points[:, first] - points[:, second], axis=-1).min(axis=1)


def effective_rank(values: np.ndarray) -> np.ndarray:
    """exp(-sum_k p_k ln p_k), p_k = s_k / sum s: how many displacements are seen equally well.

    Between 1 (a single one) and k (all k of them). Roy and Vetterli, EUSIPCO 2007.
    """
    share = values / values.sum(axis=-1, keepdims=True)
    entropy = -np.where(share > 0, share * np.log(np.where(share > 0, share, 1.0)), 0.0)
    return np.exp(entropy.sum(axis=-1))


def environment_rows(
    representation: Descriptor, batches: Iterable[Batch], name: str
) -> tuple[pd.DataFrame, list[Refusal]]:
    """One row per environment with the columns COLUMNS, sorted by frame and centre.

    s_max, s_min: feature unit per Å. A singular value below ZERO s_max is written as zero, and
    the condition number is then infinite. Environments that the representation refuses are
    returned beside, with its reason.
    """
    tables, refusals = [], []
    for batch in batches:
        for part in parts(representation, batch):
            vectors = part.vectors if representation.invariant else None
            try:
                values = singular_values(representation.reduced_jacobian(part), vectors)
            except InputError as error:
                for place in zip(part.frames.tolist(), part.centers.tolist(), strict=True):
                    reason = f"{name}, frame {place[0]}, atom {place[1]}: {error}"
                    refusals.append(Refusal(*place, reason))
                continue
            values[values < ZERO * values[:, :1]] = 0.0
            tables.append(
                pd.DataFrame(
                    {
                        "frame": part.frames,
                        "center": part.centers,
                        "species": chemical_symbols[part.center],
                        "n_neighbors": part.n_neighbors,
                        "nearest": nearest_distance(part.vectors),
                        "s_max": values[:, 0],
                        "s_min": values[:, -1],
                        "condition_number": condition_number(values),
                        "effective_rank": effective_rank(values),
                    }
                )
            )
    table = pd.concat(tables) if tables else pd.DataFrame({column: [] for column in COLUMNS})
    return table.astype(COLUMNS).sort_values(["frame", "center"], ignore_index=True), refusals


def sample_batches(
    path: Path, cutoff: float, center_species: str | None, most: int | None = None
) -> list[Batch]:
    """Environments of the sample that `split_frames` wrote; at most `most` of them if given."""
    batches: list[Batch] = []
    if path.stat().st_size:
        for block in read_chunk(path, str(path), 0):
            batches += cut_block(block, cutoff, center_species, str(path))[0]
    total = sum(len(batch) for batch in batches)
    stride = 1 if most is None else max(1, -(-total // most))
    return [batch[::stride] for batch in batches]


def needs_fit(settings: Mapping[str, Any]) -> bool:
    """Whether a representation needs environments to fit an optimal radial basis on."""
    return settings.get("radial_basis") == "optimal"


REASONS = {
    "has no neighbour": "no neighbour within the cutoff",
    "coincide": "coincident atoms",
    "not a finite number": "coordinate that is not a number",
    "atom to centre on": "no atom of the centre species",
    "truncated": "truncated file",
    "no atoms": "frame without atoms",
    "readable": "unreadable frame",
    "cannot read": "unreadable frame",
    "number of atoms": "unreadable frame",
    "adial basis": "species that the optimal radial basis was not fitted for",
}
"""What a refusal says, and how the summary counts it."""


def reason_kind(reason: str) -> str:
    """The kind of a refusal, for counting."""
    return next((kind for said, kind in REASONS.items() if said in reason), "other")


# ---------------------------------------------------------------- what counts as low sensitivity


@dataclass
class Distribution:
    """Condition numbers of one representation and centre species, as a histogram of log10 CN."""

    counts: np.ndarray
    infinite: int = 0

    @classmethod
    def empty(cls) -> "Distribution":
        return cls(np.zeros(len(BINS) - 1, dtype=np.int64))

    def add(self, condition_numbers: np.ndarray) -> None:
        """Count more condition numbers; infinite ones are counted apart."""
        finite = condition_numbers[np.isfinite(condition_numbers)]
        self.infinite += len(condition_numbers) - len(finite)
        clipped = np.clip(np.log10(finite), 0, BINS[-2])
        self.counts += np.histogram(clipped, BINS)[0]

    @property
    def total(self) -> int:
        """All condition numbers counted."""
        return int(self.counts.sum()) + self.infinite

    def quantile(self, fraction: float) -> float:
        """CN below which `fraction` of all lie, to the width of a bin; NaN if there are none."""
        if self.total == 0:
            return np.nan
        reached = np.cumsum(self.counts)
        index = int(np.searchsorted(reached, fraction * self.total, side="left"))
        return float(10 ** (BINS[index] + 0.0005)) if index < len(self.counts) else np.inf


def is_regular(condition: np.ndarray, n_neighbors: np.ndarray | int, singular: float) -> np.ndarray:
    """Which environments the medians are taken over: CN below `singular`, several neighbours.

    A single neighbour has one displacement that matters, and CN = 1 in every representation.
    """
    return (condition < singular) & (n_neighbors > 1)


def low_sensitivity(
    table: pd.DataFrame, medians: Mapping[str, float | None], factor: float, singular: float
) -> np.ndarray:
    """Rows to be diagnosed: CN above `factor` times the median of the same centre species.

    The median is that of the regular environments; singular ones always count as low, so that a
    data set of perfect crystals does not hide behind its own median.
    """
    threshold = factor * table["species"].map(dict(medians)).astype(float).to_numpy()
    condition = table["condition_number"].to_numpy()
    return ~(condition < singular) | (condition > threshold)


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
