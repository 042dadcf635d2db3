"""The table of the zoo: all libraries together, the potentials' layers among them, and to read."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from descriptor_sensitivity.zoo.entries import load_zoo
from descriptor_sensitivity.zoo.matrix import (
    BLIND,
    COLUMNS,
    PARTLY,
    SEPARATES,
    described,
)


def merged(tables: Iterable[pd.DataFrame], potentials: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """All rows, by correlation order, descriptors without one after the others, potentials last."""
    rows = pd.concat(list(tables), ignore_index=True)
    rows = rows.sort_values("nu", kind="stable", na_position="last", ignore_index=True)
    layers = pd.concat(list(potentials), ignore_index=True)
    absent = layers.entry.isna()
    refused = pd.DataFrame(
        [
            described(entry)
            | {"descriptor": row.model, "library": row.library, "status": row.status}
            for row in layers[absent].itertuples()
            for entry in load_zoo().values()
        ],
        columns=COLUMNS,
    )
    return pd.concat([rows, layers.loc[~absent, COLUMNS], refused], ignore_index=True)


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
