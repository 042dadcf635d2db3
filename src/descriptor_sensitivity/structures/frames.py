"""Frames out of files, one at a time: extended xyz, GROMACS, and what ASE reads."""

import io
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.io import iread
from ase.io.formats import filetype

from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.structures.gro import gro_frames, is_gro
from descriptor_sensitivity.structures.text import (
    bare,
    check_file,
    compression,
    open_lines,
    open_text,
)
from descriptor_sensitivity.structures.xyz import BadFrame, Lines, parse_frame, text_frames

XYZ_SUFFIXES = (".xyz", ".extxyz", ".exyz")

Stored = Lines | Atoms | BadFrame
"""A frame as it comes out of a file; see `as_atoms`."""


def stored_frames(path: Path, bare: bool = True) -> Iterator[tuple[int, Stored]]:
    """Stream (frame number, frame) from any file that ASE reads; see `as_atoms`.

    Extended xyz is known by its name or by its content, compressed or not. It is only cut into
    frames, so that one bad frame does not hide the next; in a format that ASE reads the first frame
    it cannot read ends the file. Raises InputError if the file as a whole cannot be read.

    Args:
        bare: of what ASE reads keep numbers, positions, cell and periodicity alone.
    """
    path = Path(path)
    check_file(path)
    kind = _kind(path)
    if kind == "xyz":
        yield from text_frames(open_lines(path), str(path))
    elif kind == "gro":
        yield from gro_frames(open_lines(path), str(path))
    else:
        yield from _ase_frames(path, bare)


def _kind(path: Path) -> str:
    """xyz, gro, or nothing if it is for ASE to say."""
    suffix = bare(path).suffix.lower()
    if suffix in XYZ_SUFFIXES:
        return "xyz"
    if suffix == ".gro":
        return "gro"
    try:
        with open_text(path) as stream:
            head = [stream.readline(10_000) for _ in range(3)]
    except InputError:
        return ""
    if is_gro(head):
        return "gro"
    counted = head[0].strip().isdecimal() and len(head[2].split()) > 3
    labelled = counted and not _numeric(head[2].split()[0])
    return "xyz" if counted and (labelled or "Properties=" in head[1]) else ""


def _numeric(word: str) -> bool:
    try:
        return np.isfinite(float(word)) or True
    except ValueError:
        return False


def _ase_frames(path: Path, bare: bool) -> Iterator[tuple[int, Atoms | BadFrame]]:
    frame = 0
    try:
        for atoms in _ase_stream(path):
            if len(atoms) == 0:  # what stands behind the last model of a PDB file
                continue
            yield frame, _bare_atoms(atoms) if bare else atoms
            frame += 1
    except InputError:
        raise
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
        return
    if frame == 0:
        raise InputError(f"{path}: the file is empty; give a file with at least one frame.")


def _ase_stream(path: Path) -> Iterator[Atoms]:
    """What ASE reads, out of a compression that it does not know as well."""
    if compression(path) != ".zst":
        return iread(path, index=":")
    with open_text(path) as stream:
        return iread(
            io.StringIO(stream.read()), index=":", format=filetype(str(bare(path)), read=False)
        )


def _bare_atoms(atoms: Atoms) -> Atoms:
    """Numbers, positions, cell and periodicity, and how many sites are partly occupied."""
    kept = Atoms(atoms.numbers, atoms.positions, cell=atoms.cell, pbc=atoms.pbc)
    occupied = atoms.info.get("occupancy")
    if isinstance(occupied, dict):
        shares = [max(site.values()) for site in occupied.values() if isinstance(site, dict)]
        kept.info["partial"] = sum(share < 1 for share in shares)
    elif "occupancy" in atoms.arrays:
        kept.info["partial"] = int(np.sum(atoms.arrays["occupancy"] < 1))
    if not kept.info.get("partial"):
        kept.info.clear()
    return kept


def as_atoms(frame: Stored, name: str, number: int) -> Atoms:
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
    stored: Iterable[tuple[int, Stored]],
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
        atoms.info = {"source_frame": number}
        frames.append(atoms)
    return frames


def one_line(error: BaseException) -> str:
    """The message of an error from elsewhere, short and on one line."""
    return " ".join(str(error).split())[:120] or type(error).__name__
