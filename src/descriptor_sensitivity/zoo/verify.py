"""The zoo holds every card to what theory and features in two unrelated bases say of it.

`by_theory` computes from coordinates alone, with the tuple theory, all that a card must say under
`expected`. `by_features` looks for the same in density correlations and in random invariants. A
card is right when nothing is left to complain of.
"""

from collections.abc import Callable, Iterator
from typing import Any

import ase
import numpy as np

from descriptor_sensitivity.environments import Batch
from descriptor_sensitivity.singular import singular_values
from descriptor_sensitivity.theory.nullspace import null_space
from descriptor_sensitivity.theory.structures import PARTITIONS, structure_null_space
from descriptor_sensitivity.zoo.entries import Entry, environment
from descriptor_sensitivity.zoo.features import (
    CUTOFF,
    NOTHING,
    Features,
    all_centers,
    bases,
    distances,
    null_count,
    pooled_values,
    reach,
)
from descriptor_sensitivity.zoo.relation import (
    POOLED,
    hops_needed,
    relation,
    same_graph,
    separating_order,
)

ORDERS = {"environment": (2, 3, 4), "structure": (1, 2, 3)}
"""nu whose null spaces a card gives."""

NEVER = "never"
"""In place of an order: none up to 4 separates."""


def verify(entry: Entry) -> list[str]:
    """What is wrong with a card, a sentence each; empty if it is right."""
    found = by_theory(entry)
    wrong = [
        f"{entry.name}: the card says {key} = {entry.expected.get(key)}, the theory {value}."
        for key, value in found.items()
        if entry.expected.get(key) != value
    ]
    wrong += [
        f"{entry.name}: the card says {key}, of which the theory knows nothing."
        for key in entry.expected.keys() - found.keys()
    ]
    if entry.kind == "pair" and found.get("relation") == "rotation":
        wrong.append(f"{entry.name}: its members are one environment, rotated: no counterexample.")
    return wrong + list(by_features(entry, entry.scaled, entry.expected))


def by_theory(entry: Entry) -> dict[str, Any]:
    """What a card says under `expected`, from its coordinates."""
    found: dict[str, Any] = {}
    if entry.paired:
        a, b = entry.members
        found["relation"] = relation(a, b, entry.scope)
        if np.isfinite(entry.bond):
            found["layers"] = hops_needed(a, b, entry.bond)
            return found
        if entry.scope == "environment":
            found["separates"] = separating_order(a, b, entry.scope) or NEVER
        else:
            orders = {
                pooled: separating_order(a, b, entry.scope, pooled, cutoff=entry.cutoff)
                for pooled in POOLED
            }
            found["separates"] = {pooled: order or NEVER for pooled, order in orders.items()}
            if not a.pbc.any():
                found["same_graph"] = same_graph(a, b)
    if entry.scope == "environment":
        spaces = [
            [null_space(one.positions[1:], order, one.numbers[1:]) for order in ORDERS[entry.scope]]
            for one in entry.members
        ]
        found["null"] = [[space.dimension for space in each] for each in spaces]
        found["symmetric"] = [each[0].symmetric.shape[1] for each in spaces]
    elif not entry.paired:
        whole = entry.members[0]
        found["null"], found["symmetric"] = {}, {}
        for partition in PARTITIONS:
            each = [
                structure_null_space(whole, _seen(entry, whole), order, partition)
                for order in ORDERS[entry.scope]
            ]
            found["null"][partition] = [space.dimension for space in each]
            found["symmetric"][partition] = each[0].symmetric.shape[1]
    return found


def _seen(entry: Entry, atoms: ase.Atoms, scale: float = 1.0) -> float:
    """How far the atoms of a structure see, Å: that of the card in a crystal, else everything."""
    return scale * entry.cutoff if atoms.pbc.any() else reach(atoms)


def by_features(
    entry: Entry, members: tuple[ase.Atoms, ...], expected: dict[str, Any]
) -> Iterator[str]:
    """Complaints about what features of both bases say of `members`."""
    if np.isfinite(entry.bond):
        yield from _local_complaints(entry, members)
        return
    for order in (1, 2, 3, 4):
        for basis, features in bases(order).items():
            about = f"{entry.name}, nu = {order}, {basis}"
            if entry.paired:
                yield from _distance_complaints(about, entry, members, order, features, expected)
            if order in ORDERS[entry.scope]:
                yield from _null_complaints(about, entry, members, order, features, expected)


def _distance_complaints(
    about: str,
    entry: Entry,
    members: tuple[ase.Atoms, ...],
    order: int,
    features: Features,
    expected: dict[str, Any],
) -> Iterator[str]:
    separates = expected["separates"]
    cutoff = max(_seen(entry, atoms, entry.scale) for atoms in members)
    orders = {"centre": separates} if entry.scope == "environment" else separates
    apart = distances(_values(features), members, entry.scope, cutoff)
    for pooled, distance in apart.items():
        told = distance > NOTHING
        if told != (orders[pooled] != NEVER and order >= orders[pooled]):
            yield f"{about} {pooled}: features are {distance:.1e} apart, order {orders[pooled]}."


def _values(features: Features) -> Callable[[Batch], np.ndarray]:
    """Features without their Jacobian."""
    return lambda batch: features(batch)[0]


def _null_complaints(
    about: str,
    entry: Entry,
    members: tuple[ase.Atoms, ...],
    order: int,
    features: Features,
    expected: dict[str, Any],
) -> Iterator[str]:
    place = ORDERS[entry.scope].index(order)
    if entry.scope == "environment":
        for atoms, dimensions in zip(members, expected["null"], strict=True):
            batch = environment(atoms)
            values = singular_values(features(batch)[1], batch.vectors)[0]
            found = null_count(values / values[0])
            if found != dimensions[place]:
                yield f"{about}: {found} null values, expected {dimensions[place]}."
    elif not entry.paired:
        centers = all_centers(members[0], _seen(entry, members[0], entry.scale), features)
        for partition, values in pooled_values(members[0], centers).items():
            found, said = null_count(values), expected["null"][partition][place]
            if found != said:
                yield f"{about}, {partition}: {found} null values, expected {said}."


def _local_complaints(entry: Entry, members: tuple[ase.Atoms, ...]) -> Iterator[str]:
    """Features of atoms that see their bonded neighbours alone must not tell the two apart."""
    for order in (1, 2, 3, 4):
        for basis, features in bases(order).items():
            apart = distances(_values(features), members, entry.scope, CUTOFF)["summed"]
            if apart > NOTHING:
                yield f"{entry.name}, nu = {order}, {basis}: bonded neighbours are {apart:.1e} off."
