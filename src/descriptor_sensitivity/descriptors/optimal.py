"""The optimal radial basis, fitted on environments, and every basis by its name.

Of n_primitive functions the n_max combinations are kept that hold most of the density of a set of
environments, for each l and species (paper 1, section 4).
"""

from collections.abc import Sequence

import numpy as np
import sphericart

from descriptor_sensitivity.descriptors.radial import (
    RadialBasis,
    complete_basis,
    dvr_basis,
    gto_basis,
)
from descriptor_sensitivity.environments import Batch
from descriptor_sensitivity.errors import InputError


def radial_basis(
    kind: str,
    n_max: int | None,
    l_max: int,
    sigma: float,
    cutoff: float,
    primitive: str = "dvr",
    n_primitive: int = 100,
    fit_batches: Sequence[Batch] | None = None,
) -> RadialBasis:
    """The radial basis of that name; `optimal` is fitted on `fit_batches`.

    The name may also be a file (.npz) written by `RadialBasis.save`. `n_max` is None for `complete`
    alone.
    """
    if kind == "complete":
        return complete_basis(l_max, sigma, cutoff)
    if n_max is None:
        raise InputError(f"The radial basis `{kind}` needs `n_max`, its number of functions.")
    plain = {"dvr": dvr_basis, "gto": gto_basis}
    if kind.endswith(".npz"):
        saved = RadialBasis.load(kind)
        if (saved.sigma, saved.cutoff) != (sigma, cutoff):
            raise InputError(
                f"{kind} was fitted for sigma = {saved.sigma} Å, cutoff = {saved.cutoff} Å, not for"
                f" sigma = {sigma} Å, cutoff = {cutoff} Å; fit a basis for these."
            )
        return saved.truncated(n_max, l_max)
    for name in (kind, primitive):
        if name not in BASES:
            raise InputError(f"`{name}` is no radial basis; choose one of {', '.join(BASES)}.")
    if kind != "optimal":
        return plain[kind](n_max, l_max, sigma, cutoff)
    if not fit_batches:
        raise InputError("The optimal radial basis needs environments to be fitted on.")
    start = plain[primitive](n_primitive, l_max, sigma, cutoff)
    return optimal_basis(start, list(fit_batches), n_max)


_BYTES = 5e7
"""Of the primitive functions of the environments that are summed over at once."""

BASES = ("optimal", "gto", "dvr", "complete")


def optimal_basis(primitive: RadialBasis, batches: list[Batch], n_max: int) -> RadialBasis:
    """The n_max functions that keep most of the density of a set of environments.

    For each neighbour species a and each l they are the leading eigenvectors of the uncentred
    covariance sum_env sum_m c_nlm c_n'lm of the coefficients of species a in the primitive basis
    (Goscinski et al., J. Chem. Phys. 155, 104106).
    """
    if n_max > primitive.n_max:
        raise InputError(
            f"An optimal basis of n_max = {n_max} needs at least as many primitive functions;"
            f" there are {primitive.n_max}: raise `n_primitive`."
        )
    harmonics = sphericart.SphericalHarmonics(primitive.l_max)
    present = sorted({int(s) for batch in batches for s in batch.species})
    if not present:
        raise InputError("The optimal radial basis needs at least one environment to be fitted on.")
    covariance = {s: np.zeros((primitive.l_max + 1, *2 * (primitive.n_max,))) for s in present}
    for batch in batches:
        numbers = 8 * batch.n_neighbors * (primitive.l_max + 1) * primitive.n_max
        step = int(np.clip(_BYTES / numbers, 1, 200))
        for start in range(0, len(batch), step):
            vectors = batch.vectors[start : start + step]
            flat = np.ascontiguousarray(vectors.reshape(-1, 3))
            angular = harmonics.compute(flat).reshape(*vectors.shape[:2], -1)
            r = np.linalg.norm(vectors, axis=-1)
            for s in sorted(set(batch.species.tolist())):
                mine = batch.species == s
                radial = primitive.integrals(r[:, mine].ravel(), s)
                radial = radial.reshape(len(vectors), mine.sum(), primitive.l_max + 1, -1)
                for degree in range(primitive.l_max + 1):
                    y = angular[:, mine, degree**2 : (degree + 1) ** 2]
                    c = (y.transpose(0, 2, 1) @ radial[:, :, degree]).reshape(-1, primitive.n_max)
                    covariance[s][degree] += c.T @ c
    contraction = {}
    for s in present:
        matrices = []
        for degree in range(primitive.l_max + 1):
            vectors = np.linalg.eigh(covariance[s][degree])[1][:, ::-1][:, :n_max].T
            largest = np.take_along_axis(vectors, abs(vectors).argmax(1)[:, None], 1)
            matrices.append(vectors * np.sign(largest) @ primitive._matrix(s)[degree])
        contraction[s] = np.array(matrices)
    return RadialBasis(
        primitive.sigma, primitive.cutoff, primitive.points, primitive.weights, contraction
    )
