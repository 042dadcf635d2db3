"""The report: every result on one HTML page that needs neither a network nor other files.

What stands on it is gathered here; how it looks is in `templates/`.
"""

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docutils.core
import jinja2
import pandas as pd
from markupsafe import Markup, escape

from descriptor_sensitivity.report.cells import cell
from descriptor_sensitivity.report.verdict import SYMBOLS, by_section, kind, verdict

TEMPLATES = (
    "templates/base.html.j2",
    "templates/report.html.j2",
    "templates/audit.html.j2",
    "templates/pieces.html.j2",
    "templates/claims.html.j2",
    "templates/style.css.j2",
    "templates/script.js.j2",
)

SECTIONS = ("Claims in short", "Figures", "Tables", "Structures", "All claims", "Provenance")

POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline';"
    " img-src data: blob:; font-src data:; worker-src blob:"
)
"""What the page may load: nothing but what it holds. The browser refuses all else."""


@dataclass(frozen=True)
class Picture:
    """A figure.

    Attributes:
        title: its heading.
        png: the picture.
        caption: reStructuredText.
        links: its files, relative to the page.
        formula: what is plotted, in a line.
        rule: that draws it.
        script: the file with its draw function, relative to the page.
        tables: what it is drawn from, relative to the page.
    """

    title: str
    png: bytes
    caption: str
    links: Sequence[str]
    formula: str = ""
    rule: str = ""
    script: str = ""
    tables: Sequence[str] = ()


@dataclass(frozen=True)
class Table:
    """A table, and the file it is read from, relative to the page."""

    title: str
    frame: pd.DataFrame
    link: str


def page(
    title: str,
    claims: pd.DataFrame,
    folder: str,
    pictures: Sequence[Picture],
    tables: Sequence[Table],
    viewers: Mapping[str, bytes],
    **provenance: Any,
) -> str:
    """The whole page.

    Args:
        title: its heading.
        claims: the table of `claims.judge`.
        folder: of the page; it is cut from the files that claims name, which become links.
        pictures, tables: in their order.
        viewers: title -> chemiscope file (gzipped JSON), opened when the reader asks for it.
        provenance: facts, costs, graph, config and overlays, see `report.provenance`.
    """
    shown = list(shown_claims(claims, folder))
    return (
        environment()
        .get_template("templates/report.html.j2")
        .render(
            title=title,
            policy=POLICY,
            sections=SECTIONS,
            symbols=SYMBOLS,
            counts=summary(claims),
            verdict=verdict(shown),
            claims=shown,
            sections_of_claims=list(by_section(shown)),
            pictures=pictures,
            tables=tables,
            viewers=viewers,
            library=Markup(chemiscope_library() if viewers else ""),
            **provenance,
        )
    )


def environment() -> jinja2.Environment:
    """The templates, in which every text is escaped."""
    here = Path(__file__).parent
    made = jinja2.Environment(
        loader=jinja2.DictLoader({name: (here / name).read_text() for name in TEMPLATES}),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters.update(anchor=anchor, base64=encoded, cell=cell, rst=caption, code=code)
    return made


def code(text: str) -> Markup:
    """A sentence, escaped, with what stands between backticks as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))


def anchor(title: str) -> str:
    """The id of a heading."""
    return "-".join("".join(c if c.isalnum() else " " for c in title.lower()).split())


def encoded(data: bytes) -> str:
    """Base64."""
    return base64.b64encode(data).decode()


def caption(text: str) -> Markup:
    """reStructuredText as HTML; a fault in it raises instead of being printed on the page."""
    settings = {"halt_level": 2, "report_level": 5, "math_output": "MathML"}
    parts = docutils.core.publish_parts(text, writer="html5", settings_overrides=settings)
    return Markup(parts["body"])


def chemiscope_library() -> str:
    """The source of the viewer, safe within a page."""
    import chemiscope

    source = Path(chemiscope.__file__).parent / "sphinx" / "static" / "chemiscope.min.js"
    return source.read_text().replace("</script", "<\\/script")


def summary(claims: pd.DataFrame) -> dict[str, int]:
    """How many claims are of each kind, in the order of `SYMBOLS`."""
    kinds = claims["verdict"].map(kind)
    return {name: int((kinds == name).sum()) for name in SYMBOLS}


def shown_claims(claims: pd.DataFrame, folder: str) -> Iterator[dict[str, Any]]:
    """Cells of each claim, its kind, its sources as (file relative to the page, columns)."""
    for row in claims.to_dict("records"):
        parts = [part.strip().partition(":") for part in cell(row["source"]).split(";") if part]
        yield {
            **{name: cell(value) for name, value in row.items()},
            "kind": kind(row["verdict"]),
            "sources": [(file.removeprefix(f"{folder}/"), columns) for file, _, columns in parts],
        }


def table_1(frame: pd.DataFrame) -> pd.DataFrame:
    """Table 1 as printed: one line per structure and grid, `ours (printed)` in ueV."""
    cells = frame["rmse_uev"].map(cell) + " (" + frame["printed_uev"].map(cell) + ")"
    wide = frame.assign(cell=cells).pivot(
        index=["structure", "grid"], columns="representation", values="cell"
    )
    order = frame[["structure", "grid"]].drop_duplicates()
    wide = wide.loc[list(order.itertuples(index=False, name=None))]
    return wide[frame["representation"].drop_duplicates()].reset_index()
