"""Elements out of the labels that files give their atoms."""

import re
from functools import cache

from ase.data import atomic_numbers, chemical_symbols

ELEMENTS = {symbol: number for symbol, number in atomic_numbers.items() if number > 0}
"""Atomic number by symbol; ASE's `X` is none."""

ISOTOPES = {"D": 1, "T": 1}

HEAVIEST = 103
"""Elements beyond are not what a label in capitals means: SG is a sulphur."""

POSITIONS = {letter: "ABDEGHNOSTWXZ" for letter in "HCNO"} | {"S": "GD"}
"""Letters that force fields put behind an organic element for its place in a residue: CA, HW, SG.
Where such a name is also a symbol (Ca), it says nothing."""


class NoElement(ValueError):
    """A label that names no element; the message says why."""


@cache
def element(label: str) -> int:
    """Atomic number of a label.

    A symbol, an atomic number, D or T; a symbol in another case or followed by digits, a charge or
    marks (`o`, `H1`, `O2-`, `C_3`); a force field's name of an atom (`OW`, `HB2`).
    Raises NoElement, also where a label may be one of two elements.
    """
    if label in ELEMENTS:
        return ELEMENTS[label]
    if label.isdecimal():
        if 0 < int(label) < len(chemical_symbols):
            return int(label)
        raise NoElement("no element")
    parts = re.fullmatch(r"([A-Za-z]{1,3})((?![A-Za-z]).*)?", label)
    if not parts:
        raise NoElement("no element")
    base, rest = parts[1], parts[2] or ""
    if base in ELEMENTS:
        return ELEMENTS[base]
    written, first = base.capitalize(), base[0].upper()
    whole = ISOTOPES.get(written) or ELEMENTS.get(written, HEAVIEST + 1)
    known = whole <= HEAVIEST
    places = POSITIONS.get(first, "") if len(base) > 1 else ""
    placed = bool(places) and all(letter in places for letter in base[1:].upper())
    if known and placed and not re.search("[+-]", rest):
        raise NoElement(f"either {written} or {first}")
    if known:
        return whole
    if placed:
        return ELEMENTS[first]
    raise NoElement("no element")
