"""The zoo verifies itself: every card against the tuple theory and against two sets of features.

Each statement of a card (see `card.Expected`) is checked by the theory, which has no basis; by
density correlations; and by random smooth functions, which share nothing with these but the order.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import ase
import numpy as np

from descriptor_sensitivity.theory.nullspace import null_space
from descriptor_sensitivity.theory.structures import structure_null_space
from descriptor_sensitivity.tolerances import NO_RESPONSE
from descriptor_sensitivity.zoo import evidence, verdict
from descriptor_sensitivity.zoo.card import NEVER, Entry, View
from descriptor_sensitivity.zoo.pooled import hidden, scale, scaled, slopes_of


@dataclass(frozen=True)
class Statement:
    """One statement of a card about one member, and what was found.

    Attributes:
        entry, member: name, and number of the member.
        what: e.g. `null environment ν=2`.
        expected: as on the card.
        theory, density, random: as found; None where there is no such evidence.
    """

    entry: str
    member: int
    what: str
    expected: object
    theory: object
    density: object
    random: object

    @property
    def fault(self) -> str:
        """What disagrees, in one sentence; empty if nothing does."""
        found = {"the theory": self.theory, "density": self.density, "random": self.random}
        wrong = [
            f"{name} says {value}"
            for name, value in found.items()
            if value is not None and value != self.expected
        ]
        head = f"{self.entry}, member {self.member}, {self.what}: the card says {self.expected}"
        return f"{head}, but {', '.join(wrong)}." if wrong else ""


def verify(entry: Entry, random: int = 1, seed: int = 0) -> list[Statement]:
    """Every statement of a card, for its members and some random ones of its family."""
    return [
        statement
        for number, member in enumerate(entry.members(random, seed))
        for statement in _statements(entry, number, member)
    ]


def _statements(entry: Entry, number: int, member: tuple[np.ndarray, ...]) -> Iterator[Statement]:
    pair = entry.structures(member)
    expected = entry.card.expected
    if len(pair) == 2:
        yield Statement(
            entry.name, number, "congruent", expected.congruent, *_congruence(entry, pair)
        )
    for view, said in expected.separates.items():
        theory, density, random = _orders(entry, view, pair)
        one = theory if isinstance(said, list) and theory in said else said
        yield Statement(entry.name, number, f"separates {view}", one, theory, density, random)
    for view, orders in expected.null.items():
        for order, dimensions in orders.items():
            found = null_dimensions(entry, view, pair[0], int(order))
            yield Statement(entry.name, number, f"null {view} ν={order}", dimensions, *found)


def _congruence(entry: Entry, pair: tuple[ase.Atoms, ...]) -> tuple[str, None, str]:
    """By isometries, and by random functions of the points about one centre."""
    environment = entry.card.level == "environment"
    factor = scale(pair[0], entry.cutoff, environment)
    middles = [each.positions[0] if environment else each.positions.mean(axis=0) for each in pair]
    points = [
        (each.positions - middle) * factor for each, middle in zip(pair, middles, strict=True)
    ]
    random = evidence.congruence(points[0], points[1], pair[0].numbers)
    tolerance = entry.card.tolerance
    if environment:
        a, b = (each.positions[1:] for each in pair)
        return verdict.congruence(a, b, tolerance=tolerance), None, random
    return verdict.structure_congruence(pair[0], pair[1], tolerance), None, random


def _orders(entry: Entry, view: View, pair: Sequence[ase.Atoms]) -> tuple[int, int | None, int]:
    """The order (round, number of bonds) that separates a pair in a view: theory, features."""
    a, b = pair
    cutoff, tolerance = entry.cutoff, entry.card.tolerance
    if view == "graph":
        theory = verdict.graph_round(a, b, cutoff, tolerance)
        factor = scale(a, cutoff, False)
        near = [scaled(each, factor) for each in pair]
        random = evidence.separating_round(near, factor * cutoff)
        return theory or NEVER, None, random or NEVER
    if view == "hops":
        theory = verdict.separating_hops(a, b, cutoff, tolerance)
        random = _hops(pair, cutoff)
        return theory or NEVER, None, random or NEVER
    center = 0 if view == "environment" else None
    first, second = (verdict.environments_of(each, cutoff, center) for each in pair)
    theory = verdict.separating_order(first, second, view == "summed", tolerance=tolerance)
    factor = scale(a, cutoff, view == "environment")
    near = [scaled(each, factor) for each in pair]
    density, random = (
        evidence.separating_order(near, factor * cutoff, maps, view == "summed", center)
        for maps in evidence.MAPS.values()
    )
    return theory or NEVER, density or NEVER, random or NEVER


def _hops(pair: Sequence[ase.Atoms], cutoff: float) -> int | None:
    for hops in range(1, len(pair[0])):
        first, second = (verdict.hop_environments(atoms, cutoff, hops) for atoms in pair)
        if not evidence.same_environments(first, second):
            return hops
    return None


def null_dimensions(
    entry: Entry, view: View, atoms: ase.Atoms, order: int
) -> tuple[list[int], list[int], list[int]]:
    """[symmetric, degenerate] of one member: by theory, density, random functions.

    Features know only how many there are together; the symmetric ones are those of the theory.
    """
    tolerance = entry.card.tolerance
    if view == "environment":
        space = null_space(atoms.positions[1:], order, tolerance=tolerance)
    else:
        space = structure_null_space(atoms, entry.cutoff, order, view, tolerance)  # type: ignore
    symmetric = space.symmetric.shape[1]
    found = [[symmetric, space.degenerate.shape[1]]]
    environment = view == "environment"
    factor = scale(atoms, entry.cutoff, environment)
    near = scaled(atoms, factor)
    for maps in evidence.MAPS.values():
        mine = slopes_of(near, factor * entry.cutoff, maps(order), 0 if environment else None)
        small = hidden(near, mine, view) < NO_RESPONSE
        found.append([symmetric, int(small.sum()) - symmetric])
    return tuple(found)  # type: ignore[return-value]
