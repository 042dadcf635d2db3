"""Environments of an audit for chemiscope, each with the displacement that is seen least."""

from collections.abc import Sequence
from typing import Any

import chemiscope
import numpy as np
from ase import Atoms

from descriptor_sensitivity.drawing.style import COLORS
from descriptor_sensitivity.environments import nearest_distance

LARGE = 1e15
"""Shown in place of an infinite condition number."""


def nothing_to_show(title: str) -> dict[str, Any]:
    """A chemiscope file without structures, where no environment could be audited."""
    meta = {"name": title, "description": "No environment could be audited; skipped.csv says why."}
    return {"meta": meta, "structures": [], "properties": {}}


def viewer(clusters: Sequence[Atoms], title: str) -> dict[str, Any]:
    """What a chemiscope file holds: environments coloured by CN, arrows, what is known of each.

    Args:
        clusters: centre first, with the array `displacement`, and frame, center,
            condition_number and diagnosis in `info`.
    """
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
    return chemiscope.create_input(
        structures=clusters,
        metadata={
            "name": title,
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
