"""Frames in Parquet: what an environment is cut from, to the last bit, and the reason of each that
could not be read.

One row a frame: `frame` (its number in the file it came from), `numbers` (atomic numbers),
`positions` (x, y, z of each atom in turn, Å), `cell` (three vectors in turn, Å), `pbc` (three),
`reason` (why there is no structure, else null). The same frames give the same bytes.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from ase import Atoms

from descriptor_sensitivity.files import atomic
from descriptor_sensitivity.structures.xyz import BadFrame

SCHEMA = pa.schema(
    [
        ("frame", pa.int64()),
        ("numbers", pa.list_(pa.int16())),
        ("positions", pa.list_(pa.float64())),
        ("cell", pa.list_(pa.float64())),
        ("pbc", pa.list_(pa.bool_())),
        ("reason", pa.string()),
    ]
)

Numbered = tuple[int, Atoms | BadFrame]
"""A frame with its number in the file it came from."""


@contextmanager
def frame_file(path: Path) -> Iterator[Callable[[list[Numbered]], None]]:
    """A file to write to, one list of frames after the other: a list is what is read at a time."""
    with atomic(path) as partial, pq.ParquetWriter(partial, SCHEMA, use_dictionary=False) as file:
        yield lambda rows: file.write_table(_table(rows), row_group_size=max(1, len(rows)))


def _table(rows: list[Numbered]) -> pa.Table:
    atoms = [None if isinstance(frame, BadFrame) else frame for _, frame in rows]
    columns = [
        [number for number, _ in rows],
        [frame and frame.numbers for frame in atoms],
        [frame and frame.positions.ravel() for frame in atoms],
        [frame and frame.cell.array.ravel() for frame in atoms],
        [frame and frame.pbc for frame in atoms],
        [str(frame) if isinstance(frame, BadFrame) else None for _, frame in rows],
    ]
    arrays = [pa.array(c, field.type) for c, field in zip(columns, SCHEMA, strict=True)]
    return pa.Table.from_arrays(arrays, schema=SCHEMA)


def read_frames(path: Path) -> Iterator[list[Numbered]]:
    """The lists that were written, in order."""
    file = pq.ParquetFile(path)
    for group in range(file.num_row_groups):
        yield list(_frames(file.read_row_group(group)))


def _frames(table: pa.Table) -> Iterator[Numbered]:
    columns = {name: table[name].combine_chunks() for name in table.column_names}
    numbers = columns["frame"].to_numpy()
    reasons = columns["reason"].to_pylist()
    lists = {
        name: np.split(
            columns[name].values.to_numpy(zero_copy_only=False),
            columns[name].offsets.to_numpy()[1:-1],
        )
        for name in ("numbers", "positions", "cell", "pbc")
    }
    for k, reason in enumerate(reasons):
        if reason is not None:
            yield int(numbers[k]), BadFrame(reason)
            continue
        yield (
            int(numbers[k]),
            Atoms(
                numbers=lists["numbers"][k],
                positions=lists["positions"][k].reshape(-1, 3),
                cell=lists["cell"][k].reshape(3, 3),
                pbc=lists["pbc"][k],
            ),
        )
