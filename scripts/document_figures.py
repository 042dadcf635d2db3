"""Write the captions of Snakemake's report, a table and the gallery of docs, from the list."""

from collections.abc import Iterable
from pathlib import Path

from command import parser, run
from descriptor_sensitivity.drawing.figure import Figure
from descriptor_sensitivity.drawing.figures import AUDIT, FIGURES
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.files import atomic

BEGIN = "<!-- Made from the list of figures by `make docs`; do not edit the table by hand. -->\n"
END = "<!-- end of the table -->\n"
DOCS = Path(__file__).resolve().parents[1] / "docs"
SOURCE = "../src/descriptor_sensitivity/drawing"
GALLERY = """# Gallery

Made from the list of figures by `make docs`; do not edit by hand.

Every figure of `make`, with its caption as in the report. What each is drawn from: [](figures.md).
"""


def main(argv: list[str] | None = None) -> None:
    options = parser(__doc__)
    options.add_argument("--captions", type=Path, default=Path("workflow/report"))
    options.add_argument("--page", type=Path, default=Path("docs/figures.md"))
    options.add_argument("--gallery", type=Path, default=Path("docs/gallery.md"))
    paths = options.parse_args(argv)
    for row in [*FIGURES, AUDIT]:
        with atomic(paths.captions / f"{row.name}.rst") as partial:
            partial.write_text(row.caption)
    text = with_table(paths.page.read_text(), [*FIGURES, AUDIT])
    with atomic(paths.page) as partial:
        partial.write_text(text)
    with atomic(paths.gallery) as partial:
        partial.write_text(GALLERY + "".join(map(shown, FIGURES)))


def shown(row: Figure) -> str:
    """A figure of the gallery; where no picture is shipped, what it shows and how to draw it."""
    picture = f"gallery/{row.name}.png"
    seen = f"![{row.title}: {row.formula}]({picture})\n\n" if (DOCS / picture).exists() else ""
    caption = f"```{{include}} ../workflow/report/{row.name}.rst\n:parser: rst\n```"
    made = f"Rule `draw_{row.name}`, [{row.name}.py]({SOURCE}/{row.name}.py)"
    return f"\n## {row.title}\n\n{seen}{caption}\n\n{made}\n"


def with_table(page: str, rows: Iterable[Figure]) -> str:
    """The page with its table made anew."""
    if BEGIN not in page or END not in page:
        raise InputError(f"The page lacks the line {BEGIN.strip()!r} or {END.strip()!r}.")
    before, _, rest = page.partition(BEGIN)
    return before + BEGIN + "\n" + "".join(table(rows)) + "\n" + END + rest.partition(END)[2]


def table(rows: Iterable[Figure]) -> Iterable[str]:
    """One line a figure: its name, its place in the papers, what it shows, its tables."""
    yield "| figure | of | shows | drawn from |\n|---|---|---|---|\n"
    for row in rows:
        files = ", ".join(f"`{file}`" for file in dict.fromkeys(row.tables.values()))
        formula = row.formula.replace("|", "\\|")
        yield f"| `{row.name}` | {row.panels} | {formula} | {files} |\n"


if __name__ == "__main__":
    run(main)
