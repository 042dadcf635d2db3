"""Whole files and streams of frames from the network, whatever its interruptions."""

import gzip
import hashlib
import http.client
import time
import urllib.error
import urllib.request
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.structures.frames import one_line
from descriptor_sensitivity.structures.text import GZIP_MAGIC
from descriptor_sensitivity.structures.xyz import BadFrame, Lines, text_frames


def request(url: str, offset: int = 0, timeout: float = 60.0) -> http.client.HTTPResponse:
    """Open `url`, asking the server to begin `offset` bytes into the file."""
    headers = {"User-Agent": "sensitivity-workflow"}
    if offset:
        headers["Range"] = f"bytes={offset}-"
    return urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=timeout)


def fetch_part(
    url: str, part: Path, progress: Callable[[int, int | None], None], gzipped: bool = True
) -> bool:
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
                if gzipped and offset == 0 and not block.startswith(GZIP_MAGIC):
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
    return _checksum(path, "md5")


def _checksum(path: Path, algorithm: str) -> str:
    digest = hashlib.new(algorithm, usedforsecurity=False)
    with open(path, "rb") as stream:
        while block := stream.read(1 << 22):
            digest.update(block)
    return digest.hexdigest()


def download(
    urls: list[str],
    target: Path,
    checksum: str,
    progress: Callable[[int, int | None], None] = lambda done, total: None,
    attempts: int = 5,
    pause: float = 2.0,
) -> None:
    """Fetch a file into `target`, which appears only when complete and of the given checksum.

    What has arrived is kept in `target`.part and continued, in this call (which tries each address
    in turn, giving up after `attempts` rounds that brought no new byte) and in a later one.
    The checksum is a sha256 if it has 64 digits, else an md5. A target that ends in .gz must begin
    as one. Raises InputError if no address answers, or if the checksum is wrong; the partial file
    is then removed, as continuing it cannot help.
    """
    algorithm = "sha256" if len(checksum) == 64 else "md5"
    part = target.with_name(target.name + ".part")
    part.parent.mkdir(parents=True, exist_ok=True)
    complete, failures, reason = False, 0, ""
    while not complete:
        before = part.stat().st_size if part.exists() else 0
        for url in urls:
            try:
                complete = fetch_part(url, part, progress, target.suffix == ".gz")
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
    found = _checksum(part, algorithm)
    if found != checksum:
        part.unlink()
        raise InputError(
            f"{urls[0]}: the {algorithm} of the downloaded file is {found} and should be"
            f" {checksum}; it was removed, run again to download it anew, or correct the"
            f" {algorithm} in the configuration."
        )
    part.replace(target)


def remote_frames(urls: list[str]) -> Iterator[tuple[int, Lines | BadFrame]]:
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
