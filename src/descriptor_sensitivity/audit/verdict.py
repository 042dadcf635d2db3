"""What an audit found, in sentences for somebody who knows chemistry and no linear algebra."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from descriptor_sensitivity.audit.finding import CATEGORIES
from descriptor_sensitivity.audit.structure_table import BLIND, FINE, LOW, SYMMETRIC
from descriptor_sensitivity.audit.thresholds import USUAL


@dataclass(frozen=True)
class Cause:
    """A diagnosis in plain words.

    Attributes:
        short: what so many environments are, within the verdict.
        meaning: what it says of an environment.
        remedy: what to do about it.
    """

    short: str
    meaning: str
    remedy: str


CAUSES = {
    "too few features": Cause(
        "have fewer features than displacements",
        "There are fewer features than ways to move the neighbours, so some moves cannot be seen.",
        "Take a larger basis, a higher correlation order, or a smaller cutoff; of a potential, "
        "whose layers are as wide as they are, ask all atoms or all layers together.",
    ),
    "unresolved pair": Cause(
        "hold two neighbours closer than the Gaussians are wide",
        "Two atoms of one element are closer to each other than the width of the Gaussian that "
        "stands for each: the descriptor sees one atom in place of two.",
        "Lower sigma, and raise n_max and l_max with it; check that distances so short are meant.",
    ),
    "truncation": Cause(
        "are lost to the basis",
        "The density itself, on this basis, does not show the move: n_max, l_max, sigma or the "
        "edge of the cutoff are at fault.",
        "Change what findings.csv names for each environment; `make advice` tries bases for "
        "this data set.",
    ),
    "degenerate": Cause(
        "are close to degenerate",
        "Nearby there are two different environments with the same features: the pairs of "
        "neighbours (or neighbours, at nu = 1) that the move changes cancel each other.",
        "Use a higher correlation order, or a model that also learns from the features of the "
        "neighbouring atoms.",
    ),
    "symmetric": Cause(
        "are symmetric",
        "A symmetry turns the move into its opposite. No invariant descriptor can see it, and no "
        "energy changes with it to first order.",
        "Nothing: this is physics, not a fault of the descriptor.",
    ),
    "unexplained": Cause(
        "have none of the causes that were looked for",
        "The environment is seen worse than its like, and no cause that was looked for holds half "
        "of it.",
        "Look at it below. Often it lies between two causes, or is a little worse than the limit.",
    ),
}
"""By the name of the diagnosis, worst fault of the descriptor first."""


def is_empty(summary: pd.DataFrame) -> bool:
    """Whether no environment could be audited for any descriptor."""
    return not summary["n_environments"].any()


def verdicts(summary: pd.DataFrame, structures: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    """Descriptor -> its three sentences, or the one that says why there is no verdict."""
    found: dict[str, tuple[str, ...]] = {}
    for row in summary[summary["species"] == "all"].to_dict("records"):
        name = row["representation"]
        mine = structures[structures["representation"] == name]
        if not row["n_environments"]:
            found[name] = (nothing_audited(row),)
            continue
        usual = float(summary.loc[summary["representation"] == name, "median_regular"].max())
        found[name] = (what_is_seen(name, row, usual), why_not(row, usual), as_wholes(mine))
    return found


def what_is_seen(name: str, counts: Mapping[str, Any], usual: float = 1.0) -> str:
    """How many environments are seen as well as is usual, and how well that is.

    Args:
        name: of the descriptor.
        counts: its row for all species in summary.csv.
        usual: the largest median CN of a species; NaN where there is none.
    """
    total, fine = int(counts["n_environments"]), int(counts["fine"])
    if usual > USUAL:
        alike, rest = f"{fine} of {total} atoms", f"; the other {total - fine} are seen worse still"
        if fine == total:
            alike, rest = f"all {total} atoms", ""
        elif total - fine == 1:
            rest = "; the other one is seen worse still"
        return (
            f"{name} sees the neighbours of {alike} about equally well, but not well: as a rule "
            f"the move that it sees worst changes the features {_rounded(usual)} times less than "
            f"the one that it sees best{rest}."
        )
    if fine == total:
        return f"{name} sees every small move of the neighbours of all {total} atoms."
    if fine == 0 and total > 1:
        return (
            f"{name} sees every small move of the neighbours of none of {total} atoms: about each "
            "there is a move that it sees hardly or not at all."
        )
    share = f" ({100 * fine / total:.0f} %)" if fine else ""
    if total - fine == 1:
        rest = "about the other one there is a move that it sees hardly or not at all"
    else:
        rest = f"about the other {total - fine} there is a move that it sees hardly or not at all"
    return (
        f"{name} sees every small move of the neighbours of {fine} of {total} atoms{share}; {rest}."
    )


def why_not(counts: Mapping[str, Any], usual: float = 1.0) -> str:
    """The causes with their numbers, the most frequent first, and whether to do something."""
    found = {kind: int(counts[kind.replace(" ", "_")]) for kind in CATEGORIES if kind != "fine"}
    found = {kind: number for kind, number in found.items() if number}
    if not found and usual > USUAL:
        return (
            "No environment is seen much worse than is usual for its element, so it is the usual "
            "that has to be judged: of a density, `make advice` says what other bases would see."
        )
    if not found:
        return "No environment is seen much worse than is usual for its element: nothing to do."
    symmetric = found.get("symmetric", 0)
    if list(found) == ["symmetric"]:
        every = "That one is" if symmetric == 1 else f"All {symmetric} are"
        return (
            f"{every} symmetric: no descriptor of this kind can see such a move, no energy changes"
            " with it to first order, and there is nothing to do."
        )
    ordered = sorted(found, key=lambda kind: -found[kind])
    named = [f"{found[kind]} {CAUSES[kind].short}" for kind in ordered]
    listed = " and ".join([", ".join(named[:-1]), named[-1]] if len(named) > 1 else named)
    if symmetric:
        listed += "; the symmetric ones need no remedy, as no energy feels such a move"
    return f"Of these, {listed}."


def as_wholes(structures: pd.DataFrame) -> str:
    """What the features of all audited atoms of a structure see of it."""
    total = len(structures)
    if not total:
        return "No structure was judged as a whole."
    found = structures["diagnosis"].value_counts()
    fine, low, blind, symmetric = (int(found.get(k, 0)) for k in (FINE, LOW, BLIND, SYMMETRIC))
    if low + blind == 0:
        every = "the structure is seen" if total == 1 else f"all {total} structures are seen"
        said = f"A model that knows the features of all audited atoms loses nothing: {every}"
    else:
        said = "With the features of all audited atoms"
        said += f" {fine + symmetric} of {total} structures are seen"
        said += f", {low} badly" if low else ""
        said += f", {blind} with a blind spot" if blind else ""
    return f"{said}, as far as symmetry lets them." if symmetric else f"{said}."


def nothing_audited(counts: Mapping[str, Any]) -> str:
    """Why there is no verdict: what was left out.

    Args:
        counts: the row of a descriptor for all species in summary.csv.
    """
    frames = int(counts["n_frames"])
    what = "in the only frame" if frames == 1 else f"in any of {frames} frames"
    because = counts["left_out_because"]
    return f"Nothing could be audited {what}: {because if isinstance(because, str) else 'no atom'}."


def _rounded(number: float) -> str:
    """Two significant digits, written out."""
    return f"{float(f'{number:.2g}'):,.0f}"
