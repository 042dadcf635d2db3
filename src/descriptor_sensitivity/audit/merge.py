"""The chunks of an audit as one: the table of environments, a summary, the worst of each kind.

Chunks are read one at a time, in order; nothing here grows with the data set but the tables on
disk.
"""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ase
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from tqdm import tqdm

from descriptor_sensitivity.audit.chunks import DataSet
from descriptor_sensitivity.audit.finding import CATEGORIES
from descriptor_sensitivity.audit.table import reason_kind
from descriptor_sensitivity.audit.worst import read_clusters, worst_of_each
from descriptor_sensitivity.files import atomic

DIGITS = "%.7g"
ROW_GROUP = 100_000

EDGES = np.logspace(0, 8, 161)
"""Of the histograms of condition numbers; larger and infinite ones are counted in the last bin."""

POINTS = 4000
"""About how many environments are drawn as points, those of low sensitivity preferred."""


def diagnosed_chunk(rows_path: Path, findings_path: Path, name: str) -> pd.DataFrame:
    """The rows of one chunk with their representation and diagnosis."""
    rows = pd.read_parquet(rows_path)
    types = {"frame": "int64", "center": "int64", "diagnosis": object}
    findings = pd.read_csv(findings_path, usecols=list(types), dtype=types)
    merged = rows.merge(findings, on=["frame", "center"], how="left", validate="one_to_one")
    merged["diagnosis"] = merged["diagnosis"].fillna("fine")
    merged.insert(0, "representation", name)
    return merged.astype({"species": object, "diagnosis": object})


class ParquetTable:
    """Rows written in groups of ROW_GROUP, however they come."""

    def __init__(self, path: Path) -> None:
        self.path, self.waiting = path, pd.DataFrame()
        self.writer: pq.ParquetWriter | None = None

    def add(self, rows: pd.DataFrame) -> None:
        """Append rows."""
        self.waiting = pd.concat([self.waiting, rows]) if len(self.waiting) else rows
        while len(self.waiting) >= ROW_GROUP:
            self._write(self.waiting.iloc[:ROW_GROUP])
            self.waiting = self.waiting.iloc[ROW_GROUP:]

    def close(self) -> None:
        """Write what is left."""
        self._write(self.waiting).close()

    def _write(self, rows: pd.DataFrame) -> pq.ParquetWriter:
        group = pa.Table.from_pandas(rows, preserve_index=False).replace_schema_metadata(None)
        if self.writer is None:
            fields = [
                pa.field(field.name, pa.string()) if pa.types.is_null(field.type) else field
                for field in group.schema
            ]
            self.writer = pq.ParquetWriter(self.path, pa.schema(fields))
        self.writer.write_table(group.cast(self.writer.schema))
        return self.writer


def merge(
    pieces: Path, dataset: DataSet, names: Sequence[str], low: float, shown: int, folder: Path
) -> tuple[pd.DataFrame, list[ase.Atoms]]:
    """Write environments (csv and parquet), findings and skipped to `folder`; return the rest.

    Args:
        pieces: folder of the tables of chunks.
        names: of the descriptors, in order.
        low: CN above so many medians is low.
        shown: worst environments to keep of each diagnosis.

    Returns:
        The summary, one row per descriptor and one per centre species, and the worst environments.
    """
    counts: dict[tuple[str, str], Counter] = {}
    left_out: Counter = Counter()
    worst: list[ase.Atoms] = []
    with (
        atomic(folder / "environments.csv") as table_csv,
        atomic(folder / "environments.parquet") as table_parquet,
        atomic(folder / "findings.csv") as findings_csv,
        atomic(folder / "skipped.csv") as skipped_csv,
        tqdm(total=len(dataset.chunks) * len(names), desc="merging", mininterval=2) as progress,
    ):
        parquet = ParquetTable(table_parquet)
        once: dict[str, Any] = {"header": True, "index": False, "mode": "w"}
        for name in names:
            for chunk in dataset.chunks:
                findings = pieces / "findings" / name / f"{chunk}.csv"
                rows = diagnosed_chunk(pieces / "rows" / name / f"{chunk}.parquet", findings, name)
                rows.to_csv(table_csv, float_format=DIGITS, **once)
                parquet.add(rows)
                for species, group in rows.groupby("species"):
                    counts.setdefault((name, str(species)), Counter()).update(group["diagnosis"])
                skipped = pieces / "skipped" / name / f"{chunk}.csv"
                for source, target in ((findings, findings_csv), (skipped, skipped_csv)):
                    part = pd.read_csv(source)
                    part.insert(0, "representation", name)
                    part.to_csv(target, **once)
                left_out.update((name, reason_kind(reason)) for reason in part["reason"])
                path = pieces / "worst" / name / f"{chunk}.xyz"
                worst = worst_of_each([*worst, *read_clusters(path)], shown)
                once |= {"header": False, "mode": "a"}
                progress.update()
        parquet.close()
    rows_of_summary: list[dict[str, Any]] = []
    for name in names:
        thresholds = json.loads((pieces / "thresholds" / f"{name}.json").read_text())
        because = {kind: count for (who, kind), count in sorted(left_out.items()) if who == name}
        found = {species: count for (who, species), count in counts.items() if who == name}
        rows_of_summary += summarise(name, dataset, thresholds, found, because, low)
    return pd.DataFrame(rows_of_summary), worst


def summarise(
    name: str,
    dataset: DataSet,
    thresholds: dict[str, Any],
    counts: dict[str, Counter],
    because: dict[str, int],
    low: float,
) -> list[dict[str, Any]]:
    """One row for all environments of a descriptor, then one for each centre species.

    Args:
        thresholds: of `find_thresholds`.
        counts: diagnoses by centre species.
        because: what was left out, by kind.
    """
    n_environments, medians = thresholds["n_environments"], thresholds["median"]

    def diagnosed(found: Counter) -> dict[str, int]:
        return {category.replace(" ", "_"): found[category] for category in CATEGORIES}

    rows: list[dict[str, Any]] = [
        {
            "representation": name,
            "species": "all",
            "n_environments": sum(n_environments.values()),
            "n_singular": sum(thresholds["n_singular"].values()),
            **diagnosed(sum(counts.values(), Counter())),
            "n_frames": dataset.n_frames,
            "left_out": sum(because.values()),
            "left_out_because": "; ".join(f"{n} {kind}" for kind, n in because.items()),
        }
    ]
    for species, number in n_environments.items():
        quantiles, median = thresholds["quantiles"][species], medians[species]
        rows.append(
            {
                "representation": name,
                "species": species,
                "n_environments": number,
                "n_singular": thresholds["n_singular"][species],
                **diagnosed(counts[species]),
                "median": quantiles["0.5"],
                "q90": quantiles["0.9"],
                "q99": quantiles["0.99"],
                "max": quantiles["1.0"],
                "median_regular": median,
                "low_above": None if median is None else low * median,
                "remark": remark(species, thresholds),
            }
        )
    return rows


def remark(species: str, thresholds: dict[str, Any]) -> str:
    """What a reader of the medians of one species has to know, or nothing."""
    number, singular = (thresholds[key][species] for key in ("n_environments", "n_singular"))
    said = [
        f"in {environments} of {number} environments a shell lies at the cutoff of "
        f"{thresholds['cutoff']:g} Å ({count} neighbour{'s' * (int(count) > 1)}), "
        "where rounding would take some of it: "
        "all of it is left out; change the cutoff a little if that is not meant"
        for count, environments in thresholds["shells"].get(species, {}).items()
    ]
    if 2 * singular >= number:
        said.append(f"{singular} of {number} environments are singular and in no median")
    if (share := thresholds["symmetric_share"].get(species, 0.0)) >= 0.5:
        said.append(
            f"{100 * share:.0f} % of the sampled environments are symmetric within the accuracy of "
            "their coordinates: what is usual here is blind, and low is not measured against it"
        )
    return "; ".join(said)


def drawn(path: Path, names: Sequence[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What the figure shows: some environments as points, and the histogram of all of them.

    Args:
        path: environments.parquet.
        names: of the descriptors.

    Returns:
        points: representation, frame, center, nearest, condition_number, diagnosis.
        histograms: low, high and, by the name of each descriptor, the number of its environments
            with low <= CN < high.
    """
    counts = {name: np.zeros(len(EDGES) - 1, dtype=int) for name in names}
    columns = ["representation", "frame", "center", "nearest", "condition_number", "diagnosis"]
    source = pq.ParquetFile(path)
    stride = max(1, source.metadata.num_rows // (len(names) * POINTS))
    kept = []
    for batch in source.iter_batches(columns=columns):
        table = batch.to_pandas()
        table["condition_number"] = table["condition_number"].clip(upper=EDGES[-1])
        for name, rows in table.groupby("representation"):
            counts[str(name)] += np.histogram(rows["condition_number"], EDGES)[0]
        flagged = (table["diagnosis"] != "fine") & (table["frame"] % max(1, stride // 20) == 0)
        kept.append(table[flagged | (table["frame"] % stride == 0)])
    points = pd.concat(kept) if kept else pd.DataFrame({column: [] for column in columns})
    return points, pd.DataFrame({"low": EDGES[:-1], "high": EDGES[1:], **counts})
