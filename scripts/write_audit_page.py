"""Write the page of one audit: verdict, causes and what to do, readable without a network."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from command import parser, run
from descriptor_sensitivity.audit.advice import in_words
from descriptor_sensitivity.audit.chunks import DataSet
from descriptor_sensitivity.audit.verdict import is_empty
from descriptor_sensitivity.audit.worst import read_clusters
from descriptor_sensitivity.drawing.advice import draw
from descriptor_sensitivity.drawing.audit import panels
from descriptor_sensitivity.drawing.forces import draw_forces
from descriptor_sensitivity.files import atomic, read_csv
from descriptor_sensitivity.report.audit_page import Audit, audit_page
from descriptor_sensitivity.report.provenance import behind, facts, read_jobs


def main(argv: list[str] | None = None) -> None:
    options = parser(
        __doc__,
        "dataset, descriptors, audit (two sections), factor (of advice)",
    )
    options.add_argument("--folder", type=Path, required=True, help="of the tables of the audit")
    options.add_argument("--frames", type=Path, required=True, help="json of split_dataset.py")
    options.add_argument("--viewers", type=Path, nargs="*", default=[], help="chemiscope files")
    options.add_argument("--forces", type=Path, nargs="*", default=[], help="of compare_forces.py")
    options.add_argument("--metadata", type=Path, required=True, help="Snakemake's records")
    options.add_argument("--output", type=Path, required=True, help="HTML file to write")
    paths = options.parse_args(argv)
    settings, folder = paths.settings, paths.folder
    audit = Audit(
        dataset=settings.dataset,
        frames=DataSet.read(paths.frames),
        configuration={"descriptors": settings.descriptors, "audit": settings.audit},
        summary=read_csv(folder / "summary.csv"),
        structures=read_csv(folder / "structures.csv"),
        skipped=read_csv(folder / "skipped.csv"),
        worst=read_clusters(folder / "worst.xyz"),
    )
    figures, viewers = {}, {}
    if not is_empty(audit.summary):
        points = pd.read_parquet(folder / "pieces" / "points.parquet")
        histograms = read_csv(folder / "pieces" / "histograms.csv")
        figures = panels(points, histograms, audit.summary)
        both = zip(audit.names, paths.viewers, strict=False)
        viewers = {f"{name}: turn the worst environments": file.read_bytes() for name, file in both}
    advice = [
        (name, in_words(table, settings.factor), draw([table], settings.factor))
        for name, table in advised(folder / "advice.csv", settings.descriptors)
    ]
    forces: list[tuple[str, str, Figure | None]] = []
    if paths.forces:
        compared, outcome = map(read_csv, paths.forces)
        forces += of_forces(compared, outcome, settings.audit["diagnosis"]["singular"])
    jobs = behind([str(folder / "environments.csv")], read_jobs(paths.metadata))
    with atomic(paths.output) as partial:
        partial.write_text(audit_page(audit, figures, viewers, advice, forces, facts(jobs)))


def advised(
    csv: Path, descriptors: Mapping[str, Mapping[str, Any]]
) -> Iterator[tuple[str, pd.DataFrame]]:
    """What was advised, if anything, for the descriptors as they are now."""
    for name, table in read_csv(csv).groupby("representation") if csv.exists() else ():
        own, (row,) = descriptors.get(str(name), {}), table[table["audited"]].to_dict("records")
        keys = ("n_max", "l_max", "sigma", "cutoff")
        if all(row[key] == own.get(key) for key in keys if pd.notna(row[key])):
            yield str(name), table


def of_forces(
    table: pd.DataFrame, outcome: pd.DataFrame, singular: float
) -> Iterator[tuple[str, str, Figure | None]]:
    """Of each potential its name, what came out of its forces, and a drawing if there are any."""
    for row in outcome.itertuples():
        mine = table[table["representation"] == row.representation]
        yield row.representation, row.because, draw_forces(mine, singular) if len(mine) else None


if __name__ == "__main__":
    run(main)
