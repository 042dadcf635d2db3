"""A chemiscope file: a sample of environments and the worst ones, with what they do not see."""

import argparse
import gzip
import json
from pathlib import Path

import chemiscope
import numpy as np
from ase import Atoms
from ase.io import read
from tqdm import tqdm

from command import run
from descriptor_sensitivity.audit.audit import (
    cut_block,
    nearest_distance,
    needs_fit,
    parts,
    read_numbered,
)
from descriptor_sensitivity.descriptors.base import Descriptor
from descriptor_sensitivity.descriptors.registry import build_descriptor
from descriptor_sensitivity.drawing.style import COLORS
from descriptor_sensitivity.environments import Batch
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.files import atomic
from descriptor_sensitivity.singular import condition_number, sensitivity

LARGE = 1e15
"""Shown in place of an infinite condition number."""


def drawn(representation: Descriptor, batch: Batch) -> list[Atoms]:
    """Environments as clusters with their least visible displacement."""
    values, left = sensitivity(representation, batch)
    clusters = []
    for index, (s, u) in enumerate(zip(values, left, strict=True)):
        cluster = batch.atoms(index)
        cluster.arrays["displacement"] = np.vstack([np.zeros(3), u[:, -1].reshape(-1, 3)])
        cluster.info |= {
            "frame": int(batch.frames[index]),
            "center": int(batch.centers[index]),
            "condition_number": float(condition_number(s)),
            "diagnosis": "sample",
        }
        clusters.append(cluster)
    return clusters


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=Path, required=True, help="extended xyz file")
    parser.add_argument("--frames", type=Path, required=True, help="json of split_dataset.py")
    parser.add_argument("--worst", type=Path, required=True, help="extended xyz file")
    parser.add_argument("--dataset", required=True, help="its name")
    parser.add_argument("--name", required=True, help="of the representation")
    parser.add_argument("--settings", type=json.loads, required=True, help="of it, as json")
    parser.add_argument("--center-species", help="centre on these atoms only")
    parser.add_argument("--most", type=int, default=500, help="environments of the sample shown")
    parser.add_argument("--output", type=Path, required=True, help="json.gz to write")
    options = parser.parse_args(argv)

    written = json.loads(options.frames.read_text())
    block = read_numbered(options.sample, written["sample"])
    cutoff = options.settings["cutoff"]
    batches, _ = cut_block(block, cutoff, options.center_species, written["path"])
    fit = batches if needs_fit(options.settings) else None
    representation = build_descriptor(options.name, options.settings, fit)
    stride = max(1, -(-sum(len(batch) for batch in batches) // options.most))
    clusters = []
    for batch in tqdm(batches, desc="environments", mininterval=2):
        for part in parts(representation, batch[::stride]):
            clusters += drawn(representation, part)
    if options.worst.stat().st_size:
        worst = read(options.worst, ":", format="extxyz")
        clusters += [atoms for atoms in worst if atoms.info["representation"] == options.name]
    if not clusters:
        raise InputError(
            f"{options.dataset}: no environment of this data set can be used; skipped.csv beside "
            f"{options.worst} says why."
        )
    numbers = np.array([atoms.info["condition_number"] for atoms in clusters])
    nearest = [float(nearest_distance(atoms.positions[None, 1:])[0]) for atoms in clusters]
    properties = {
        "log10 CN": np.log10(np.minimum(numbers, LARGE)),
        "nearest distance": {"target": "structure", "values": nearest, "units": "Å"},
        "neighbours": np.array([len(atoms) - 1 for atoms in clusters]),
        "diagnosis": [atoms.info["diagnosis"] for atoms in clusters],
        "frame": np.array([atoms.info["frame"] for atoms in clusters]),
        "centre": np.array([atoms.info["center"] for atoms in clusters]),
    }
    arrows = chemiscope.ase_vectors_to_arrows(clusters, key="displacement", scale=1.5, radius=0.06)
    arrows["parameters"]["global"]["color"] = COLORS["red"]
    shown = chemiscope.create_input(
        structures=clusters,
        metadata={
            "name": f"{options.dataset}, {options.name}",
            "description": "Environments coloured by condition number; the arrows are the "
            "displacement that the representation sees least.",
        },
        properties=properties,
        shapes={"least visible displacement": arrows},
        settings={
            "map": {
                "x": {"property": "nearest distance"},
                "y": {"property": "log10 CN"},
                "color": {"property": "log10 CN"},
                "symbol": "diagnosis",
            },
            "structure": [{"shape": "least visible displacement"}],
        },
    )
    text = json.dumps(shown, sort_keys=True)
    with atomic(options.output) as partial:
        partial.write_bytes(gzip.compress(text.encode(), mtime=0))


if __name__ == "__main__":
    run(main)
