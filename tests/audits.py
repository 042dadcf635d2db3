"""A whole audit of one file, step by step as the rules call the scripts."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from ase.io import write

import audit_chunk
import compare_forces
import diagnose_chunk
import draw_figure
import judge_structures
import merge_audit
import merge_structures
import set_thresholds
import split_dataset
import write_audit_page
import write_audit_viewer
from descriptor_sensitivity.structures.methane import methane_frames, random_methane
from descriptor_sensitivity.theory import families

DENSITY = {
    "kind": "density",
    "nu": 2,
    "radial_basis": "gto",
    "n_max": 4,
    "l_max": 4,
    "sigma": 0.3,
    "cutoff": 3.5,
}
CRITERIA = {
    "factor": 5.0,
    "singular": 1e6,
    "symmetry": 0.3,
    "coincidence": 0.05,
    "unresolved": 1.0,
    "nu3_neighbors": 8,
}
FILES = ["environments.csv", "environments.parquet", "summary.csv", "findings.csv", "skipped.csv"]
FILES += ["worst.xyz", "structures.csv", "worst_structures.xyz"]


def call(script, settings, **paths) -> None:
    """Run a script's main with settings as JSON and paths as options."""
    options = [word for name, path in paths.items() for word in (f"--{name}", str(path))]
    script.main(["--settings", json.dumps(settings), *options])


def audit_of_methanes(folder: Path) -> Path:
    """The audit of `mine.xyz`: twenty methanes, one degenerate, one symmetric, one unusable."""
    vectors = random_methane(20, seed=5)
    vectors[3], vectors[7] = families.mirror_singular(), families.tetrahedral(1.09)
    frames = list(methane_frames(vectors))
    frames[11].positions[2] = np.nan
    write(folder / "mine.xyz", frames, format="extxyz")
    return audit(folder / "mine.xyz", folder, center="C")


def audit(
    path: Path,
    folder: Path,
    chunk_size: int = 1000,
    settings: dict | None = None,
    reverse: bool = False,
    center: str | None = None,
    sample: int = 30,
    density: dict | None = None,
    descriptor: dict | None = None,
    most: int = 1000,
) -> Path:
    """Audit `path` for one descriptor, `rep`: DENSITY with changed settings, or `descriptor`."""
    pieces, descriptor = folder / "pieces", descriptor or {**DENSITY, **(settings or {})}
    split = {"chunk_size": chunk_size, "sample": sample, "seed": 1}
    call(split_dataset, split, path=path, folder=pieces)
    chunks = sorted((pieces / "chunks").glob("*.parquet"), reverse=reverse)
    shared = {"frames": pieces / "frames.json", "sample": pieces / "sample.parquet"}
    job = {"name": "rep", "descriptor": descriptor, "center_species": center}
    compared = job | {"density": density or descriptor}

    def part(kind: str, chunk: Path, end: str) -> Path:
        return pieces / kind / "rep" / f"{chunk.stem}.{end}"

    for chunk in chunks:
        rows, skipped = part("rows", chunk, "parquet"), part("skipped", chunk, "csv")
        call(audit_chunk, job, chunk=chunk, **shared, rows=rows, skipped=skipped)
    thresholds = pieces / "thresholds" / "rep.json"
    written = {"thresholds": thresholds, "sampled": pieces / "sampled" / "rep.xyz"}
    limits = {key: CRITERIA[key] for key in ("singular", "nu3_neighbors")}
    call(set_thresholds, compared | limits, pieces=pieces, **shared, **written)
    for chunk in chunks:
        call(
            diagnose_chunk,
            compared | {"criteria": CRITERIA, "shown": 2},
            chunk=chunk,
            **shared,
            rows=part("rows", chunk, "parquet"),
            thresholds=thresholds,
            findings=part("findings", chunk, "csv"),
            worst=part("worst", chunk, "xyz"),
        )
    call(
        merge_audit,
        {"dataset": path.stem, "names": ["rep"], "factor": 5.0, "shown": 2},
        pieces=pieces,
        frames=shared["frames"],
        folder=folder,
        points=pieces / "points.parquet",
        histograms=pieces / "histograms.csv",
    )
    for chunk in chunks:
        written = {"table": part("structures", chunk, "parquet")}
        written |= {
            "rows": part("rows", chunk, "parquet"),
            "worst": part("structures", chunk, "xyz"),
        }
        criteria = {key: CRITERIA[key] for key in ("symmetry", "singular")}
        judging = job | criteria | {"most": most, "shown": 2}
        call(judge_structures, judging, chunk=chunk, **shared, **written)
    call(
        merge_structures,
        {"names": ["rep"], "factor": 5.0, "singular": 1e6, "shown": 2},
        pieces=pieces,
        frames=shared["frames"],
        table=folder / "structures.csv",
        worst=folder / "worst_structures.xyz",
    )
    return folder


def judge(path: Path, folder: Path, descriptor: dict) -> None:
    """Of an audit of one chunk the pieces of structures alone."""
    pieces, job = folder / "pieces", {"name": "rep", "descriptor": descriptor}
    job["center_species"] = None
    call(split_dataset, {"chunk_size": 1000, "sample": 1, "seed": 1}, path=path, folder=pieces)
    given = {"chunk": pieces / "chunks" / "000000.parquet", "frames": pieces / "frames.json"}
    given["sample"] = pieces / "sample.parquet"
    rows = pieces / "rows.parquet"
    call(audit_chunk, job, **given, rows=rows, skipped=pieces / "skipped.csv")
    stem = pieces / "structures" / "rep" / "000000"
    written = {"table": stem.with_suffix(".parquet"), "worst": stem.with_suffix(".xyz")}
    judging = job | {"symmetry": 0.3, "singular": 1e6, "most": 1000, "shown": 2}
    call(judge_structures, judging, **given, rows=rows, **written)


def draw(folder: Path, figure: Path) -> None:
    """The page of an audit, `figure`.png and .pdf."""
    tables = {"points": "pieces/points.parquet", "histograms": "pieces/histograms.csv"}
    tables |= {"summary": "summary.csv", "worst": "worst.xyz"}
    named = [f"{name}={folder / file}" for name, file in tables.items()]
    draw_figure.main(["--module", "audit", "--table", *named, "--figure", str(figure)])


def write_viewer(folder: Path, dataset: str, output: Path) -> None:
    """The chemiscope file of an audit."""
    sampled = folder / "pieces" / "sampled" / "rep.xyz"
    settings = {"dataset": dataset, "name": "rep"}
    worst = folder / "worst.xyz"
    call(write_audit_viewer, settings, sampled=sampled, worst=worst, output=output)


def compare(folder: Path, path: Path, descriptor: dict) -> list[Path]:
    """The tables of forces of an audit by `audit` of a potential."""
    tables = {"table": folder / "forces.csv", "outcome": folder / "forces_summary.csv"}
    pieces = folder / "pieces"
    settings = {"descriptors": [("rep", descriptor)], "singular": 1e6, "seed": 1}
    frames = pieces / "frames.json"
    call(compare_forces, settings, path=path, pieces=pieces, frames=frames, **tables)
    return list(tables.values())


def write_page(
    folder: Path,
    dataset: str,
    center: str | None = None,
    descriptor: dict | None = None,
    forces: Sequence[Path] = (),
) -> Path:
    """The page of an audit by `audit`, with the tables of `compare` where there are any."""
    viewer = folder / "pieces" / "viewer.json.gz"
    write_viewer(folder, dataset, viewer)
    own = {"path": f"{dataset}.xyz", "center_species": center}
    sections = {"datasets": {dataset: own}, "diagnosis": CRITERIA}
    settings = {
        "dataset": dataset,
        "descriptors": {"rep": descriptor or DENSITY},
        "audit": sections,
        "factor": 1.5,
    }
    paths = {"frames": folder / "pieces" / "frames.json", "viewers": viewer}
    paths |= {"metadata": folder / "metadata", "output": folder / "index.html"}
    options = [word for name, path in paths.items() for word in (f"--{name}", str(path))]
    options += ["--folder", str(folder), "--forces", *map(str, forces)]
    write_audit_page.main(["--settings", json.dumps(settings), *options])
    return folder / "index.html"


def table(folder: Path) -> pd.DataFrame:
    """The table of environments of an audit."""
    return pd.read_csv(folder / "environments.csv")
