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
4. Singular environments are *degenerate* or *symmetric* by the basis-free theory of `nullspace`,
   exact but for the rounding of coordinates in a file.
5. *degenerate*: nu = 3 sees a blind displacement after all, while nu = 2 does not.
6. *symmetric*: nu = 3 does not see it either, and a symmetry operation, exact within a tolerance,
   turns the displacement into its opposite, as Eq. (17) asks.
7. *degenerate* as well: the theory, for coordinates within a tolerance, has at least half of
   the displacement in its degenerate null space. nu = 3 sees it only in part, since some
   environments lie near more than one singularity; for nu = 3 this is the only evidence.
8. *unexplained*: none of these.

Another representation sees u badly if its loss, in units of its median CN on the data set, is above
the square root of the loss of the audited representation in units of its own median: nearer, on a
logarithmic scale, to the blindness in question than to what is usual. nu = 1 also does if
its loss is above the square root of CN, so that the basis makes up more than half of log CN; nu = 3
also does if it sees u less than twice as well. A representation that is no density
correlation is compared with one, and is never called degenerate: only symmetry is common to all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import ceil
from typing import Any

import numpy as np
from ase.data import chemical_symbols

from descriptor_sensitivity.descriptors.base import Descriptor
from descriptor_sensitivity.descriptors.registry import build_descriptor
from descriptor_sensitivity.environments import Batch
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.singular import decompose, singular_values
from descriptor_sensitivity.theory.nullspace import NullSpace, null_space
from descriptor_sensitivity.theory.symmetry import Operation, symmetry_operations

CATEGORIES = (
    "fine",
    "too few features",
    "unresolved pair",
    "truncation",
    "degenerate",
    "symmetric",
    "unexplained",
)

ZERO = 1e-13
"""Singular values below this fraction of the largest are rounding error."""

ROUNDING = 1e-5
"""Å by which coordinates in a file may be off those of an exact structure."""

NEGLIGIBLE = 1e-10
"""|J^T u| below this fraction of s_max is no response at all."""


@dataclass(frozen=True)
class Finding:
    """The diagnosis of one environment, in a sentence, with the displacement it is about."""

    frame: int
    center: int
    diagnosis: str
    because: str
    displacement: np.ndarray
    """(N, 3), of unit norm: the blind displacement of the neighbours."""


@dataclass(frozen=True)
class Thresholds:
    """What counts as low, from the data set itself (medians by centre species) and the config.

    Attributes:
        median: median CN of the audited representation over its regular environments: those
            that are not singular and have more than one neighbour; None where there are none.
        median_nu1, median_nu3: the same for nu = 1 (orientation left out) and nu = 3 with the
            same density.
        factor: CN above factor * median is low sensitivity.
        singular: CN from which an environment is singular, its zeros being those of an exact
            structure whose coordinates were rounded in a file.
        symmetry: Å, how far an atom may lie from where a symmetry operation puts one.
        coincidence: Å, how far lengths of coincident tuples may be apart.
        unresolved: two like atoms closer than this many sigma are an unresolved pair.
        nu3_neighbors: nu = 3 is evaluated up to this many neighbours.
    """

    median: Mapping[str, float | None]
    median_nu1: Mapping[str, float | None]
    median_nu3: Mapping[str, float | None]
    factor: float = 5.0
    singular: float = 1e6
    symmetry: float = 0.3
    coincidence: float = 0.05
    unresolved: float = 1.0
    nu3_neighbors: int = 20


def loss(jacobian: np.ndarray, displacement: np.ndarray, s_max: np.ndarray) -> np.ndarray:
    """s_max / |J^T u| (n_env,) for J (n_env, 3N, k) and unit u (n_env, 3N); infinite if unseen."""
    response = np.linalg.norm(np.einsum("eif,ei->ef", jacobian, displacement), axis=1)
    with np.errstate(divide="ignore"):
        return np.where(response > NEGLIGIBLE * s_max, s_max / response, np.inf)


def without_orientation(jacobian: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """What features that are not invariant say beyond the orientation of the environment.

    J (1 - Q Q^T), with Q an orthonormal basis of the responses J^T w to the three infinitesimal
    rotations w. Its response to u is the smallest that u has with any rotation added to it.

    Args:
        jacobian: (n_env, 3N, k).
        vectors: (n_env, N, 3), Å.
    """
    rotations = np.cross(np.eye(3)[None, :, None, :], vectors[:, None]).reshape(len(vectors), 3, -1)
    turned = rotations @ jacobian
    _, values, right = np.linalg.svd(turned, full_matrices=False)
    right = right * (values > 1e-10 * values[:, :1])[..., None]
    return jacobian - (jacobian @ right.transpose(0, 2, 1)) @ right


def best_symmetry(
    vectors: np.ndarray, species: np.ndarray, displacement: np.ndarray, tolerance: float
) -> tuple[Operation, float, float] | None:
    """The operation that comes closest to turning a displacement (3N,) into its opposite.

    Among the symmetry operations S of the environment within `tolerance` Å: the largest part
    |(u - D(S) u) / 2|^2 of u that S reverses, Eq. (17), with the largest distance (Å) between an
    image and its atom. None if there is no operation besides the identity.
    """
    best = None
    for operation in symmetry_operations(vectors, species, tolerance):
        if operation.name == "E":
            continue
        reversed_part = (displacement - operation.displacement_matrix() @ displacement) / 2
        images = vectors @ operation.matrix.T
        off = np.linalg.norm(images - vectors[operation.permutation], axis=1).max()
        odd = float(reversed_part @ reversed_part)
        if best is None or (round(odd, 6), -off) > (round(best[1], 6), -best[2]):
            best = (operation, odd, float(off))
    return best


@dataclass
class Diagnostician:
    """Diagnoses the low-sensitivity environments of one representation on one data set.

    Attributes:
        representation: the audited one.
        density: config settings of the density whose nu = 1 and nu = 3 it is compared with: its
            own if it is a density correlation.
        fit_batches: environments for an optimal radial basis.
    """

    representation: Descriptor
    density: Mapping[str, Any]
    fit_batches: Sequence[Batch] | None
    thresholds: Thresholds
    own_density: bool = True
    _moved: dict[str, Descriptor] = field(default_factory=dict)

    def __call__(self, batch: Batch) -> list[Finding]:
        """A finding for each environment of a batch, in its order."""
        findings: list[Finding] = []
        for index in range(len(batch)):
            findings.append(self._diagnose(batch[index : index + 1]))
        return findings

    @cached_property
    def nu1(self) -> Descriptor:
        """The density itself."""
        return build_descriptor("nu1", {**self.density, "nu": 1}, self.fit_batches)

    @cached_property
    def nu3(self) -> Descriptor:
        """Three-point correlations of the same density."""
        return build_descriptor("nu3", {**self.density, "nu": 3}, self.fit_batches)

    @property
    def order(self) -> int:
        """Correlation order of the audited representation; 2 for what is no density correlation."""
        return min(getattr(self.representation, "nu", 2), 3)

    def _diagnose(self, one: Batch) -> Finding:
        vectors, species = one.vectors[0], one.species
        element = chemical_symbols[one.center]
        jacobian = self.representation.reduced_jacobian(one)
        invariant = self.representation.invariant
        values, left = decompose(jacobian, one.vectors if invariant else None)
        values, left = values[0], left[0]
        worst = left[:, -1]

        def finding(diagnosis: str, because: str, shown: np.ndarray = worst) -> Finding:
            largest = np.abs(shown).argmax()
            shown = shown * np.sign(shown[largest]) / np.linalg.norm(shown)
            place = int(one.frames[0]), int(one.centers[0])
            return Finding(*place, diagnosis, because, shown.reshape(-1, 3))

        n_features = self.representation.features(one).shape[1]
        if n_features < len(values):
            return finding(
                "too few features",
                f"{n_features} features cannot follow {len(values)} displacements",
            )
        condition = values[0] / values[-1] if values[-1] > ZERO * values[0] else np.inf
        if self.own_density:
            pair = self._unresolved_pair(vectors, species, worst)
            if pair:
                return finding("unresolved pair", pair)
            now = self._loss_nu1(self.nu1, one, worst)
            truncation = self._truncation(one, worst, condition, now)
            if truncation:
                return finding("truncation", truncation)
        if not invariant:
            return finding("unexplained", f"nu = 1 has CN {condition:.3g}, and no move helps")

        if condition >= self.thresholds.singular:
            exact = self._exact(one, left[:, values <= values[0] / self.thresholds.singular])
            if exact:
                return finding(*exact)
        limit = self.thresholds.factor * (self.thresholds.median.get(element) or 1.0)
        blind = left[:, values * limit < values[0]]
        blind = blind if blind.shape[1] else left[:, -1:]
        seen, shown, evidence = self._seen_by_nu3(one, jacobian, values, blind)
        if seen and self.own_density:
            return finding("degenerate", evidence, shown)
        tolerance = min(self.thresholds.symmetry, 0.2 * _shortest(vectors))
        symmetry = best_symmetry(vectors, species, worst, tolerance)
        if symmetry and symmetry[1] >= 0.5:
            operation, odd, off = symmetry
            return finding(
                "symmetric",
                f"{operation.name}, off by {off:.2g} Å, reverses {100 * odd:.0f} % of the "
                f"displacement; {evidence}",
            )
        hidden = self._hidden_by_symmetry(vectors, species, worst, tolerance)
        if hidden >= 0.5:
            return finding(
                "symmetric",
                f"the point group hides {100 * hidden:.0f} % of the displacement; {evidence}",
            )
        tolerance = min(self.thresholds.coincidence, 0.2 * _shortest(vectors))
        space = self._theory(one, tolerance)
        share, shown = _share(space.degenerate if space else left[:, :0], blind)
        theory = (
            f"coincident {self._tuples} within {tolerance:.2g} Å hide {100 * share:.0f} % of it"
        )
        if share >= 0.5:
            return finding("degenerate", f"{theory}; {evidence}", shown)
        return finding("unexplained", f"no symmetry found; {theory}; {evidence}")

    def _exact(self, one: Batch, null: np.ndarray) -> tuple[str, str, np.ndarray] | None:
        """The diagnosis of exact zeros by theory, if it predicts them."""
        space = self._theory(one, ROUNDING)
        if space is None:
            return None
        share, shown = _share(space.degenerate, null)
        d, s = space.degenerate.shape[1], space.symmetric.shape[1]
        said = (
            f"exactly: the point group hides {s} displacements, coincident {self._tuples} {d} more"
        )
        if share >= 0.5 and self.own_density:
            return "degenerate", said, shown
        share, shown = _share(space.symmetric, null)
        if share < 0.5:
            return None
        symmetry = best_symmetry(one.vectors[0], one.species, shown, ROUNDING)
        named = f" ({symmetry[0].name} reverses the one shown)" if symmetry else ""
        return "symmetric", said + named, shown

    def _unresolved_pair(
        self, vectors: np.ndarray, species: np.ndarray, worst: np.ndarray
    ) -> str | None:
        distances = np.linalg.norm(vectors[:, None] - vectors, axis=-1)
        distances[species[:, None] != species] = np.inf
        np.fill_diagonal(distances, np.inf)
        a, b = np.unravel_index(distances.argmin(), distances.shape)
        sigma = self.density["sigma"]
        weight = np.sum(worst.reshape(-1, 3)[[a, b]] ** 2)
        if distances[a, b] > self.thresholds.unresolved * sigma or weight < 0.5:
            return None
        return (
            f"neighbours {a} and {b} are {distances[a, b]:.3g} Å apart, closer than "
            f"{self.thresholds.unresolved:g} sigma = {self.thresholds.unresolved * sigma:g} Å; "
            "lower sigma"
        )

    def _truncation(
        self, one: Batch, worst: np.ndarray, condition: float, now: float
    ) -> str | None:
        element = chemical_symbols[one.center]
        usual = self.thresholds.median.get(element) or 1.0
        usual_nu1 = self.thresholds.median_nu1.get(element) or 1.0
        if now < np.sqrt(condition) and now / usual_nu1 < np.sqrt(condition / usual):
            return None
        moves = {
            "n_max": ceil(1.5 * self.density["n_max"]),
            "l_max": ceil(1.5 * self.density["l_max"]),
            "sigma": 1.5 * self.density["sigma"],
        }
        if self.density.get("cutoff_width", 0) > 0:
            moves["cutoff_width"] = 0.0
        after = {}
        for key, value in moves.items():
            if key not in self._moved:
                settings = {**self.density, "nu": 1, key: value}
                self._moved[key] = build_descriptor(key, settings, self.fit_batches)
            after[key] = self._loss_nu1(self._moved[key], one, worst)
        key = min(after, key=lambda name: after[name])
        said = f"nu = 1 sees the displacement {now:.3g} times less well than its best"
        if not np.isfinite(now):
            said = "nu = 1 does not see the displacement"
        if after[key] > 0.9 * now:
            return f"{said}, and no single move of {', '.join(moves)} changes this much"
        advice = (
            "a neighbour is at the edge of the cutoff function; raise cutoff"
            if key == "cutoff_width"
            else f"move {key} from {self.density[key]:g} to {moves[key]:g}"
        )
        return f"{said}; {advice} (then {after[key]:.3g} times)"

    def _loss_nu1(self, nu1: Descriptor, one: Batch, worst: np.ndarray) -> float:
        jacobian = nu1.reduced_jacobian(one)
        if self.representation.invariant:
            jacobian = without_orientation(jacobian, one.vectors)
        return float(loss(jacobian, worst[None], singular_values(jacobian)[:, 0])[0])

    def _seen_by_nu3(
        self, one: Batch, jacobian: np.ndarray, values: np.ndarray, blind: np.ndarray
    ) -> tuple[bool, np.ndarray, str]:
        """Whether nu = 3 sees something of the blind space, what, and the evidence."""
        if self.order >= 3:
            return False, blind[:, -1], "nu = 4 was not evaluated"
        if one.n_neighbors > self.thresholds.nu3_neighbors:
            return False, blind[:, -1], "too many neighbours to evaluate nu = 3"
        element = chemical_symbols[one.center]
        higher = self.nu3.reduced_jacobian(one)
        s_max = singular_values(higher, one.vectors)[0, 0]
        mixing = np.linalg.svd(blind.T @ higher[0], full_matrices=True)[0]
        shown = blind @ mixing[:, 0]
        nu3 = float(loss(higher, shown[None], np.array([s_max]))[0])
        own = float(loss(jacobian, shown[None], values[:1])[0])
        usual = self.thresholds.median.get(element) or 1.0
        usual_nu3 = self.thresholds.median_nu3.get(element) or 1.0
        said = f"nu = 3 sees it {nu3:.3g} times less well than its best, this one {own:.3g} times"
        if not np.isfinite(nu3):
            return False, shown, "nu = 3 does not see it either"
        return nu3 / usual_nu3 < np.sqrt(own / usual) and 2 * nu3 < own, shown, said

    @property
    def _tuples(self) -> str:
        return {1: "neighbours", 2: "pairs", 3: "triples"}[self.order]

    def _theory(self, one: Batch, tolerance: float) -> NullSpace | None:
        """The predicted null space, unless there are too many neighbours for it."""
        if one.n_neighbors**self.order > 10_000:
            return None
        try:
            return null_space(one.vectors[0], self.order, one.species, tolerance)
        except InputError:
            return None

    @staticmethod
    def _hidden_by_symmetry(
        vectors: np.ndarray, species: np.ndarray, worst: np.ndarray, tolerance: float
    ) -> float:
        """The part |P u|^2 of a displacement that the whole point group averages away."""
        operations = symmetry_operations(vectors, species, tolerance)
        average = np.mean([operation.displacement_matrix() @ worst for operation in operations], 0)
        return 1 - float(average @ average)


def _share(space: np.ndarray, blind: np.ndarray) -> tuple[float, np.ndarray]:
    """The direction of `blind` that lies most in `space`, and the square of its part in it."""
    if space.shape[1] == 0:
        return 0.0, blind[:, -1]
    mixing, shares, _ = np.linalg.svd(blind.T @ space, full_matrices=False)
    return float(shares[0] ** 2), blind @ mixing[:, 0]


def _shortest(vectors: np.ndarray) -> float:
    points = np.concatenate([np.zeros((1, 3)), vectors])
    first, second = np.triu_indices(len(points), k=1)
    return float(np.linalg.norm(points[first] - points[second], axis=1).min())
