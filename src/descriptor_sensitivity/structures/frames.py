"""Frames out of files, one at a time: extended xyz, compressed or not, and what else ASE reads."""

import gzip
import io
import zlib
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.io import iread

from descriptor_sensitivity.errors import InputError

XYZ_SUFFIXES = (".xyz", ".extxyz")


GZIP_MAGIC = b"\x1f\x8b"


class BadFrame(InputError):
    """A frame that cannot be used: the sentence names the file and the frame."""


def text_frames(lines: Iterable[str], name: str) -> Iterator[tuple[int, list[str] | BadFrame]]:
    """Cut the lines of an xyz file into frames, without interpreting them.

    Yields (frame number from 0, the frame's lines) or (frame number, BadFrame). After a line that
    should have been a number of atoms and is not, reading resumes at the next line which is one.
    """
    lines = iter(lines)
    frame = 0
    for line in lines:
        text = line.strip()
        if not text:
            continue
        if not text.isdigit():
            yield (
                frame,
                BadFrame(
                    f"{name}, frame {frame}: expected a number of atoms and found "
                    f"'{text[:40]}'; correct or remove this frame."
                ),
            )
            frame += 1
            line = next((rest for rest in lines if rest.strip().isdigit()), "")
            if not line:
                return
            text = line.strip()
        n_atoms = int(text)
        body = list(islice(lines, n_atoms + 1))
        if len(body) < n_atoms + 1:
            yield (
                frame,
                BadFrame(
                    f"{name}, frame {frame}: the file ends inside this frame of {n_atoms} atoms; "
                    "the file is truncated, copy or download it again."
                ),
            )
            return
        yield frame, [line, *body]
        frame += 1


def parse_frame(lines: list[str], name: str, frame: int) -> Atoms:
    """The structure in the lines of one (extended) xyz frame. Raises BadFrame."""
    if lines[0].strip() == "0":
        raise BadFrame(f"{name}, frame {frame}: the frame has no atoms; remove it.")
    try:
        return next(iread(io.StringIO("".join(lines)), format="extxyz"))
    except Exception as error:
        raise BadFrame(
            f"{name}, frame {frame}: not a readable xyz frame ({one_line(error)}); correct or "
            "remove it."
        ) from error


def open_lines(path: Path) -> Iterator[str]:
    """Lines of a text file, unpacked on the way if its name ends in .gz.

    Raises InputError for an absent, empty, undecodable or truncated file.
    """
    if not path.is_file():
        raise InputError(f"{path}: there is no such file; correct the path.")
    try:
        with gzip.open(path, "rt") if path.suffix == ".gz" else open(path) as stream:
            empty = True
            for line in stream:
                empty = empty and not line.strip()
                yield line
    except EOFError as error:
        raise InputError(
            f"{path}: the compressed file ends too early; it is truncated, download it again."
        ) from error
    except (gzip.BadGzipFile, zlib.error, UnicodeDecodeError) as error:
        raise InputError(
            f"{path}: not a readable {'gzip' if path.suffix == '.gz' else 'text'} file ({error}); "
            "download it again or correct the path."
        ) from error
    if empty:
        raise InputError(f"{path}: the file is empty; give a file with at least one frame.")


def is_xyz(path: Path) -> bool:
    """Whether the name is that of an (extended) xyz file, compressed or not."""
    return (
        path.with_suffix("").suffix in XYZ_SUFFIXES
        if path.suffix == ".gz"
        else (path.suffix in XYZ_SUFFIXES)
    )


def stored_frames(path: Path) -> Iterator[tuple[int, list[str] | Atoms | BadFrame]]:
    """Stream (frame number, frame) from any file that ASE reads; see `as_atoms`.

    Extended xyz, compressed or not, is only cut into frames, so that one bad frame does not hide
    the next; in another format the first frame that ASE cannot read ends the file.
    Raises InputError if the file as a whole cannot be read.
    """
    path = Path(path)
    if is_xyz(path):
        yield from text_frames(open_lines(path), str(path))
        return
    if not path.is_file():
        raise InputError(f"{path}: there is no such file; correct the path.")
    frame = 0
    try:
        for atoms in iread(path, index=":"):
            yield frame, atoms
            frame += 1
    except Exception as error:
        reason = one_line(error)
        if frame == 0:
            raise InputError(
                f"{path}: ASE cannot read this file ({reason}); give a format that it knows."
            ) from error
        yield (
            frame,
            BadFrame(
                f"{path}, frame {frame}: ASE cannot read this frame ({reason}), nor those after it."
            ),
        )
    if frame == 0:
        raise InputError(f"{path}: the file is empty; give a file with at least one frame.")


def as_atoms(frame: list[str] | Atoms | BadFrame, name: str, number: int) -> Atoms:
    """The structure of one item of `stored_frames`. Raises BadFrame."""
    if isinstance(frame, BadFrame):
        raise frame
    return frame if isinstance(frame, Atoms) else parse_frame(frame, name, number)


def random_items(items: Iterable, count: int, seed: int) -> list:
    """`count` items of a stream of unknown length, each subset equally likely, in stream order.

    Holds `count` items and draws O(count log(length / count)) random numbers:
    Li's reservoir algorithm L (ACM Trans. Math. Softw. 20, 481, 1994).
    """
    generator = np.random.default_rng(seed)
    stream = enumerate(items)
    kept = list(islice(stream, count))
    weight = 1.0
    while kept:
        weight *= np.exp(np.log1p(-generator.random()) / count)
        skip = int(np.log1p(-generator.random()) / np.log1p(-weight))
        item = next(islice(stream, skip, None), None)
        if item is None:
            break
        kept[generator.integers(count)] = item
    return [item for _, item in sorted(kept, key=lambda pair: pair[0])]


def select_frames(
    stored: Iterable[tuple[int, list[str] | Atoms | BadFrame]],
    name: str,
    count: int,
    seed: int | None = None,
) -> list[Atoms]:
    """The first `count` frames of `stored_frames`, or a random `count` of them if given a seed.

    Each structure remembers its place in the source as `info["source_frame"]`.
    Raises InputError for a bad frame among the selected ones, and for too few frames.
    """
    if count < 1:
        raise InputError(f"{name}: count = {count}; ask for at least one structure.")
    chosen = list(islice(stored, count)) if seed is None else random_items(stored, count, seed)
    if len(chosen) < count:
        raise InputError(
            f"{name}: {count} structures were asked for and it has {len(chosen)}; lower count."
        )
    frames = []
    for number, frame in chosen:
        atoms = as_atoms(frame, name, number)
        atoms.info["source_frame"] = number
        frames.append(atoms)
    return frames


def one_line(error: BaseException) -> str:
    """The message of an error from elsewhere, short and on one line."""
    return " ".join(str(error).split())[:120] or type(error).__name__
