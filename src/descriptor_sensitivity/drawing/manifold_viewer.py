"""A manifold for the chemiscope viewer: any property against another, beside the molecules."""

import re
from collections.abc import Mapping
from typing import Any

import chemiscope
import numpy as np
import pandas as pd

from descriptor_sensitivity.drawing.style import COLORS
from descriptor_sensitivity.manifolds import Manifold, changes


def viewer(
    name: str,
    manifold: Manifold,
    features: Mapping[str, tuple[np.ndarray, np.ndarray]],
    models: pd.DataFrame,
) -> dict[str, Any]:
    """What chemiscope reads, points whose SCF did not converge left out.

    Args:
        name: of the structure.
        manifold: the structures.
        features: differences and slopes by the name of the descriptor.
        models: energies and errors of the models of every point.
    """
    first, second = manifold.coordinates.T
    energy = 1e3 * (models.energy_ev - models.energy_ev[manifold.middle])
    properties = {
        "Delta_1": entry(first, "along the first displacement"),
        "Delta_2": entry(second, "along the second displacement"),
        "energy": entry(energy, "relative to the reference", "meV"),
    }
    for descriptor, arrays in features.items():
        followed, _ = changes(manifold, *arrays)
        for k, values in enumerate(followed.T, start=1):
            text = f"change of {descriptor} features along V_{k}"
            properties[f"{descriptor} {k}"] = entry(values, text)
    for column in models:
        found = re.fullmatch(r"error_(.+)_(\d+x\d+)_uev", column)
        if found:
            descriptor, grid = found.groups()
            text = f"error of the {descriptor} model trained on {grid} points"
            properties[f"error {descriptor} {grid}"] = entry(models[column], text, "µeV")

    known = np.flatnonzero(np.isfinite(energy))
    for one in properties.values():
        one["values"] = one["values"][known]
    shapes = {
        f"u_{k}": arrows(displacement, len(known), COLORS[color])
        for k, displacement, color in zip(
            (1, 2), manifold.displacements, ("red", "blue"), strict=True
        )
    }
    return chemiscope.create_input(
        manifold.frames(known),
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


def entry(values: np.ndarray | pd.Series, description: str, units: str = "") -> dict[str, Any]:
    """A property of every structure."""
    found = {"target": "structure", "values": np.asarray(values), "description": description}
    return found | ({"units": units} if units else {})


def arrows(displacement: np.ndarray, n_frames: int, color: str) -> dict[str, Any]:
    """The same displacement of the hydrogens in every structure, drawn 1.5 Å long in all."""
    steps = [[0.0, 0.0, 0.0], *(1.5 * displacement).tolist()]
    sizes = {"baseRadius": 0.04, "headRadius": 0.09, "headLength": 0.15, "color": color}
    atoms = [{"vector": step} for step in steps]
    return {"kind": "arrow", "parameters": {"global": sizes, "atom": atoms * n_frames}}
