"""Features of all structures of a manifold, rotated to few columns, and their sensitivity."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from descriptor_sensitivity.descriptors.registry import build_descriptor
from descriptor_sensitivity.environments import Batch
from descriptor_sensitivity.fingerprint import fingerprint
from descriptor_sensitivity.manifolds import Manifold
from descriptor_sensitivity.regression import rotated
from descriptor_sensitivity.singular import sensitivity
from descriptor_sensitivity.store import Task, finish, load


def manifold_features(
    manifold: Manifold, name: str, settings: Mapping[str, Any], fit_batches: Sequence[Batch]
) -> dict[str, np.ndarray]:
    """What one descriptor sees of a manifold.

    Returns:
        differences: (n_env, k) features minus those of the reference, exactly rotated.
        slopes: (2, k) their derivatives with respect to Delta_1 and Delta_2, in the same columns.
        singular_values, left_vectors: of the Jacobian at the reference.
    """
    descriptor = build_descriptor(name, settings, fit_batches)
    steps = manifold.length * manifold.displacements
    panels = descriptor.along(manifold.batch, manifold.reference, steps)
    rows = rotated(panels, manifold.middle)
    values, left = sensitivity(descriptor, manifold.reference)
    return {
        "differences": rows[:-2],
        "slopes": rows[-2:],
        "singular_values": values[0],
        "left_vectors": left[0],
    }


def compute_features(
    manifolds: Mapping[str, Manifold],
    descriptors: Mapping[str, Mapping[str, Any]],
    fit_batches: Sequence[Batch],
    folder: Path,
    shared: Mapping[str, Any],
    processes: int = 1,
) -> dict[str, dict[str, Any]]:
    """`manifold_features` of every descriptor on every manifold; finished pieces are kept.

    Args:
        manifolds: by name.
        descriptors: settings by name, as `build_descriptor` takes them.
        fit_batches: environments that optimal bases are fitted on.
        folder: of the pieces.
        shared: what all of them depend on, besides code, structures and settings of their own.

    Returns:
        For every manifold the arrays `<descriptor>_differences` and so on, and `representations`,
        the names of the descriptors.
    """

    def task(structure: str, name: str) -> Task:
        manifold, chosen = manifolds[structure], descriptors[name]
        settings = {
            "code": fingerprint(__file__, [chosen["kind"]]),
            "settings": chosen,
            "vectors_angstrom": manifold.vectors.tolist(),
            "displacements": manifold.displacements.tolist(),
            "length_angstrom": manifold.length,
            "deltas": manifold.deltas.tolist(),
        }
        arguments = manifold, name, chosen, fit_batches
        return Task(f"{structure}_{name}", settings, lambda: arguments)

    def cost(pair: tuple[str, str]) -> int:
        """nu = 3 first, so that no core is left with it at the end."""
        return int(descriptors[pair[1]].get("nu", 0))

    pairs = [(structure, name) for structure in manifolds for name in descriptors]
    order = sorted(pairs, key=cost, reverse=True)
    tasks = [task(*pair) for pair in order]
    pieces = finish(manifold_features, tasks, folder, shared, processes, "features of manifolds")
    files = dict(zip(order, pieces, strict=True))
    found: dict[str, dict[str, Any]] = {
        structure: {"representations": np.array(list(descriptors))} for structure in manifolds
    }
    for structure, name in pairs:
        for part, values in load(files[structure, name]).items():
            found[structure][f"{name}_{part}"] = values
    return found


def read_features(path: str | Path) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Differences and slopes of every descriptor, from a file of what `compute_features` gives."""
    with np.load(path) as stored:
        return {
            str(name): (stored[f"{name}_differences"], stored[f"{name}_slopes"])
            for name in stored["representations"]
        }
