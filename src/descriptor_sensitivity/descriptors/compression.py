"""Fewer channels, the same singular values: orthogonal transformations that leave out exact zeros.

For given l the coefficients of an environment and their gradients are combinations of the 2N radial
vectors I_l(r_j), I'_l(r_j). Rotating the radial index on their span (the R factor of a QR
decomposition) leaves singular values and left singular vectors as they are, for any n_max.
"""

from collections.abc import Iterable

import numpy as np

_PANEL = 256
"""Features per panel of the QR factorisation: small enough to stay in the processor's cache."""

FOLDED_BYTES = 5e7
"""Of triangles that are kept side by side."""


def triangle(jacobian: np.ndarray) -> np.ndarray:
    """The Jacobian with its features turned so that all past the 3N-th vanish and are left out.

    Returns (n_env, 3N, min(3N, n_features)): R^T of J^T = Q R, with the singular values and left
    vectors of J. Long Jacobians are factorised panel by panel and the triangles once more; each
    step is an orthogonal transformation of the features, so nothing is lost.
    """
    n_env, rows, columns = jacobian.shape
    if columns <= rows:
        return jacobian
    panels = columns // max(_PANEL, 4 * rows)
    if panels >= 2:
        width = columns // panels
        body = jacobian[:, :, : panels * width].reshape(n_env, rows, panels, width)
        triangles = r_factor(body.transpose(0, 2, 3, 1))
        rest = jacobian[:, :, panels * width :].transpose(0, 2, 1)
        stacked = np.concatenate([triangles.reshape(n_env, -1, rows), rest], axis=1)
        return triangle(stacked.transpose(0, 2, 1))
    return r_factor(jacobian.transpose(0, 2, 1)).transpose(0, 2, 1)


def folded(panels: Iterable[np.ndarray]) -> list[np.ndarray]:
    """The `triangle` of each panel of a Jacobian, folded into one where they grow too many."""
    parts: list[np.ndarray] = []
    for panel in panels:
        parts.append(triangle(panel))
        if len(parts) > 1 and sum(part.nbytes for part in parts) > FOLDED_BYTES:
            parts = [triangle(np.concatenate(parts, -1))]
    return parts


def r_factor(matrix: np.ndarray) -> np.ndarray:
    """R of the QR decomposition of (a stack of) matrices (..., M, N): (..., min(M, N), N)."""
    return np.asarray(np.linalg.qr(matrix, mode="r"))


def compress(
    radial: np.ndarray, slope: np.ndarray, blocks: np.ndarray, n_max: int
) -> tuple[np.ndarray, np.ndarray, int]:
    """Rotate the channels of each species on the span of its radial vectors, for each l.

    radial and slope (e, l, N, channels) become (e, l, N, k): with A the matrix whose columns are
    the values and slopes of the neighbours of one species, A = Q R and the rotated vectors are R.
    As R is triangular, values live on the first channels of a species alone; those of all species
    come first, and their number is returned too.
    """
    solid, loose = [], []
    for block in sorted(set(blocks)):
        mine = np.flatnonzero(blocks == block)
        channels = slice(block * n_max, (block + 1) * n_max)
        columns = np.concatenate([radial[:, :, mine, channels], slope[:, :, mine, channels]], 2)
        if n_max > len(mine):
            columns = r_factor(columns.swapaxes(2, 3)).swapaxes(2, 3)
        full = np.zeros((2, *radial.shape[:3], columns.shape[-1]))
        full[0][:, :, mine], full[1][:, :, mine] = np.split(columns, 2, axis=2)
        solid.append(full[..., : len(mine)])
        loose.append(full[..., len(mine) :])
    value, derivative = np.concatenate([*solid, *loose], -1)
    return value, derivative, sum(part.shape[-1] for part in solid)


def common_channels(*radials: np.ndarray) -> list[np.ndarray]:
    """Rotate the channels of several arrays (e, l, N, channels) alike, on the span of all of them.

    The right singular vectors of all radial vectors of one l; those beyond rounding are left out.
    """
    n_degrees, channels = radials[0].shape[1], radials[0].shape[3]
    rows = [radial.swapaxes(0, 1).reshape(n_degrees, -1, channels) for radial in radials]
    stacked = r_factor(np.concatenate(rows, axis=1))
    _, size, axes = np.linalg.svd(stacked)
    kept = int((size > 1e-15 * size[:, :1]).sum(axis=1).max())
    return [radial @ axes[:, :kept].swapaxes(1, 2) for radial in radials]
