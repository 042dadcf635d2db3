r"""Why an environment is seen badly: truncation, symmetry, degeneracy, or an unresolved pair.

Let s_k and u_k be the singular values and left vectors of the audited representation, and call
the displacements u_k with s_max / s_k above the threshold its blind space. For a unit displacement
u, the loss of another representation with Jacobian J is s_max(J) / |J^T u|: how much worse
it sees u than what it sees best. The questions, in this order (paper 1, sections 1.5 and 2):

1. *too few features*: fewer features than displacements, so some cannot be seen.
2. *unresolved pair*: two like atoms closer than about sigma carry at least half of the worst u.
3. *truncation*: the density itself (nu = 1, same basis, orientation left out) sees the worst u
   badly too. It is then tried with each of n_max, l_max, sigma and the cutoff function
   moved, and the best move is named.
4. Zeros, exact or what the rounding of coordinates makes of them (`rounding`), are *symmetric* or
   *degenerate* by the basis-free theory of `nullspace`, within that rounding.
5. *degenerate*: nu = 3 sees a blind displacement after all, while nu = 2 does not.
6. *symmetric*: nu = 3 does not see it either, and a symmetry operation, exact within a tolerance,
   turns the displacement into its opposite, as Eq. (17) asks.
7. *degenerate* as well: the theory, for coordinates within a tolerance, has at least half of
   the displacement in its degenerate null space. nu = 3 sees it only in part, since some
   environments lie near more than one singularity; for nu = 3 this is the only evidence.
8. What the nearest singular point is (`nearby`) towards which s_min / s_max falls, where at least
   half of the displacement cannot be seen at all, and which is not farther away than 0.3 Å.
9. *unexplained*: none of these.

Another representation sees u badly if its loss, in units of its median CN on the data set, is above
the square root of the loss of the audited representation in units of its own median: nearer, on a
logarithmic scale, to the blindness in question than to what is usual. nu = 1 also does if
its loss is above the square root of CN, so that the basis makes up more than half of log CN; nu = 3
also does if it sees u less than twice as well. A representation that is no density
correlation is compared with one, and is called degenerate only where its zeros are those of an
order, one to one, as of a potential's layer that knows distances alone.
"""

from collections.abc import Callable, Sequence

import numpy as np

from descriptor_sensitivity.audit.case import Case, Companions
from descriptor_sensitivity.audit.evidence import best_symmetry, hidden_by_symmetry, share
from descriptor_sensitivity.audit.finding import CATEGORIES, Finding
from descriptor_sensitivity.audit.nearby import is_followed
from descriptor_sensitivity.audit.rounding import last_digit, singular_from
from descriptor_sensitivity.audit.thresholds import Thresholds
from descriptor_sensitivity.descriptors.base import Descriptor
from descriptor_sensitivity.environments import Batch
from descriptor_sensitivity.tolerances import SVD_ROUNDING

EXACT = 1e-9
"""Å: a structure that is meant to be exact, in double precision, is symmetric to this."""

FUNCTIONS = {
    1: "the neighbours' distances",
    2: "pairs of neighbours",
    3: "triples of neighbours",
}
"""What features of an order are made of."""

Question = Callable[[Case], Finding | None]
"""What one cause would explain: a finding with its evidence, or None."""


def diagnose(
    descriptor: Descriptor,
    batch: Batch,
    thresholds: Thresholds | None = None,
    companions: Companions | None = None,
) -> list[Finding]:
    """A finding for each environment of a batch, in its order: the first question that holds.

    Args:
        thresholds: of the data set; without one, low means CN above 5, and other representations
            are judged by their CN alone.
        companions: the densities it is compared with, by default its own.

    Raises:
        InputError: no companions, and the descriptor does not know its settings.
    """
    thresholds = thresholds or Thresholds({}, {}, {})
    companions = companions or Companions.of(descriptor)
    return [
        _first(QUESTIONS, Case(batch[index : index + 1], descriptor, companions, thresholds))
        for index in range(len(batch))
    ]


def _first(questions: Sequence[Question], case: Case) -> Finding:
    return next(finding for question in questions if (finding := question(case)))


def too_few_features(case: Case) -> Finding | None:
    """Fewer features than displacements, which leaves zeros."""
    if np.isfinite(case.condition):
        return None
    n_features = case.descriptor.features(case.one).shape[1]
    if n_features >= len(case.values):
        return None
    because = f"{n_features} features cannot follow {len(case.values)} displacements"
    return case.finding("too few features", because)


def unresolved_pair(case: Case) -> Finding | None:
    """Two like neighbours closer than `unresolved` sigma carry half of the worst displacement."""
    if not case.companions.own:
        return None
    distances = np.linalg.norm(case.vectors[:, None] - case.vectors, axis=-1)
    distances[case.species[:, None] != case.species] = np.inf
    np.fill_diagonal(distances, np.inf)
    a, b = np.unravel_index(distances.argmin(), distances.shape)
    limit, sigma = case.thresholds.unresolved, case.companions.density["sigma"]
    weight = np.sum(case.worst.reshape(-1, 3)[[a, b]] ** 2)
    if distances[a, b] > limit * sigma or weight < 0.5:
        return None
    return case.finding(
        "unresolved pair",
        f"neighbours {a} and {b} are {distances[a, b]:.3g} Å apart, closer than "
        f"{limit:g} sigma = {limit * sigma:g} Å; lower sigma",
    )


def truncation(case: Case) -> Finding | None:
    """nu = 1 on the same basis sees the worst displacement badly; which move helps most."""
    if not case.companions.own:
        return None
    companions = case.companions
    now = case.loss_nu1(companions.nu1)
    condition, usual_nu1 = case.condition, case.usual(case.thresholds.median_nu1)
    usual = case.usual(case.thresholds.median)
    if now < np.sqrt(condition) and now / usual_nu1 < np.sqrt(condition / usual):
        return None
    after = {key: case.loss_nu1(companions.moved(key)) for key in companions.moves}
    key = min(after, key=lambda name: after[name])
    said = f"nu = 1 sees the displacement {now:.3g} times less well than its best"
    if not np.isfinite(now):
        said = "nu = 1 does not see the displacement"
    if not after[key] <= 0.9 * now or np.isinf(after[key]):
        moves = ", ".join(companions.moves)
        said = f"{said}, and no single move of {moves} changes this much"
        return case.finding("truncation", said)
    advice = (
        "a neighbour is at the edge of the cutoff function; raise cutoff"
        if key == "cutoff_width"
        else f"move {key} from {companions.density[key]:g} to {companions.moves[key]:g}"
    )
    return case.finding("truncation", f"{said}; {advice} (then {after[key]:.3g} times)")


def not_invariant(case: Case) -> Finding | None:
    """Features that turn with the environment: what follows is about invariant ones."""
    if case.descriptor.invariant:
        return None
    return case.finding("unexplained", f"nu = 1 has CN {case.condition:.3g}, and no move helps")


def zeros(case: Case) -> Finding | None:
    """Null displacements as the theory predicts them for the structure that was meant.

    Null is what the rounding of coordinates can make of a zero. Symmetric if the point group
    explains every such displacement, else degenerate if coincidences explain one. "Exactly" is
    said where the zeros are zeros, and the theory counts as many without any rounding.
    """
    off = case.rounding
    null = case.null(max(off, 1 / case.thresholds.singular))
    space = case.theory(off) if null.shape[1] else None
    if space is None:
        return None
    hidden = space.symmetric.shape[1], space.degenerate.shape[1]
    said = f"within {off:.1g} Å, the accuracy of the coordinates"
    if case.null(SVD_ROUNDING).shape[1] == sum(hidden):
        exact = case.theory(EXACT)
        if exact and (exact.symmetric.shape[1], exact.degenerate.shape[1]) == hidden:
            said = "exactly"
    said += f": the point group hides {hidden[0]} displacements"
    said += f", coincident {case.tuples} {hidden[1]} more"
    # cosines between the two spaces: within a space of zeros single directions mean nothing
    explained = np.linalg.svd(space.symmetric.T @ null, compute_uv=False)
    if null.shape[1] <= hidden[0] and np.all(explained**2 >= 0.5):
        symmetry = best_symmetry(case.vectors, case.species, null[:, -1], space.width)
        named = f" ({symmetry[0].name} reverses the one shown)" if symmetry else ""
        return case.finding("symmetric", said + named, null[:, -1])
    if not case.companions.own:
        return _as_some_order(case, null, off)
    part, shown = share(space.degenerate, null)
    return case.finding("degenerate", said, shown) if part >= 0.5 else None


def _as_some_order(case: Case, null: np.ndarray, off: float) -> Finding | None:
    """Features of no known order are blind here in what all those of some order are, no more."""
    for order, functions in FUNCTIONS.items():
        space = case.theory(off, order)
        if space is None or space.dimension != null.shape[1]:
            continue
        if np.linalg.svd(space.basis.T @ null, compute_uv=False).min() ** 2 > 0.5:
            said = f"what it does not see are the {space.dimension} displacements that no function"
            said += f" of {functions} shows, {space.symmetric.shape[1]} of them hidden by symmetry"
            return case.finding("degenerate", said, share(space.degenerate, null)[1])
    return None


def seen_by_nu3(case: Case) -> Finding | None:
    """nu = 3 sees a blind displacement, and the audited correlations do not."""
    seen, shown, evidence = case.nu3
    return case.finding("degenerate", evidence, shown) if seen and case.companions.own else None


def one_operation(case: Case) -> Finding | None:
    """One symmetry operation within the tolerance reverses at least half of the displacement."""
    tolerance = case.at_most(case.thresholds.symmetry)
    symmetry = best_symmetry(case.vectors, case.species, case.worst, tolerance)
    if symmetry is None or symmetry[1] < 0.5:
        return None
    operation, odd, off = symmetry
    return case.finding(
        "symmetric",
        f"{operation.name}, off by {off:.2g} Å, reverses {100 * odd:.0f} % of the "
        f"displacement; {case.nu3[2]}",
    )


def point_group(case: Case) -> Finding | None:
    """All operations within the tolerance together hide at least half of the displacement."""
    tolerance = case.at_most(case.thresholds.symmetry)
    hidden = hidden_by_symmetry(case.vectors, case.species, case.worst, tolerance)
    if hidden < 0.5:
        return None
    said = f"the point group hides {100 * hidden:.0f} % of the displacement; {case.nu3[2]}"
    return case.finding("symmetric", said)


def near_coincidence(case: Case) -> Finding | None:
    """Tuples that coincide within the tolerance hide at least half of a blind displacement."""
    part, shown, said = case.coincidence
    if part < 0.5 or not case.companions.own:
        return None
    return case.finding("degenerate", f"{said}; {case.nu3[2]}", shown)


def near_singular(case: Case) -> Finding | None:
    """Towards a singular point close by sensitivity falls, and half of the displacement is null."""
    near = case.searched
    if near is None or not near.explains or near.point.kind not in CATEGORIES:
        return None
    if near.point.kind == "degenerate" and not case.companions.own:
        return None
    return case.finding(near.point.kind, f"{near}; {case.nu3[2]}", searched=True)


def unexplained(case: Case) -> Finding:
    """None of these."""
    said = f"no symmetry found; {case.coincidence[2]}; {case.nu3[2]}"
    said += f"; {case.searched or 'no singular point was found near it'}"
    if not is_followed(case.descriptor, case.one):
        said += ", and to follow the features to one would take too long"
    unit = last_digit(case.vectors[None])
    if case.condition >= singular_from(case.thresholds.singular, unit)[0]:
        digit = f"the last digit of the coordinates, {unit[0]:g} Å"
        said = f"cannot be told from singular at {digit}; {said}"
    return case.finding("unexplained", said, searched=True)


QUESTIONS: tuple[Question, ...] = (
    too_few_features,
    unresolved_pair,
    truncation,
    not_invariant,
    zeros,
    seen_by_nu3,
    one_operation,
    point_group,
    near_coincidence,
    near_singular,
    unexplained,
)
"""In the order in which they are asked."""
