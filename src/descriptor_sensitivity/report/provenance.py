"""Where the numbers of a report come from: jobs, versions, commit, hardware, rules and their cost.

Snakemake keeps one record for each output file in `.snakemake/metadata` of the working directory,
under the base64 of the file's name.
"""

import base64
import json
import os
import platform
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path, PurePath
from typing import Any

import numpy as np
import pandas as pd

PACKAGES = ["numpy", "scipy", "ase", "sphericart", "wigners", "vesin", "pyscf", "tblite"]
PACKAGES += ["torch", "pandas", "matplotlib", "chemiscope", "snakemake"]


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


def provenance(
    files: Iterable[str], records: Path, config: Mapping[str, Any], overlays: Iterable[str]
) -> dict[str, Any]:
    """What the page says of the jobs behind `files`: facts, costs, graph, config, overlays."""
    jobs = behind(files, read_jobs(records))
    return {
        "facts": facts(jobs),
        "costs": rule_costs(jobs),
        "graph": rule_graph(rule_edges(jobs)),
        "config": json.dumps(config, indent=2, ensure_ascii=False),
        "overlays": list(overlays),
    }


# ---------------------------------------------------------------- jobs


def read_jobs(folder: Path) -> list[Job]:
    """The jobs whose outputs still exist, from Snakemake's record of each output file."""
    found: dict[tuple[str, float], dict[str, Any]] = {}
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
        Job(
            rule,
            frozenset(entry["input"] or []),
            frozenset(entry["outputs"]),
            entry["endtime"] - entry["starttime"],
            _memory(entry["log"] or []),
        )
        for (rule, _), entry in sorted(found.items())
    ]


def _memory(logs: Iterable[str]) -> float:
    """Peak memory (MB) from the benchmark file beside a job's log, if there is one."""
    for log in logs:
        file = Path(log).with_suffix(".tsv")
        if file.is_file():
            return float(pd.to_numeric(pd.read_table(file)["max_rss"], errors="coerce").max())
    return float("nan")


def _makers(jobs: Iterable[Job]) -> dict[str, Job]:
    return {file: job for job in jobs for file in job.outputs}


def _maker(file: str, makers: Mapping[str, Job]) -> Job | None:
    """The job that made a file, or a folder that it lies in."""
    places = [file, *map(str, PurePath(file).parents)]
    return next((makers[place] for place in places if place in makers), None)


def behind(files: Iterable[str], jobs: Iterable[Job]) -> list[Job]:
    """The jobs that files come from, directly or through others, in their order."""
    jobs = list(jobs)
    makers = _makers(jobs)
    needed: set[Job] = set()
    waiting = list(files)
    while waiting:
        job = _maker(waiting.pop(), makers)
        if job and job not in needed:
            needed.add(job)
            waiting += job.inputs
    return [job for job in jobs if job in needed]


def rule_edges(jobs: Iterable[Job]) -> dict[str, set[str]]:
    """Rule -> rules whose output it reads."""
    jobs = list(jobs)
    makers = _makers(jobs)
    edges: dict[str, set[str]] = {job.rule: set() for job in jobs}
    for job in jobs:
        made = [_maker(file, makers) for file in job.inputs]
        edges[job.rule] |= {maker.rule for maker in made if maker} - {job.rule}
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


# ---------------------------------------------------------------- the graph of the rules


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


def rule_graph(edges: Mapping[str, set[str]]) -> dict[str, Any]:
    """Boxes and lines of the graph of the rules; an edge that a longer way replaces is left out."""
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
    paths = []
    for rule, needs in sorted(edges.items()):
        for needed in sorted(needs - set().union(*(reach[other] for other in needs))):
            (x1, y1), (x2, y2) = at[needed], at[rule]
            x1, y1, y2 = x1 + width, y1 + height / 2, y2 + height / 2
            bend = (x1 + x2) / 2
            paths.append(f"M{x1} {y1}C{bend} {y1} {bend} {y2} {x2} {y2}")
    return {
        "paths": paths,
        "boxes": [
            {"rule": rule, "x": x, "y": y, "width": width, "height": height}
            for rule, (x, y) in at.items()
        ],
        "width": max(len(columns), 1) * (width + gap) - gap,
        "height": max(tall, 1) * (height + 10),
    }


# ---------------------------------------------------------------- versions and hardware


def facts(jobs: Iterable[Job]) -> pd.DataFrame:
    """Commit, versions, machine, and the time that all jobs took."""
    found = {"commit": commit(), "python": platform.python_version()}
    found |= {name: version(name) for name in PACKAGES}
    found |= {"system": platform.platform(), "processor": processor()}
    found["cores"] = str(os.cpu_count())
    found["wall time, all jobs"] = f"{sum(job.seconds for job in jobs):.0f} s"
    return pd.DataFrame({"what": found.keys(), "value": found.values()})


def version(package: str) -> str:
    """The installed version of a package."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not in this environment"


def commit() -> str:
    """The commit the code is at, and whether files were changed since."""
    git = ["git", "-C", str(Path(__file__).parent)]
    try:
        head, changed = (
            subprocess.run([*git, *words], capture_output=True, text=True, check=True).stdout
            for words in (["rev-parse", "HEAD"], ["status", "--porcelain", "-uno"])
        )
    except (OSError, subprocess.CalledProcessError):
        return "not a git repository"
    return f"{head.strip()}, with uncommitted changes" if changed.strip() else head.strip()


def processor() -> str:
    """The processor's name on Linux, the architecture elsewhere."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
