"""Descriptors of every library at the same degenerate, singular and generic environments."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from descriptor_sensitivity.adapters.base import MissingLibrary, central_differences
from descriptor_sensitivity.descriptors.base import Descriptor
from descriptor_sensitivity.descriptors.registry import build_descriptor
from descriptor_sensitivity.environments import Batch, batch_from_vectors
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.singular import decompose
from descriptor_sensitivity.theory import families
from descriptor_sensitivity.tolerances import NO_RESPONSE

SEED = 3
"""Of the generic environment."""

COLUMNS = ["library", "representation", "nu", "derivatives", "n_features", "structure", "index"]
COLUMNS += ["n_neighbors", "s_max", "s_min", "ratio", "null", "separation", "difference_error"]
COLUMNS += ["status", "recorded"]


def audit_library(
    library: str,
    descriptors: Mapping[str, Mapping[str, Any]],
    recorded: Mapping[str, pd.DataFrame] | None = None,
) -> pd.DataFrame:
    """One row per descriptor and environment of `structures`.

    Its extreme singular values, the relative distance of its features from those of the degenerate
    partner (where it has one), and the relative difference between its Jacobian and central
    differences. A library that is missing or refuses fills `status` with its sentence and leaves
    the numbers out.

    Args:
        library: its name in the table.
        descriptors: name -> kind and options.
        recorded: name -> rows of an earlier run (`read_recorded`), for a library that is missing.
    """
    rows: list[dict[str, Any]] = []
    for name, settings in tqdm(descriptors.items(), desc=library, unit="descriptor"):
        shared = {
            "library": library,
            "representation": name,
            "nu": settings.get("nu"),
            "derivatives": "analytic",
            "status": "ok",
        }
        try:
            descriptor = build_descriptor(name, settings)
            shared["nu"] = getattr(descriptor, "nu", None)
            shared["derivatives"] = getattr(descriptor, "derivatives", "analytic")
            rows += [shared | row for row in audit(descriptor)]
        except InputError as error:
            if isinstance(error, MissingLibrary) and recorded and name in recorded:
                rows += recorded[name].to_dict("records")
            else:
                rows.append(shared | {"status": str(error)})
    return pd.DataFrame(rows, columns=COLUMNS)


def read_recorded(
    file: Path, descriptors: Mapping[str, Mapping[str, Any]]
) -> dict[str, pd.DataFrame]:
    """Rows of an earlier run: name -> rows, with its date in the column `recorded`.

    The first line of `file` is `# ` and JSON: the date `recorded`, and the settings of each of the
    `descriptors`; one whose settings are now others is left out.
    """
    with file.open(encoding="utf-8") as lines:
        head = json.loads(lines.readline().removeprefix("# "))
        table = pd.read_csv(lines)
    table["recorded"] = head["recorded"]
    return {
        name: table[table.representation == name]
        for name, settings in head["descriptors"].items()
        if descriptors.get(name) == settings
    }


def structures() -> dict[str, tuple[np.ndarray, bool]]:
    """name -> (vectors (n, N, 3) Å, whether index 2k + 1 is the degenerate partner of 2k)."""
    branches = [families.mirror_manifold(sign, elevation=np.zeros(1)) for sign in (1, -1)]
    off_plane = [
        families.mirror_manifold(sign, elevation=np.array([-18.0, -9.0, 9.0, 18.0]))
        for sign in (1, -1)
    ]
    return {
        "PRL pairs": (np.stack(branches, 1).reshape(-1, 4, 3), True),
        "7-neighbour pair": (np.array([families.double_ring(sign) for sign in (1, -1)]), True),
        "PRL off-plane": (np.concatenate(off_plane), False),
        "mirror A0": (families.mirror_singular()[None], False),
        "ring A0": (families.ring()[None], False),
        "7-neighbour A0": (families.double_ring_singular()[None], False),
        "generic": (families.distorted(families.tetrahedral(1.09), 0.3, SEED)[None], False),
        "tetrahedral": (families.tetrahedral(1.09)[None], False),
    }


def audit(descriptor: Descriptor) -> list[dict[str, Any]]:
    """One row per environment of `structures`."""
    rows = []
    for name, (vectors, paired) in structures().items():
        batch = batch_from_vectors(vectors)
        features, jacobian = descriptor.jacobian(batch)
        values, _ = decompose(jacobian, batch.vectors if descriptor.invariant else None)
        error = difference_error(descriptor, batch[:1], jacobian[:1])
        separation = np.full(len(batch), np.nan)
        if paired:
            distance = np.linalg.norm(features[0::2] - features[1::2], axis=1)
            separation = np.repeat(distance / np.linalg.norm(features[0::2], axis=1), 2)
        for index, (s, apart) in enumerate(zip(values, separation, strict=True)):
            rows.append(
                {
                    "n_features": features.shape[1],
                    "structure": name,
                    "index": index,
                    "n_neighbors": batch.n_neighbors,
                    "s_max": s[0],
                    "s_min": s[-1],
                    "ratio": s[-1] / s[0],
                    "null": int(np.sum(s < NO_RESPONSE * s[0])),
                    "separation": apart,
                    "difference_error": error if index == 0 else np.nan,
                }
            )
    return rows


def difference_error(descriptor: Descriptor, batch: Batch, jacobian: np.ndarray) -> float:
    """Largest difference between a Jacobian and central differences, relative to its largest entry.

    NaN where the descriptor has no Jacobian but differences.
    """
    if "differences" in getattr(descriptor, "derivatives", "analytic"):
        return np.nan
    differences = central_differences(descriptor.features, batch)
    return float(np.abs(jacobian - differences).max() / np.abs(jacobian).max())
