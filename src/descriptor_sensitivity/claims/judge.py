"""What the two papers say, and whether the results here say the same.

Every quantitative or yes/no statement is one function (in `claims.local` and `claims.comment`): its
decorator holds the statement, its body the rule that turns results into a verdict. Nothing is typed
in: a rule sees tables only.

Verdicts: `reproduced`; `reproduced within ...`; `differs`; `cannot be tested: why`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

CLOSE = 1.05
"""A number within this factor of the printed one is reproduced without qualification."""

WITHIN = 2.0
"""Beyond this factor a printed number is another number: the verdict is `differs`."""

LOCAL, COMMENT = "Local invertibility (2021)", "Comment (2022)"
"""The papers, as the claims table names them."""

Tables = Mapping[str, pd.DataFrame]


class Untestable(Exception):
    """The reason why no result here can decide a claim."""


@dataclass(frozen=True)
class Finding:
    """What came out.

    Attributes:
        ours: our value as text.
        verdict: one of the four.
        comment: one line, may be empty.
        printed: the printed value where the rule read it from a table.
    """

    ours: str
    verdict: str
    comment: str = ""
    printed: str = ""


@dataclass(frozen=True)
class Claim:
    """One statement of a paper.

    Attributes:
        id: the paper's short name and the name of the rule.
        paper, section: where it stands.
        statement: what it says, in our words.
        printed: the printed value or direction.
        source: names of the tables the rule reads, with the column, `table: column; ...`.
        rule: tables -> Finding.
    """

    id: str
    paper: str
    section: str
    statement: str
    printed: str
    source: str
    rule: Callable[[Tables], Finding]

    @property
    def tables(self) -> list[str]:
        """Names of the tables the rule reads."""
        return [part.split(":")[0].strip() for part in self.source.split(";") if part.strip()]


Rule = Callable[[Tables], Finding]


def recorder(claims: list[Claim], prefix: str, paper: str) -> Callable[..., Callable[[Rule], Rule]]:
    """A decorator that adds rules to `claims`, for the statements of one paper."""

    def claim(
        section: str, statement: str, printed: str = "yes", source: str = ""
    ) -> Callable[[Rule], Rule]:
        def register(rule: Rule) -> Rule:
            name = f"{prefix}.{rule.__name__}"
            claims.append(Claim(name, paper, section, statement, printed, source, rule))
            return rule

        return register

    return claim


def holds(condition: bool, ours: str, comment: str = "") -> Finding:
    """A yes/no statement."""
    return Finding(ours, "reproduced" if condition else "differs", comment)


def near(
    ours: float, printed: float, limit: float = WITHIN, text: str = "", comment: str = ""
) -> Finding:
    """A printed number: reproduced within `CLOSE`, or within a stated factor up to `limit`."""
    text = text or f"{ours:.3g}"
    factor = max(ours / printed, printed / ours) if ours > 0 else np.inf
    if factor <= CLOSE:
        return Finding(text, "reproduced", comment)
    if factor <= limit:
        return Finding(text, f"reproduced within a factor {np.ceil(factor * 10) / 10:.1f}", comment)
    return Finding(text, "differs", comment)


def rows(tables: Tables, name: str, /, **where: Any) -> pd.DataFrame:
    """Rows of table `name` with the given values; floats match to 1e-9, a list any of its items.

    Where nothing is said of a density of the centre itself (`center_weight`), there is none.
    """
    if name not in tables:
        raise Untestable(f"the table `{name}` was not computed")
    table = tables[name]
    if "center_weight" in table:
        where = {"center_weight": 0, **where}
    for column, wanted in where.items():
        values = wanted if isinstance(wanted, list | tuple) else [wanted]
        if isinstance(values[0], float):
            keep = np.isclose(table[column].to_numpy()[:, None], values, rtol=1e-9).any(axis=1)
        else:
            keep = table[column].isin(values)
        table = table[keep]
    if table.empty:
        listed = ", ".join(f"{column} = {value}" for column, value in where.items())
        raise Untestable(f"the table `{name}` has no row with {listed} at these settings")
    return table


def value(tables: Tables, name: str) -> float:
    """One number of the table `statements`."""
    return float(rows(tables, "statements", name=name)["value"].iloc[0])


def judge(tables: Tables, claims: Iterable[Claim]) -> pd.DataFrame:
    """The claims table: id, paper, section, claim, printed, ours, verdict, comment, source."""
    found = []
    for one in claims:
        try:
            finding = one.rule(tables)
        except Untestable as why:
            finding = Finding("", f"cannot be tested: {why}")
        found.append(
            {
                "id": one.id,
                "paper": one.paper,
                "section": one.section,
                "claim": one.statement,
                "printed": finding.printed or one.printed,
                "ours": finding.ours,
                "verdict": finding.verdict,
                "comment": finding.comment,
                "source": one.source,
            }
        )
    return pd.DataFrame(found)


ZERO = 1e-12
"""Relative size below which a singular value or a difference of features is a numerical zero."""

CLEAR = 1e-4
"""Relative size above which it is clearly not zero."""
