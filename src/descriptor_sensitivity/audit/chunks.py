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

from ase import Atoms
from ase.data import chemical_symbols

from descriptor_sensitivity.environments import Batch, Refusal, cut_batches
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.structures.frames import as_atoms, random_items, stored_frames
from descriptor_sensitivity.structures.labels import element
from descriptor_sensitivity.structures.parquet import Numbered, frame_file, read_frames
from descriptor_sensitivity.structures.xyz import BadFrame

BLOCK = 100
"""Frames that are computed together."""

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
        """Blocks of (frame number, structure or the reason why there is none) of one chunk."""
        return read_frames(chunk)

    def n_blocks(self, chunk: Path) -> int:
        """How many blocks one of its files holds."""
        first = int(chunk.stem) * self.chunk_size
        return -(-min(self.chunk_size, self.n_frames - first) // BLOCK)


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


def sample_batches(
    path: Path, cutoff: float, center_species: str | None, most: int | None = None
) -> list[Batch]:
    """Environments of the sample that `split_frames` wrote; at most `most` of them if given."""
    batches: list[Batch] = []
    for block in read_frames(path):
        batches += cut_block(block, cutoff, center_species, str(path))[0]
    total = sum(len(batch) for batch in batches)
    stride = 1 if most is None else max(1, -(-total // most))
    return [batch[::stride] for batch in batches]


def read_sample(path: Path) -> list[Numbered]:
    """The frames of a sample with the numbers they have in their data set."""
    return [numbered for block in read_frames(path) for numbered in block]
