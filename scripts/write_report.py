"""Write the report: one HTML page with every result, readable without a network."""

import os
from pathlib import Path

import pandas as pd

from command import parser, run
from descriptor_sensitivity import drawing
from descriptor_sensitivity.drawing.figure import Figure
from descriptor_sensitivity.drawing.figures import AUDIT, figure
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.files import atomic, read_csv
from descriptor_sensitivity.report.page import Picture, Table, page, table_1
from descriptor_sensitivity.report.provenance import provenance

DRAWING = Path(drawing.__file__).parent
"""Where the draw functions are."""


def main(argv: list[str] | None = None) -> None:
    options = parser(__doc__, "config, overlays")
    options.add_argument("--claims", type=Path, required=True, help="the claims table, CSV")
    options.add_argument("--figures", type=Path, nargs="*", default=[], help="PNG of the list")
    options.add_argument("--audits", type=pair, nargs="*", default=[], help="data set=PNG")
    options.add_argument("--tables", type=pair, nargs="*", default=[], help="title=CSV")
    options.add_argument("--viewers", type=pair, nargs="*", default=[], help="title=chemiscope")
    options.add_argument("--metadata", type=Path, required=True, help="Snakemake's records")
    options.add_argument("--output", type=Path, required=True, help="HTML file to write")
    paths = options.parse_args(argv)
    named = [*paths.audits, *paths.tables, *paths.viewers]
    files = [paths.claims, *paths.figures, *(file for _, file in named)]
    for file in files:
        if not file.is_file():
            raise InputError(f"{file} does not exist; compute it first.")

    folder = paths.output.parent
    pictures = [picture(figure(png.stem), png, folder) for png in paths.figures]
    audits = [picture(AUDIT, png, folder, f" of {name}") for name, png in paths.audits]
    text = page(
        "Sensitivity of atomic descriptors",
        pd.read_csv(paths.claims, keep_default_na=False),
        str(folder),
        pictures + audits,
        [Table(title, table(csv), os.path.relpath(csv, folder)) for title, csv in paths.tables],
        {title: file.read_bytes() for title, file in paths.viewers},
        **provenance(
            map(str, files), paths.metadata, paths.settings.config, paths.settings.overlays
        ),
    )
    with atomic(paths.output) as partial:
        partial.write_text(text)


def pair(text: str) -> tuple[str, Path]:
    name, _, file = text.partition("=")
    return name, Path(file)


def picture(row: Figure, png: Path, folder: Path, subject: str = "") -> Picture:
    """A figure of the list with its picture and the files beside it."""
    files = [png.with_suffix(".pdf"), *(folder / row.data_file(part) for part in row.data)]
    links = [os.path.relpath(file, folder) for file in files]
    name = png.parent.name if subject else row.name
    tables = [table.format(dataset=name) for table in row.tables.values()]
    script = os.path.relpath(DRAWING / f"{row.name}.py", folder)
    text = row.title + subject, png.read_bytes(), row.caption, links
    return Picture(*text, row.formula, f"draw_{row.name}", script, tables)


def table(csv: Path) -> pd.DataFrame:
    frame = read_csv(csv)
    return table_1(frame) if {"rmse_uev", "printed_uev"} <= set(frame.columns) else frame


if __name__ == "__main__":
    run(main)
