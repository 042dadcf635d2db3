"""Diagnoses of the low-sensitivity environments of one chunk, and the worst of them to look at."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ase
import numpy as np
import pandas as pd
from tqdm import tqdm

from descriptor_sensitivity.audit.case import Companions
from descriptor_sensitivity.audit.chunks import DataSet, cut_block, sample_batches
from descriptor_sensitivity.audit.diagnosis import diagnose
from descriptor_sensitivity.audit.table import needs_fit
from descriptor_sensitivity.audit.thresholds import Thresholds, low_sensitivity
from descriptor_sensitivity.audit.worst import cluster, worst_of_each
from descriptor_sensitivity.descriptors.registry import build_descriptor

COLUMNS = ["frame", "center", "diagnosis", "because", "singular_distance", "singular_kind"]
"""singular_distance: to a singular point nearby, Å, an upper bound; empty where none was found."""


def diagnose_chunk(
    dataset: DataSet,
    chunk: Path,
    sample: Path,
    rows: pd.DataFrame,
    thresholds: Thresholds,
    name: str,
    descriptor: Mapping[str, Any],
    density: Mapping[str, Any],
    center_species: str | None,
    shown: int,
) -> tuple[pd.DataFrame, list[ase.Atoms]]:
    """Findings of a chunk, sorted by frame and centre, and its `shown` worst of each diagnosis.

    Args:
        chunk: its file.
        sample: file of the frames that an optimal radial basis is fitted on.
        rows: its table of environments.
        name, descriptor: the audited descriptor and its settings.
        density: settings of the density it is compared with: its own, if it is one.
        center_species: centre on these atoms only.
    """
    low = rows[low_sensitivity(rows, thresholds.median, thresholds.factor, thresholds.singular)]
    condition = low.set_index(["frame", "center"])["condition_number"].to_dict()
    frames = {frame for frame, _ in condition}
    fit = None
    if needs_fit(descriptor) or needs_fit(density):
        fit = sample_batches(sample, descriptor["cutoff"], center_species)
    built = build_descriptor(name, descriptor, fit)
    companions = Companions(density, fit, own=descriptor.get("kind", "density") == "density")
    found: list[tuple] = []
    clusters: list[ase.Atoms] = []
    progress = tqdm(desc=f"diagnosing {name} {chunk.stem}", total=len(condition), mininterval=2)
    for block in dataset.blocks(chunk) if condition else []:
        chosen = [item for item in block if item[0] in frames]
        for batch in cut_block(chosen, descriptor["cutoff"], center_species, dataset.path)[0]:
            places = zip(batch.frames.tolist(), batch.centers.tolist(), strict=True)
            some = batch[np.array([place in condition for place in places], dtype=bool)]
            for index, finding in enumerate(diagnose(built, some, thresholds, companions)):
                place = finding.frame, finding.center
                near = finding.singular
                next_to = (round(near.point.distance, 4), near.name) if near else (np.nan, "")
                found.append((*place, finding.diagnosis, finding.because, *next_to))
                info = {
                    "representation": name,
                    "frame": finding.frame,
                    "center": finding.center,
                    "condition_number": condition[place],
                    "diagnosis": finding.diagnosis,
                    "because": finding.because,
                }
                atoms = cluster(some, index, finding.displacement, **info)
                if near:
                    to_it = np.vstack([np.zeros(3), near.point.displacement])
                    atoms.arrays["to_singular"] = to_it
                    atoms.info |= {"singular": str(near)}
                clusters.append(atoms)
                progress.update()
    progress.close()
    table = pd.DataFrame(found, columns=COLUMNS).sort_values(["frame", "center"])
    return table, worst_of_each(clusters, shown)
