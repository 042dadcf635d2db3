"""Three altered tables flip each rule, and one that says the same does not.

A column is altered as a whole, then in the rows that share a label. The cases that break one
condition of a rule alone (`test_*_conditions`) count too.
"""

import runpy
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from descriptor_sensitivity.claims.judge import judge
from doctored import CLAIMS, TABLES

ALTERED: tuple[Callable[[np.ndarray], np.ndarray], ...] = (
    lambda old: 30 * old,
    lambda old: old / 30,
    lambda old: old[::-1],
    lambda old: np.full_like(old, np.median(old)),
    lambda old: -old,
    np.ones_like,
)

CONTRADICTED = "comment.discrete_sets_only"
"""The Comment's abstract, which its own text contradicts: it differs on tables that agree."""

DOCTORED = Counter(
    case.split()[0]
    for file in Path(__file__).parent.glob("test_*_conditions.py")
    for case in runpy.run_path(str(file)).get("DIFFERS", ())
)
"""Cases that flip a rule, by its name without the paper's."""

DECIDED = sorted(claim.id for claim in CLAIMS.values() if claim.source)


def altered(table: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """The table with one numeric column altered in all rows, then in those of each label."""
    table = table.reset_index(drop=True)
    numeric = table.select_dtypes("number").columns
    every = [np.ones(len(table), dtype=bool)]
    for name in table.columns.difference(numeric):
        every += [(table[name] == label).to_numpy() for label in table[name].unique()]
    for rows in every:
        for column in numeric:
            old = table[column].to_numpy(float)
            for alter in ALTERED:
                new = old.copy()
                new[rows] = alter(old[rows])
                yield table.assign(**{column: new})


def flips(name: str) -> Iterator[None]:
    """Once for each altered table that turns the verdict of a rule round."""
    claim, other = CLAIMS[name], "reproduced" if name == CONTRADICTED else "differs"
    for table in claim.tables:
        for new in altered(TABLES[table]):
            try:
                found = judge({**TABLES, table: new}, [claim])["verdict"].item()
            except (ArithmeticError, TypeError, ValueError):
                continue  # nothing that a run could write
            if found.startswith(other):
                yield


@pytest.mark.parametrize("name", DECIDED)
def test_three_altered_tables_flip_every_rule(name):
    known = DOCTORED[name.split(".")[1]]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        flipped = len(list(islice(flips(name), max(0, 3 - known))))
    assert flipped + known >= 3


@pytest.mark.parametrize("name", DECIDED)
def test_the_order_of_rows_flips_no_rule(name):
    claim = CLAIMS[name]
    backwards = {key: table.iloc[::-1].reset_index(drop=True) for key, table in TABLES.items()}
    for tables in (TABLES, backwards):
        verdict = judge(tables, [claim])["verdict"].item()
        assert verdict.startswith("differs" if name == CONTRADICTED else "reproduced")
