"""Features of all structures of a manifold, as exactly rotated differences from its reference."""

import argparse
import json
from pathlib import Path

import numpy as np
from ase.io import read
from tqdm import tqdm

from command import run
from descriptor_sensitivity.descriptors.registry import build_descriptor
from descriptor_sensitivity.environments import environment_batches
from descriptor_sensitivity.files import write_arrays
from descriptor_sensitivity.manifolds import Manifold
from descriptor_sensitivity.regression import rotated
from descriptor_sensitivity.singular import sensitivity


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--manifold", type=Path, required=True, help="npz file of structures")
    parser.add_argument("--representations", type=json.loads, required=True, help="name: settings")
    parser.add_argument("--structures", type=Path, required=True, help="to fit optimal bases on")
    parser.add_argument("--fit-structures", type=int, required=True, help="how many of them")
    parser.add_argument("--cutoff", type=float, required=True, help="of the structures' own, Å")
    parser.add_argument("--output", type=Path, required=True, help="npz file to write")
    arguments = parser.parse_args(argv)

    manifold = Manifold.load(arguments.manifold)
    frames = read(arguments.structures, f":{arguments.fit_structures}")
    fit_batches = environment_batches(frames, arguments.cutoff, "C", name=str(arguments.structures))
    batch, reference = manifold.batch, manifold.reference
    arrays = {}
    for name, settings in arguments.representations.items():
        representation = build_descriptor(name, settings, fit_batches)
        panels = tqdm(
            representation.along(batch, reference, manifold.length * manifold.displacements),
            desc=f"{arguments.manifold.stem}, {name}",
            unit=" panels",
            mininterval=1,
        )
        rows = rotated(panels, manifold.middle)
        values, left = sensitivity(representation, reference)
        arrays[f"{name}_differences"] = rows[:-2]
        arrays[f"{name}_slopes"] = rows[-2:]
        arrays[f"{name}_singular_values"] = values[0]
        arrays[f"{name}_left_vectors"] = left[0]
    names = np.array(list(arguments.representations))
    write_arrays(arguments.output, representations=names, **arrays)


if __name__ == "__main__":
    run(main)
