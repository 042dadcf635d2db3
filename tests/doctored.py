"""Tables that agree with the papers, with one thing changed, and the verdict of a rule on them."""

from collections.abc import Callable

import pandas as pd

from claim_tables import tables
from descriptor_sensitivity.claims import comment, local
from descriptor_sensitivity.claims.judge import judge

CLAIMS = {claim.id: claim for claim in local.CLAIMS + comment.CLAIMS}
TABLES = tables(True)

Change = Callable[[pd.DataFrame], pd.DataFrame]


def put(column: str, value: object, /, *, where: str = "index == index") -> Change:
    """A change of one column in the rows that fulfil a query; `value` may be a function of it."""

    def change(table: pd.DataFrame) -> pd.DataFrame:
        table = table.reset_index(drop=True).astype({column: float})
        chosen = table.query(where).index
        assert len(chosen), where
        old = table.loc[chosen, column]
        table.loc[chosen, column] = value(old) if callable(value) else value
        return table

    return change


def add(change: Change) -> Change:
    """The table with a changed copy of itself below."""
    return lambda table: pd.concat([table, change(table)], ignore_index=True)


def keep(query: str) -> Change:
    """The rows that fulfil a query."""
    return lambda table: table.query(query)


def both(*changes: Change) -> Change:
    """One change after the other."""

    def change(table: pd.DataFrame) -> pd.DataFrame:
        for one in changes:
            table = one(table)
        return table

    return change


def times(factor: float) -> Callable[[pd.Series], pd.Series]:
    """What multiplies a column."""
    return lambda old: factor * old


def named(**numbers: float) -> Change:
    """The table of statements with other numbers."""
    return both(*(put("value", new, where=f"name == {name!r}") for name, new in numbers.items()))


def error(structure: str, grid: str, representation: str, value: float) -> Change:
    """Table 1 with another error."""
    entry = f"structure == {structure!r} and grid == {grid!r}"
    return put("rmse_uev", value, where=f"{entry} and representation == {representation!r}")


def curve(structure: str, row: str, direction: int, function: Callable) -> Change:
    """The changes of Fig. 2 with another curve, a function of Delta."""

    def change(table: pd.DataFrame) -> pd.DataFrame:
        table = table.reset_index(drop=True)
        chosen = (table.structure == structure) & (table.row == row)
        chosen &= table.direction == direction
        table.loc[chosen, "change"] = function(table.loc[chosen, "delta"])
        return table

    return change


def energy(function: Callable) -> Change:
    """A grid with other energies, a function of both Delta."""
    return lambda table: table.assign(energy_ev=function(table.delta_1, table.delta_2))


def errors(representation: str, function: Callable) -> Change:
    """A grid with other errors of one representation, a function of both Delta."""
    column = f"error_{representation}_3x3_uev"
    return lambda table: table.assign(**{column: function(table.delta_1, table.delta_2)})


def verdict(key: str, change: Change) -> str:
    """The verdict on the claim `paper.rule` where a table is changed: `paper.rule table [note]`."""
    claim, table, *_ = key.split()
    doctored = {**TABLES, table: change(TABLES[table].copy())}
    return judge(doctored, [CLAIMS[claim]])["verdict"].item()
