"""The claims in short: what a reader who has a minute should know."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

Claim = Mapping[str, Any]
"""A row of the claims, with its kind."""

SYMBOLS = {"reproduced": "✓", "within": "≈", "differs": "✗", "untested": "–"}
"""One sign for each kind of verdict, so that colour is never the only difference."""

MOST = 3
"""Places that are named where statements differ, those with most of them first."""


def kind(verdict: str) -> str:
    """reproduced, within, differs or untested: the class of a verdict of `claims.judge`."""
    if verdict in ("reproduced", "differs"):
        return verdict
    return "within" if verdict.startswith("reproduced") else "untested"


def verdict(claims: Sequence[Claim]) -> str:
    """One paragraph: how many statements came out, how well, and where those are that did not.

    Args:
        claims: rows with kind, paper, section, verdict.
    """
    if not claims:
        return "No statement is judged in this run."
    kinds = [one["kind"] for one in claims]
    count = {name: kinds.count(name) for name in SYMBOLS}
    text = f"Of {len(claims)} statements of the papers {count['reproduced']} came out as printed"
    if count["within"]:
        factors = [
            float(f) for one in claims for f in re.findall(r"a factor (\S+)", one["verdict"])
        ]
        most = f", at most {max(factors):g}" if factors else ""
        text += f" and {count['within']} within a stated factor{most}"
    text += f"; {count['differs']} differ, {count['untested']} cannot be tested here. "
    papers = list(dict.fromkeys(one["paper"] for one in claims))
    if len(papers) > 1:
        text += ". ".join(_of_paper(paper, claims) for paper in papers) + ". "
    places = [(one["paper"], one["section"]) for one in claims if one["kind"] == "differs"]
    if places:
        common = sorted(dict.fromkeys(places), key=places.count, reverse=True)[:MOST]
        named = [f"{places.count(where)} at {where[1]} of {where[0]}" for where in common]
        rest = len(places) - sum(map(places.count, common))
        named += [f"{rest} elsewhere"] if rest else []
        text += f"Of those that differ, {'; '.join(named)}. Each says below what came out instead."
    return text.strip()


def _of_paper(paper: str, claims: Sequence[Claim]) -> str:
    mine = [one["kind"] for one in claims if one["paper"] == paper]
    good = mine.count("reproduced") + mine.count("within")
    return f"{paper}: {good} of {len(mine)} as printed or within such a factor"


def by_section(
    claims: Sequence[Claim],
) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    """The claims under the section they are printed in, paper by paper, sections in order."""

    def place(one: Claim) -> tuple[int, str, str]:
        return papers.index(one["paper"]), one["paper"], one["section"]

    papers = list(dict.fromkeys(one["paper"] for one in claims))
    for (_, paper, section), rows in groupby(sorted(claims, key=place), key=place):
        yield f"{paper}, {section}", list(rows)
