"""Structures: random methane, the published data set, and the user's own files.

Frames are streamed. Nothing here holds more than the selected frames in memory, and a compressed
file is unpacked line by line, never to disk. Reading yields one item for each frame, either the
structure or the one-sentence reason why it cannot be used, so that the caller decides whether
a bad frame ends the run (figures) or is left out and counted (audit).
"""

from __future__ import annotations

import gzip
import hashlib
import http.client
import io
import time
import urllib.error
import urllib.request
import zlib
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.io import iread

from sensitivity.errors import InputError

XYZ_SUFFIXES = (".xyz", ".extxyz")
GZIP_MAGIC = b"\x1f\x8b"


class BadFrame(InputError):
    """A frame that cannot be used: the sentence names the file and the frame."""


# ---------------------------------------------------------------- random methane


def random_methane(
    count: int, seed: int, radius: float = 3.0, min_distance: float = 0.5
) -> np.ndarray:
    """Positions (count, 4, 3) in Å of four hydrogens about a carbon at the origin.

    Each hydrogen is uniform in the ball of `radius` about the carbon; a structure is discarded
    only if two of its five atoms are closer than `min_distance`. This is the recipe of the
    random methane data set (Pozdnyakov et al., Materials Cloud Archive 2020.110), from which the
    structures whose energy calculation failed are missing besides.

    Candidates are drawn in blocks of fixed size, so that the first n structures of a seed do not
    depend on how many are asked for.

    Raises InputError if count < 1, or if the distances leave no room for four hydrogens.
    """
    if count < 1:
        raise InputError(f"count = {count}: ask for at least one random structure.")
    if not 0 <= min_distance < 0.6 * radius:
        raise InputError(
            f"min_distance = {min_distance} Å in a ball of {radius} Å: choose "
            "0 <= min_distance < 0.6 radius, or random methane would never be accepted."
        )
    generator = np.random.default_rng(seed)
    accepted, found = [], 0
    while found < count:
        direction = generator.standard_normal((4096, 4, 3))
        direction /= np.linalg.norm(direction, axis=-1, keepdims=True)
        hydrogens = radius * np.cbrt(generator.random((4096, 4, 1))) * direction
        atoms = np.concatenate([np.zeros((4096, 1, 3)), hydrogens], axis=1)
        first, second = np.triu_indices(5, k=1)
        distances = np.linalg.norm(atoms[:, first] - atoms[:, second], axis=-1)
        hydrogens = hydrogens[distances.min(axis=1) >= min_distance]
        accepted.append(hydrogens)
        found += len(hydrogens)
    return np.concatenate(accepted)[:count]


def methane_frames(hydrogens: np.ndarray) -> Iterator[Atoms]:
    """One CH4 for each row of positions (n, 4, 3) in Å, carbon first at the origin."""
    for positions in hydrogens:
        yield Atoms("CH4", positions=np.vstack([np.zeros(3), positions]))


# ---------------------------------------------------------------- reading frames


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


# ---------------------------------------------------------------- selecting frames


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


# ---------------------------------------------------------------- downloading


def request(url: str, offset: int = 0, timeout: float = 60.0) -> http.client.HTTPResponse:
    """Open `url`, asking the server to begin `offset` bytes into the file."""
    headers = {"User-Agent": "sensitivity-workflow"}
    if offset:
        headers["Range"] = f"bytes={offset}-"
    return urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=timeout)


def fetch_part(url: str, part: Path, progress: Callable[[int, int | None], None]) -> bool:
    """Append what is missing of `url` to the partial file; True once nothing is missing.

    A server that ignores the Range header sends the file from its beginning, and so the partial
    file is begun again. `progress` is called with (bytes so far, bytes in all or None).
    """
    offset = part.stat().st_size if part.exists() else 0
    try:
        response = request(url, offset)
    except urllib.error.HTTPError as error:
        if error.code == 416 and offset:  # nothing beyond what we have
            return True
        raise
    with response:
        resumed = response.status == 206
        offset = offset if resumed else 0
        length = response.headers.get("Content-Length")
        total = offset + int(length) if length else None
        with open(part, "ab" if resumed else "wb") as stream:
            while block := response.read(1 << 18):
                if offset == 0 and not block.startswith(GZIP_MAGIC):
                    raise InputError(
                        f"{url}: the server sent something else than a gzip file (perhaps a web "
                        "page); correct the address in the configuration."
                    )
                stream.write(block)
                offset += len(block)
                progress(offset, total)
    return total is None or offset >= total


def file_md5(path: Path) -> str:
    """md5 of a file, in hexadecimal, read block by block."""
    digest = hashlib.md5(usedforsecurity=False)
    with open(path, "rb") as stream:
        while block := stream.read(1 << 22):
            digest.update(block)
    return digest.hexdigest()


def download(
    urls: list[str],
    target: Path,
    md5: str,
    progress: Callable[[int, int | None], None] = lambda done, total: None,
    attempts: int = 5,
    pause: float = 2.0,
) -> None:
    """Fetch a gzip file into `target`, which appears only when complete and of the given md5.

    What has arrived is kept in `target`.part and continued, in this call (which tries each address
    in turn, giving up after `attempts` rounds that brought no new byte) and in a later one.
    Raises InputError if no address answers, or if the md5 is wrong; the partial file is then
    removed, as continuing it cannot help.
    """
    part = target.with_name(target.name + ".part")
    part.parent.mkdir(parents=True, exist_ok=True)
    complete, failures, reason = False, 0, ""
    while not complete:
        before = part.stat().st_size if part.exists() else 0
        for url in urls:
            try:
                complete = fetch_part(url, part, progress)
            except (OSError, http.client.HTTPException) as error:
                reason = f"{url}: {one_line(error)}"
            else:
                reason = f"{url}: the connection ended early"
            if complete:
                break
        after = part.stat().st_size if part.exists() else 0
        failures = 0 if after > before else failures + 1
        if not complete:
            if failures >= attempts:
                raise InputError(
                    f"The download stopped after {after} bytes ({reason}); what arrived is kept in "
                    f"{part}, run again to continue, or choose another source of structures."
                )
            time.sleep(pause * max(failures, 0.5))
    found = file_md5(part)
    if found != md5:
        part.unlink()
        raise InputError(
            f"{urls[0]}: the md5 of the downloaded file is {found} and should be {md5}; it was "
            "removed, run again to download it anew, or correct the md5 in the configuration."
        )
    part.replace(target)


def remote_frames(urls: list[str]) -> Iterator[tuple[int, list[str] | BadFrame]]:
    """Stream the frames of a remote compressed xyz file while it arrives.

    Stop iterating and no more is fetched; the price is that the md5, a property of the whole file,
    cannot be checked. Raises InputError if no address answers or the stream breaks off.
    """
    reason = ""
    for url in urls:
        try:
            response = request(url)
        except (OSError, http.client.HTTPException) as error:
            reason = one_line(error)
            continue
        with response:
            try:
                with gzip.open(response, "rt") as lines:
                    yield from text_frames(lines, url)
                return
            except (OSError, EOFError, zlib.error, http.client.HTTPException) as error:
                raise InputError(
                    f"{url}: the stream broke off or is not gzip ({one_line(error)}); run again, "
                    "or download the whole file, which resumes."
                ) from error
    raise InputError(
        f"{urls[-1]}: no answer ({reason}); check the network or choose another source."
    )


def one_line(error: BaseException) -> str:
    """The message of an error from elsewhere, short and on one line."""
    return " ".join(str(error).split())[:120] or type(error).__name__
