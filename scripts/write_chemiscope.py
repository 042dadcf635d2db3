"""A manifold for the chemiscope viewer: structures, energies, features, errors, displacements."""

import argparse
import gzip
import json
from pathlib import Path

import chemiscope
import numpy as np
import pandas as pd
from ase import Atoms

from command import run
from descriptor_sensitivity.drawing.style import COLORS
from descriptor_sensitivity.files import atomic
from descriptor_sensitivity.manifolds import Manifold, sensing_directions


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--manifold", type=Path, required=True, help="npz file of structures")
    parser.add_argument("--features", type=Path, required=True, help="npz file of features")
    parser.add_argument("--predictions", type=Path, required=True, help="csv of energy models")
    parser.add_argument("--output", type=Path, required=True, help="json.gz file to write")
    arguments = parser.parse_args(argv)

    manifold = Manifold.load(arguments.manifold)
    name = arguments.manifold.stem
    predictions = pd.read_csv(arguments.predictions)
    first, second = manifold.coordinates.T
    energy = 1e3 * (predictions.energy_ev - predictions.energy_ev[manifold.middle])
    properties = {
        "Delta_1": entry(first, "along the first displacement"),
        "Delta_2": entry(second, "along the second displacement"),
        "energy": entry(energy, "relative to the reference", "meV"),
    }
    with np.load(arguments.features) as features:
        for representation in features["representations"]:
            differences = features[f"{representation}_differences"]
            slopes = features[f"{representation}_slopes"]
            directions, _ = sensing_directions(manifold, differences, slopes)
            for k, changes in enumerate((differences @ directions.T).T, start=1):
                text = f"change of {representation} features along V_{k}"
                properties[f"{representation} {k}"] = entry(changes, text)
    for column in predictions.filter(like="error_"):
        _, representation, grid, _ = column.split("_")
        text = f"error of the {representation} model trained on {grid} points"
        properties[f"error {representation} {grid}"] = entry(predictions[column], text, "µeV")

    known = np.flatnonzero(np.isfinite(energy))  # points whose SCF converged
    for found in properties.values():
        found["values"] = found["values"][known]
    frames = [Atoms("CH4", positions=positions) for positions in manifold.positions[known]]
    shapes = {
        f"u_{k}": arrows(displacement, len(frames), COLORS[color])
        for k, displacement, color in zip(
            (1, 2), manifold.displacements, ("red", "blue"), strict=True
        )
    }
    data = chemiscope.create_input(
        frames,
        metadata={
            "name": f"{name} methane",
            "description": f"Two displacements of methane; Delta = 1 is {manifold.length:g} Å.",
        },
        properties=properties,
        shapes=shapes,
        settings=chemiscope.quick_settings(
            x="Delta_1",
            y="Delta_2",
            map_color="energy",
            structure_settings={"shape": list(shapes), "bonds": True},
        ),
    )
    with atomic(arguments.output) as partial:
        partial.write_bytes(gzip.compress(json.dumps(data).encode(), mtime=0))


def entry(values: np.ndarray | pd.Series, description: str, units: str = "") -> dict:
    """A property of every structure."""
    found = {"target": "structure", "values": np.asarray(values), "description": description}
    return found | ({"units": units} if units else {})


def arrows(displacement: np.ndarray, n_frames: int, color: str) -> dict:
    """The same displacement of the hydrogens in every structure, drawn 1.5 Å long in all."""
    steps = [[0.0, 0.0, 0.0], *(1.5 * displacement).tolist()]
    sizes = {"baseRadius": 0.04, "headRadius": 0.09, "headLength": 0.15, "color": color}
    atoms = [{"vector": step} for step in steps]
    return {"kind": "arrow", "parameters": {"global": sizes, "atom": atoms * n_frames}}


if __name__ == "__main__":
    run(main)
