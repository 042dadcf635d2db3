"""How well the coordinates of a data set are known, from the coordinates themselves.

A symmetric structure whose coordinates are rounded to u is singular no more: displaced by about u,
its null singular values become about u / Å of s_max. What was lost is estimated in two ways, for
files keep decimals and programs keep neither these nor orientations: from the digits, and from
lengths that are nearly equal where all others are far apart.
"""

import numpy as np

from descriptor_sensitivity.tolerances import COORDINATES

DECIMALS = np.arange(3, 9)
"""Decimals that are looked for. With fewer a file tells nothing about symmetry, and short numbers
that are meant exactly, like 1.5, are taken for three."""

ERRORS = 5.0
"""Images of atoms under an operation, and lengths, are off by up to 3.5 units of the last digit:
sqrt(3)/2 each for the two atoms of two lengths. A little more."""

JUMP = 10.0
"""Nearly equal lengths differ by less than a tenth of what tells others apart."""

NEARLY = 5e-3
"""Lengths (Å) that differ by more than this are not nearly equal: two decimals would be."""

LOST = 0.3
"""A singular value below this times 1 Å / u of s_max is no more than u makes of a zero, measured
for molecules of known symmetry in random orientations: 0.05 to 0.25."""


def last_digit(vectors: np.ndarray) -> np.ndarray:
    """The unit u (Å) of the last decimal of environments (n_env, N, 3); 0 where none is seen."""
    units = 10.0**-DECIMALS
    scaled = vectors[..., None] / units
    off = np.abs(scaled - np.round(scaled)).max(axis=(1, 2))
    # Differences of coordinates up to 1000 Å carry 2e-13 of their own.
    seen = off < 1e-6 + 4e-13 / units
    first = seen.argmax(axis=1)
    return np.where(seen.any(axis=1), units[first], 0.0)


def nearly_equal(vectors: np.ndarray, species: np.ndarray) -> float:
    """The largest difference (Å) of neighbouring lengths of one kind that looks like rounding.

    Radii by species and mutual distances by pair of species are sorted; their differences are
    sorted in turn, and the last one below `NEARLY` counts that the next exceeds `JUMP` times; 0
    where there is none.
    """
    first, second = np.triu_indices(len(vectors), 1)
    lengths = np.linalg.norm(np.concatenate([vectors, vectors[first] - vectors[second]]), axis=1)
    pairs = np.sort(np.stack([species[first], species[second]], axis=1), axis=1)
    alone = np.stack([np.full(len(species), -1), species], axis=1)
    _, kinds = np.unique(np.concatenate([alone, pairs]), axis=0, return_inverse=True)
    order = np.lexsort((lengths, kinds.ravel()))
    alike = np.diff(kinds.ravel()[order]) == 0
    gaps = np.sort(np.diff(lengths[order])[alike])
    gaps = np.append(np.maximum(gaps, 1e-12), np.inf)
    last = (gaps[:-1] < NEARLY) & (gaps[1:] > JUMP * gaps[:-1])
    return float(gaps[:-1][last].max(initial=0.0))


def tolerance(vectors: np.ndarray, species: np.ndarray) -> float:
    """Å by which atoms of one environment (N, 3) may be off the structure that was meant."""
    known = max(float(last_digit(vectors[None])[0]), nearly_equal(vectors, species))
    return max(ERRORS * min(known, NEARLY), COORDINATES)


def singular_from(singular: float, unit: np.ndarray) -> np.ndarray:
    """CN (n_env,) from which environments are singular, or cannot be told from that at `unit` Å."""
    with np.errstate(divide="ignore"):
        return np.minimum(singular, LOST / unit)
