r"""The symmetric and the degenerate environments next to a given one, in closed form.

The environments of each kind below form a manifold. Its point nearest to the neighbours r_j follows
from 3 x 3 eigenproblems, one for each way of giving the neighbours their roles.

* Symmetric. Let S be the reflection 1 - 2 n n^T or the half turn 2 n n^T - 1, and p an exchange of
  like neighbours, two by two. The nearest environment with S r_j = r_p(j) is (r_j + S r_p(j)) / 2.
  Its squared distance, sum_j |r_j - S r_p(j)|^2 / 4, is least for n the eigenvector of
  M = sum_j (r_j r_p(j)^T + r_p(j) r_j^T) / 2 of the smallest eigenvalue (reflection) or the
  largest (half turn).
* Degenerate at nu = 2: with four neighbours, the singular members of the families (`families`).
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from itertools import permutations

import numpy as np

from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.theory.pairs import closest_ring

ENUMERATED = 8
"""Up to this many neighbours every exchange is tried; beyond, those that suit some plane or axis
through the atoms, so that distances are upper bounds."""

ROUNDS = 20
"""How often an exchange and its plane, or the axes of a frame, are adjusted to each other."""


@dataclass(frozen=True)
class Nearby:
    """An arrangement next to an environment.

    Attributes:
        name: planar, mirror plane, twofold axis, or a family: mirror, flat_pair, ring.
        vectors: (N, 3) its neighbours, Å.
        distance: from the environment, over all 3N coordinates, Å.
    """

    name: str
    vectors: np.ndarray
    distance: float


def symmetric_points(vectors: np.ndarray, species: np.ndarray | None = None) -> list[Nearby]:
    """The nearest environments in a plane, with a mirror plane and with a twofold axis.

    Only those are returned that hide a displacement: one that the operation turns into its
    opposite and that is no rotation. Exact up to `ENUMERATED` neighbours, upper bounds beyond.

    Args:
        vectors: (N, 3) neighbour positions, Å.
        species: (N,) atomic numbers; all alike if not given.
    """
    n = len(vectors)
    kinds = tuple(np.zeros(n, dtype=int) if species is None else np.asarray(species).tolist())
    exchanges = _exchanges(kinds) if n <= ENUMERATED else _suitable(vectors, np.array(kinds))
    moved = np.sum(exchanges != np.arange(n), axis=1)
    partners = vectors[exchanges]
    products = np.einsum("jx,pjy->pxy", vectors, partners)
    values, axes = np.linalg.eigh(products + products.transpose(0, 2, 1))
    # sum |r_j -+ S r_p(j)|^2 / 4 = (sum r^2 - trace M)/2 + (lowest of M), and with a half turn
    # (sum r^2 + trace M)/2 - (highest of M); eigenvalues here are those of 2 M.
    squares, traces = np.sum(vectors**2), np.trace(products, axis1=1, axis2=2)
    reflected = (squares - traces + values[:, 0]) / 2
    turned = (squares + traces - values[:, 2]) / 2
    hidden_by_plane = n - moved + 3 * moved // 2 > 2
    hidden_by_axis = (moved > 0) & (2 * (n - moved) + 3 * moved // 2 > 2)
    choices = [
        ("planar", reflected, hidden_by_plane & (moved == 0), -1.0, 0),
        ("mirror plane", reflected, hidden_by_plane & (moved > 0), -1.0, 0),
        ("twofold axis", turned, hidden_by_axis, 1.0, 2),
    ]
    found = []
    for name, costs, allowed, sign, column in choices:
        if allowed.any():
            best = int(np.argmin(np.where(allowed, costs, np.inf)))
            normal = axes[best, :, column]
            images = sign * (2 * np.outer(partners[best] @ normal, normal) - partners[best])
            found.append(_nearby(name, (vectors + images) / 2, vectors))
    return found


def degenerate_points(vectors: np.ndarray, species: np.ndarray | None = None) -> list[Nearby]:
    """The nearest singular members of the families of four neighbours degenerate at nu = 2.

    None for another number of neighbours. Those of `mirror_singular` are exact; of `flat_pair`
    and `ring` nearby ones, whose distances are upper bounds.
    """
    if len(vectors) != 4:
        return []
    kinds = np.zeros(4, dtype=int) if species is None else np.asarray(species)
    found = []
    roles = _roles()
    roles = roles[kinds[roles[:, 1]] == kinds[roles[:, 2]]]
    if len(roles):
        for name, build in (("mirror", _mirror_points), ("flat_pair", _flat_pair_points)):
            points = build(vectors[roles])
            costs = np.sum((points - vectors[roles]) ** 2, axis=(1, 2))
            best = int(np.argmin(costs))
            back = np.empty((4, 3))
            back[roles[best]] = points[best]
            found.append(_nearby(name, back, vectors))
    if len(set(kinds)) == 1:
        with suppress(InputError):
            found.append(_nearby("ring", closest_ring(vectors)[0], vectors))
    return found


def _nearby(name: str, point: np.ndarray, vectors: np.ndarray) -> Nearby:
    return Nearby(name, point, float(np.linalg.norm(point - vectors)))


def _mirror_points(roles: np.ndarray) -> np.ndarray:
    """c along b- + b+ and |b-| = |b+|; neighbours (n, 4, 3) in the roles a, b-, b+, c.

    With m, d = (b+ +- b-) / sqrt2 the nearest has c and m along e1, d along e2, orthogonal: the
    sum of squares e1.(c c^T + m m^T).e1 + (e2.d)^2 is largest for e1 the highest eigenvector of
    c c^T + m m^T - d d^T and e2 along what e1 leaves of d.
    """
    a, c = roles[:, 0], roles[:, 3]
    m, d = (roles[:, 2] + roles[:, 1]) / np.sqrt(2), (roles[:, 2] - roles[:, 1]) / np.sqrt(2)
    e1 = np.linalg.eigh(_square(c) + _square(m) - _square(d))[1][:, :, 2]
    m, d, c = _along(m, e1), d - _along(d, e1), _along(c, e1)
    return np.stack([a, (m - d) / np.sqrt(2), (m + d) / np.sqrt(2), c], axis=1)


def _flat_pair_points(roles: np.ndarray) -> np.ndarray:
    """|b-| = |b+| in a plane with the centre and a, c across b+ - b-; roles a, b-, b+, c.

    With m, d as above the nearest has m along e1, d along e2, a across e3 and c across e2 of one
    frame, which makes (e1.m)^2 + (e2.d)^2 - (e2.c)^2 - (e3.a)^2 largest. The frame is turned in
    the planes of two of its axes in turn, each time to the best angle.
    """
    a, c = roles[:, 0], roles[:, 3]
    m, d = (roles[:, 2] + roles[:, 1]) / np.sqrt(2), (roles[:, 2] - roles[:, 1]) / np.sqrt(2)
    forms = np.stack([_square(m), _square(d) - _square(c), -_square(a)], axis=1)
    frame = np.linalg.qr(np.stack([d, m, a], axis=2))[0].transpose(0, 2, 1)[:, [1, 0, 2]]
    for _ in range(ROUNDS):
        for i, j in ((0, 1), (0, 2), (1, 2)):
            u, v, form = frame[:, i].copy(), frame[:, j].copy(), forms[:, i] - forms[:, j]
            # the best of cos^2 u.F.u + sin 2t u.F.v + sin^2 v.F.v, F the difference of forms
            difference = (_form(u, form, u) - _form(v, form, v)) / 2
            angle = np.arctan2(_form(u, form, v), difference)[:, None] / 2
            frame[:, i] = np.cos(angle) * u + np.sin(angle) * v
            frame[:, j] = np.cos(angle) * v - np.sin(angle) * u
    e1, e2, e3 = frame.transpose(1, 0, 2)
    m, d = _along(m, e1), _along(d, e2)
    a, c = a - _along(a, e3), c - _along(c, e2)
    return np.stack([a, (m - d) / np.sqrt(2), (m + d) / np.sqrt(2), c], axis=1)


def _along(v: np.ndarray, axis: np.ndarray) -> np.ndarray:
    return np.sum(v * axis, axis=1, keepdims=True) * axis


def _square(v: np.ndarray) -> np.ndarray:
    return v[:, :, None] * v[:, None]


def _form(u: np.ndarray, matrices: np.ndarray, v: np.ndarray) -> np.ndarray:
    return np.einsum("nx,nxy,ny->n", u, matrices, v)


@cache
def _roles() -> np.ndarray:
    """The twelve ways (12, 4) to be a, b-, b+, c: b- and b+ may change places."""
    return np.array([[a, *sorted({0, 1, 2, 3} - {a, c}), c] for a, c in permutations(range(4), 2)])


@cache
def _exchanges(kinds: tuple[int, ...]) -> np.ndarray:
    """All permutations (n, N) that exchange like neighbours two by two, or leave them."""

    def ways(left: list[int]) -> Iterator[dict[int, int]]:
        if not left:
            yield {}
            return
        first, rest = left[0], left[1:]
        for other in [first, *(k for k in rest if kinds[k] == kinds[first])]:
            for way in ways([k for k in rest if k != other]):
                yield {first: other, other: first, **way}

    every = [[way[k] for k in range(len(kinds))] for way in ways(list(range(len(kinds))))]
    return np.array(every)


def _suitable(vectors: np.ndarray, kinds: np.ndarray) -> np.ndarray:
    """Exchanges (n, N) that suit a plane across two like neighbours, or an axis between them.

    For a reflection or half turn S, pairs are taken in the order of |r_j - S r_k|.
    """
    n = len(vectors)
    first, second = np.triu_indices(n, 1)
    like = kinds[first] == kinds[second]
    first, second = first[like], second[like]
    normals = [vectors[first] - vectors[second], vectors[first] + vectors[second], vectors]
    signs = np.repeat([-1.0, 1.0, 1.0], [len(first), len(first), n])
    axes = np.concatenate(normals)
    axes /= np.maximum(np.linalg.norm(axes, axis=1, keepdims=True), 1e-12)
    found = {tuple(range(n))}
    for axis, sign in zip(axes, signs, strict=True):
        found.add(_matching(vectors, sign * (2 * np.outer(vectors @ axis, axis) - vectors), kinds))
    return np.array(sorted(found))


def _matching(vectors: np.ndarray, images: np.ndarray, kinds: np.ndarray) -> tuple[int, ...]:
    """Like neighbours j, k (or j alone) in the order of |r_j - S r_k|, each used once."""
    n = len(vectors)
    gaps = np.linalg.norm(vectors[:, None] - images, axis=-1)
    gaps[kinds[:, None] != kinds] = np.inf
    rows, columns = np.triu_indices(n)
    partner = np.full(n, -1)
    for index in np.argsort(gaps[rows, columns], kind="stable"):
        j, k = rows[index], columns[index]
        if partner[j] < 0 and partner[k] < 0:
            partner[j], partner[k] = k, j
    return tuple(partner.tolist())
