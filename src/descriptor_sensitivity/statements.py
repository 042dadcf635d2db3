"""Small numerical checks of statements that the papers make in their text and no figure shows.

Each check returns named numbers; what they must be for the statement to hold is decided where the
claims are (see `claims`).
"""

from collections.abc import Iterable, Mapping

import numpy as np
from ase import Atoms
from ase.units import Hartree
from scipy.spatial.distance import pdist

from descriptor_sensitivity.descriptors.base import Descriptor
from descriptor_sensitivity.descriptors.density import Density
from descriptor_sensitivity.descriptors.omfp import OMFP, SmoothOMFP
from descriptor_sensitivity.descriptors.optimal import radial_basis
from descriptor_sensitivity.descriptors.radial import gto_basis
from descriptor_sensitivity.environments import batch_from_vectors
from descriptor_sensitivity.singular import decompose, singular_values
from descriptor_sensitivity.singular_manifolds import singular_path, trained_pairs
from descriptor_sensitivity.theory import displacements, families
from descriptor_sensitivity.theory.nullspace import null_space
from descriptor_sensitivity.theory.symmetry import odd_displacements, symmetry_operations
from descriptor_sensitivity.tolerances import SVD_ROUNDING

SIGMA, CUTOFF = 0.2, 4.0
"""Width of the Gaussians and cutoff (Å) of the checks; what they check does not depend on them."""


def trivial_zeros(nu2: Descriptor, nu3: Descriptor) -> dict[str, float]:
    """Null singular values of a generic environment before and after removing rotations."""
    batch = batch_from_vectors(families.distorted(families.tetrahedral(1.09), 0.3, seed=1))
    found = {}
    for order, representation in ((2, nu2), (3, nu3)):
        jacobian = representation.reduced_jacobian(batch)
        found[f"trivial_zeros_nu{order}"] = _zeros(singular_values(jacobian)[0])
        found[f"generic_zeros_nu{order}"] = _zeros(singular_values(jacobian, batch.vectors)[0])
    return found


def orthogonal_invariance(nu2: Descriptor) -> dict[str, float]:
    """Relative change of s and of U's subspaces when the features are turned by a random Q."""
    batch = batch_from_vectors(families.distorted(families.tetrahedral(1.09), 0.3, seed=1))
    jacobian = nu2.jacobian(batch)[1]
    q = np.linalg.qr(np.random.default_rng(2).normal(size=(jacobian.shape[2],) * 2))[0]
    before, left = decompose(jacobian, batch.vectors)
    after, turned = decompose(jacobian @ q, batch.vectors)
    alignment = np.abs(np.einsum("eik,eik->ek", left, turned))
    return {
        "turned_values_change": float(np.abs(after / before - 1).max()),
        "turned_vectors_change": float(np.abs(1 - alignment).max()),
    }


def radial_rank(radial: Descriptor) -> dict[str, float]:
    """Non-zero singular values of nu = 1 features that know the four distances only."""
    batch = batch_from_vectors(families.distorted(families.tetrahedral(1.09), 0.3, seed=1))
    values = singular_values(radial.reduced_jacobian(batch))[0]
    return {"radial_rank": float(len(values) - _zeros(values)), "radial_neighbors": 4.0}


def few_features(tiny: Descriptor) -> dict[str, float]:
    """Features and null singular values when nu = 2 has fewer than 3N - 6 features."""
    batch = batch_from_vectors(families.distorted(families.tetrahedral(1.09), 0.3, seed=1))
    jacobian = tiny.jacobian(batch)[1]
    values = singular_values(jacobian, batch.vectors)[0]
    return {"few_features": float(jacobian.shape[2]), "few_features_zeros": _zeros(values)}


def tetrahedron(representations: Mapping[str, Descriptor]) -> dict[str, float]:
    """Non-zero singular values of tetrahedral methane, per representation."""
    batch = batch_from_vectors(families.tetrahedral(1.09))
    found = {}
    for name, representation in representations.items():
        values = singular_values(representation.reduced_jacobian(batch), batch.vectors)[0]
        found[f"tetrahedral_rank_{name}"] = float(len(values) - _zeros(values))
    return found


def pairs(representations: Mapping[str, Descriptor]) -> dict[str, float]:
    """|xi(A+) - xi(A-)| / |xi(A+)| of the four- and of the seven-neighbour pair."""
    found = {}
    for pair, family in (("four", families.mirror), ("seven", families.double_ring)):
        for name, representation in representations.items():
            plus, minus = (
                representation.features(batch_from_vectors(family(sign)))[0] for sign in (1, -1)
            )
            distance = np.linalg.norm(plus - minus) / np.linalg.norm(plus)
            found[f"pair_{pair}_{name}"] = float(distance)
    return found


def singular_points(representations: Mapping[str, Descriptor]) -> dict[str, float]:
    """s_min / s_max at the singular points of nu = 2 (mirror, ring) and of nu = 3 (double ring)."""
    points = {
        "mirror": families.mirror_singular(),
        "ring": families.ring(),
        "comment": families.COMMENT_SINGULAR,
        "double_ring": families.double_ring_singular(),
    }
    found = {}
    for point, vectors in points.items():
        batch = batch_from_vectors(vectors)
        for name, representation in representations.items():
            values = singular_values(representation.reduced_jacobian(batch), batch.vectors)[0]
            found[f"singular_{point}_{name}"] = float(values[-1] / values[0])
    found["double_ring_null_nu4_theory"] = float(
        null_space(families.double_ring_singular(), 4).dimension
    )
    return found


def quadratic_growth(representations: Mapping[str, Descriptor]) -> dict[str, float]:
    """How features leave the mirror A0 along its null vector u, and along the branches.

    `growth_*` is the exponent of |xi(A0 + x u) - xi(A0)| ~ x^p between x = 0.002 and 0.004 Å.
    `branches_*` is |xi(A+) - xi(A-)| over |xi(A+) - xi(A0)| for the pair 1 degree away from A0.
    """
    singular = families.mirror_singular()
    null = displacements.mirror_null(singular)
    steps = np.array([0.0, 0.002, 0.004])
    batch = batch_from_vectors(singular + steps[:, None, None] * null)
    couple = batch_from_vectors(
        np.array([singular, families.mirror(1, q=179.0), families.mirror(-1, q=179.0)])
    )
    found = {}
    for name, representation in representations.items():
        features = representation.features(batch)
        change = np.linalg.norm(features[1:] - features[0], axis=1)
        found[f"growth_{name}"] = float(np.log2(change[1] / change[0]))
        at, plus, minus = representation.features(couple)
        found[f"branches_{name}"] = float(np.linalg.norm(plus - minus) / np.linalg.norm(plus - at))
    return found


def cusps(omfp: Descriptor, smooth: Descriptor) -> dict[str, float]:
    """How OMFP leave tetrahedral methane along its symmetric deformations.

    Each operation S of Td gives the displacements with S du = -du (Eq. 17 of paper 1), of which one
    is drawn; together they span all directions but the breathing mode.

    Returns:
        symmetric_directions: dimension of their span; cusp_<name>_low, _high: the range of the
        exponents p of |xi(x u) - xi(0)| ~ x^p between x = 0.002 and 0.004 Å; cusp_<name>_odd: the
        largest |xi(x u) - xi(-x u)| over |xi(x u) - xi(0)|.
    """
    vectors = families.tetrahedral(1.09)
    rng = np.random.default_rng(0)
    moves = []
    for operation in symmetry_operations(vectors):
        odd = odd_displacements(vectors, operation)
        if odd.shape[1]:
            move = odd @ (odd.T @ rng.normal(size=vectors.size))
            moves.append(move.reshape(vectors.shape) / np.linalg.norm(move))
    found = {"symmetric_directions": float(np.linalg.matrix_rank([m.ravel() for m in moves]))}
    steps = np.array([0.0, 0.002, 0.004, -0.004])
    for name, descriptor in (("omfp", omfp), ("s-omfp", smooth)):
        exponents, odd_parts = np.empty((2, len(moves)))
        for index, move in enumerate(moves):
            batch = batch_from_vectors(vectors + steps[:, None, None] * move)
            at, near, far, back = descriptor.features(batch)
            change = np.linalg.norm(far - at)
            exponents[index] = np.log2(change / np.linalg.norm(near - at))
            odd_parts[index] = np.linalg.norm(far - back) / change
        found[f"cusp_{name}_low"] = float(exponents.min())
        found[f"cusp_{name}_high"] = float(exponents.max())
        found[f"cusp_{name}_odd"] = float(odd_parts.max())
    return found


def any_basis() -> dict[str, float]:
    """The largest |xi(A+) - xi(A-)| / |xi(A+)| of the four-neighbour pair over unlike nu = 2."""
    widest = 0.0
    for basis in (
        ("gto", 8, 6, 0.2, 4.0),
        ("gto", 3, 9, 0.5, 3.0),
        ("gto", 10, 4, 0.1, 6.0),
        ("dvr", 12, 8, 0.3, 2.5),
    ):
        nu2 = Density(2, radial_basis(*basis))
        widest = max(widest, pairs({"nu2": nu2})["pair_four_nu2"])
    return {"pair_four_nu2_any_basis": widest}


def of_structures(frames: Iterable[Atoms]) -> dict[str, float]:
    """What the structures of the sweeps are like.

    Returns:
        separation_min, separation_mean: smallest and mean of the smallest distance between two
        atoms of each structure, Å; energy_span: largest minus smallest energy, eV, where every
        structure comes with one (as the published ones do, in Ha).
    """
    smallest, energies = [], []
    for frame in frames:
        smallest.append(pdist(frame.positions).min())
        energies.append(frame.get_potential_energy() if frame.calc else np.nan)
    found = {"separation_min": float(np.min(smallest)), "separation_mean": float(np.mean(smallest))}
    if np.isfinite(energies).all():
        found["energy_span"] = float(np.ptp(energies) * Hartree)
    return found


def check_statements(frames: Iterable[Atoms]) -> dict[str, float]:
    """Every check; `frames` are the structures of the sweeps."""
    basis = gto_basis(8, 6, SIGMA, CUTOFF)
    nu2, nu3 = Density(2, basis), Density(3, basis)
    radial = Density(1, gto_basis(8, 0, SIGMA, CUTOFF))
    tiny = Density(2, gto_basis(2, 0, SIGMA, CUTOFF))
    omfp, smooth = OMFP(), SmoothOMFP()
    return {
        **trivial_zeros(nu2, nu3),
        **orthogonal_invariance(nu2),
        **radial_rank(radial),
        **few_features(tiny),
        **tetrahedron({"nu2": nu2, "nu3": nu3, "s-omfp": smooth}),
        **pairs({"nu2": nu2, "nu3": nu3, "omfp": omfp}),
        **any_basis(),
        **singular_points({"nu2": nu2, "nu3": nu3, "omfp": omfp}),
        **quadratic_growth({"nu2": nu2, "nu3": nu3, "omfp": omfp, "s-omfp": smooth}),
        **of_structures(frames),
        **cusps(omfp, smooth),
        **singular_path(nu2, nu3),
        **trained_pairs({"nu2": nu2, "nu3": nu3}),
    }


def _zeros(values: np.ndarray, threshold: float = SVD_ROUNDING) -> float:
    return float(np.sum(values <= threshold * values[0]))
