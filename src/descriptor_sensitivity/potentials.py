"""Machine-learned potentials at singular, degenerate and generic environments, layer by layer.

One row for each model, layer, choice of atoms and environment. The rows are shipped, because the
libraries are large and exclude one another; each row says of which model file and versions it is.
"""

import datetime
import json
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment
from tqdm import tqdm

from descriptor_sensitivity.descriptors.registry import build_descriptor, descriptor_settings
from descriptor_sensitivity.environments import Batch, batch_from_vectors
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.models.descriptor import ModelFeatures
from descriptor_sensitivity.singular import singular_values
from descriptor_sensitivity.theory import displacements, families

log = logging.getLogger(__name__)

SEED = 3
"""Of the generic environment."""

ATOMS = ("center", "all", "sum")

COLUMNS = ["model", "layer", "atoms", "structure", "n_features", "n_values", "s_max", "s_min"]
COLUMNS += ["ratio", "separation", "energy_difference", "energy_slope", "status"]
COLUMNS += ["library", "description", "sha256", "date", "settings"]


Measure = Callable[[str, Mapping[str, Any]], Iterable[dict[str, Any]]]
"""What computes the rows of one model, by its name and settings, each with a `status`."""


def singles() -> dict[str, tuple[np.ndarray, np.ndarray | None]]:
    """name -> environment (N, 3), Å, and what the theory says nu = 2 does not see there (N, 3)."""
    mirror, ring, planes = (
        families.mirror_singular(),
        families.ring(),
        families.double_ring_singular(),
    )
    return {
        "generic": (families.distorted(families.tetrahedral(1.09), 0.3, SEED), None),
        "mirror A0": (mirror, displacements.mirror_null(mirror)),
        "ring A0": (ring, displacements.ring_null(ring)),
        "p = 0": (families.mirror(1, p=0.0), None),
        "7-neighbour A0": (planes, displacements.double_ring_null(planes)),
        "tetrahedral": (families.tetrahedral(1.09), None),
    }


def pairs() -> dict[str, np.ndarray]:
    """name -> A+ and A- (2, N, 3), Å: degenerate at nu = 2, the second at nu = 3 too."""
    return {
        "mirror pair": np.array([families.mirror(sign) for sign in (1, -1)]),
        "7-neighbour pair": np.array([families.double_ring(sign) for sign in (1, -1)]),
    }


def opened(
    name: str, settings: Mapping[str, Any]
) -> tuple[ModelFeatures, dict[str, Any], Sequence[int]]:
    """A model, what each of its rows says of it, and its layers."""
    model = build_descriptor(name, {"kind": "mlip", **settings})
    assert isinstance(model, ModelFeatures)
    about = {
        "description": model.description,
        "sha256": model.sha256,
        "date": datetime.date.today().isoformat(),
        "status": "ok",
    }
    n_layers = len(model.widths(batch_from_vectors(families.tetrahedral(1.09))))
    return model, about, range(1, n_layers + 1)


def measured(name: str, settings: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """One row for each layer, choice of atoms and environment of `singles` and `pairs`."""
    model, about, layers = opened(name, settings)
    choices = [(layer, atoms) for layer in layers for atoms in ATOMS]
    for structure, (vectors, null) in singles().items():
        batch = batch_from_vectors(vectors)
        _, gradient = model.energies(batch)
        slope = np.nan if null is None else abs(float(gradient[0] @ null.ravel()))
        for choice, (features, jacobian) in zip(
            choices, model.jacobians(batch, choices), strict=True
        ):
            values = singular_values(jacobian, batch.vectors)[0]
            yield {
                **_labelled(choice, structure),
                **about,
                "n_features": features.shape[1],
                "n_values": len(values),
                "s_max": values[0],
                "s_min": values[-1],
                "ratio": values[-1] / values[0],
                "energy_slope": slope,
            }
    for structure, vectors in pairs().items():
        batch = batch_from_vectors(vectors)
        energy, _ = model.energies(batch)
        for choice, (features, _) in zip(choices, model.jacobians(batch, choices), strict=True):
            yield {
                **_labelled(choice, structure),
                **about,
                "n_features": features.shape[1],
                "separation": separation(features, choice[1], batch),
                "energy_difference": abs(float(energy[0] - energy[1])),
            }


def _labelled(choice: tuple[int, str], structure: str) -> dict[str, Any]:
    return {"layer": choice[0], "atoms": choice[1], "structure": structure}


def separation(features: np.ndarray, atoms: str, pair: Batch) -> float:
    """|xi(A+) - xi(A-)| / |xi(A+)|, for all atoms with the like neighbours matched in the best way.

    Args:
        features: (2, k), of `all` atoms one after the other, the centre's first.
        atoms: center, all or sum.
        pair: A+ and A-, of one species of neighbours.
    """
    plus, minus = features
    if atoms == "all":
        plus, minus = (one.reshape(pair.n_neighbors + 1, -1) for one in (plus, minus))
        apart = ((plus[1:, None] - minus[None, 1:]) ** 2).sum(-1)
        order = linear_sum_assignment(apart)[1] + 1
        minus = minus[[0, *order]]
    return float(np.linalg.norm(plus - minus) / np.linalg.norm(plus))


def compare(
    library: str,
    potentials: Mapping[str, Mapping[str, Any]],
    shipped: pd.DataFrame | None = None,
    recompute: bool = False,
    measure: Measure = measured,
    columns: Sequence[str] = COLUMNS,
) -> pd.DataFrame:
    """The rows of all models of a library, those of `measured` unless told otherwise.

    Shipped rows are taken where the settings of a model are theirs, unless `recompute`; and they
    are kept, with a word about it, where the library is not there. A model that there are no rows
    of and that cannot be computed fills `status` with the reason.
    """
    rows: list[pd.DataFrame] = []
    for name, settings in tqdm(potentials.items(), desc=library, unit="model"):
        identity = {"model": name, "library": library, "settings": identified(name, settings)}
        kept = _matching(shipped, identity)
        if kept is not None and not recompute:
            rows.append(kept)
            continue
        try:
            found = pd.DataFrame(measure(name, settings)).assign(**identity)
        except InputError as error:
            if kept is not None:
                log.warning("%s: %s Its shipped rows are used.", name, error)
            found = pd.DataFrame([{**identity, "status": str(error)}]) if kept is None else kept
        rows.append(found.reindex(columns=columns))
    return pd.concat(rows, ignore_index=True)


def identified(name: str, settings: Mapping[str, Any]) -> str:
    """What decides the numbers of a model: its settings as JSON, without where it is run."""
    model = descriptor_settings(name, {"kind": "mlip", **settings})
    chosen = model.model_dump(include={"library", "model"})
    return json.dumps(chosen, sort_keys=True)


def _matching(shipped: pd.DataFrame | None, identity: Mapping[str, str]) -> pd.DataFrame | None:
    if shipped is None:
        return None
    alike = (shipped[list(identity)] == pd.Series(identity)).all(axis=1)
    return shipped[alike] if alike.any() else None


def read_shipped(path: Path | None) -> pd.DataFrame | None:
    """The shipped rows of a library; None without a file."""
    return None if path is None else pd.read_csv(path)
