"""Write the tables of the recorded census of singular points in docs/theory.md."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from command import parser, run
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.files import atomic, read_csv
from descriptor_sensitivity.theory.recognise import FAMILIES

BEGIN = "<!-- Made from workflow/resources/recorded by `make reference`; do not edit by hand. -->\n"
END = "<!-- end of the census -->\n"
RECORDED = Path("workflow/resources/recorded")


def main(argv: list[str] | None = None) -> None:
    options = parser(__doc__)
    options.add_argument("--page", type=Path, default=Path("docs/theory.md"))
    options.add_argument("--recorded", type=Path, default=RECORDED, help="folder of the tables")
    paths = options.parse_args(argv)
    page = paths.page.read_text(encoding="utf-8")
    if BEGIN not in page or END not in page:
        raise InputError(f"The page lacks the line {BEGIN.strip()!r} or {END.strip()!r}.")
    before, _, rest = page.partition(BEGIN)
    environments = read_csv(paths.recorded / "census_summary.csv")
    whole = read_csv(paths.recorded / "census_structures.csv")
    lines = [*_environments(environments), "", *_molecules(whole), ""]
    text = before + BEGIN + "\n" + "\n".join(lines) + "\n" + END + rest.partition(END)[2]
    with atomic(paths.page) as partial:
        partial.write_text(text, encoding="utf-8")


def _environments(table: pd.DataFrame) -> Iterator[str]:
    """One line for each kind of point; degenerate classes without a name together."""
    yield (
        "| neighbours | ν | source | kind | tried next to | found next to | nearest (median), Å |"
        " within 0.3 Å | pairs cross at |"
    )
    yield "|---|---|---|---|---|---|---|---|---|"
    table = table.assign(what=table.what.fillna(""))
    unnamed = (table.kind == "degenerate") & ~table.what.isin([*FAMILIES, "any"])
    for row in table[~unnamed].to_dict("records"):
        crossings = row["crossings"] + row["no_crossings"]
        yield (
            f"| {row['n_neighbors']} | {row['nu']} | {row['found_by']} | {row['kind']}"
            f" {row['what']} | {row['tried']} | {row['structures']} | {row['nearest']:.2f} |"
            f" {100 * row['within_0.3']:.1f} % |"
            f" {_of(row['crossings'], crossings) if crossings else ''} |"
        )
    groups = table[unnamed].groupby(["n_neighbors", "nu", "found_by", "tried"])
    for (n, nu, found_by, tried), rows in groups:
        crossings, all_of_them = rows.crossings.sum(), rows.points.sum()
        yield (
            f"| {n} | {nu} | {found_by} | degenerate, {len(rows)} classes of coincident pairs"
            f" without a name | {tried} | {rows.structures.sum()} | | |"
            f" {_of(crossings, all_of_them)} |"
        )


def _molecules(table: pd.DataFrame) -> Iterator[str]:
    yield "| whole molecules | composition | singular points | symmetric | said |"
    yield "|---|---|---|---|---|"
    for row in table.itertuples():
        yield (
            f"| {row.search} | {row.formula} | {row.singular} of {row.starts} starts |"
            f" {row.symmetric} | {row.said} |"
        )


def _of(part: int, whole: int) -> str:
    return f"{part} of {whole}"


if __name__ == "__main__":
    run(main)
