"""The entries of the zoo, each read from its card.

A card is a TOML file in `cards/`. It holds coordinates, or a function with its arguments, what the
entry defeats, why, where it is from, and what is expected of it; `verify` holds it to that.
"""

import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import ase
import numpy as np

from descriptor_sensitivity.environments import Batch, batch_from_vectors
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.theory import equal_angles, families
from descriptor_sensitivity.zoo import constructions

CARDS = Path(__file__).parent / "cards/"
KINDS = ("pair", "singular", "symmetric", "control")
SCOPES = ("environment", "structure")
MODULES = {"families": families, "equal_angles": equal_angles, "constructions": constructions}
"""Where the functions that a card may name stand."""

TEXTS = ("title", "defeats", "construction", "source", "exact", "numerical")


@dataclass(frozen=True)
class Entry:
    """One entry.

    Attributes:
        name: of its card.
        scope: environment (a centre and its neighbours) or structure (every atom is a centre).
        kind: pair (two that some order cannot tell apart), singular (a displacement is invisible),
            symmetric (and symmetry alone hides it) or control (nothing is hidden).
        title, defeats, construction, source, exact, numerical: the words of the card.
        members: one or two; an environment has its centre first, at the origin. Å.
        expected: what `verify` must find.
        scale: of the coordinates, for descriptors with a cutoff of 4 Å.
        bond: Å, of a structure that is seen through bonds up to this length.
        cutoff: Å, of crystals: how far their atoms see, before the coordinates are scaled.
        made: how its members are made.
    """

    name: str
    scope: str
    kind: str
    title: str
    defeats: str
    construction: str
    source: str
    exact: str
    numerical: str
    members: tuple[ase.Atoms, ...]
    expected: dict[str, Any]
    scale: float
    bond: float = np.inf
    cutoff: float = np.inf
    made: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def paired(self) -> bool:
        """Whether there are two members."""
        return len(self.members) == 2

    @property
    def scaled(self) -> tuple[ase.Atoms, ...]:
        """The members, times `scale`."""
        return tuple(_scaled(atoms, self.scale) for atoms in self.members)

    @property
    def random(self) -> bool:
        """Whether it is a family, of which `draw` makes members."""
        return "random" in self.made

    def draw(self, rng: np.random.Generator) -> tuple[ase.Atoms, ...]:
        """Members with random parameters, of which all of the card but the coordinates holds."""
        if not self.random:
            raise InputError(f"`{self.name}` of the zoo is no family: it has no random members.")
        asked = self.made["random"]
        if isinstance(asked, str):
            chosen = families.random_parameters(asked, rng)
            chosen = {key: value for key, value in chosen.items() if key not in self.made["fixed"]}
        else:
            chosen = {key: rng.uniform(*limits) for key, limits in asked.items()}
        return _members(self.made, self.scope, chosen)


@cache
def load_zoo() -> dict[str, Entry]:
    """Every entry, by the name of its card."""
    return {path.stem: read_card(path) for path in sorted(CARDS.glob("*.toml"))}


def read_card(path: Path) -> Entry:
    """The entry of one card."""
    try:
        card = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path} is no TOML: {error}.") from error
    wanted = {"scope", "kind", "members", "expected", *TEXTS}
    if missing := sorted(wanted - card.keys()):
        raise InputError(f"{path}: the card lacks `{missing[0]}`.")
    if unknown := sorted(card.keys() - wanted - {"scale", "bond", "cutoff"}):
        raise InputError(f"{path}: `{unknown[0]}` is no part of a card.")
    for key, known in (("scope", SCOPES), ("kind", KINDS)):
        if card[key] not in known:
            raise InputError(f"{path}: `{key}` is one of {', '.join(known)}, not `{card[key]}`.")
    if ("cell" in card["members"]) != ("cutoff" in card):
        raise InputError(f"{path}: a crystal needs `cell` in its members and a `cutoff`, both.")
    made = {"fixed": [], **card["members"]}
    return Entry(
        name=path.stem,
        scope=card["scope"],
        kind=card["kind"],
        members=_members(made, card["scope"], {}),
        expected=card["expected"],
        scale=float(card.get("scale", 1.0)),
        bond=float(card.get("bond", np.inf)),
        cutoff=float(card.get("cutoff", np.inf)),
        made=made,
        **{key: " ".join(card[key].split()) for key in TEXTS},
    )


def environment(atoms: ase.Atoms) -> Batch:
    """An environment, centre first, as a batch of one."""
    return batch_from_vectors(
        atoms.positions[1:] - atoms.positions[0], atoms.numbers[1:], int(atoms.numbers[0])
    )


def _members(made: dict[str, Any], scope: str, chosen: dict[str, Any]) -> tuple[ase.Atoms, ...]:
    """Members from the coordinates of a card, or from its function."""
    if "function" in made:
        module, name = made["function"].split(":")
        function = getattr(MODULES[module], name)
        found = [np.asarray(function(**{**one, **chosen})) for one in made["arguments"]]
    else:
        found = [np.array(one, dtype=float) for one in made["positions"]]
    return tuple(_atoms(one, scope, made.get("formula"), made.get("cell")) for one in found)


def _atoms(
    points: np.ndarray, scope: str, formula: str | None, cell: list[list[float]] | None
) -> ase.Atoms:
    """Neighbours H about a centre C at the origin; atoms of a structure are H without a formula.

    With a cell it is a crystal.
    """
    if scope == "environment":
        centred = np.concatenate([np.zeros((1, 3)), points])
        return ase.Atoms(formula or f"CH{len(points)}", centred)
    return ase.Atoms(formula or f"H{len(points)}", points, cell=cell, pbc=cell is not None)


def _scaled(atoms: ase.Atoms, scale: float) -> ase.Atoms:
    return ase.Atoms(
        atoms.numbers, scale * atoms.positions, cell=scale * atoms.cell.array, pbc=atoms.pbc
    )
