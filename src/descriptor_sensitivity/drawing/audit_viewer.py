"""Environments of an audit for chemiscope: what is seen least, and the singular point nearby."""

from collections.abc import Sequence
from typing import Any

import chemiscope
import numpy as np
from ase import Atoms
from ase.data import vdw_radii

from descriptor_sensitivity.drawing.style import COLORS
from descriptor_sensitivity.environments import nearest_distance

LARGE = 1e15
"""Shown in place of an infinite condition number."""

UNSEEN = "least visible displacement"
POINT = "nearest singular point"

BALL, USUAL = 0.2, 1.5
"""Balls of a singular point in units of van der Waals radii, and such a radius (Å) where none is
known: just less than the viewer's atoms, which are drawn at 0.219, so that a ball shows where, and
only where, an atom has to move."""


def nothing_to_show(title: str) -> dict[str, Any]:
    """A chemiscope file without structures, where no environment could be audited."""
    meta = {"name": title, "description": "No environment could be audited; skipped.csv says why."}
    return {"meta": meta, "structures": [], "properties": {}}


def viewer(clusters: Sequence[Atoms], title: str) -> dict[str, Any]:
    """What a chemiscope file holds: environments coloured by CN, arrows, what is known of each.

    Args:
        clusters: centre first, with the array `displacement`, and frame, center,
            condition_number and diagnosis in `info`; where a singular point is known, the array
            `to_singular` that leads there, Å, and `singular`, a sentence on it.
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
        POINT: [str(atoms.info.get("singular", "none known")) for atoms in clusters],
    }
    arrows = chemiscope.ase_vectors_to_arrows(clusters, key="displacement", scale=1.5, radius=0.06)
    arrows["parameters"]["global"]["color"] = COLORS["red"]
    return chemiscope.create_input(
        structures=clusters,
        metadata={
            "name": title,
            "description": "Environments coloured by condition number; the arrows are the "
            "displacement that the representation sees least, the blue balls stand where the "
            "atoms are at the nearest singular point that was found.",
        },
        properties=properties,
        shapes={UNSEEN: arrows, POINT: singular_points(clusters)},
        settings={
            "map": {
                "x": {"property": "nearest distance"},
                "y": {"property": "log10 CN"},
                "color": {"property": "log10 CN"},
                "symbol": "diagnosis",
            },
            "structure": [{"shape": f"{UNSEEN},{POINT}"}],
        },
    )


def singular_points(clusters: Sequence[Atoms]) -> dict[str, Any]:
    """Balls where the atoms stand at the singular point, to scale.

    Where none is known one ball lies hidden in the centre, as there has to be something.
    """
    balls = []
    for atoms in clusters:
        way = atoms.arrays.get("to_singular", np.zeros((1, 3)))
        places = atoms.positions[: len(way)] + way
        sizes = np.nan_to_num(vdw_radii[atoms.numbers[: len(way)]], nan=USUAL)
        balls.append({"centers": places.tolist(), "radii": (BALL * sizes).tolist()})
    look = {"colors": COLORS["blue"]}
    return {"kind": "spheres", "parameters": {"global": look, "structure": balls}}
