"""Join the chunks of an audit: the table of environments, a summary, the worst of each kind."""

import argparse
import json
from collections import Counter
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from ase.io import iread, write
from tqdm import tqdm

from command import run
from descriptor_sensitivity.audit.audit import reason_kind, worst_of_each
from descriptor_sensitivity.audit.diagnosis import CATEGORIES
from descriptor_sensitivity.files import atomic, write_csv

DIGITS = "%.7g"
ROW_GROUP = 100_000


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


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="of the data set's pieces")
    parser.add_argument("--frames", type=Path, required=True, help="json of split_dataset.py")
    parser.add_argument("--representations", nargs="+", required=True, help="names, in order")
    parser.add_argument("--low", type=float, required=True, help="CN above so many medians is low")
    parser.add_argument("--shown", type=int, required=True, help="worst ones to keep of each")
    parser.add_argument("--output", type=Path, required=True, help="folder to write to")
    options = parser.parse_args(argv)

    written = json.loads(options.frames.read_text())
    output, folder = options.output, options.folder
    chunks = [f"{number:06d}" for number in range(written["n_chunks"])]
    counts: dict[str, Counter] = {}
    left_out: Counter = Counter()
    worst: list = []
    with (
        atomic(output / "environments.csv") as table_csv,
        atomic(output / "environments.parquet") as table_parquet,
        atomic(output / "findings.csv") as findings_csv,
        atomic(output / "skipped.csv") as skipped_csv,
        tqdm(total=len(chunks) * len(options.representations), desc="merging") as progress,
    ):
        parquet = ParquetTable(table_parquet)
        first = True
        for name in options.representations:
            for chunk in chunks:
                findings = folder / "findings" / name / f"{chunk}.csv"
                rows = diagnosed_chunk(folder / "rows" / name / f"{chunk}.parquet", findings, name)
                with_header = {"header": first, "index": False, "mode": "w" if first else "a"}
                rows.to_csv(table_csv, float_format=DIGITS, **with_header)
                parquet.add(rows)
                for species, group in rows.groupby("species"):
                    counts.setdefault(f"{name} {species}", Counter()).update(group["diagnosis"])
                skipped = folder / "skipped" / name / f"{chunk}.csv"
                for source, target in ((findings, findings_csv), (skipped, skipped_csv)):
                    part = pd.read_csv(source)
                    part.insert(0, "representation", name)
                    part.to_csv(target, **with_header)
                left_out.update((name, reason_kind(reason)) for reason in part["reason"])
                path = folder / "worst" / name / f"{chunk}.xyz"
                if path.stat().st_size:
                    worst = worst_of_each([*worst, *iread(path, format="extxyz")], options.shown)
                first = False
                progress.update()
        parquet.close()
    with atomic(output / "worst.xyz") as partial:
        partial.touch()
        if worst:
            write(partial, worst, format="extxyz")

    summary = []
    for name in options.representations:
        thresholds = json.loads((folder / "thresholds" / f"{name}.json").read_text())
        because = {kind: count for (who, kind), count in sorted(left_out.items()) if who == name}
        n_environments = thresholds["n_environments"]
        totals = {key: n for key, n in counts.items() if key.split()[0] == name}
        found = sum(totals.values(), Counter())
        summary.append(
            {
                "representation": name,
                "species": "all",
                "n_environments": sum(n_environments.values()),
                "n_singular": sum(thresholds["n_singular"].values()),
                **{category.replace(" ", "_"): found[category] for category in CATEGORIES},
                "n_frames": written["n_frames"],
                "left_out": sum(because.values()),
                "left_out_because": "; ".join(f"{n} {kind}" for kind, n in because.items()),
            }
        )
        for species in n_environments:
            quantiles, median = thresholds["quantiles"][species], thresholds["median"][species]
            found = counts[f"{name} {species}"]
            summary.append(
                {
                    "representation": name,
                    "species": species,
                    "n_environments": n_environments[species],
                    "n_singular": thresholds["n_singular"][species],
                    **{category.replace(" ", "_"): found[category] for category in CATEGORIES},
                    "median": quantiles["0.5"],
                    "q90": quantiles["0.9"],
                    "q99": quantiles["0.99"],
                    "max": quantiles["1.0"],
                    "median_regular": median,
                    "low_above": None if median is None else options.low * median,
                }
            )
    write_csv(pd.DataFrame(summary), output / "summary.csv", digits=6)


if __name__ == "__main__":
    run(main)
