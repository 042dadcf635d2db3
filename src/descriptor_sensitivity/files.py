"""Tables as files: the same numbers always give the same bytes, and no reader sees half a file."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from descriptor_sensitivity.errors import InputError


@contextmanager
def atomic(path: str | Path) -> Iterator[Path]:
    """Give a temporary name beside `path` to write to; it takes the name `path` only on success."""
    path = Path(path)
    partial = path.with_name(f".{path.stem}.{os.getpid()}.partial{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield partial
        os.replace(partial, path)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror or error}.") from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def write_arrays(path: str | Path, **arrays: Any) -> None:
    """Write named arrays as .npz, whole or not at all."""
    with atomic(path) as partial:
        np.savez(partial, **arrays)


def write_csv(frame: pd.DataFrame, path: str | Path, digits: int = 10) -> None:
    """Write a table as CSV with `digits` significant digits."""
    with atomic(path) as partial:
        frame.to_csv(partial, index=False, float_format=f"%.{digits}g", lineterminator="\n")


def read_csv(path: str | Path) -> pd.DataFrame:
    """Read a table; n_max stays a whole number where a complete radial basis has none."""
    return pd.read_csv(path, dtype={"n_max": "Int64"})
