"""Which descriptors fail in the same way, and which do not."""

import pandas as pd
from pandas.api.typing import DataFrameGroupBy

from descriptor_sensitivity.claims.judge import (
    CLEAR,
    COMMENT,
    Claim,
    Finding,
    Tables,
    Untestable,
    holds,
    recorder,
    rows,
    value,
)
from descriptor_sensitivity.claims.local.theory import incomplete_in_any_basis

CLAIMS: list[Claim] = []
claim = recorder(CLAIMS, "comment", COMMENT)


BLIND = 1e-4
"""Relative difference that other libraries, some in single precision, can tell from rounding."""


@claim(
    "p. 3",
    "Overlap-matrix fingerprints resolve all known degeneracies.",
    source="statements: pair_four_omfp, pair_seven_omfp, singular_mirror_omfp,"
    " singular_ring_omfp, singular_double_ring_omfp",
)
def omfp_resolves_all(tables: Tables) -> Finding:
    pairs = [value(tables, f"pair_{pair}_omfp") for pair in ("four", "seven")]
    points = [
        value(tables, f"singular_{point}_omfp") for point in ("mirror", "ring", "double_ring")
    ]
    return holds(
        min(pairs) > 1e-8 and min(points) > CLEAR,
        f"pairs at relative distances {pairs[0]:.2g}, {pairs[1]:.2g}; s_min/s_max at singular"
        f" points {', '.join(f'{ratio:.2g}' for ratio in points)}",
    )


@claim(
    "p. 3",
    "The degeneracy is one of the correlations, whatever the hyperparameters.",
    source="statements: pair_four_nu2_any_basis",
)
def whatever_hyperparameters(tables: Tables) -> Finding:
    return incomplete_in_any_basis(tables)


@claim(
    "p. 3",
    "SOAP, ACSF, DeepMD, three-body FCHL and any other nu = 2 construction fail in the same way.",
    source="peers: representation, nu, structure, separation, ratio",
)
def every_nu2_fails(tables: Tables) -> Finding:
    table = rows(tables, "peers", status="ok", nu=2)
    if table.library.nunique() < 2:
        raise Untestable("no other library of descriptors is installed")
    apart = _of_each(table, "PRL pairs").separation.max()
    singular = _of_each(table, "mirror A0").ratio.max() / _of_each(table, "generic").ratio.max()
    failing = [name for name in apart.index if apart[name] < BLIND and singular[name] < BLIND]
    others = sorted(set(apart.index) - set(failing))
    return holds(
        not others,
        f"{len(failing)} of {len(apart)} keep the pairs together and are singular at A0"
        + (f"; not {', '.join(others)}" if others else ""),
        f"in several libraries: {', '.join(failing)}",
    )


@claim(
    "p. 3",
    "Descriptors of higher body order, systematic ones and overlap matrices, are free of this.",
    source="peers: representation, nu, structure, separation, ratio",
)
def every_higher_order_succeeds(tables: Tables) -> Finding:
    table = rows(tables, "peers", status="ok")
    table = table[(table.nu != 2) & (table.nu != 1)]
    if table.empty:
        raise Untestable("no representation of higher order was audited")
    apart = _of_each(table, "PRL pairs").separation.min()
    singular = _of_each(table, "mirror A0").ratio.min() / _of_each(table, "generic").ratio.min()
    free = [name for name in apart.index if apart[name] > BLIND and singular[name] > BLIND]
    others = sorted(set(apart.index) - set(free))
    return holds(
        not others,
        f"{len(free)} of {len(apart)} separate the pairs and have no singular point at A0"
        + (f"; not {', '.join(others)}" if others else ""),
        ", ".join(free),
    )


def _of_each(table: pd.DataFrame, structure: str) -> DataFrameGroupBy:
    """Rows of one structure, grouped by representation."""
    return rows({"peers": table}, "peers", structure=structure).groupby("representation")
