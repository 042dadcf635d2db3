"""The limits of section 1.5 of paper 1: bases that converge, against closed forms.

Eq. (7), the common singular value of densities that do not overlap, and the decay of Eq. (12).
"""

import numpy as np
import pandas as pd
from tqdm import tqdm

from descriptor_sensitivity.descriptors.density import Density
from descriptor_sensitivity.descriptors.optimal import radial_basis
from descriptor_sensitivity.environments import Batch
from descriptor_sensitivity.singular import condition_number, sensitivity
from descriptor_sensitivity.theory.limits import (
    closest_pair,
    common_singular_value,
    gram,
    limit_singular_values,
)

GRAM_SIGMA, GRAM_BASIS = 0.5, (60, 40)
"""A smearing and an (n_max, l_max) of DVR functions that converge every element of J J*."""

SIGMAS = np.geomspace(0.05, 1.0, 25)
BASIS_SIGMAS = (0.3, 0.4, 0.5)
BASIS_SIZES = range(2, 31, 2)
APART = 6.0
"""Structures with r_0 > 6 sigma: the first exponential of Eq. (12) is below 1.2e-2."""

FEWEST = 5
"""Quartiles of fewer structures say nothing."""


def gram_elements(batch: Batch, cutoff: float) -> pd.DataFrame:
    """Elements of J J*: of a converged basis, of Eq. (7) corrected, and of Eq. (7) as printed.

    Columns numerical, corrected, printed, in units of the diagonal element.
    """
    radial = radial_basis("dvr", *GRAM_BASIS, GRAM_SIGMA, cutoff)
    jacobian = Density(1, radial).jacobian(batch)[1]
    elements = {
        "numerical": jacobian @ jacobian.transpose(0, 2, 1),
        "corrected": gram(batch.vectors, GRAM_SIGMA),
        "printed": gram(batch.vectors, GRAM_SIGMA, printed=True),
    }
    return pd.DataFrame({name: values.ravel() for name, values in elements.items()})


def over_smearing(batch: Batch) -> pd.DataFrame:
    """Extreme singular values and CN of a complete basis, structure by structure, over sigma.

    Singular values in units of the common one; r_0 is the smallest distance of two neighbours.
    """
    distance = closest_pair(batch.vectors)
    parts = []
    for sigma in SIGMAS:
        values = limit_singular_values(batch.vectors, sigma)
        columns = {
            "sigma": sigma,
            "r0_over_sigma": distance / sigma,
            "largest": values[:, 0] / common_singular_value(sigma),
            "smallest": values[:, -1] / common_singular_value(sigma),
            "condition_number": condition_number(values),
        }
        parts.append(pd.DataFrame(columns))
    return pd.concat(parts)


def over_basis(batch: Batch, cutoff: float, n_structures: int) -> pd.DataFrame:
    """Quartiles of CN - 1 over the size n_max = l_max of a basis, where densities do not overlap.

    The basis is fitted on the whole batch; of the structures that are far enough apart the first
    `n_structures` count.
    """
    spread = closest_pair(batch.vectors)
    rows = []
    progress = tqdm(total=len(BASIS_SIGMAS) * len(BASIS_SIZES), desc="basis", mininterval=1)
    for sigma in BASIS_SIGMAS:
        largest = max(BASIS_SIZES)
        optimal = radial_basis("optimal", largest, largest, sigma, cutoff, fit_batches=[batch])
        apart = batch[np.flatnonzero(spread > APART * sigma)[:n_structures]]
        for size in BASIS_SIZES:
            progress.update()
            if len(apart) >= FEWEST:
                density = Density(1, optimal.truncated(size, size))
                excess = condition_number(sensitivity(density, apart)[0]) - 1
                low, median, high = np.quantile(excess, [0.25, 0.5, 0.75])
                rows.append(
                    {"sigma": sigma, "size": size, "q25": low, "median": median, "q75": high}
                    | {"n_structures": len(apart)}
                )
    progress.close()
    return pd.DataFrame(rows)
