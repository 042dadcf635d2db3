"""Singular values of every environment in one chunk of a data set, for one descriptor."""

from pathlib import Path

from threadpoolctl import threadpool_limits

from command import parser, run
from descriptor_sensitivity.audit.chunks import DataSet
from descriptor_sensitivity.audit.table import audit_chunk
from descriptor_sensitivity.files import atomic


def main(argv: list[str] | None = None) -> None:
    options = parser(__doc__, "name, descriptor, center_species (null for every atom)")
    options.add_argument("--chunk", type=Path, required=True, help="parquet of split_dataset.py")
    options.add_argument("--frames", type=Path, required=True, help="json of split_dataset.py")
    options.add_argument("--sample", type=Path, required=True, help="frames to fit a basis on")
    options.add_argument("--rows", type=Path, required=True, help="parquet to write")
    options.add_argument("--skipped", type=Path, required=True, help="csv: what was left out")
    paths = options.parse_args(argv)
    with threadpool_limits(1):
        rows, skipped = audit_chunk(
            DataSet.read(paths.frames), paths.chunk, paths.sample, **vars(paths.settings)
        )
    with atomic(paths.rows) as partial:
        rows.to_parquet(partial, index=False)
    with atomic(paths.skipped) as partial:
        skipped.to_csv(partial, index=False)


if __name__ == "__main__":
    run(main)
