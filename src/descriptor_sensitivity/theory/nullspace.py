"""Which displacements a correlation order cannot see: a theory without basis or smearing.

With a complete basis, the features of correlation order nu are the multiset, over ordered nu-tuples
of neighbours (repetition allowed), of what rotation and reflection leave of a tuple: the species,
the radii and the mutual angles, here the mutual distances, which say the same. A displacement is
therefore invisible to first order exactly when, for every distinct value of these invariants, the
sum of their changes over the tuples that share the value vanishes: any smooth function of
the invariants can be nonzero near that one value alone, with any gradient there. An environment
without coincident tuples is seen fully from nu = 2 on unless its neighbours are coplanar.

Part of the null space is forced by point symmetry and common to all orders; the rest is degenerate.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.sparse import csr_array

from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.singular import rotation_free_basis
from descriptor_sensitivity.theory.symmetry import totally_symmetric
from descriptor_sensitivity.tolerances import COORDINATES


@dataclass(frozen=True)
class NullSpace:
    """The predicted null space of one environment at correlation order `order`.

    Attributes:
        order: nu.
        basis: (3N, d) orthonormal rotation-free displacements that nu-correlations cannot see.
        symmetric: (3N, d_s) the part of it that symmetry hides from every invariant feature.
        degenerate: (3N, d_d) the rest, invisible for want of correlation order only.
        singular_values: (3N - 3,) of the conditions, descending, in units of their largest.
        width: Å, the tolerance of the point group: lengths that count as equal are that wide apart.
        gap: smallest kept over largest dropped singular value (infinite if nothing is dropped).
    """

    order: int
    basis: np.ndarray
    symmetric: np.ndarray
    degenerate: np.ndarray
    singular_values: np.ndarray
    width: float

    @property
    def dimension(self) -> int:
        """d, the number of null singular values besides the rotations."""
        return self.basis.shape[1]

    @property
    def gap(self) -> float:
        """Smallest singular value kept over the largest one called zero; infinite if none is."""
        kept = len(self.singular_values) - self.dimension
        if self.dimension == 0 or kept == 0 or self.singular_values[kept] == 0:
            return np.inf
        return float(self.singular_values[kept - 1] / self.singular_values[kept])


def largest_zero(singular_values: np.ndarray, dimension: int) -> float:
    """The largest of descending singular values (n,) of conditions that counts as zero.

    `dimension` of them do; where none does it is the smallest of all.
    """
    return float(singular_values[len(singular_values) - max(dimension, 1)])


def null_space(
    vectors: np.ndarray,
    order: int,
    species: np.ndarray | None = None,
    tolerance: float = COORDINATES,
) -> NullSpace:
    """Predicted null space of correlation order nu = `order` at one environment.

    Args:
        vectors: (N, 3) neighbour positions, Å.
        order: nu >= 1. Cost grows as N^nu.
        species: (N,) atomic numbers; all alike if not given.
        tolerance: how far (Å) atoms may lie from an exact coincidence. Lengths of the same
            kind that differ by less than twice this count as equal, and so do the ends of an
            unbroken chain of such lengths. Singular values up to tolerance / (shortest length)
            times the largest count as null, as the directions of bonds, hence the conditions,
            are uncertain by that much. The point group is that within the tolerance or, where a
            chain is wider, twice its width, so that both parts are judged alike. The default is for
            coordinates with seven decimals; a larger value looks for a singular structure nearby.

    Raises:
        InputError: an order below 1, or two atoms closer than the tolerance can tell.
    """
    if order < 1:
        raise InputError(f"correlation order {order} does not exist; use 1 or more.")
    n = len(vectors)
    species = np.zeros(n, dtype=int) if species is None else np.asarray(species)
    radii = np.linalg.norm(vectors, axis=1)
    first, second = np.triu_indices(n, 1)
    distances = np.linalg.norm(vectors[first] - vectors[second], axis=1)
    shortest = min(radii.min(), distances.min(initial=np.inf))
    if shortest <= 2 * tolerance:
        raise InputError(
            f"two atoms of the environment are {shortest:.3g} Å apart, closer than the tolerance"
            f" of {tolerance:g} Å can tell; use a smaller tolerance."
        )

    kind = labels(species[:, None], radii, tolerance)
    pair_kind = labels(
        np.sort(np.stack([kind[first], kind[second]], axis=1), axis=1), distances, tolerance
    )
    quantity = np.full((n, n), -1)
    quantity[first, second] = quantity[second, first] = np.arange(len(first))
    kinds = np.full((n, n), -1)
    kinds[first, second] = kinds[second, first] = pair_kind

    rotation_free = rotation_free_basis(vectors[None])[0]
    gradients = length_gradients(vectors, first, second) @ rotation_free
    conditions = _tuple_sums(ordered_tuples(kind, order), kind, kinds, quantity) @ gradients
    if len(conditions) > conditions.shape[1]:
        conditions = np.linalg.qr(conditions, mode="r")
    _, values, right = np.linalg.svd(conditions, full_matrices=True)
    values = np.pad(values / values[0], (0, len(right) - len(values)))
    basis = right[values <= tolerance / shortest].T

    spread = max(_spread(kind, radii), _spread(pair_kind, distances))
    width = max(tolerance, 2 * spread)
    seen_by_all = rotation_free.T @ totally_symmetric(vectors, species, width)
    overlap, mixing = np.linalg.svd(seen_by_all.T @ basis, full_matrices=True)[1:]
    n_degenerate = int(np.sum(overlap > 0.5))
    split = rotation_free @ basis @ mixing.T
    return NullSpace(
        order=order,
        basis=rotation_free @ basis,
        symmetric=split[:, n_degenerate:],
        degenerate=split[:, :n_degenerate],
        singular_values=values,
        width=width,
    )


def random_invariants(
    vectors: np.ndarray,
    order: int,
    species: np.ndarray | None = None,
    n_features: int = 100,
    seed: int = 0,
) -> tuple[np.ndarray, np.ndarray]:
    """Random smooth features of correlation order nu = `order`, to hold the theory against.

    Feature q is the sum over all ordered nu-tuples of cos(w_q . g + b_q), where g holds the scalar
    products within the tuple (Å^2) and its species, and w_q, b_q are random. No radial or angular
    basis is involved, and any order can be had.

    Returns:
        Features (n_features,) and their Jacobian (3N, n_features), 1/Å.
    """
    n = len(vectors)
    species = np.zeros(n) if species is None else species
    gram = vectors @ vectors.T
    tuples, gathers = _every_tuple(n, order)
    i, j = np.triu_indices(order)
    arguments = np.concatenate([gram[tuples[:, i], tuples[:, j]], species[tuples]], axis=1)
    rng = np.random.default_rng(seed)
    waves = rng.normal(size=(arguments.shape[1], n_features))
    phases = arguments @ waves + rng.uniform(0, 2 * np.pi, n_features)
    # Slopes by scalar product (a, b); then d(r_a . r_b) = r_b . dr_a + r_a . dr_b.
    slopes: np.ndarray = np.zeros((n * n, n_features), dtype=phases.dtype)
    sines = np.sin(phases)
    for slot, gather in enumerate(gathers):
        slopes -= (gather @ sines) * waves[slot]
    slopes = slopes.reshape(n, n, n_features)
    slopes = slopes + slopes.transpose(1, 0, 2)
    jacobian = np.einsum("abq,bx->axq", slopes, vectors).reshape(3 * n, n_features)
    return np.cos(phases).sum(axis=0), jacobian


@lru_cache(maxsize=1)
def _every_tuple(n: int, order: int) -> tuple[np.ndarray, list[csr_array]]:
    """All ordered tuples (n_tuples, order) of n neighbours, and for each of their scalar products a
    matrix (n^2, n_tuples) of ones where a tuple has the product of these two neighbours."""
    tuples = np.indices((n,) * order).reshape(order, -1).T
    ones, rows = np.ones(len(tuples)), np.arange(len(tuples))
    products = [
        n * tuples[:, a] + tuples[:, b] for a, b in zip(*np.triu_indices(order), strict=True)
    ]
    shape = (n * n, len(tuples))
    return tuples, [csr_array((ones, (product, rows)), shape=shape) for product in products]


def labels(groups: np.ndarray, lengths: np.ndarray, tolerance: float) -> np.ndarray:
    """Integer labels (n,), equal for equal groups (n, k) and lengths (n,).

    Within a group the sorted lengths are cut wherever neighbouring ones differ by more than twice
    the tolerance.
    """
    order = np.lexsort((lengths, *groups.T[::-1]))
    groups, lengths = groups[order], lengths[order]
    new = (groups[1:] != groups[:-1]).any(axis=1) | (np.diff(lengths) > 2 * tolerance)
    labels = np.empty(len(order), dtype=int)
    labels[order] = np.concatenate([[0], np.cumsum(new)])[: len(order)]
    return labels


def _spread(labels: np.ndarray, lengths: np.ndarray) -> float:
    """The largest difference of two lengths (n,) of one label."""
    order = np.lexsort((lengths, labels))
    labels, lengths = labels[order], lengths[order]
    starts = np.flatnonzero(np.diff(labels, prepend=-1))
    ends = np.append(starts[1:], len(labels)) - 1
    return float(np.max(lengths[ends] - lengths[starts], initial=0.0))


def length_gradients(vectors: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Gradients of the radii, then of the distances of pairs first < second: (N + pairs, 3N)."""
    n = len(vectors)
    each, pairs = np.arange(n), np.arange(len(first))
    gradients = np.zeros((n + len(first), n, 3))
    gradients[each, each] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    along = vectors[first] - vectors[second]
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    gradients[n + pairs, first] = along
    gradients[n + pairs, second] = -along
    return gradients.reshape(n + len(first), 3 * n)


def ordered_tuples(kind: np.ndarray, order: int) -> np.ndarray:
    """All ordered tuples (n_tuples, order) of neighbours whose kinds do not descend.

    The others are these with their entries exchanged, and coincide when these do.
    """
    tuples = np.arange(len(kind))[:, None]
    for _ in range(order - 1):
        before, last = np.nonzero(kind[tuples[:, -1]][:, None] <= kind)
        tuples = np.column_stack([tuples[before], last])
    return tuples


def _tuple_sums(
    tuples: np.ndarray, kind: np.ndarray, kinds: np.ndarray, quantity: np.ndarray
) -> csr_array:
    """Conditions as combinations of length gradients, (n_values * slots, N + pairs).

    One block per distinct value of the invariants; within it, one row per radius and per distance
    of the tuple, each the sum over the m tuples that share the value, over sqrt(m).
    """
    n, order = len(kind), tuples.shape[1]
    i, j = np.triu_indices(order, 1)
    pairs = tuples[:, i], tuples[:, j]
    keys = np.column_stack([kind[tuples], kinds[pairs]])
    _, block, count = np.unique(keys, axis=0, return_inverse=True, return_counts=True)
    block = block.ravel()
    columns = np.column_stack([tuples, np.where(quantity[pairs] < 0, -1, n + quantity[pairs])])
    rows = block[:, None] * columns.shape[1] + np.arange(columns.shape[1])
    weights = np.broadcast_to(1 / np.sqrt(count[block])[:, None], columns.shape)
    real = columns >= 0
    shape = (len(count) * columns.shape[1], n + n * (n - 1) // 2)
    return csr_array((weights[real], (rows[real], columns[real])), shape=shape)
