"""Cards: one counterexample each, with what it defeats and what the theory must find of it."""

import importlib
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import ase
import numpy as np
from pydantic import Field, ValidationError

from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.settings import Settings
from descriptor_sensitivity.theory.families import RANGES, packed

CARDS = Path(__file__).parent / "cards"

View = Literal["environment", "summed", "multiset", "concatenated", "graph", "hops"]
"""What is seen: one environment; or of a whole structure the features of all centres, added up,
as a multiset, or side by side; the graph of its distances; its environments, a number of bonds
wide."""

NEVER = 0
"""The order of what no order separates."""

FAR = 1e3
"""Å. The cutoff of a card that has none."""


class Expected(Settings):
    """What is true of a counterexample, and is verified."""

    congruent: Literal["no", "rotation", "reflection"] | None = Field(
        None, description="What makes the two of a pair one: nothing, a rotation, a reflection."
    )
    separates: dict[View, int | list[int]] = Field(
        default={},
        description="View -> smallest order (or round, or number of bonds) that tells the two of"
        " a pair apart, 0 for none; a list where members differ.",
    )
    null: dict[View, dict[str, list[int]]] = Field(
        default={},
        description="View -> order -> [symmetric, degenerate] null dimensions of the first.",
    )


class Card(Settings):
    """One counterexample. Its points are `points`, or what `function` makes of `arguments`."""

    title: str
    level: Literal["environment", "structure"] = Field(
        description="Neighbours about a centre, or all atoms of a structure as centres."
    )
    view: View = Field(description="The view that it defeats.")
    defeats: str = Field(description="What is blind to it, in a few words.")
    why: str = Field(description="Its construction, with the reason.")
    source: str
    exact: str = Field(description="What holds exactly.")
    numerical: str = Field(description="What is known to some digits only, or by search.")
    species: str = Field("", description="Formula of a structure; hydrogen if empty.")
    cutoff: float | None = Field(None, description="Of a structure's environments, Å; none: all.")
    points: list[list[list[float]]] | None = Field(
        None, description="Å. One set of neighbours (or atoms), two of a pair."
    )
    function: str | None = Field(None, description="module:name in this package.")
    arguments: dict[str, Any] = {}
    partner: dict[str, Any] | None = Field(
        None, description="Arguments that make the second of a pair."
    )
    family: str | None = Field(
        None, description="In theory.families.RANGES: random members have these parameters too."
    )
    fixed: list[str] = Field([], description="Parameters of the family that are not drawn.")
    model_structure: str = Field("", description="Its name in the table of potentials.")
    tolerance: float = Field(1e-6, description="Å by which its coordinates may be off.")
    expected: Expected


@dataclass(frozen=True)
class Entry:
    """A counterexample of the zoo: its card, and its members."""

    name: str
    card: Card

    @property
    def paired(self) -> bool:
        """Whether its members are pairs."""
        return self.card.partner is not None or len(self.card.points or []) == 2

    def members(self, random: int = 0, seed: int = 0) -> Iterator[tuple[np.ndarray, ...]]:
        """Members, each one array (N, 3) of points in Å, or two of a pair.

        Those of the card come first, then `random` ones of its family.
        """
        if self.card.points is not None:
            yield tuple(np.array(points) for points in self.card.points)
            return
        yield from self._made({})
        if self.card.family is None:
            return
        ranges = RANGES[self.card.family]
        rng = np.random.default_rng(seed)
        for _ in range(random):
            drawn = {name: rng.uniform(*limits) for name, limits in ranges.items()}
            yield from self._made(packed({k: drawn[k] for k in drawn if k not in self.card.fixed}))

    def _made(self, drawn: dict[str, Any]) -> Iterator[tuple[np.ndarray, ...]]:
        """What the function makes of the card's arguments and the drawn ones."""
        module, _, name = (self.card.function or "").partition(":")
        make = getattr(importlib.import_module(f"descriptor_sensitivity.{module}"), name)
        each = [make(**{**self.card.arguments, **drawn})]
        if self.card.partner is not None:
            each.append(make(**{**self.card.arguments, **drawn, **self.card.partner}))
        if each[0].ndim == 2:
            yield tuple(each)
        else:
            yield from zip(*each, strict=True)

    def structures(self, member: tuple[np.ndarray, ...]) -> tuple[ase.Atoms, ...]:
        """A member as structures; of an environment the centre, carbon, comes first."""
        if self.card.level == "environment":
            around = (np.vstack([np.zeros(3), points]) for points in member)
            return tuple(ase.Atoms(f"CH{len(points) - 1}", points) for points in around)
        formula = self.card.species or f"H{len(member[0])}"
        return tuple(ase.Atoms(formula, points) for points in member)

    @property
    def cutoff(self) -> float:
        """Of the environments of a structure, Å."""
        return FAR if self.card.cutoff is None else self.card.cutoff


def load_zoo(folder: Path = CARDS) -> dict[str, Entry]:
    """Name -> counterexample, from the cards of a folder, by default the package's own.

    Raises:
        InputError: a card that is no card, with its file and what is wrong.
    """
    return {file.stem: Entry(file.stem, read_card(file)) for file in sorted(folder.glob("*.toml"))}


def read_card(file: Path) -> Card:
    """One card."""
    try:
        card = Card.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{file} is no card: {error}.") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise InputError(f"{file} is no card: `{place}`: {first['msg'].lower()}.") from error
    if (card.points is None) == (card.function is None):
        raise InputError(f"{file} is no card: give either `points` or `function`.")
    return card
