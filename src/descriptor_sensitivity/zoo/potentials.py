"""The layers of machine-learned potentials against every entry of the zoo.

Of an environment the features are those of the centre in a cluster of its neighbours. Of a
structure they are those of every atom in the whole of it, of which each layer knows more.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import ase
import numpy as np
from tqdm import tqdm

from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.models.descriptor import ModelFeatures, RandomMace
from descriptor_sensitivity.potentials import opened
from descriptor_sensitivity.settings import DescriptorSettings
from descriptor_sensitivity.singular import singular_values
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
    model, about, layers = opened(name, settings)
    order = order_of(model.settings)
    for entry in tqdm(load_zoo().values(), desc=name, unit="entry"):
        try:
            seen = found(entry, model, layers)
        except InputError as error:
            seen = [{"status": str(error)}] * len(layers)
        same = {**about, **described(entry), "nu": order}
        for layer, verdict in zip(layers, seen, strict=True):
            yield {
                **same,
                "descriptor": f"{name}, layer {layer}" if len(layers) > 1 else name,
                "predicted": predicted(entry, order, layer),
                **verdict,
            }


def order_of(settings: DescriptorSettings | None) -> int | None:
    """nu of a MACE of one layer, which is its correlation; other potentials have no order."""
    built = getattr(settings, "model", None)
    return built.correlation if isinstance(built, RandomMace) and built.layers == 1 else None


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
    per_layer = model.atoms_features(atoms, layers, slopes)
    return [
        Centers(list(features), list(np.moveaxis(jacobian, 1, 0)) if slopes else [], kinds)
        for features, jacobian in per_layer
    ]
