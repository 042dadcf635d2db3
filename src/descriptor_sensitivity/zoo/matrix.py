"""Every descriptor against every entry of the zoo: does it separate, is it blind, or partly so?

* An environment pair: blind if the features of both members are the same.
* A pair of structures: blind if the features of all centres, matched in the best way, are the same;
  partly if only their sums over centres are; so of message passing the atoms' features.
* A singular environment: blind to as many displacements, beyond those of symmetry, as the lowest
  order of the card is; partly if to fewer.
* A singular structure: blind if a displacement is invisible to the features side by side, partly if
  only to their sum or multiset, those of symmetry set aside.
* A symmetric one: blind if what symmetry hides is hidden; of a structure partly if only from the
  sum and multiset.

What is expected follows from the order nu of a descriptor, where it has one, and from symmetry.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from descriptor_sensitivity.descriptors.base import Descriptor
from descriptor_sensitivity.descriptors.registry import build_descriptor
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.singular import singular_values
from descriptor_sensitivity.theory.structures import PARTITIONS
from descriptor_sensitivity.zoo.entries import Entry, environment, load_zoo
from descriptor_sensitivity.zoo.features import (
    CUTOFF,
    NOTHING,
    all_centers,
    distances,
    null_count,
    pooled_values,
)
from descriptor_sensitivity.zoo.relation import POOLED, sites
from descriptor_sensitivity.zoo.verify import NEVER

BLIND, PARTLY, SEPARATES = "blind", "partly", "separates"

COLUMNS = ["entry", "n_neighbors", "defeats", "descriptor", "distance", "s_min_over_s_max"]
COLUMNS += ["null_dimension", "predicted", "verdict", "library", "nu", "scope", "kind", "status"]


def zoo_of_library(library: str, descriptors: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """One row for each descriptor and entry; a library that is missing or refuses says so."""
    rows: list[dict[str, Any]] = []
    for name, settings in tqdm(descriptors.items(), desc=library, unit="descriptor"):
        about = {"descriptor": name, "library": library, "status": "ok"}
        try:
            descriptor = build_descriptor(name, settings)
        except InputError as error:
            rows += [about | described(one) | {"status": str(error)} for one in load_zoo().values()]
            continue
        order = getattr(descriptor, "nu", None)
        for entry in load_zoo().values():
            row = about | described(entry) | {"nu": order, "predicted": predicted(entry, order)}
            try:
                row |= found(entry, descriptor)
            except InputError as error:
                row["status"] = str(error)
            rows.append(row)
    return pd.DataFrame(rows, columns=COLUMNS)


def described(entry: Entry) -> dict[str, Any]:
    """What a row says of its entry; of a crystal the most neighbours that one of its atoms has."""
    first = entry.members[0]
    return {
        "entry": entry.name,
        "n_neighbors": max(len(s) for _, _, s in sites(first, entry.scope, entry.cutoff)),
        "defeats": entry.defeats,
        "scope": entry.scope,
        "kind": entry.kind,
    }


def found(entry: Entry, descriptor: Descriptor) -> dict[str, Any]:
    """Numbers and verdict of one descriptor at one entry."""
    members, cutoff = entry.scaled, getattr(descriptor.settings, "cutoff", CUTOFF)
    if entry.paired:
        apart = distances(descriptor.features, members, entry.scope, cutoff)
        return of_pair(apart)
    if entry.scope == "environment":
        batch = environment(members[0])
        vectors = batch.vectors if descriptor.invariant else None
        values = singular_values(descriptor.jacobian(batch)[1], vectors)[0]
        return of_environment(entry, values / values[0])
    centers = all_centers(members[0], cutoff, descriptor.jacobian)
    return of_structure(entry, pooled_values(members[0], centers))


def of_pair(apart: Mapping[str, float]) -> dict[str, Any]:
    """The verdict on the distances of two environments, `centre`, or structures, `POOLED`."""
    summed, multiset = (apart.get(key, apart.get("centre", 0.0)) for key in POOLED)
    return {"distance": multiset, "verdict": _told(summed, multiset)}


def of_environment(entry: Entry, values: np.ndarray) -> dict[str, Any]:
    """The verdict on singular values (k,), relative to the largest, of a single environment."""
    null = null_count(values)
    row = {"s_min_over_s_max": values[-1], "null_dimension": str(null)}
    return row | {"verdict": _hidden(entry, null)}


def of_structure(entry: Entry, values: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """The verdict on singular values of the features summed, as a multiset and side by side."""
    null = {partition: null_count(values[partition]) for partition in PARTITIONS}
    return {
        "s_min_over_s_max": values["concatenated"][-1],
        "null_dimension": "/".join(str(null[name]) for name in reversed(PARTITIONS)),
        "verdict": _pooled(entry, null),
    }


def predicted(entry: Entry, order: int | None, layer: int = 1) -> str:
    """The verdict expected of a descriptor of correlation order nu; empty if nothing is.

    Args:
        layer: of a potential, so many times have messages passed; other descriptors have one.
    """
    expected = entry.expected
    if "layers" in expected:
        return BLIND if layer < expected["layers"] else ""  # sees so many bonds far
    if entry.kind == "symmetric":
        if entry.scope == "environment":
            return _hidden(entry, expected["symmetric"][0])
        return _pooled(entry, expected["symmetric"])
    if expected.get("relation") == "reflection":
        return BLIND  # features are those of the mirror image
    if order is None:
        return ""
    if entry.paired:
        orders = expected["separates"]
        orders = orders if isinstance(orders, dict) else dict.fromkeys(POOLED, orders)
        told = {key: value != NEVER and order >= value for key, value in orders.items()}
        return SEPARATES if told["summed"] else PARTLY if told["multiset"] else BLIND
    if entry.scope == "environment":
        if order == 1:
            return BLIND  # to all angles
        return _hidden(entry, expected["null"][0][min(order, 4) - 2])
    place = min(order, 3) - 1
    return _pooled(entry, {name: expected["null"][name][place] for name in PARTITIONS})


def _told(summed: float, multiset: float) -> str:
    if multiset <= NOTHING:
        return BLIND
    return SEPARATES if summed > NOTHING else PARTLY


def _hidden(entry: Entry, null: int) -> str:
    """Of an environment with so many invisible displacements."""
    symmetric = entry.expected["symmetric"][0]
    most = symmetric if entry.kind == "symmetric" else entry.expected["null"][0][0] - symmetric
    more = null if entry.kind == "symmetric" else null - symmetric
    return SEPARATES if more <= 0 else PARTLY if more < most else BLIND


def _pooled(entry: Entry, null: Mapping[Any, int]) -> str:
    """Of a structure with so many invisible displacements in each partition."""
    aside = dict.fromkeys(PARTITIONS, 0)
    if entry.kind == "singular":
        aside = entry.expected["symmetric"]
    more = {name: null[name] - aside[name] for name in PARTITIONS}
    if more["concatenated"] > 0:
        return BLIND
    return PARTLY if max(more.values()) > 0 else SEPARATES
