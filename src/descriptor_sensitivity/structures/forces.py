"""Forces that a file holds beside its structures: of the calculation it was written by."""

import numpy as np
from ase import Atoms

from descriptor_sensitivity.structures.frames import Stored
from descriptor_sensitivity.structures.xyz import KEY, Lines, column_places, number

NAMES = ("ref_forces", "dft_forces", "forces", "force")
"""What they are called, in either case; of several the first counts."""


def stored_forces(frame: Stored) -> np.ndarray | None:
    """Forces (M, 3) of one item of `stored_frames(path, bare=False)`; None where it holds none.

    They are taken as eV/Å, in which files of ASE have them. What is no number is NaN.
    """
    if isinstance(frame, Lines):
        return _in_lines(frame)
    return _in_atoms(frame) if isinstance(frame, Atoms) else None


def _in_lines(frame: Lines) -> np.ndarray | None:
    """The columns of an extended xyz frame that the key `Properties` calls forces."""
    properties = dict(KEY.findall(frame.lines[1])).get("Properties", "")
    places = {
        name.lower(): column
        for (name, kind, width), column in column_places(properties).items()
        if (kind, width) == ("R", "3")
    }
    start = next((places[name] for name in NAMES if name in places), None)
    if start is None:
        return None
    rows = [line.split()[start : start + 3] for line in frame.lines[2:]]
    return np.array([[_number(text) for text in (row + [""] * 3)[:3]] for row in rows])


def _in_atoms(atoms: Atoms) -> np.ndarray | None:
    """An array of the atoms, or the result of the calculation that ASE read with them.

    Not `get_forces`, which sets forces on constrained atoms to zero.
    """
    results = getattr(atoms.calc, "results", {})
    held = {name.lower(): values for name, values in {**results, **atoms.arrays}.items()}
    found = next((held[name] for name in NAMES if held.get(name) is not None), None)
    if found is None or np.shape(found) != (len(atoms), 3):
        return None
    return np.asarray(found, dtype=float)


def _number(text: str) -> float:
    try:
        return number(text)
    except ValueError:
        return float("nan")
