"""Frames of GROMACS (.gro): columns of fixed width, nm."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice

import numpy as np
from ase import Atoms
from ase.units import nm

from descriptor_sensitivity.structures.labels import ELEMENTS, NoElement, element
from descriptor_sensitivity.structures.xyz import BadFrame

ATOM = re.compile(r"[ \d]{5}.{5}.{5}[ \d]{5}\s*-?\d+\.\d+\s*-?\d+\.\d+\s*-?\d+\.\d+")

ORDER = (0, 3, 4, 5, 1, 6, 7, 8, 2)
"""Where v1x v1y v1z v2x ... v3z stand in a box, written v1x v2y v3z v1y v1z v2x v2z v3x v3y."""


def is_gro(head: list[str]) -> bool:
    """Whether the first three lines of a file are those of a .gro file."""
    return len(head) > 2 and head[1].strip().isdecimal() and bool(ATOM.match(head[2]))


def gro_frames(lines: Iterable[str], name: str) -> Iterator[tuple[int, Atoms | BadFrame]]:
    """(frame number from 0, structure or why there is none); a bad count ends the file."""
    lines = iter(lines)
    for frame, _ in enumerate(lines):
        count = next(lines, "").strip()
        if not count:
            return
        where = f"{name}, frame {frame}"
        if not count.isdecimal():
            found = f"expected a number of atoms and found '{count[:40]}'"
            yield frame, BadFrame(f"{where}: {found}; correct it, nothing is read after it.")
            return
        body = list(islice(lines, int(count) + 1))
        if len(body) < int(count) + 1:
            reason = "the file ends inside this frame; the file is truncated, copy it again."
            yield frame, BadFrame(f"{where}: {reason}")
            return
        try:
            yield frame, _structure(body[:-1], body[-1])
        except ValueError as error:
            yield frame, BadFrame(f"{where}: not a readable frame ({error}); correct or remove it.")


def _structure(atoms: list[str], box: str) -> Atoms:
    """The atoms of one frame in their box, Å; a box of zeros is none."""
    if not atoms:
        raise ValueError("no atoms")
    dots = [place for place, letter in enumerate(atoms[0]) if letter == "." and place >= 20]
    width = dots[1] - dots[0] if len(dots) > 1 else 8
    numbers, positions, guessed = [], [], set()
    for line in atoms:
        residue, label = line[5:10].strip(), line[10:15].strip()
        try:
            numbers.append(_element(residue, label))
        except NoElement as error:
            raise ValueError(f"the label `{label}` is {error}") from None
        if label not in ELEMENTS:
            guessed.add(label)
        positions.append([float(line[20 + k * width : 20 + (k + 1) * width]) for k in range(3)])
    lengths = [float(text) for text in box.split()]
    if len(lengths) not in (3, 9):
        raise ValueError(f"the box has {len(lengths)} numbers, three or nine are due")
    cell = np.array(lengths + [0.0] * (9 - len(lengths)))[list(ORDER)].reshape(3, 3) * nm
    structure = Atoms(
        numbers=numbers, positions=np.array(positions) * nm, cell=cell, pbc=bool(np.any(cell))
    )
    if guessed:
        structure.info["guessed"] = sorted(guessed)
    return structure


def _element(residue: str, label: str) -> int:
    """The element of an atom; one named like its residue is an ion (NA, CA, CL)."""
    symbol = label.capitalize()
    return ELEMENTS[symbol] if residue == label and symbol in ELEMENTS else element(label)
