"""Singular values of every environment in one chunk of a data set, for one representation."""

import argparse
import json
from pathlib import Path

import pandas as pd
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from command import run
from descriptor_sensitivity.audit.audit import (
    BLOCK,
    cut_block,
    environment_rows,
    needs_fit,
    read_chunk,
    sample_batches,
)
from descriptor_sensitivity.descriptors.registry import build_descriptor
from descriptor_sensitivity.files import atomic


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chunk", type=Path, required=True, help="extended xyz file")
    parser.add_argument("--frames", type=Path, required=True, help="json of split_dataset.py")
    parser.add_argument("--sample", type=Path, required=True, help="frames to fit a basis on")
    parser.add_argument("--name", required=True, help="of the representation")
    parser.add_argument("--settings", type=json.loads, required=True, help="of it, as json")
    parser.add_argument("--center-species", help="centre on these atoms only")
    parser.add_argument("--rows", type=Path, required=True, help="parquet to write")
    parser.add_argument(
        "--skipped", type=Path, required=True, help="csv to write: what was left out"
    )
    options = parser.parse_args(argv)

    written = json.loads(options.frames.read_text())
    source, first = written["path"], int(options.chunk.stem) * written["chunk_size"]
    settings, species = options.settings, options.center_species
    cutoff = settings["cutoff"]
    fit = sample_batches(options.sample, cutoff, species) if needs_fit(settings) else None
    representation = build_descriptor(options.name, settings, fit)
    n_blocks = -(-min(written["chunk_size"], written["n_frames"] - first) // BLOCK)
    tables, refusals = [], []
    blocks = read_chunk(options.chunk, source, first)
    label = f"{options.name} {options.chunk.stem}"
    with threadpool_limits(1):
        for block in tqdm(blocks, desc=label, total=n_blocks, unit="block", mininterval=2):
            batches, refused = cut_block(block, cutoff, species, source)
            rows, more = environment_rows(representation, batches, source)
            tables.append(rows)
            refusals += [*refused, *more]
    with atomic(options.rows) as partial:
        pd.concat([table for table in tables if len(table)] or tables).to_parquet(
            partial, index=False
        )
    skipped = [(refusal.frame, refusal.center, refusal.reason) for refusal in refusals]
    with atomic(options.skipped) as partial:
        pd.DataFrame(skipped, columns=["frame", "center", "reason"]).to_csv(partial, index=False)


if __name__ == "__main__":
    run(main)
