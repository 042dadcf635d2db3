r"""Singular values read from G = J J^T, with a bound on the relative error of the smallest.

Squaring halves the digits: a computed G is off by about eps times its largest elements, so that
the root of an eigenvalue lambda is off by eps lambda_max / 2 lambda. Two ways to read G, and a
bound for each; what neither bounds by `ACCURACY`, exact zeros above all, is for the Jacobian's own
singular values.

* Eigenvalues. Error of s_min <= 8 eps CN^2.
* A graded factorisation. Far neighbours at a smooth cutoff, or displacements of different kinds,
  make rows of very different size, which eigenvalues lose and a factorisation keeps: with
  H = D^-1 G D^-1 of unit diagonal and its pivoted Cholesky factor, H = L_H L_H^T, the singular
  values are those of L = D L_H. Error <= 5 eps (g kappa(H) + CN): H is as well known as its rows,
  g being what the sums for them lost to cancellation (`LocalGram.noise` over the diagonal).

Infinitesimal rotations about the centre are exact null vectors of an invariant G. There are as many
small eigenvalues and missing pivots, which are left out; s belongs to the displacements orthogonal
to them (paper 1, section 2).
"""

import numpy as np
from scipy.linalg.lapack import dpstrf

from descriptor_sensitivity.gram.neighbors import LocalGram

ACCURACY = 1e-9
"""Relative error of the smallest singular value below which a way to read G is taken."""

PATTERN_ACCURACY = 1e-6
"""Angle in rad below which a displacement pattern is taken from eigenvectors."""

EIGENVALUES, GRADED, PATTERNS = 8.0, 5.0, 500.0
"""Constants of the three bounds, in units of the rounding error; see the head of the module and
`certified_patterns`. The largest errors seen, in random and in singular environments, need 1.6, 1
and 30."""

_EPS = float(np.finfo(float).eps)


def certified_values(gram: LocalGram, n_rotations: int) -> tuple[np.ndarray, np.ndarray]:
    """Singular values (n_env, 3N - n_rotations), descending, and a bound (n_env,) on their error.

    The bound is on the relative error of the smallest, infinite where nothing is known. The
    cheaper way comes first, the other only where it gives no `ACCURACY`.
    """
    squares = np.linalg.eigvalsh(gram.matrix)[:, ::-1]
    kept = squares.shape[1] - n_rotations
    values = np.sqrt(np.maximum(squares[:, :kept], 0.0))
    bound = eigenvalue_bound(gram, squares[:, :kept])
    for index in np.flatnonzero(bound > ACCURACY):
        found = _graded(gram.matrix[index], gram.noise[index], kept)
        if found is not None:
            values[index], bound[index] = found
    return values, bound


def certified_patterns(
    gram: LocalGram, n_rotations: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """`certified_values` by eigenvalues alone, with Cartesian patterns (n_env, 3N, k).

    The bound (n_env,) is infinite where the patterns are not known to `PATTERN_ACCURACY`: a pattern
    turns by at most 500 eps lambda_max over the distance of its eigenvalue from the others.
    """
    squares, local = np.linalg.eigh(gram.matrix)
    squares, local = squares[:, ::-1], local[:, :, ::-1]
    kept = squares.shape[1] - n_rotations
    bound = eigenvalue_bound(gram, squares[:, :kept])
    gap = -np.diff(squares[:, : kept + 1], axis=1).max(axis=1, initial=-np.inf)
    with np.errstate(divide="ignore"):
        angle = PATTERNS * _EPS * squares[:, 0] / np.maximum(gap, 0.0)
    bound[angle > PATTERN_ACCURACY] = np.inf
    values = np.sqrt(np.maximum(squares[:, :kept], 0.0))
    return values, gram.displacements(local[:, :, :kept]), bound


def eigenvalue_bound(gram: LocalGram, squares: np.ndarray) -> np.ndarray:
    """The bound (n_env,) on the relative error of s_min by eigenvalues (n_env, k), descending."""
    if squares.shape[1] == 0:
        return np.zeros(len(squares))
    size = np.maximum(squares[:, 0], gram.noise.max(axis=1))
    smallest = squares[:, -1]
    bound = np.full(len(squares), np.inf)
    np.divide(EIGENVALUES * _EPS * size, smallest, out=bound, where=smallest > 0)
    return bound


def _graded(matrix: np.ndarray, noise: np.ndarray, kept: int) -> tuple[np.ndarray, float] | None:
    """Singular values of one G by pivoted Cholesky of its scaled form, and their bound.

    None where G has not `kept` positive pivots, or where the bound is beyond use.
    """
    diagonal = np.diagonal(matrix)
    if not (diagonal > 0).all():
        return None
    growth = max(1.0, float((noise / diagonal).max()))
    if GRADED * _EPS * growth > ACCURACY:
        return None
    scale = np.sqrt(diagonal)
    factor, pivots, rank, _ = dpstrf(matrix / np.outer(scale, scale), lower=1)
    if rank < kept:
        return None
    factor = np.tril(factor)[:, :kept]
    spread = np.linalg.svd(factor, compute_uv=False)
    kappa = float(spread[0] / max(spread[-1], np.finfo(float).tiny)) ** 2
    if GRADED * _EPS * growth * kappa > ACCURACY:
        return None
    values = np.linalg.svd(scale[pivots - 1, None] * factor, compute_uv=False)
    return values, GRADED * _EPS * (growth * kappa + float(values[0] / values[-1]))
