"""Compare two folders of results: which files are the same bytes, and by how much numbers differ.

    python scripts/compare_results.py results ../other/results

Tables are compared cell by cell, arrays element by element, everything else by its bytes.
Folders of logs, timings and kept pieces are left out.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from command import parser, run

LEFT_OUT = {"logs", "benchmarks", "downloads", "radial_basis", "points", "rows", "pieces"}
LEFT_OUT |= {"orbits", "networks", "comment_segments"}
SUFFIXES = {".csv", ".md", ".tex", ".npz", ".parquet", ".png", ".pdf", ".json", ".gz", ".xyz"}


def main(argv: list[str] | None = None) -> None:
    options = parser(__doc__)
    options.add_argument("before", type=Path, help="a folder of results")
    options.add_argument("after", type=Path, help="another one")
    options.add_argument("--under", default="", help="compare this part of both only")
    paths = options.parse_args(argv)
    before, after = (files(folder / paths.under) for folder in (paths.before, paths.after))
    same = 0
    for name in sorted(before.keys() | after.keys()):
        if name not in before or name not in after:
            print(f"only {'before' if name in before else 'after':6}  {name}")
        elif before[name].read_bytes() == after[name].read_bytes():
            same += 1
        else:
            print(f"differs      {name}: {difference(before[name], after[name])}")
    print(f"{same} files are the same bytes")


def files(folder: Path) -> dict[str, Path]:
    """The results of a folder by their path in it."""
    return {
        str(path.relative_to(folder)): path
        for path in folder.rglob("*")
        if path.suffix in SUFFIXES and not LEFT_OUT & set(path.relative_to(folder).parts)
    }


def difference(before: Path, after: Path) -> str:
    """How two files differ, in a few words."""
    if before.suffix == ".npz":
        return "; ".join(arrays(before, after)) or "the same numbers"
    if before.suffix not in (".csv", ".parquet"):
        return "other bytes"
    read = pd.read_csv if before.suffix == ".csv" else pd.read_parquet
    one, two = read(before), read(after)
    if list(one.columns) != list(two.columns):
        return f"columns {list(one.columns)} are now {list(two.columns)}"
    if len(one) != len(two):
        return f"{len(one)} rows are now {len(two)}"
    return "; ".join(columns(one, two)) or "the same numbers"


def columns(one: pd.DataFrame, two: pd.DataFrame) -> Iterator[str]:
    for column in one.columns:
        a, b = one[column], two[column]
        if pd.api.types.is_numeric_dtype(a) and pd.api.types.is_numeric_dtype(b):
            if not np.array_equal(a, b, equal_nan=True):
                yield f"{column} by {relative(a.to_numpy(float), b.to_numpy(float)):.1e}"
        elif not a.fillna("").astype(str).equals(b.fillna("").astype(str)):
            changed = (a.fillna("").astype(str) != b.fillna("").astype(str)).sum()
            yield f"{column} in {changed} rows"


def arrays(before: Path, after: Path) -> Iterator[str]:
    with np.load(before) as one, np.load(after) as two:
        if set(one.files) != set(two.files):
            yield f"arrays {sorted(one.files)} are now {sorted(two.files)}"
            return
        for name in one.files:
            a, b = one[name], two[name]
            if a.shape != b.shape:
                yield f"{name} {a.shape} is now {b.shape}"
            elif not np.array_equal(a, b, equal_nan=a.dtype.kind == "f"):
                numbers = a.dtype.kind in "fi"
                yield f"{name} by {relative(a, b):.1e}" if numbers else f"{name} is another text"


def relative(a: np.ndarray, b: np.ndarray) -> float:
    """The largest difference of two arrays, relative to the largest magnitude of the first."""
    finite = np.isfinite(a) & np.isfinite(b)
    if (np.isfinite(a) != np.isfinite(b)).any():
        return np.inf
    if not finite.any():
        return 0.0
    return float(np.abs(a - b)[finite].max() / max(np.abs(a[finite]).max(), np.finfo(float).tiny))


if __name__ == "__main__":
    run(main)
