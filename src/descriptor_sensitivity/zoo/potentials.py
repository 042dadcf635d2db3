"""The layers of machine-learned potentials against every entry of the zoo.

Of an environment the features are those of the centre in a cluster of its neighbours. Of a
structure they are those of every atom in the whole of it, of which each layer knows more.
"""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import ase
import numpy as np
from tqdm import tqdm

from descriptor_sensitivity.descriptors.registry import build_descriptor
from descriptor_sensitivity.environments import batch_from_vectors
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.models.descriptor import ModelFeatures
from descriptor_sensitivity.singular import singular_values
from descriptor_sensitivity.theory import families
from descriptor_sensitivity.zoo.entries import Entry, environment, load_zoo
from descriptor_sensitivity.zoo.features import (
    Centers,
    pooled_values,
    relative_distance,
    structure_distances,
)
from descriptor_sensitivity.zoo.matrix import (
    COLUMNS,
    described,
    of_environment,
    of_pair,
    of_structure,
    predicted,
)
from descriptor_sensitivity.zoo.relation import formula_units

ABOUT = ["model", "description", "sha256", "date", "settings"]
"""What a shipped row says besides of where it comes from."""

ROWS = [*COLUMNS, *ABOUT]


def zoo_of_potential(name: str, settings: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """One row for each entry and layer of a potential; one it does not take says why."""
    model = build_descriptor(name, {"kind": "mlip", **settings})
    assert isinstance(model, ModelFeatures)
    about = {
        "description": model.description,
        "sha256": model.sha256,
        "date": datetime.date.today().isoformat(),
        "status": "ok",
    }
    layers = range(1, len(model.widths(batch_from_vectors(families.tetrahedral(1.09)))) + 1)
    order = order_of(settings)
    for entry in tqdm(load_zoo().values(), desc=name, unit="entry"):
        try:
            seen = found(entry, model, layers)
        except InputError as error:
            seen = [{"status": str(error)}] * len(layers)
        for layer, verdict in zip(layers, seen, strict=True):
            yield {
                **about,
                **described(entry),
                "descriptor": f"{name}, layer {layer}" if len(layers) > 1 else name,
                "nu": order,
                "predicted": predicted(entry, order, layer),
                **verdict,
            }


def order_of(settings: Mapping[str, Any]) -> int | None:
    """nu of a MACE of one layer, which is its correlation; other potentials have no order."""
    model = settings["model"]
    single = isinstance(model, Mapping) and model["layers"] == 1
    return model["correlation"] if single else None


def found(entry: Entry, model: ModelFeatures, layers: Sequence[int]) -> list[dict[str, Any]]:
    """Numbers and verdict of each layer at one entry."""
    if entry.scope == "environment":
        batches = [environment(atoms) for atoms in entry.scaled]
        choices = [(layer, "center") for layer in layers]
        if entry.paired:
            one, other = (model.features_of(batch, choices) for batch in batches)
            apart = [relative_distance(a[0], b[0]) for a, b in zip(one, other, strict=True)]
            return [of_pair({"centre": each}) for each in apart]
        jacobians = [slopes for _, slopes in model.jacobians(batches[0], choices)]
        values = [singular_values(slopes, batches[0].vectors)[0] for slopes in jacobians]
        return [of_environment(entry, each / each[0]) for each in values]
    if entry.paired:
        times = formula_units(*map(len, entry.scaled))
        both = (of_all_atoms(model, atoms, layers, slopes=False) for atoms in entry.scaled)
        return [of_pair(structure_distances(a, b, times)) for a, b in zip(*both, strict=True)]
    (atoms,) = entry.scaled
    return [
        of_structure(entry, pooled_values(atoms, centers))
        for centers in of_all_atoms(model, atoms, layers)
    ]


def of_all_atoms(
    model: ModelFeatures, atoms: ase.Atoms, layers: Sequence[int], slopes: bool = True
) -> list[Centers]:
    """Features of every atom of a whole structure in each layer, and what they owe to positions."""
    kinds: list[tuple[int, ...]] = [(int(number),) for number in atoms.numbers]
    per_layer = model.of_structure(atoms, layers, slopes)
    return [
        Centers(list(features), list(np.moveaxis(jacobian, 1, 0)) if slopes else [], kinds)
        for features, jacobian in per_layer
    ]
