"""A data set cut into chunks, the unit of a job, and its environments in blocks.

Frames are taken in blocks of `BLOCK`, counted from the beginning of the data set, and every
environment is computed in the company of its block only. A chunk is a whole number of blocks: how
many, and in which order chunks are finished, cannot change a digit. Nothing here holds more than
one chunk.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.data import chemical_symbols

from descriptor_sensitivity.cutting import Refusal, cut_batches
from descriptor_sensitivity.environments import Batch
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.structures.frames import as_atoms, random_items, stored_frames
from descriptor_sensitivity.structures.labels import element
from descriptor_sensitivity.structures.parquet import Numbered, frame_file, read_frames
from descriptor_sensitivity.structures.xyz import BadFrame

BLOCK = 100
"""Frames that are computed together."""

MOST_ATOMS = 3000
"""Atoms that are computed together, if they are of more than one frame."""

SAMPLE_BYTES = 1e8
"""Of the environments of a sample."""

SHOWN = 12
"""Labels that a note names."""


@dataclass(frozen=True)
class DataSet:
    """What `split_frames` wrote about a data set.

    Attributes:
        path: the file it was read from, for messages.
        n_frames: all of them, the unreadable ones too.
        n_chunks: files they were copied to.
        chunk_size: frames in each but the last.
        seed: of the sample.
        sample: numbers of the frames in the sample.
        notes: sentences on how the file was understood, where it left a choice.
    """

    path: str
    n_frames: int
    n_chunks: int
    chunk_size: int
    seed: int
    sample: list[int]
    notes: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, path: Path) -> "DataSet":
        """From the json file that holds it."""
        return cls(**json.loads(path.read_text()))

    @property
    def chunks(self) -> list[str]:
        """Names of the chunks, in order."""
        return [f"{number:06d}" for number in range(self.n_chunks)]

    def blocks(self, chunk: Path) -> Iterator[list[Numbered]]:
        """(Frame number, structure or the reason why there is none) of one chunk, in blocks.

        Blocks of BLOCK frames, or of fewer where these have more than MOST_ATOMS atoms.
        """
        return small_blocks(chunk)

    def size(self, chunk: Path) -> int:
        """How many frames one of its files holds."""
        return min(self.chunk_size, self.n_frames - self.first(chunk))

    def first(self, chunk: Path) -> int:
        """The number of the first frame of one of its files."""
        return int(chunk.stem) * self.chunk_size


def split_frames(path: Path, folder: Path, chunk_size: int, n_sample: int, seed: int) -> DataSet:
    """Copy a data set into files of `chunk_size` frames, and a sample beside them.

    Writes `folder`/chunks/000000.parquet, ..., `folder`/sample.parquet (at most `n_sample` frames,
    each set of frames equally likely for a seed). A frame that cannot be read keeps its number, and
    has the reason in place of a structure.
    Raises InputError if chunk_size is not a multiple of BLOCK.
    """
    if chunk_size < 1 or chunk_size % BLOCK:
        raise InputError(
            f"chunk_size = {chunk_size} must be a multiple of {BLOCK}, the number of frames that "
            "are computed together."
        )
    chunks = folder / "chunks"
    chunks.mkdir(parents=True, exist_ok=True)
    notes, count = Notes(str(path)), 0

    def copied() -> Iterator[Numbered]:
        nonlocal count
        blocks = _blocks(notes.taken(_read(path)))
        while first := next(blocks, None):
            with frame_file(chunks / f"{count // chunk_size:06d}.parquet") as write:
                for block in chain([first], islice(blocks, chunk_size // BLOCK - 1)):
                    write(block)
                    count += len(block)
                    yield from block

    drawn = random_items(copied(), n_sample, seed)
    sample = [item for item in drawn if not isinstance(item[1], BadFrame)]
    with frame_file(folder / "sample.parquet") as write:
        for block in _blocks(sample):
            write(block)
    return DataSet(
        path=str(path),
        n_frames=count,
        n_chunks=-(-count // chunk_size),
        chunk_size=chunk_size,
        seed=seed,
        sample=[number for number, _ in sample],
        notes=notes.sentences(),
    )


def _read(path: Path) -> Iterator[Numbered]:
    """The frames of a file as structures, with the reason in place of each that is none."""
    for number, stored in stored_frames(path):
        try:
            yield number, as_atoms(stored, str(path), number)
        except BadFrame as error:
            yield number, error


def _blocks(frames: Iterable[Numbered]) -> Iterator[list[Numbered]]:
    frames = iter(frames)
    while block := list(islice(frames, BLOCK)):
        yield block


class Notes:
    """What was made of a file that leaves a choice, each said once.

    Args:
        name: of the file.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.labels: dict[str, list[int]] = {}
        self.partial: list[int] = []

    def taken(self, frames: Iterable[Numbered]) -> Iterator[Numbered]:
        """The frames as they come, with what their readers noted."""
        for number, frame in frames:
            if isinstance(frame, Atoms) and frame.info:
                for label in frame.info.get("guessed", []):
                    self.labels.setdefault(label, []).append(number)
                self.partial += [number] if "partial" in frame.info else []
            yield number, frame

    def sentences(self) -> list[str]:
        """One for labels that are no symbols, one for partly occupied sites."""
        said = []
        if self.labels:
            read = [f"`{la}` as {chemical_symbols[element(la)]}" for la in sorted(self.labels)]
            more = f" and {len(read) - SHOWN} more" if len(read) > SHOWN else ""
            first = min(numbers[0] for numbers in self.labels.values())
            said.append(
                f"{self.name}: labels that are no symbols were read as elements, first in frame"
                f" {first}: {', '.join(read[:SHOWN])}{more}."
            )
        if self.partial:
            said.append(
                f"{self.name}: sites are partly occupied, first in frame {self.partial[0]}; the"
                " audit takes one species for each and the site as full: give an ordered structure"
                " if that is not meant."
            )
        return said


def cut_block(
    block: Iterable[Numbered],
    cutoff: float,
    center_species: str | None,
    name: str,
    shells: dict[tuple[int, int], int] | None = None,
) -> tuple[list[Batch], list[Refusal]]:
    """Environments of a block of frames, and what had to be left out and why (`cut_batches`)."""
    refused, numbers, frames = [], [], []
    for number, frame in block:
        if isinstance(frame, BadFrame):
            refused.append(Refusal(number, -1, str(frame)))
        else:
            numbers.append(number)
            frames.append(frame)
    batches, more = cut_batches(frames, cutoff, center_species, numbers, f"{name}, frame", shells)
    return batches, sorted([*refused, *more], key=lambda refusal: (refusal.frame, refusal.center))


def small_blocks(path: Path) -> Iterator[list[Numbered]]:
    """Blocks of a file of frames, in parts where they have more than MOST_ATOMS atoms."""
    for block in read_frames(path):
        atoms = np.cumsum([0 if isinstance(f, BadFrame) else len(f) for _, f in block])
        parts = (atoms - 1).clip(min=0) // MOST_ATOMS
        for part in np.unique(parts):
            yield [block[k] for k in np.flatnonzero(parts == part)]


def sample_batches(
    path: Path, cutoff: float, center_species: str | None, most: int | None = None
) -> list[Batch]:
    """Environments of the sample that `split_frames` wrote; at most `most` of them if given.

    Where all would take more than SAMPLE_BYTES, every other one is left out until they do not.
    """
    batches: list[Batch] = []
    stride = 1
    for block in small_blocks(path):
        batches += thinned(cut_block(block, cutoff, center_species, str(path))[0], stride)
        while len(batches) > 1 and sum(batch.vectors.nbytes for batch in batches) > SAMPLE_BYTES:
            batches, stride = thinned(batches, 2), 2 * stride
    total = sum(len(batch) for batch in batches)
    if most is None or total <= most:
        return batches
    if len(batches) > most:
        return thinned(batches, -(-total // most))
    return [batch[:: -(-total // most)] for batch in batches]


def thinned(batches: Iterable[Batch], stride: int) -> list[Batch]:
    """One of `stride` environments, counted through all batches."""
    kept, before = [], 0
    for batch in batches:
        part = batch[-before % stride :: stride]
        before += len(batch)
        kept += [part] if len(part) else []
    return kept
