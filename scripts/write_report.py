"""Write the report: one HTML page with every result, readable without a network."""

import argparse
import base64
import html
import json
import os
import platform
import subprocess
from importlib import metadata, resources
from pathlib import Path

import pandas as pd

from command import run
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.files import atomic
from descriptor_sensitivity.report import page as report

PACKAGES = ["numpy", "scipy", "ase", "sphericart", "wigners", "scikit-learn", "pyscf", "tblite"]
PACKAGES += ["torch", "pandas", "matplotlib", "chemiscope", "snakemake"]


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--claims", type=Path, required=True, help="the claims table, CSV")
    parser.add_argument("--figures", type=Path, nargs="+", required=True, help="PNG files")
    parser.add_argument("--captions", type=Path, nargs="*", default=[], help="<figure>.rst files")
    parser.add_argument("--tables", type=Path, nargs="*", default=[], help="CSV files to show")
    parser.add_argument("--viewers", type=Path, nargs="*", default=[], help="chemiscope files")
    parser.add_argument("--metadata", type=Path, required=True, help="Snakemake's records")
    parser.add_argument("--config", type=json.loads, default={}, help="configuration, as JSON")
    parser.add_argument("--overlays", nargs="*", default=[], help="files that changed it")
    parser.add_argument("--output", type=Path, required=True, help="HTML file to write")
    arguments = parser.parse_args(argv)
    for file in [arguments.claims, *arguments.figures, *arguments.tables, *arguments.viewers]:
        if not file.is_file():
            raise InputError(f"{file} does not exist; compute it first.")

    folder = arguments.output.parent
    claims = pd.read_csv(arguments.claims, keep_default_na=False)
    differing = claims[claims["verdict"] == "differs"]
    captions = {file.stem: report.caption(file.read_text()) for file in arguments.captions}
    jobs = read_jobs(arguments.metadata)
    sections = [
        report.Section("Claims in short", [report.claims_summary(claims), in_short(differing)]),
        report.Section("Figures", [draw(file, captions, folder) for file in arguments.figures]),
        report.Section("Tables", [show(file, folder) for file in arguments.tables]),
        report.Section(
            "Structures",
            [
                "<p>Open one to turn the molecules and to plot any property against another.</p>",
                *(
                    report.viewer(f"viewer-{i}", viewer_title(file), file.read_bytes())
                    for i, file in enumerate(arguments.viewers)
                ),
            ],
        ),
        report.Section("All claims", [report.claims_list(claims, f"{folder}/")]),
        report.Section("Provenance", provenance(jobs, arguments.config)),
    ]
    introduction = (
        "<p>What two papers say about how atomic descriptors see a structure, and what came out"
        " here: S. N. Pozdnyakov <i>et al.</i>, <i>Local invertibility and sensitivity of atomic"
        " structure-feature mappings</i>, Open Research Europe 1, 126 (2021), and <i>Comment on"
        " “Manifolds of quasi-constant SOAP and ACSF fingerprints …”</i>, J. Chem. Phys. 157,"
        " 177101 (2022).</p>"
    )
    if arguments.overlays:
        files = html.escape(", ".join(arguments.overlays))
        introduction += (
            f"<p><strong>These are the results of changed settings ({files}).</strong></p>"
        )
    library = (
        resources.files("chemiscope").joinpath("sphinx/static/chemiscope.min.js").read_text()
        if arguments.viewers
        else ""
    )
    text = report.page("Sensitivity of atomic descriptors", introduction, sections, library)
    with atomic(arguments.output) as partial:
        partial.write_text(text)


def in_short(differing: pd.DataFrame) -> str:
    """The claims that differ, each with a link to its entry."""
    if differing.empty:
        return ""
    items = "".join(
        f'<li><a href="#{html.escape(row.id)}">{html.escape(row.claim)}</a> Printed:'
        f" {html.escape(row.printed)}. Here: {html.escape(row.ours)}.</li>"
        for row in differing.itertuples()
    )
    return f"<h3>What differs</h3><ul>{items}</ul>"


def draw(png: Path, captions: dict[str, str], folder: Path) -> str:
    """One figure: picture, caption, links to its PDF and to the data it was drawn from."""
    name = png.stem
    data = sorted((png.parent / "data").glob(f"{name}.csv"))
    data += sorted((png.parent / "data").glob(f"{name}_*.csv"))
    data = [file for file in data if owner(file.stem, png.parent) == name]
    files = [png.with_suffix(".pdf"), *data]
    return report.figure(
        figure_title(png),
        png.read_bytes(),
        captions.get(name, ""),
        [os.path.relpath(file, folder) for file in files],
    )


def owner(stem: str, figures: Path) -> str:
    """The figure that a data file belongs to: the longest figure name that its name starts with."""
    names = [png.stem for png in figures.glob("*.png")]
    return max((n for n in names if stem == n or stem.startswith(f"{n}_")), key=len, default="")


def figure_title(png: Path) -> str:
    """fig4_theory -> Figure 4 theory; comment_fig1 -> Comment, Figure 1; audit of its folder."""
    name = png.stem
    if name == "audit":
        return f"Audit of {png.parent.name}"
    words = name.removeprefix("comment_").replace("fig_", "").replace("_", " ")
    title = words.replace("fig", "Figure ", 1) if words.startswith("fig") else words.capitalize()
    return f"Comment, {title}" if name.startswith("comment_") else title


def show(csv: Path, folder: Path) -> str:
    """One table, with a link to its file."""
    frame = pd.read_csv(csv)
    link = html.escape(os.path.relpath(csv, folder))
    title = f"Audit of {csv.parent.name}" if csv.stem == "summary" else csv.stem
    body = report.table_1(frame) if csv.stem == "table1" else report.table(frame)
    return (
        f"<details {'open' if len(frame) <= 30 else ''}><summary>{html.escape(title)}</summary>"
        f'<p class="files"><a href="{link}">{link}</a></p>{body}</details>'
    )


def viewer_title(file: Path) -> str:
    return file.name.removesuffix(".json.gz").removesuffix(".chemiscope").replace("_", " ")


def read_jobs(folder: Path) -> list[report.Job]:
    """The jobs whose outputs still exist, from Snakemake's record of each output file."""
    found: dict[tuple, dict] = {}
    for record in folder.rglob("*"):
        if not record.is_file():
            continue
        encoded = "".join(part.lstrip("@") for part in record.relative_to(folder).parts)
        output = base64.urlsafe_b64decode(encoded).decode()
        entry = json.loads(record.read_text())
        if not entry.get("endtime") or not Path(output).exists():
            continue
        job = found.setdefault((entry["rule"], entry["endtime"]), entry | {"outputs": set()})
        job["outputs"].add(output)
    return [
        report.Job(
            rule,
            frozenset(entry["input"] or []),
            frozenset(entry["outputs"]),
            entry["endtime"] - entry["starttime"],
            memory(entry["log"] or []),
        )
        for (rule, _), entry in sorted(found.items())
    ]


def memory(logs: list[str]) -> float:
    """Peak memory (MB) from the benchmark file beside a job's log, if there is one."""
    for log in logs:
        file = Path(log).with_suffix(".tsv")
        if file.is_file():
            return float(pd.to_numeric(pd.read_table(file)["max_rss"], errors="coerce").max())
    return float("nan")


def provenance(jobs: list[report.Job], config: dict) -> list[str]:
    """Versions, commit, hardware, cost of each rule, rule graph, configuration with its seeds."""
    facts = {"commit": commit(), "python": platform.python_version()}
    facts |= {name: version(name) for name in PACKAGES}
    facts |= {"system": platform.platform(), "processor": processor()}
    facts["cores"] = str(os.cpu_count())
    facts["wall time, all jobs"] = f"{sum(job.seconds for job in jobs):.0f} s"
    frame = pd.DataFrame({"what": facts.keys(), "value": facts.values()})
    return [
        report.table(frame),
        "<h3>Cost of each rule</h3>",
        report.table(report.rule_costs(jobs), limit=200),
        "<h3>Rules</h3><p>Each reads what those on its left have made.</p>",
        report.rule_graph(report.rule_edges(jobs)),
        "<h3>Configuration</h3>",
        report.settings(config),
    ]


def version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not in this environment"


def commit() -> str:
    """The commit the code is at, and whether files were changed since."""
    try:
        git = ["git", "-C", str(Path(__file__).parent)]
        head = subprocess.check_output([*git, "rev-parse", "HEAD"], text=True, stderr=-3).strip()
        changed = subprocess.check_output([*git, "status", "--porcelain", "-uno"], text=True)
    except (OSError, subprocess.CalledProcessError):
        return "not a git repository"
    return f"{head}, with uncommitted changes" if changed.strip() else head


def processor() -> str:
    """The processor's name on Linux, the architecture elsewhere."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


if __name__ == "__main__":
    run(main)
