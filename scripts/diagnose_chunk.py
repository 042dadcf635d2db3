"""Say why each low-sensitivity environment of one chunk is seen badly."""

import argparse
import json
from pathlib import Path

import numpy as np
import pandas as pd
from ase.io import write
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from command import run
from descriptor_sensitivity.audit.audit import (
    cut_block,
    low_sensitivity,
    needs_fit,
    read_chunk,
    sample_batches,
    worst_of_each,
)
from descriptor_sensitivity.audit.diagnosis import Diagnostician, Thresholds
from descriptor_sensitivity.descriptors.registry import build_descriptor
from descriptor_sensitivity.files import atomic


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chunk", type=Path, required=True, help="extended xyz file")
    parser.add_argument("--frames", type=Path, required=True, help="json of split_dataset.py")
    parser.add_argument("--sample", type=Path, required=True, help="frames to fit a basis on")
    parser.add_argument("--rows", type=Path, required=True, help="table of audit_chunk.py")
    parser.add_argument("--thresholds", type=Path, required=True, help="json of set_thresholds.py")
    parser.add_argument("--name", required=True, help="of the representation")
    parser.add_argument("--settings", type=json.loads, required=True, help="of it, as json")
    parser.add_argument("--density", type=json.loads, required=True, help="density settings, json")
    parser.add_argument("--center-species", help="centre on these atoms only")
    parser.add_argument("--criteria", type=json.loads, required=True, help="of Thresholds, json")
    parser.add_argument("--shown", type=int, required=True, help="worst ones to keep of each")
    parser.add_argument("--findings", type=Path, required=True, help="csv to write")
    parser.add_argument("--worst", type=Path, required=True, help="extended xyz file to write")
    options = parser.parse_args(argv)

    written = json.loads(options.frames.read_text())
    source, first = written["path"], int(options.chunk.stem) * written["chunk_size"]
    settings, species = options.settings, options.center_species
    medians = json.loads(options.thresholds.read_text())
    own = {key: medians[key] for key in ("median", "median_nu1", "median_nu3")}
    thresholds = Thresholds(**own, **options.criteria)
    rows = pd.read_parquet(options.rows)
    low_ones = low_sensitivity(rows, thresholds.median, thresholds.factor, thresholds.singular)
    rows = rows[low_ones]
    low = rows.set_index(["frame", "center"])["condition_number"].to_dict()

    fit = None
    if needs_fit(settings) or needs_fit(options.density):
        fit = sample_batches(options.sample, settings["cutoff"], species)
    diagnose = Diagnostician(
        build_descriptor(options.name, settings, fit),
        options.density,
        fit,
        thresholds,
        own_density=settings.get("kind", "density") == "density",
    )
    frames = {frame for frame, _ in low}
    found, clusters = [], []
    progress = tqdm(desc=f"diagnosing {options.name} {options.chunk.stem}", total=len(low))
    with threadpool_limits(1), progress:
        for block in read_chunk(options.chunk, source, first) if low else []:
            block = [item for item in block if item[0] in frames]
            for batch in cut_block(block, settings["cutoff"], species, source)[0]:
                places = zip(batch.frames.tolist(), batch.centers.tolist(), strict=True)
                chosen = batch[np.array([place in low for place in places], dtype=bool)]
                for index, finding in enumerate(diagnose(chosen)):
                    cluster = chosen.atoms(index)
                    cluster.arrays["displacement"] = np.vstack([np.zeros(3), finding.displacement])
                    cluster.info |= {
                        "representation": options.name,
                        "frame": finding.frame,
                        "center": finding.center,
                        "condition_number": low[finding.frame, finding.center],
                        "diagnosis": finding.diagnosis,
                        "because": finding.because,
                    }
                    clusters.append(cluster)
                    place = finding.frame, finding.center
                    found.append((*place, finding.diagnosis, finding.because))
                    progress.update()
    table = pd.DataFrame(found, columns=["frame", "center", "diagnosis", "because"])
    with atomic(options.findings) as partial:
        table.sort_values(["frame", "center"]).to_csv(partial, index=False)
    with atomic(options.worst) as partial:
        partial.touch()
        if clusters:
            write(partial, worst_of_each(clusters, options.shown), format="extxyz")


if __name__ == "__main__":
    run(main)
