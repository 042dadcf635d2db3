"""The report: every result on one HTML page that needs neither a network nor other files.

Functions here turn tables, pictures and the workflow's own records into HTML; which files these
come from is the business of the caller.
"""

import base64
import html
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import docutils.core
import numpy as np
import pandas as pd

SYMBOLS = {"reproduced": "✓", "within": "≈", "differs": "✗", "untested": "–"}
"""One sign for each kind of verdict, so that colour is never the only difference."""


def kind(verdict: str) -> str:
    """reproduced, within, differs or untested: the class of a verdict of `claims.judge`."""
    if verdict == "reproduced" or verdict == "differs":
        return verdict
    return "within" if verdict.startswith("reproduced") else "untested"


def summary(claims: pd.DataFrame) -> dict[str, int]:
    """How many claims are of each kind, in the order of `SYMBOLS`."""
    kinds = claims["verdict"].map(kind)
    return {name: int((kinds == name).sum()) for name in SYMBOLS}


# ---------------------------------------------------------------- small pieces


def number(value: object) -> str:
    """A cell: numbers with four significant digits, nothing for missing ones."""
    if isinstance(value, float | np.floating):
        return "" if np.isnan(value) else f"{value:.4g}"
    return "" if value is None else str(value)


def markdown_table(frame: pd.DataFrame) -> str:
    """A table in Markdown; a bar within a cell is escaped."""
    lines = [list(frame.columns), ["---"] * len(frame.columns)]
    lines += [[number(cell) for cell in row] for row in frame.itertuples(index=False)]
    return "".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines
    )


def table(frame: pd.DataFrame, limit: int = 60) -> str:
    """An HTML table of at most `limit` rows, which scrolls sideways on a narrow screen."""
    head = "".join(f"<th>{html.escape(str(column))}</th>" for column in frame.columns)
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(number(cell))}</td>" for cell in row) + "</tr>"
        for row in frame.head(limit).itertuples(index=False)
    )
    rest = f"<p>… and {len(frame) - limit} more rows in the file.</p>" if len(frame) > limit else ""
    return (
        f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
        f"</div>{rest}"
    )


def table_1(frame: pd.DataFrame) -> str:
    """Table 1 as printed: one line per structure and grid, `ours (printed)` in ueV."""
    cells = frame["rmse_uev"].map(number) + " (" + frame["printed_uev"].map(number) + ")"
    wide = frame.assign(cell=cells).pivot(
        index=["structure", "grid"], columns="representation", values="cell"
    )
    order = frame[["structure", "grid"]].drop_duplicates()
    wide = wide.loc[list(order.itertuples(index=False, name=None))]
    return table(wide[frame["representation"].drop_duplicates()].reset_index())


def caption(text: str) -> str:
    """reStructuredText as HTML; a fault in it raises instead of being printed on the page."""
    settings = {"halt_level": 2, "report_level": 5, "math_output": "MathML"}
    parts = docutils.core.publish_parts(text, writer="html5", settings_overrides=settings)
    return parts["body"]


def anchor(title: str) -> str:
    """The id of a heading."""
    return "-".join("".join(c if c.isalnum() else " " for c in title.lower()).split())


@dataclass
class Section:
    """A heading of the page, and what stands below it."""

    title: str
    body: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f'<section id="{anchor(self.title)}"><h2>{html.escape(self.title)}</h2>'
            f"{''.join(self.body)}</section>"
        )


# ---------------------------------------------------------------- claims


def claims_summary(claims: pd.DataFrame) -> str:
    """One tile per kind of verdict."""
    titles = {
        "reproduced": "reproduced",
        "within": "reproduced within a stated factor",
        "differs": "differ",
        "untested": "cannot be tested",
    }
    tiles = "".join(
        f'<li class="{name}"><b>{SYMBOLS[name]} {count}</b> {titles[name]}</li>'
        for name, count in summary(claims).items()
    )
    return f'<ul class="tiles">{tiles}</ul>'


def claims_list(claims: pd.DataFrame, folder: str = "") -> str:
    """Every claim as a block, with a box to search and a choice of verdict.

    `folder` is cut from the start of the sources, which become links relative to the page.
    """
    blocks = []
    for row in claims.itertuples(index=False):
        of = kind(row.verdict)
        sources = "; ".join(
            _source_link(part.strip(), folder) for part in number(row.source).split(";") if part
        )
        lines = [
            ("printed", html.escape(number(row.printed))),
            ("here", html.escape(number(row.ours))),
            ("comment", html.escape(number(row.comment))),
            ("read from", sources),
        ]
        details = "".join(f"<dt>{name}</dt><dd>{text}</dd>" for name, text in lines if text)
        blocks.append(
            f'<article class="{of}" id="{html.escape(row.id)}"><p class="where">'
            f"{html.escape(row.paper)}, {html.escape(number(row.section))}</p>"
            f"<p>{html.escape(row.claim)}</p><dl>{details}</dl>"
            f'<p class="verdict">{SYMBOLS[of]} {html.escape(row.verdict)}</p></article>'
        )
    options = "".join(f"<option>{name}</option>" for name in SYMBOLS)
    return (
        '<p class="filter"><label>search <input type="search" id="search"></label> '
        f'<label>verdict <select id="kind"><option>all</option>{options}</select></label></p>'
        f'<div id="claims">{"".join(blocks)}</div>'
    )


def _source_link(part: str, folder: str) -> str:
    file, _, columns = part.partition(":")
    address = html.escape(file.removeprefix(folder))
    return f'<a href="{address}">{address}</a>:{html.escape(columns)}'


# ---------------------------------------------------------------- figures and viewers


def figure(title: str, png: bytes, text: str, files: Sequence[str]) -> str:
    """A picture with its caption (HTML) and links to its files, relative to the page."""
    links = " · ".join(
        f'<a href="{html.escape(file)}">{html.escape(file.rsplit("/", 1)[-1])}</a>'
        for file in files
    )
    data = base64.b64encode(png).decode()
    return (
        f'<figure id="{anchor(title)}"><h3>{html.escape(title)}</h3>'
        f'<img alt="{html.escape(title)}" src="data:image/png;base64,{data}">'
        f'<figcaption>{text}<p class="files">{links}</p></figcaption></figure>'
    )


def viewer(name: str, title: str, data: bytes) -> str:
    """A chemiscope file (gzipped JSON) that opens in its viewer when the reader asks for it."""
    encoded = base64.b64encode(data).decode()
    return (
        f'<details class="viewer" data-name="{html.escape(name)}"><summary>{html.escape(title)}'
        f'</summary><div id="{html.escape(name)}-meta"></div><div class="panes">'
        f'<div id="{html.escape(name)}-map"></div><div id="{html.escape(name)}-structure"></div>'
        f'</div><div id="{html.escape(name)}-info"></div>'
        f'<script type="text/plain" id="{html.escape(name)}-data">{encoded}</script></details>'
    )


# ---------------------------------------------------------------- provenance


@dataclass(frozen=True)
class Job:
    """One finished job as the workflow recorded it.

    Attributes:
        rule: its rule.
        inputs, outputs: files.
        seconds: wall time.
        megabytes: peak resident memory, where it was measured.
    """

    rule: str
    inputs: frozenset[str]
    outputs: frozenset[str]
    seconds: float
    megabytes: float = np.nan


def rule_edges(jobs: Iterable[Job]) -> dict[str, set[str]]:
    """Rule -> rules whose output it reads."""
    jobs = list(jobs)
    maker = {file: job.rule for job in jobs for file in job.outputs}
    edges: dict[str, set[str]] = {job.rule: set() for job in jobs}
    for job in jobs:
        edges[job.rule] |= {maker[file] for file in job.inputs if file in maker} - {job.rule}
    return edges


def rule_costs(jobs: Iterable[Job]) -> pd.DataFrame:
    """Number of jobs, total and longest wall time (s), largest memory (MB) of each rule."""
    frame = pd.DataFrame(
        [(j.rule, j.seconds, j.megabytes) for j in jobs], columns=["rule", "s", "MB"]
    )
    grouped = frame.groupby("rule")
    costs = pd.DataFrame(
        {
            "jobs": grouped.size(),
            "total s": grouped["s"].sum().round(1),
            "longest s": grouped["s"].max().round(1),
            "memory MB": grouped["MB"].max().round(0),
        }
    )
    return costs.sort_values("total s", ascending=False).reset_index()


def layers(edges: Mapping[str, set[str]]) -> list[list[str]]:
    """Rules in columns, each to the right of all it needs; near its neighbours within a column."""
    depth: dict[str, int] = {}

    def depth_of(rule: str) -> int:
        if rule not in depth:
            depth[rule] = 1 + max((depth_of(needed) for needed in edges[rule]), default=-1)
        return depth[rule]

    columns: list[list[str]] = [[] for _ in range(1 + max(map(depth_of, edges), default=-1))]
    for rule in sorted(edges):
        columns[depth[rule]].append(rule)
    place: dict[str, float] = {}
    for column in columns:
        column.sort(key=lambda r: (np.mean([place[n] for n in edges[r]] or [0.0]), r))
        place |= {rule: index - len(column) / 2 for index, rule in enumerate(column)}
    return columns


def rule_graph(edges: Mapping[str, set[str]]) -> str:
    """The graph of the rules as SVG; an edge that a longer way replaces is left out."""
    columns = layers(edges)
    width, height, gap = 190, 30, 60
    tall = max((len(column) for column in columns), default=0)
    at = {
        rule: (i * (width + gap), (j + (tall - len(column)) / 2) * (height + 10))
        for i, column in enumerate(columns)
        for j, rule in enumerate(column)
    }
    reach: dict[str, set[str]] = {}
    for column in columns:
        for rule in column:
            reach[rule] = edges[rule].union(*(reach[needed] for needed in edges[rule]))
    lines = []
    for rule, needs in sorted(edges.items()):
        for needed in sorted(needs - set().union(*(reach[other] for other in needs))):
            (x1, y1), (x2, y2) = at[needed], at[rule]
            x1, y1, y2 = x1 + width, y1 + height / 2, y2 + height / 2
            bend = (x1 + x2) / 2
            lines.append(f'<path d="M{x1} {y1}C{bend} {y1} {bend} {y2} {x2} {y2}"/>')
    boxes = [
        f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="5"/>'
        f'<text x="{x + width / 2}" y="{y + height / 2 + 4}">{html.escape(rule)}</text>'
        for rule, (x, y) in at.items()
    ]
    size = f"{max(len(columns), 1) * (width + gap) - gap} {max(tall, 1) * (height + 10)}"
    return (
        f'<div class="scroll"><svg class="graph" viewBox="-2 -2 {size}" width="{size.split()[0]}"'
        f' role="img" aria-label="rule graph">{"".join(lines)}{"".join(boxes)}</svg></div>'
    )


# ---------------------------------------------------------------- the page

POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline';"
    " img-src data: blob:; font-src data:; worker-src blob:"
)
"""What the page may load: nothing but what it holds. The browser refuses all else."""

STYLE = """
:root { --blue: #0072B2; --green: #009E73; --orange: #E69F00; --red: #D55E00; --grey: #6b7280; }
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.5 system-ui, "DejaVu Sans", sans-serif; color: #1f2937; }
header, main, nav { max-width: 72rem; margin: 0 auto; padding: 0 1rem; }
header { padding-top: 1.5rem; }
nav { position: sticky; top: 0; background: #fffffff2; padding-block: .5rem; z-index: 5;
  border-bottom: 1px solid #e5e7eb; overflow-x: auto; white-space: nowrap; }
nav a { margin-right: 1rem; }
a { color: var(--blue); }
h2 { margin-top: 2.5rem; border-bottom: 2px solid #e5e7eb; }
section { scroll-margin-top: 3rem; }
figure { margin: 2rem 0; }
img { max-width: 100%; max-height: 48rem; display: block; margin: auto; }
figcaption { max-width: 50rem; margin: .5rem auto; font-size: .92rem; }
.files { font-size: .85rem; overflow-wrap: anywhere; }
.tiles { list-style: none; display: flex; flex-wrap: wrap; gap: .75rem; padding: 0; }
.tiles li { flex: 1 1 10rem; padding: .75rem 1rem; border-radius: .5rem; background: #f3f4f6;
  border-left: .4rem solid var(--grey); }
.tiles b { font-size: 1.5rem; display: block; }
.reproduced { border-left-color: var(--green) !important; }
.within { border-left-color: var(--blue) !important; }
.differs { border-left-color: var(--red) !important; }
table { border-collapse: collapse; font-size: .88rem; margin: 1rem 0; }
th, td { padding: .3rem .6rem; border-bottom: 1px solid #e5e7eb; text-align: left; }
.scroll { overflow-x: auto; }
article { border-left: .4rem solid var(--grey); padding: .25rem 1rem; margin: .75rem 0;
  background: #f9fafb; }
article p { margin: .2rem 0; }
.where { font-size: .8rem; color: var(--grey); }
.verdict { font-weight: 600; }
dl { display: grid; grid-template-columns: 6rem 1fr; margin: .3rem 0; font-size: .9rem; }
dt { color: var(--grey); } dd { margin: 0; overflow-wrap: anywhere; }
pre { overflow-x: auto; background: #f3f4f6; padding: 1rem; font-size: .8rem; }
details > summary { cursor: pointer; padding: .4rem 0; font-weight: 600; }
.panes { display: grid; grid-template-columns: 1fr 1fr; gap: .5rem; }
.panes > div { height: 30rem; position: relative; min-width: 0; }
.graph path { fill: none; stroke: #9ca3af; } .graph rect { fill: #eff6ff; stroke: var(--blue); }
.graph text { text-anchor: middle; font: 11px sans-serif; }
@media (max-width: 45rem) {
  dl { grid-template-columns: 1fr; } .panes { grid-template-columns: 1fr; }
}
"""

SCRIPT = """
const search = document.getElementById("search"), chosen = document.getElementById("kind");
function filterClaims() {
  const words = search.value.toLowerCase();
  for (const claim of document.querySelectorAll("#claims article")) {
    const fits = (chosen.value === "all" || claim.className === chosen.value)
      && claim.textContent.toLowerCase().includes(words);
    claim.hidden = !fits;
  }
}
if (search) { search.oninput = chosen.oninput = filterClaims; }

async function openViewer(details) {
  const name = details.dataset.name;
  const text = document.getElementById(name + "-data").textContent;
  const bytes = Uint8Array.from(atob(text), c => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const dataset = JSON.parse((await new Response(stream).text()).replace(/\\bNaN\\b/g, "null"));
  const config = Object.fromEntries(
    ["meta", "map", "info", "structure"].map(pane => [pane, `${name}-${pane}`]));
  const warnings = new Chemiscope.Warnings();
  await Chemiscope.DefaultVisualizer.load(config, dataset, warnings);
  details.dataset.loaded = "yes";
}
for (const details of document.querySelectorAll("details.viewer")) {
  details.addEventListener("toggle", () => {
    if (details.open && !details.dataset.loaded) {
      details.dataset.loaded = "started";
      openViewer(details).catch(error => {
        details.dataset.loaded = "failed";
        details.append("The viewer could not start: " + error.message);
      });
    }
  });
}
"""


def page(title: str, introduction: str, sections: Sequence[Section], chemiscope: str = "") -> str:
    """The whole page; `chemiscope` is the source of its viewer, if there is something to view."""
    links = "".join(
        f'<a href="#{anchor(section.title)}">{html.escape(section.title)}</a>'
        for section in sections
    )
    library = chemiscope.replace("</script", "<\\/script")
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}'
        f'</title><meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<link rel="icon" href="data:,"><style>{STYLE}</style></head><body>'
        f"<header><h1>{html.escape(title)}</h1>{introduction}</header><nav>{links}</nav>"
        f"<main>{''.join(map(str, sections))}</main>"
        f"<script>{library}</script><script>{SCRIPT}</script></body></html>\n"
    )


def settings(config: Mapping[str, object]) -> str:
    """The configuration of the run."""
    return f"<pre>{html.escape(json.dumps(config, indent=2, ensure_ascii=False))}</pre>"
