"""Finished pieces of long work, kept under a name that holds everything they depend on.

A killed run goes on with the pieces that are missing, and a changed setting, input or line of code
asks for new ones; nothing is ever taken for what it is not.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import parent_process
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.files import write_arrays

Arrays = Mapping[str, Any]


@dataclass(frozen=True)
class Task:
    """One piece of work.

    Attributes:
        name: how its file begins.
        settings: what its result depends on, besides what all tasks share; plain values.
        arguments: makes the arguments of the function; called only where the piece is missing.
    """

    name: str
    settings: Mapping[str, Any]
    arguments: Callable[[], tuple[Any, ...]]


def key(settings: Mapping[str, Any]) -> str:
    """Sixteen hexadecimal digits that change with any of the settings."""
    text = json.dumps(settings, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def file_digest(*paths: str | Path) -> str:
    """sha256 of the contents of files, in this order."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(hashlib.sha256(Path(path).read_bytes()).digest())
    return digest.hexdigest()


def finish(
    function: Callable[..., Arrays],
    tasks: Sequence[Task],
    folder: Path,
    shared: Mapping[str, Any],
    processes: int = 1,
    label: str = "",
    unit: str = "piece",
) -> list[Path]:
    """Compute the pieces that are missing, each in a process of one thread, and return all files.

    Args:
        function: arguments of a task -> named arrays; at the top of a module, so that it pickles.
        tasks: in the order in which they are started: the costly ones first.
        folder: where finished pieces are kept, one .npz each.
        shared: what all results depend on: the fingerprint of the code, digests of files, settings.
        processes: pieces computed at once.
        label, unit: of the progress bar.

    Raises InputError if a process is ended from outside; finished pieces are kept.
    """
    files = [folder / f"{task.name}_{key({**shared, **task.settings})}.npz" for task in tasks]
    missing = [(task, file) for task, file in zip(tasks, files, strict=True) if not file.exists()]
    if missing:
        folder.mkdir(parents=True, exist_ok=True)
        with tqdm(total=len(missing), desc=label, unit=unit, mininterval=1) as progress:
            for _ in _computed(function, missing, processes, label):
                progress.update()
    return files


def _computed(
    function: Callable[..., Arrays], missing: list[tuple[Task, Path]], processes: int, label: str
) -> Iterable[None]:
    """Yield once for every piece as it is finished."""
    if processes == 1 or len(missing) == 1:
        with threadpool_limits(1):
            for task, file in missing:
                _keep(function, file, task.arguments())
                yield
        return
    with ProcessPoolExecutor(processes, initializer=_begin) as pool:
        with threadpool_limits(1):
            jobs = [pool.submit(_keep, function, file, task.arguments()) for task, file in missing]
        try:
            for job in as_completed(jobs):
                job.result()
                yield
        except BrokenProcessPool:
            raise InputError(
                f"A process working on {label} was ended from outside, most likely for lack of"
                " memory; finished work is kept, run again with fewer threads."
            ) from None
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _begin() -> None:
    """Begin a process: of one thread, and not to outlive the one that started it."""
    threadpool_limits(1)
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _keep(function: Callable[..., Arrays], file: Path, arguments: tuple[Any, ...]) -> None:
    write_arrays(file, **function(*arguments))


def load(file: Path) -> dict[str, np.ndarray]:
    """The arrays of a finished piece."""
    with np.load(file) as stored:
        return dict(stored)
