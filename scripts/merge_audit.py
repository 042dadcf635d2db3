"""Join the chunks of an audit: the table of environments, a summary, the worst of each kind."""

import argparse
import json
from collections import Counter
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from ase.io import iread, write
from sensitivity.audit import reason_kind, worst_of_each
from sensitivity.diagnosis import CATEGORIES
from sensitivity.errors import run
from sensitivity.tables import atomic, write_csv
from tqdm import tqdm

DIGITS = "%.7g"


def diagnosed_chunk(rows_path: Path, findings_path: Path, name: str) -> pd.DataFrame:
    """The rows of one chunk with their representation and diagnosis."""
    rows = pd.read_parquet(rows_path)
    findings = pd.read_csv(findings_path, usecols=["frame", "center", "diagnosis"])
    merged = rows.merge(findings, on=["frame", "center"], how="left", validate="one_to_one")
    merged["diagnosis"] = merged["diagnosis"].fillna("fine")
    merged.insert(0, "representation", name)
    counted = {column: "int64" for column in ("frame", "center", "n_neighbors")}
    return merged.astype({**counted, "species": object, "diagnosis": object})


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
    schema = None
    with (
        atomic(output / "environments.csv") as table_csv,
        atomic(output / "environments.parquet") as table_parquet,
        atomic(output / "findings.csv") as findings_csv,
        atomic(output / "skipped.csv") as skipped_csv,
        tqdm(total=len(chunks) * len(options.representations), desc="merging") as progress,
    ):
        writer = None
        first = True
        for name in options.representations:
            for chunk in chunks:
                findings = folder / "findings" / name / f"{chunk}.csv"
                rows = diagnosed_chunk(folder / "rows" / name / f"{chunk}.parquet", findings, name)
                with_header = {"header": first, "index": False, "mode": "w" if first else "a"}
                rows.to_csv(table_csv, float_format=DIGITS, **with_header)
                batch = pa.Table.from_pandas(rows, schema=schema, preserve_index=False)
                if writer is None:
                    schema = batch.schema.remove_metadata()
                    writer = pq.ParquetWriter(table_parquet, schema)
                writer.write_table(batch.replace_schema_metadata(None))
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
        if writer is not None:
            writer.close()
    with atomic(output / "worst.xyz") as partial:
        partial.touch()
        if worst:
            write(partial, worst, format="extxyz")

    summary = []
    for name in options.representations:
        thresholds = json.loads((folder / "thresholds" / f"{name}.json").read_text())
        because = {kind: count for (who, kind), count in sorted(left_out.items()) if who == name}
        for species, median in thresholds["median"].items():
            quantiles = thresholds["quantiles"][species]
            found = counts.get(f"{name} {species}", Counter())
            summary.append(
                {
                    "representation": name,
                    "species": species,
                    "n_frames": written["n_frames"],
                    "n_environments": thresholds["n_environments"][species],
                    "n_singular": thresholds["n_singular"][species],
                    "median": quantiles["0.5"],
                    "median_regular": median,
                    "q90": quantiles["0.9"],
                    "q99": quantiles["0.99"],
                    "max": quantiles["1.0"],
                    "low_above": None if median is None else options.low * median,
                    **{category.replace(" ", "_"): found[category] for category in CATEGORIES},
                    "left_out": sum(because.values()),
                    "left_out_because": "; ".join(f"{n} {kind}" for kind, n in because.items()),
                }
            )
    write_csv(pd.DataFrame(summary), output / "summary.csv", digits=6)


if __name__ == "__main__":
    run(main)
