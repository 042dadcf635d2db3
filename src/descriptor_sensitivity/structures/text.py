"""Lines of text files: compressed or not, in whatever encoding."""

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from descriptor_sensitivity.errors import InputError

GZIP_MAGIC = b"\x1f\x8b"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
COMPRESSED = {".gz": "gzip", ".bz2": "bzip2", ".xz": "xz", ".zst": "zstd"}
"""Compressions by the end of a name."""

MAGIC = {GZIP_MAGIC: ".gz", b"BZh": ".bz2", b"\xfd7zXZ\x00": ".xz", ZSTD_MAGIC: ".zst"}
"""First bytes of compressed files."""

MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
"""First bytes of texts that say their encoding."""


def check_file(path: Path) -> None:
    """Raise InputError, one sentence, unless `path` is a file that can be opened."""
    if path.is_dir():
        raise InputError(f"{path}: this is a folder; give a file of structures.")
    if not path.is_file():
        raise InputError(f"{path}: there is no such file; correct the path.")
    try:
        with path.open("rb"):
            pass
    except OSError as error:
        raise InputError(
            f"{path}: cannot be read ({error.strerror}); see its permissions (chmod u+r)."
        ) from error


def bare(path: Path) -> Path:
    """A path without the end of its name that says how it is compressed."""
    return path.with_suffix("") if path.suffix in COMPRESSED else path


def compression(path: Path) -> str:
    """The suffix of the compression of a file, by its name or its first bytes; empty for none."""
    if path.suffix in COMPRESSED:
        return path.suffix
    with path.open("rb") as stream:
        head = stream.read(6)
    return next((suffix for magic, suffix in MAGIC.items() if head.startswith(magic)), "")


@contextmanager
def open_text(path: Path) -> Iterator[IO[str]]:
    """A text file, unpacked on the way; bytes that are no text of its encoding become `\ufffd`.

    The encoding is UTF-8 unless the first bytes say otherwise: what is read of a structure is ASCII
    in every other one in use, comments apart. Raises InputError for a file that cannot be unpacked.
    """
    check_file(path)
    suffix = compression(path)
    try:
        with io.BufferedReader(OPENERS[suffix](path)) as stream:
            head = stream.peek(3)[:3]
            encoding = next((e for mark, e in MARKS.items() if head.startswith(mark)), "utf-8")
            errors = "strict" if encoding == "utf-16" else "replace"
            yield io.TextIOWrapper(stream, encoding, errors)
    except EOFError as error:
        raise InputError(
            f"{path}: the compressed file ends too early; it is truncated, download it again."
        ) from error
    except (gzip.BadGzipFile, zlib.error, lzma.LZMAError, OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"{path}: not a readable {COMPRESSED.get(suffix, 'text')} file ({error}); "
            "download it again or correct the path."
        ) from error


def _zstd(path: Path) -> Any:
    try:
        import pyarrow as pa
    except ModuleNotFoundError:
        raise InputError(
            f"{path}: reading .zst needs pyarrow; install it, or unpack the file (zstd -d)."
        ) from None
    return pa.input_stream(str(path), compression="zstd")


OPENERS: dict[str, Callable[[Path], Any]] = {
    "": io.FileIO,
    ".gz": gzip.GzipFile,
    ".bz2": bz2.BZ2File,
    ".xz": lzma.LZMAFile,
    ".zst": _zstd,
}


def open_lines(path: Path) -> Iterator[str]:
    """Lines of `open_text`. Raises InputError for an empty file as well."""
    empty = True
    with open_text(path) as stream:
        for line in stream:
            empty = empty and not line.strip()
            yield line
    if empty:
        raise InputError(f"{path}: the file is empty; give a file with at least one frame.")
