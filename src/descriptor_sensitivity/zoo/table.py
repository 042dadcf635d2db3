"""The table of the zoo: all libraries together, the potentials' layers among them, and to read."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from descriptor_sensitivity.zoo.entries import load_zoo
from descriptor_sensitivity.zoo.features import NOTHING
from descriptor_sensitivity.zoo.matrix import (
    BLIND,
    COLUMNS,
    PARTLY,
    SEPARATES,
    described,
    predicted,
)

POTENTIALS = {
    "generic": "generic",
    "mirror A0": "mirror_A0",
    "ring A0": "ring_A0",
    "p = 0": "flat_pair",
    "7-neighbour A0": "double_ring_A0",
    "mirror pair": "mirror_pair",
    "7-neighbour pair": "double_ring_pair",
}
"""Environments of the table of potentials -> entries of the zoo."""


def merged(tables: Iterable[pd.DataFrame], models: pd.DataFrame) -> pd.DataFrame:
    """All rows, by correlation order, descriptors without one after the others, potentials last."""
    rows = pd.concat(list(tables), ignore_index=True)
    rows = rows.sort_values("nu", kind="stable", na_position="last", ignore_index=True)
    layers = pd.DataFrame(list(model_rows(models)), columns=COLUMNS)
    return pd.concat([rows, layers], ignore_index=True)


def model_rows(models: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Rows of the centre's features in each layer of each potential.

    The table of potentials knows s_min alone, not how many displacements are null.
    """
    zoo = load_zoo()
    last = models.groupby("model", sort=False).layer.max()
    for row in models.itertuples():
        if row.status != "ok":
            for entry in zoo.values():
                about = {"descriptor": row.model, "library": row.library, "status": row.status}
                yield described(entry) | about
            continue
        if row.atoms != "center" or row.structure not in POTENTIALS:
            continue
        entry = zoo[POTENTIALS[row.structure]]
        order = _order(row.settings)
        measured = row.separation if entry.paired else row.ratio
        layer = f", layer {row.layer:.0f}" if last[row.model] > 1 else ""
        yield described(entry) | {
            "descriptor": f"{row.model}{layer}",
            "library": row.library,
            "nu": order,
            "distance": row.separation,
            "s_min_over_s_max": row.ratio,
            "predicted": predicted(entry, order).replace(PARTLY, BLIND),
            "verdict": SEPARATES if measured > NOTHING else BLIND,
            "status": "ok",
        }


def _order(settings: str) -> int | None:
    """nu of a MACE of one layer, which is its correlation; other potentials have no order."""
    model = json.loads(settings)["model"]
    single = isinstance(model, dict) and model["layers"] == 1
    return model["correlation"] if single else None


def markdown(table: pd.DataFrame) -> str:
    """For each entry: who is blind, who partly, who separates, and what was expected otherwise."""
    lines = [
        "| entry | N | defeats | blind | partly | separates | not as expected |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, rows in table.groupby("entry", sort=False):
        first = rows.iloc[0]
        cells = [_names(rows[rows.verdict == each]) for each in (BLIND, PARTLY, SEPARATES)]
        cells.append(_names(rows[surprising(rows)]))
        head = [str(name), str(first.n_neighbors), first.defeats]
        lines.append("| " + " | ".join([*head, *cells]) + " |")
    refused = table[table.status != "ok"].groupby("descriptor", sort=False).status
    lines += ["", *(f"{name}: {sentences.iloc[0]}" for name, sentences in refused)]
    return "\n".join(lines).rstrip() + "\n"


def surprising(table: pd.DataFrame) -> np.ndarray:
    """Which rows (n,) have another verdict than the one expected."""
    expected = table.predicted.fillna("")
    return ((expected != "") & table.verdict.notna() & (expected != table.verdict)).to_numpy()


def _names(rows: pd.DataFrame) -> str:
    return ", ".join(rows.descriptor) or "-"
