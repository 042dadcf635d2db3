"""A data set cut into chunks, the unit of a job, and its environments in blocks.

Frames are taken in blocks of `BLOCK`, counted from the beginning of the data set, and every
environment is computed in the company of its block only. A chunk is a whole number of blocks: how
many, and in which order chunks are finished, cannot change a digit. Nothing here holds more than
one chunk.
"""

import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import ase
from ase.io import write

from descriptor_sensitivity.environments import Batch, Refusal, cut_batches
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.files import atomic
from descriptor_sensitivity.structures.frames import BadFrame, as_atoms, random_items, stored_frames

BLOCK = 100
"""Frames that are computed together."""


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
    """

    path: str
    n_frames: int
    n_chunks: int
    chunk_size: int
    seed: int
    sample: list[int]

    @classmethod
    def read(cls, path: Path) -> "DataSet":
        """From the json file that holds it."""
        return cls(**json.loads(path.read_text()))

    @property
    def chunks(self) -> list[str]:
        """Names of the chunks, in order."""
        return [f"{number:06d}" for number in range(self.n_chunks)]

    def blocks(self, chunk: Path) -> Iterator[list[tuple[int, ase.Atoms | BadFrame]]]:
        """`read_chunk` of one of its files."""
        return read_chunk(chunk, self.path, self._first(chunk))

    def n_blocks(self, chunk: Path) -> int:
        """How many blocks one of its files holds."""
        return -(-min(self.chunk_size, self.n_frames - self._first(chunk)) // BLOCK)

    def _first(self, chunk: Path) -> int:
        return int(chunk.stem) * self.chunk_size


def split_frames(path: Path, folder: Path, chunk_size: int, n_sample: int, seed: int) -> DataSet:
    """Copy a data set into extended xyz files of `chunk_size` frames, and a sample beside them.

    Writes `folder`/chunks/000000.xyz, ..., `folder`/sample.xyz (at most `n_sample` frames, each set
    of frames equally likely for a seed). A frame that cannot be read is replaced by one without
    atoms whose comment says why, so that frames keep their numbers.
    Raises InputError if chunk_size is not a multiple of BLOCK.
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
    return DataSet(
        path=str(path),
        n_frames=count,
        n_chunks=-(-count // chunk_size),
        chunk_size=chunk_size,
        seed=seed,
        sample=[number for number, _ in sample],
    )


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


def read_numbered(path: Path, numbers: list[int]) -> list[tuple[int, ase.Atoms | BadFrame]]:
    """The frames of a sample with the numbers they have in their data set."""
    blocks = read_chunk(path, str(path), 0) if path.stat().st_size else []
    frames = [frame for block in blocks for _, frame in block]
    return list(zip(numbers, frames, strict=True))
