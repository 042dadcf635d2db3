"""Join the chunks of an audit: the table of environments, a summary, the worst of each kind."""

from pathlib import Path

from ase.io import write

from command import parser, run
from descriptor_sensitivity.audit.chunks import DataSet
from descriptor_sensitivity.audit.merge import drawn, merge
from descriptor_sensitivity.files import atomic, write_csv


def main(argv: list[str] | None = None) -> None:
    options = parser(__doc__, "dataset (its name), names (of descriptors, in order), factor, shown")
    options.add_argument("--pieces", type=Path, required=True, help="folder of the chunks' tables")
    options.add_argument("--frames", type=Path, required=True, help="json of split_dataset.py")
    options.add_argument("--folder", type=Path, required=True, help="to write tables to")
    options.add_argument("--points", type=Path, required=True, help="parquet of points to draw")
    options.add_argument("--histograms", type=Path, required=True, help="csv of histograms to draw")
    paths = options.parse_args(argv)
    settings, folder = paths.settings, paths.folder
    summary, worst = merge(
        paths.pieces,
        DataSet.read(paths.frames),
        settings.names,
        settings.factor,
        settings.shown,
        folder,
    )
    with atomic(folder / "worst.xyz") as partial:
        partial.touch()
        if worst:
            write(partial, worst, format="extxyz")
    write_csv(summary, folder / "summary.csv", digits=6)
    points, histograms = drawn(folder / "environments.parquet", settings.names)
    with atomic(paths.points) as partial:
        points.to_parquet(partial, index=False)
    histograms.insert(0, "dataset", settings.dataset)
    write_csv(histograms, paths.histograms, digits=17)


if __name__ == "__main__":
    run(main)
