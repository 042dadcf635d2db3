r"""Why an environment is seen badly: truncation, symmetry, degeneracy, or an unresolved pair.

Let s_k and u_k be the singular values and left vectors of the audited representation, and call
the displacements u_k with s_max / s_k above the threshold its blind space. For a unit displacement
u, the loss of another representation with Jacobian J is s_max(J) / |J^T u|: how much worse
it sees u than what it sees best. The questions, in this order (paper 1, sections 1.5 and 2):

1. *too few features*: fewer features than displacements, so some cannot be seen.
2. *unresolved pair*: two like atoms closer than about sigma carry at least half of the worst u.
3. *truncation*: the density itself (nu = 1, same basis) has a loss along the worst u beyond the
   square root of CN, so that basis and smearing make up more than half of log CN. nu = 1 is then
   tried with each of n_max, l_max, sigma and the cutoff function moved, and the best move is named.
4. *degenerate*: nu = 3 sees a blind displacement after all, while nu = 2 does not.
5. *symmetric*: nu = 3 does not see it either, and a symmetry operation, exact within a tolerance,
   turns the displacement into its opposite, as Eq. (17) asks.
6. *degenerate* once more: the basis-free theory of `nullspace`, for coordinates within the
   tolerance, has at least half of the displacement in its degenerate null space. nu = 3 sees it
   then only in part, as some environments lie near more than one singularity.
7. *unexplained*: none of these.

nu = 3 sees u if its loss, in units of the median CN of nu = 3 on the data set, is below the square
root of the loss of the audited representation in units of its own median: nearer, on a logarithmic
scale, to what is usual than to the blindness in question. Where nu = 3 itself is audited, or is too
expensive, the theory takes its place, for the order audited.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import ceil
from typing import Any

import numpy as np
from ase.data import chemical_symbols

from .environments import Batch
from .errors import InputError
from .nullspace import null_space
from .representations import Representation, build_representation
from .singular import decompose, singular_values
from .symmetry import Operation, symmetry_operations

CATEGORIES = (
    "fine",
    "too few features",
    "unresolved pair",
    "truncation",
    "degenerate",
    "symmetric",
    "unexplained",
)

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
        median: median CN of the audited representation, singular environments left out; None
            where all are.
        median_nu3: the same for nu = 3 with the same density.
        factor: CN above factor * median is low sensitivity.
        symmetry: Å, how far an atom may lie from where a symmetry operation puts one.
        coincidence: Å, how far lengths of coincident tuples may be apart.
        unresolved: two like atoms closer than this many sigma are an unresolved pair.
        nu3_neighbors: nu = 3 is evaluated up to this many neighbours.
    """

    median: Mapping[str, float | None]
    median_nu3: Mapping[str, float | None]
    factor: float = 5.0
    symmetry: float = 0.3
    coincidence: float = 0.05
    unresolved: float = 1.0
    nu3_neighbors: int = 20


def loss(jacobian: np.ndarray, displacement: np.ndarray, s_max: np.ndarray) -> np.ndarray:
    """s_max / |J^T u| (n_env,) for J (n_env, 3N, k) and unit u (n_env, 3N); infinite if unseen."""
    response = np.linalg.norm(np.einsum("eif,ei->ef", jacobian, displacement), axis=1)
    with np.errstate(divide="ignore"):
        return np.where(response > NEGLIGIBLE * s_max, s_max / response, np.inf)


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

    representation: Representation
    density: Mapping[str, Any]
    fit_batches: Sequence[Batch] | None
    thresholds: Thresholds
    own_density: bool = True
    _moved: dict[str, Representation] = field(default_factory=dict)

    def __call__(self, batch: Batch) -> list[Finding]:
        """A finding for each environment of a batch, in its order."""
        findings: list[Finding] = []
        for index in range(len(batch)):
            findings.append(self._diagnose(batch[index : index + 1]))
        return findings

    @cached_property
    def nu1(self) -> Representation:
        """The density itself."""
        return build_representation("nu1", {**self.density, "nu": 1}, self.fit_batches)

    @cached_property
    def nu3(self) -> Representation:
        """Three-point correlations of the same density."""
        return build_representation("nu3", {**self.density, "nu": 3}, self.fit_batches)

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
        condition = values[0] / values[-1] if values[-1] > 1e-13 * values[0] else np.inf
        if self.own_density:
            pair = self._unresolved_pair(vectors, species, worst)
            if pair:
                return finding("unresolved pair", pair)
            truncation = self._truncation(one, worst, condition)
            if truncation:
                return finding("truncation", truncation)
        if not invariant:
            return finding("unexplained", f"nu = 1 has CN {condition:.3g}, and no move helps")

        limit = self.thresholds.factor * (self.thresholds.median.get(element) or 1.0)
        blind = left[:, values * limit < values[0]]
        blind = blind if blind.shape[1] else left[:, -1:]
        seen, shown, evidence = self._seen_by_more(one, jacobian, values, blind)
        if seen:
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
        coincident, shown, theory = self._seen_in_theory(one, blind)
        if coincident:
            return finding("degenerate", f"{theory}; {evidence}", shown)
        return finding("unexplained", f"no symmetry within {tolerance:.2g} Å; {evidence}; {theory}")

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

    def _truncation(self, one: Batch, worst: np.ndarray, condition: float) -> str | None:
        now = self._loss_nu1(self.nu1, one, worst)
        if now**2 < condition:
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
                self._moved[key] = build_representation(key, settings, self.fit_batches)
            after[key] = self._loss_nu1(self._moved[key], one, worst)
        key = min(after, key=lambda name: after[name])
        said = f"nu = 1 sees the displacement {now:.3g} times less well than its best"
        if after[key] > 0.9 * now:
            return f"{said}, and no single move of {', '.join(moves)} changes this much"
        advice = (
            "a neighbour is at the edge of the cutoff function; raise cutoff"
            if key == "cutoff_width"
            else f"move {key} from {self.density[key]:g} to {moves[key]:g}"
        )
        return f"{said}; {advice} (then {after[key]:.3g} times)"

    @staticmethod
    def _loss_nu1(nu1: Representation, one: Batch, worst: np.ndarray) -> float:
        jacobian = nu1.reduced_jacobian(one)
        return float(loss(jacobian, worst[None], singular_values(jacobian)[:, 0])[0])

    def _seen_by_more(
        self,
        one: Batch,
        jacobian: np.ndarray,
        values: np.ndarray,
        blind: np.ndarray,
    ) -> tuple[bool, np.ndarray, str]:
        """Whether more correlation sees something of the blind space, what, and the evidence."""
        element = chemical_symbols[one.center]
        if self.order >= 3 or one.n_neighbors > self.thresholds.nu3_neighbors:
            return self._seen_in_theory(one, blind)
        higher = self.nu3.reduced_jacobian(one)
        s_max = singular_values(higher, one.vectors)[0, 0]
        mixing = np.linalg.svd(blind.T @ higher[0], full_matrices=True)[0]
        shown = blind @ mixing[:, 0]
        nu3 = float(loss(higher, shown[None], np.array([s_max]))[0])
        own = float(loss(jacobian, shown[None], values[:1])[0])
        usual = self.thresholds.median.get(element) or 1.0
        usual_nu3 = self.thresholds.median_nu3.get(element) or 1.0
        said = f"nu = 3 sees it {nu3:.3g} times less well than its best"
        if not np.isfinite(nu3):
            return False, shown, "nu = 3 does not see it"
        return nu3 / usual_nu3 < np.sqrt(own / usual), shown, f"{said}, this one {own:.3g} times"

    def _seen_in_theory(self, one: Batch, blind: np.ndarray) -> tuple[bool, np.ndarray, str]:
        """Whether coincident tuples of neighbours hide part of the blind space, and which."""
        if one.n_neighbors**self.order > 3000:
            return False, blind[:, -1], "too many neighbours to look for coincident tuples"
        tolerance = min(self.thresholds.coincidence, 0.2 * _shortest(one.vectors[0]))
        try:
            space = null_space(one.vectors[0], self.order, one.species, tolerance)
        except InputError as error:
            return False, blind[:, -1], str(error)
        overlap = space.degenerate.T @ blind
        mixing, shares, _ = np.linalg.svd(overlap.T, full_matrices=False)
        share = float(shares[0] ** 2) if shares.size else 0.0
        shown = blind @ mixing[:, 0] if shares.size else blind[:, -1]
        tuples = {2: "pairs", 3: "triples"}.get(self.order, "tuples")
        said = f"coincident {tuples} within {tolerance:.2g} Å hide {100 * share:.0f} % of it"
        return share >= 0.5, shown, said

    @staticmethod
    def _hidden_by_symmetry(
        vectors: np.ndarray, species: np.ndarray, worst: np.ndarray, tolerance: float
    ) -> float:
        """The part |P u|^2 of a displacement that the whole point group averages away."""
        operations = symmetry_operations(vectors, species, tolerance)
        average = np.mean([operation.displacement_matrix() @ worst for operation in operations], 0)
        return 1 - float(average @ average)


def _shortest(vectors: np.ndarray) -> float:
    points = np.concatenate([np.zeros((1, 3)), vectors])
    first, second = np.triu_indices(len(points), k=1)
    return float(np.linalg.norm(points[first] - points[second], axis=1).min())
