"""Sensitivity of every descriptor of one library at degenerate, singular and generic environments.

Rows of the table: one per representation and environment, with its extreme singular values, the
relative distance of its features from those of the degenerate partner (where it has one), and the
relative difference between its Jacobian and central differences. A library that is missing or
refuses fills `status` with its sentence and leaves the numbers out.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from tqdm import tqdm

from command import run
from descriptor_sensitivity.adapters.base import central_differences
from descriptor_sensitivity.descriptors.base import Descriptor
from descriptor_sensitivity.descriptors.registry import build_descriptor, peers
from descriptor_sensitivity.environments import Batch, batch_from_vectors
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.files import write_csv
from descriptor_sensitivity.singular import decompose
from descriptor_sensitivity.theory import families

OURS = "exact"


def structures(seed: int) -> dict[str, tuple[np.ndarray, bool]]:
    """name -> (vectors (n, N, 3) Å, whether index 2k + 1 is the degenerate partner of 2k)."""
    branches = [families.mirror_manifold(sign, elevation=np.zeros(1)) for sign in (1, -1)]
    return {
        "PRL pairs": (np.stack(branches, 1).reshape(-1, 4, 3), True),
        "7-neighbour pair": (np.array([families.double_ring(sign) for sign in (1, -1)]), True),
        "PRL off-plane": (
            np.concatenate(
                [
                    families.mirror_manifold(sign, elevation=np.array([-18.0, -9.0, 9.0, 18.0]))
                    for sign in (1, -1)
                ]
            ),
            False,
        ),
        "mirror A0": (families.mirror_singular()[None], False),
        "ring A0": (families.ring()[None], False),
        "7-neighbour A0": (families.double_ring_singular()[None], False),
        "generic": (families.distorted(families.tetrahedral(1.09), 0.3, seed)[None], False),
        "tetrahedral": (families.tetrahedral(1.09)[None], False),
    }


def difference_error(representation: Descriptor, batch: Batch, jacobian: np.ndarray) -> float:
    """Largest difference between a Jacobian and central differences, relative to its largest entry.

    NaN where the representation has no Jacobian but differences.
    """
    if "differences" in getattr(representation, "derivatives", "analytic"):
        return np.nan
    differences = central_differences(representation.features, batch)
    return float(np.abs(jacobian - differences).max() / np.abs(jacobian).max())


def audit(representation: Descriptor, seed: int) -> list[dict]:
    """One row per environment of `structures`."""
    rows = []
    for name, (vectors, paired) in structures(seed).items():
        batch = batch_from_vectors(vectors)
        features, jacobian = representation.jacobian(batch)
        values, _ = decompose(jacobian, batch.vectors if representation.invariant else None)
        error = difference_error(representation, batch[:1], jacobian[:1])
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
                    "null": int(np.sum(s < 1e-10 * s[0])),
                    "separation": apart,
                    "difference_error": error if index == 0 else np.nan,
                }
            )
    return rows


def main(argv: list[str] | None = None) -> None:
    """Audit the representations of one library and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sheet", type=Path, required=True, help="YAML: name: {kind, settings}")
    parser.add_argument(
        "--library", required=True, help=f"`{OURS}` (ours) or a library's PyPI name"
    )
    parser.add_argument("--seed", type=int, default=3, help="seed of the generic environment")
    parser.add_argument("--table", type=Path, required=True, help="CSV to write")
    options = parser.parse_args(argv)

    rows = []
    for name, settings in tqdm(select(options.sheet, options.library).items(), unit="descriptor"):
        shared = {
            "library": options.library,
            "representation": name,
            "nu": settings.get("nu"),
            "derivatives": "analytic",
            "status": "ok",
        }
        try:
            representation = build_descriptor(name, settings)
            shared["nu"] = getattr(representation, "nu", None)
            shared["derivatives"] = getattr(representation, "derivatives", "analytic")
            rows += [shared | row for row in audit(representation, options.seed)]
        except InputError as error:
            rows.append(shared | {"status": str(error)})
    write_csv(pd.DataFrame(rows, columns=COLUMNS), options.table)


COLUMNS = [
    "library",
    "representation",
    "nu",
    "derivatives",
    "n_features",
    "structure",
    "index",
    "n_neighbors",
    "s_max",
    "s_min",
    "ratio",
    "null",
    "separation",
    "difference_error",
    "status",
]


def select(sheet: Path, library: str) -> dict[str, dict]:
    """The entries of the sheet that belong to `library`."""
    entries = yaml.safe_load(sheet.read_text())
    for name, settings in entries.items():
        if not isinstance(settings, dict):
            raise InputError(f"{sheet}: `{name}` must hold `kind` and settings, as kind: value.")
    kinds = {kind: peer.library for kind, peer in peers().items()}
    return {
        name: settings
        for name, settings in entries.items()
        if kinds.get(settings.get("kind"), OURS) == library
    }


if __name__ == "__main__":
    run(main)
