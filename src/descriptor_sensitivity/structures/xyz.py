"""Extended xyz: cut into frames, and of each frame the numbers, positions, cell and periodicity.

Whatever else a frame holds is not looked at: nothing which is wrong with it can cost a frame.
"""

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice

import numpy as np
from ase import Atoms

from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.structures.labels import ELEMENTS, NoElement, element

KEY = re.compile(
    r"""(?:(?<=\s)|^)([\w:.-]+)\s*=\s*
        ("(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])*' | \{[^}]*\} | \[[^"=]*\](?=\s|$) | \S*)""",
    re.VERBOSE,
)
"""A key and its value in the comment of a frame."""

NUMBER = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(?:(?:\*\^|[dDqQ])([+-]?\d+)|([+-]\d+))")
"""Numbers of Fortran and Mathematica: 1.0D+00, 1.0-100, 1.4*^-6."""

TRUTH = {"T": True, "TRUE": True, "1": True, "F": False, "FALSE": False, "0": False}


class BadFrame(InputError):
    """A frame that cannot be used: the sentence names the file and the frame."""


@dataclass(frozen=True)
class Lines:
    """The lines of one frame, its count of atoms first, and where that stands in the file (from 1).

    A frame cut out of a stream that is not interpreted yet.
    """

    lines: list[str]
    first: int


def text_frames(lines: Iterable[str], name: str) -> Iterator[tuple[int, Lines | BadFrame]]:
    """Cut the lines of an xyz file into frames, without interpreting them.

    Yields (frame number from 0, the frame's lines) or (frame number, BadFrame). A frame of more or
    fewer atoms than its count says is refused and costs no other. Lines between frames that hold no
    atom, as QM9 has them, are passed over; with atoms in them they are a frame whose count cannot
    be read.
    """
    source = _Source(lines)
    frame = 0
    while True:
        between = source.until_count()
        unread = frame == 0 and source.ended
        if between and (unread or any(_is_atom(line) for _, line in between)):
            yield frame, _no_count(name, frame, *between[0])
            frame += 1
        if source.ended:
            return
        start = source.line + 1
        (head,) = source.take(1)
        body = source.take(int(head) + 1)
        cut = next((k for k, line in enumerate(body) if k and line.strip().isdecimal()), None)
        if cut is not None:
            source.give_back(body[cut:])
            yield (
                frame,
                BadFrame(
                    f"{name}, frame {frame}: {int(head)} atoms are announced in line {start} and"
                    f" {cut - 1} follow; correct the number."
                ),
            )
        elif len(body) < int(head) + 1:
            yield (
                frame,
                BadFrame(
                    f"{name}, frame {frame}: the file ends inside this frame of {int(head)} atoms; "
                    "the file is truncated, copy or download it again."
                ),
            )
        elif source.next_is_atom():
            source.until_count()
            yield (
                frame,
                BadFrame(
                    f"{name}, frame {frame}: {int(head)} atoms are announced in line {start} and"
                    " more follow; correct the number."
                ),
            )
        else:
            yield frame, Lines([head, *body], start)
        frame += 1


class _Source:
    """Lines of a stream, counted, some of which can be given back."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._stream, self._waiting, self.line = iter(lines), deque[str](), 0

    def take(self, count: int) -> list[str]:
        """The next `count` lines, or all there are."""
        taken = [self._waiting.popleft() for _ in range(min(count, len(self._waiting)))]
        taken += islice(self._stream, count - len(taken))
        self.line += len(taken)
        return taken

    def give_back(self, lines: list[str]) -> None:
        """Put lines back before those that are left."""
        self._waiting.extendleft(reversed(lines))
        self.line -= len(lines)

    def _peek(self) -> str | None:
        if not self._waiting:
            self._waiting.extend(islice(self._stream, 1))
        return self._waiting[0] if self._waiting else None

    @property
    def ended(self) -> bool:
        """Whether there is no further line."""
        return self._peek() is None

    def next_is_atom(self) -> bool:
        """Whether the next line is that of an atom."""
        line = self._peek()
        return line is not None and _is_atom(line)

    def until_count(self) -> list[tuple[int, str]]:
        """The lines up to the next one that is a whole number, numbered, without blank ones."""
        passed = []
        while (line := self._peek()) is not None and not line.strip().isdecimal():
            self.take(1)
            passed += [(self.line, line)] if line.strip() else []
        return passed


def _is_atom(line: str) -> bool:
    """Whether a line is a label and three numbers, the label being none or a whole number."""
    label, *values = line.split() or [""]
    if len(values) < 3 or ("." in label and label[0] in "+-.0123456789"):
        return False
    try:
        return all(number(value) is not None for value in values[:3])
    except ValueError:
        return False


def _no_count(name: str, frame: int, line: int, text: str) -> BadFrame:
    return BadFrame(
        f"{name}, frame {frame}: expected a number of atoms and found '{text.strip()[:40]}' in line"
        f" {line}; correct or remove this frame."
    )


def number(text: str) -> float:
    """A number, also as Fortran and Mathematica write it. Raises ValueError."""
    try:
        return float(text)
    except ValueError:
        parts = NUMBER.fullmatch(text)
        if not parts:
            raise
        return float(f"{parts[1]}e{parts[2] or parts[3]}")


def parse_frame(frame: Lines, name: str, index: int) -> Atoms:
    """The structure in the lines of one (extended) xyz frame. Raises BadFrame.

    Labels that are no symbols and had to be guessed are in `info["guessed"]`.
    """
    where = f"{name}, frame {index}"
    if int(frame.lines[0]) == 0:
        raise BadFrame(f"{where}: the frame has no atoms; remove it.")
    keys = dict(KEY.findall(frame.lines[1])) if "=" in frame.lines[1] else {}
    try:
        columns = _columns(keys.get("Properties", ""))
        cell, pbc = _cell(keys)
        rows = [line.split() for line in frame.lines[2:]]
        numbers, positions = _atoms(rows, columns, frame.first + 2)
    except NoElement as error:
        raise BadFrame(f"{where}: {error}") from error
    except ValueError as error:
        reason = f"not a readable xyz frame ({error}); correct or remove it."
        raise BadFrame(f"{where}: {reason}") from error
    lost = np.flatnonzero(~np.isfinite(positions).all(axis=1))
    if len(lost):
        raise BadFrame(
            f"{where} has a coordinate that is not a finite number (line"
            f" {frame.first + 2 + lost[0]}); correct or remove it."
        )
    structure = Atoms(numbers=numbers, positions=positions, cell=cell, pbc=pbc)
    if columns.label_is_text:
        guessed = {row[columns.label] for row in rows}.difference(ELEMENTS)
        if guessed:
            structure.info["guessed"] = sorted(guessed)
    return structure


def _atoms(rows: list[list[str]], columns: "Columns", line: int) -> tuple[list[int], np.ndarray]:
    """Elements and positions (n, 3) of the lines of atoms, the first of which has this number."""
    label, place = columns.label, columns.x
    try:
        numbers = [ELEMENTS[row[label]] for row in rows]
        positions = np.array([row[place : place + 3] for row in rows], dtype=float)
        if positions.shape == (len(rows), 3):
            return numbers, positions
    except (KeyError, IndexError, ValueError):
        pass  # slower, and with a word on what is the matter
    atoms = [_atom(row, label, place, line + k) for k, row in enumerate(rows)]
    return [atom[0] for atom in atoms], np.array([atom[1] for atom in atoms])


def _atom(row: list[str], label: int, place: int, line: int) -> tuple[int, list[float]]:
    """Element and position of one line of a frame; it raises what is wrong with it."""
    if len(row) < max(place + 3, label + 1):
        raise ValueError(f"line {line} has {len(row)} columns, {max(place + 3, label + 1)} are due")
    try:
        found = element(row[label])
    except NoElement as error:
        raise NoElement(
            f"the label `{row[label]}` in line {line} is {error}; write the symbol of the element,"
            " or remove what is no atom."
        ) from None
    try:
        return found, [number(text) for text in row[place : place + 3]]
    except ValueError:
        text = next(text for text in row[place : place + 3] if not _is_number(text))
        raise ValueError(f"line {line}: `{text}` is not a number") from None


def _is_number(text: str) -> bool:
    try:
        return number(text) is not None
    except ValueError:
        return False


@dataclass(frozen=True)
class Columns:
    """Where the element and x stand in the lines of atoms."""

    label: int = 0
    x: int = 1
    label_is_text: bool = True


@cache
def _columns(properties: str) -> Columns:
    """The columns that the key `Properties` names, name:kind:width:..., or the usual ones."""
    if not properties:
        return Columns()
    places = column_places(properties)
    texts = [(name, "S", "1") for name in ("species", "element", "symbols")]
    numbers = [(name, "I", "1") for name in ("Z", "numbers", "atomic_numbers")]
    label = next((key for key in texts + numbers if key in places), None)
    x = next((key for key in (("pos", "R", "3"), ("positions", "R", "3")) if key in places), None)
    if label is None or x is None:
        raise ValueError(f"`Properties={properties[:60]}` names no species or no pos")
    return Columns(places[label], places[x], label in texts)


def column_places(properties: str) -> dict[tuple[str, str, str], int]:
    """(Name, kind, width) -> first column, of each property that the key `Properties` names."""
    parts = properties.strip("\"'").split(":")
    places, column = {}, 0
    for name, kind, width in zip(parts[::3], parts[1::3], parts[2::3], strict=False):
        places[name, kind.upper(), width] = column
        column += int(width)
    return places


def _cell(keys: dict[str, str]) -> tuple[np.ndarray, list[bool]]:
    """Cell vectors (3, 3), Å, as rows, and whether each direction is periodic."""
    given, cell = keys.get("Lattice"), np.zeros((3, 3))
    if given is None and len(_items(keys.get("lattice", ""))) == 9:
        given = keys["lattice"]
    if given is not None:
        values = [number(text) for text in _items(given)]
        if len(values) not in (3, 9):
            raise ValueError(f"`Lattice` has {len(values)} numbers, nine are due")
        cell = np.diag(values) if len(values) == 3 else np.array(values).reshape(3, 3)
    flags = keys.get("pbc")
    if flags is None:
        return cell, [given is not None] * 3
    words = _items(flags)
    words = list(words[0]) if len(words) == 1 and len(words[0]) == 3 else words
    if len(words) not in (1, 3) or not all(word.upper() in TRUTH for word in words):
        raise ValueError(f"`pbc={flags[:30]}` is not three of T and F")
    pbc = [TRUTH[word.upper()] for word in words]
    return cell, pbc if len(pbc) == 3 else pbc * 3


def _items(value: str) -> list[str]:
    """The words of a value of several, whatever it is enclosed and parted with."""
    return re.sub(r"[\[\]{}(),;\"']", " ", value).split()
