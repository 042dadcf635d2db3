"""The complete-basis limit of the density's sensitivity (paper 1, section 1.5), in closed form."""

import numpy as np


def common_singular_value(sigma: float) -> float:
    """1 / sqrt(16 pi^(3/2) sigma^5), Å^(-5/2): every singular value when no densities overlap."""
    return 1 / np.sqrt(16 * np.pi**1.5 * sigma**5)


def gram(vectors: np.ndarray, sigma: float, printed: bool = False) -> np.ndarray:
    """J J* of the density in the complete-basis limit, (n_env, 3N, 3N), Å^(-5).

    With d = r_j - r_j',

        (J J*)_{ja,j'b} = exp(-|d|^2 / 4 sigma^2) / (4 pi sigma^2)^(3/2)
                          (2 sigma^2 delta_ab - d_a d_b) / (4 sigma^4).

    Eq. (7) of paper 1 prints the exponent with the single component d_a in place of |d|. That is
    `printed`; it agrees on the diagonal only, as the overlap of two Gaussians depends on their
    distance.
    """
    n_env, n_neighbors, _ = vectors.shape
    d = vectors[:, :, None] - vectors[:, None]
    exponent = d[..., :, None] ** 2 if printed else (d**2).sum(-1)[..., None, None]
    overlap = np.exp(-exponent / (4 * sigma**2)) / (4 * np.pi * sigma**2) ** 1.5
    curvature = 2 * sigma**2 * np.eye(3) - d[..., :, None] * d[..., None, :]
    blocks = overlap * curvature / (4 * sigma**4)
    return blocks.transpose(0, 1, 3, 2, 4).reshape(n_env, 3 * n_neighbors, 3 * n_neighbors)


def limit_singular_values(vectors: np.ndarray, sigma: float) -> np.ndarray:
    """Singular values in the complete-basis limit, (n_env, 3N) descending.

    They are roots of eigenvalues of `gram`, good to 1e-8 relative: enough here, where none is
    near zero.
    """
    values = np.linalg.eigvalsh(gram(vectors, sigma))[:, ::-1]
    return np.sqrt(np.maximum(values, 0))


def pair_condition_number(ratio: np.ndarray) -> np.ndarray:
    """CN of two neighbours at distance d = ratio sigma, complete basis.

    Rows along d have the relative scalar product b = (1 - d^2 / 2 sigma^2) exp(-d^2 / 4 sigma^2),
    rows across it b = exp(-d^2 / 4 sigma^2); CN = sqrt((1 + |b|) / (1 - |b|)) with the larger b.
    """
    across = np.exp(-(ratio**2) / 4)
    b = np.maximum(np.abs(1 - ratio**2 / 2) * across, across)
    return np.sqrt((1 + b) / (1 - b))


def closest_pair(vectors: np.ndarray) -> np.ndarray:
    """r_0, the smallest distance between two neighbours of each environment, Å."""
    d = np.linalg.norm(vectors[:, :, None] - vectors[:, None], axis=-1)
    n_neighbors = vectors.shape[1]
    return d[:, *np.triu_indices(n_neighbors, 1)].min(axis=1)
