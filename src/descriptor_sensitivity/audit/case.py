"""One environment of low sensitivity, with all that the questions about it share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import ceil
from typing import Any

import numpy as np
from ase.data import chemical_symbols

from descriptor_sensitivity.audit.companion import third_order
from descriptor_sensitivity.audit.evidence import loss, share, without_orientation
from descriptor_sensitivity.audit.finding import Finding
from descriptor_sensitivity.audit.nearby import NearSingular, nearby
from descriptor_sensitivity.audit.rounding import tolerance
from descriptor_sensitivity.audit.thresholds import Thresholds
from descriptor_sensitivity.descriptors.base import Descriptor
from descriptor_sensitivity.descriptors.registry import build_descriptor
from descriptor_sensitivity.environments import Batch, nearest_distance
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.singular import decompose, singular_values
from descriptor_sensitivity.theory.nullspace import NullSpace, null_space
from descriptor_sensitivity.tolerances import SVD_ROUNDING

MOST_TUPLES = 10_000
"""Tuples of neighbours up to which the theory is asked."""


USUAL = {"kind": "density", "radial_basis": "gto", "n_max": 8, "l_max": 6, "sigma": 0.3}
"""The density that a descriptor of another kind is compared with, if nothing else is said."""


@dataclass
class Companions:
    """The densities that a descriptor is compared with, each built when it is first asked.

    Attributes:
        density: settings of the density: the descriptor's own if it is a density correlation.
        fit_batches: environments for an optimal radial basis.
        own: whether the descriptor is a correlation of this density.
    """

    density: Mapping[str, Any]
    fit_batches: Sequence[Batch] | None = None
    own: bool = True
    _built: dict[str, Descriptor] = field(default_factory=dict)

    @classmethod
    def of(cls, descriptor: Descriptor, fit_batches: Sequence[Batch] | None = None) -> "Companions":
        """Those of a descriptor that `build_descriptor` made: its own density, or `USUAL`."""
        if descriptor.settings is None:
            raise InputError(
                f"{descriptor.name} does not know its settings; use `build_descriptor`, or "
                "say which density it is to be compared with (`companions`)."
            )
        settings = descriptor.settings.model_dump()
        if settings["kind"] == "density":
            return cls(settings, fit_batches)
        return cls({**USUAL, "cutoff": settings["cutoff"]}, own=False)

    @property
    def nu1(self) -> Descriptor:
        """The density itself."""
        return self._build("nu1", nu=1)

    @property
    def nu3(self) -> Descriptor:
        """Three-point correlations of the same density, on a basis of bounded size."""
        return self._build("nu3", **third_order(self.density))

    @property
    def moves(self) -> dict[str, float]:
        """Options of the density that a truncation may be cured by, with the value to try."""
        n_max = self.density.get("n_max")  # a complete basis has none
        moves = {"n_max": ceil(1.5 * n_max)} if n_max else {}
        moves |= {
            "l_max": ceil(1.5 * self.density["l_max"]),
            "sigma": 1.5 * self.density["sigma"],
        }
        return moves | ({"cutoff_width": 0.0} if self.density.get("cutoff_width", 0) > 0 else {})

    def moved(self, key: str) -> Descriptor:
        """nu = 1 after one of the moves."""
        return self._build(key, **{"nu": 1, key: self.moves[key]})

    def _build(self, name: str, **changes: Any) -> Descriptor:
        if name not in self._built:
            settings = {**self.density, **changes}
            self._built[name] = build_descriptor(name, settings, self.fit_batches)
        return self._built[name]


@dataclass(frozen=True)
class Case:
    """One environment of low sensitivity; everything below is computed when it is first asked.

    Attributes:
        one: a batch of this environment alone.
        descriptor: the audited one.
        companions: what it is compared with.
        thresholds: of the data set.
    """

    one: Batch
    descriptor: Descriptor
    companions: Companions
    thresholds: Thresholds

    @property
    def vectors(self) -> np.ndarray:
        """(N, 3), Å."""
        return self.one.vectors[0]

    @property
    def species(self) -> np.ndarray:
        """(N,), atomic numbers."""
        return self.one.species

    @cached_property
    def jacobian(self) -> np.ndarray:
        """(1, 3N, k), up to an orthogonal transformation of the features."""
        return self.descriptor.reduced_jacobian(self.one)

    @cached_property
    def _decomposed(self) -> tuple[np.ndarray, np.ndarray]:
        vectors = self.one.vectors if self.descriptor.invariant else None
        values, left = decompose(self.jacobian, vectors)
        return values[0], left[0]

    @property
    def values(self) -> np.ndarray:
        """Singular values, descending."""
        return self._decomposed[0]

    @property
    def left(self) -> np.ndarray:
        """(3N, k), the displacement of each singular value."""
        return self._decomposed[1]

    @property
    def worst(self) -> np.ndarray:
        """(3N,), the displacement that is seen least."""
        return self.left[:, -1]

    def null(self, part: float) -> np.ndarray:
        """(3N, n), displacements of singular values up to `part` s_max."""
        return self.left[:, self.values <= part * self.values[0]]

    @property
    def condition(self) -> float:
        """s_max / s_min, infinite where s_min is rounding error."""
        s = self.values
        return s[0] / s[-1] if s[-1] > SVD_ROUNDING * s[0] else np.inf

    @cached_property
    def blind(self) -> np.ndarray:
        """(3N, b), displacements with s_max / s above factor * median; the worst one at least."""
        limit = self.thresholds.factor * self.usual(self.thresholds.median)
        blind = self.left[:, self.values * limit < self.values[0]]
        return blind if blind.shape[1] else self.left[:, -1:]

    @property
    def order(self) -> int:
        """Correlation order of the descriptor; 2 for what is no density correlation."""
        return min(getattr(self.descriptor, "nu", 2), 3)

    @property
    def tuples(self) -> str:
        """What features of this order are functions of."""
        return {1: "neighbours", 2: "pairs", 3: "triples"}[self.order]

    def usual(self, medians: Mapping[str, float | None]) -> float:
        """The median CN of environments with this centre, 1 where there is none."""
        return medians.get(chemical_symbols[self.one.center]) or 1.0

    def at_most(self, tolerance: float) -> float:
        """A tolerance (Å), but no more than a fifth of the smallest distance of two atoms."""
        return min(tolerance, 0.2 * float(nearest_distance(self.one.vectors)[0]))

    def finding(
        self,
        diagnosis: str,
        because: str,
        shown: np.ndarray | None = None,
        searched: bool = False,
    ) -> Finding:
        """A finding about the displacement `shown` (3N,), by default the worst one.

        Args:
            searched: the singular point next to it is that of the search, not of closed forms.
        """
        shown = self.worst if shown is None else shown
        shown = shown * np.sign(shown[np.abs(shown).argmax()]) / np.linalg.norm(shown)
        place = int(self.one.frames[0]), int(self.one.centers[0])
        near = self.searched if searched else nearby(self.descriptor, self.one, self.worst)
        return Finding(*place, diagnosis, because, shown.reshape(-1, 3), near)

    @cached_property
    def searched(self) -> NearSingular | None:
        """The nearest singular point of all that can be found."""
        return nearby(self.descriptor, self.one, self.worst, search=True)

    def loss_nu1(self, nu1: Descriptor) -> float:
        """How many times less well nu = 1 sees the worst displacement than what it sees best.

        Of J only its largest singular value is asked, which J J^T has with all digits.
        """
        jacobian = nu1.reduced_jacobian(self.one)
        if self.descriptor.invariant:
            jacobian = without_orientation(jacobian, self.one.vectors)
        s_max = np.sqrt(np.linalg.eigvalsh(jacobian @ jacobian.swapaxes(1, 2))[:, -1])
        return float(loss(jacobian, self.worst[None], s_max)[0])

    @cached_property
    def nu3(self) -> tuple[bool, np.ndarray, str]:
        """Whether nu = 3 sees something of the blind space, what (3N,), and the evidence."""
        if self.order >= 3:
            return False, self.worst, "nu = 4 was not evaluated"
        if self.one.n_neighbors > self.thresholds.nu3_neighbors:
            return False, self.worst, "too many neighbours to evaluate nu = 3"
        higher = self.companions.nu3.reduced_jacobian(self.one)
        s_max = singular_values(higher, self.one.vectors)[0, 0]
        mixing = np.linalg.svd(self.blind.T @ higher[0], full_matrices=True)[0]
        shown = self.blind @ mixing[:, 0]
        nu3 = float(loss(higher, shown[None], np.array([s_max]))[0])
        own = float(loss(self.jacobian, shown[None], self.values[:1])[0])
        usual = self.usual(self.thresholds.median)
        usual_nu3 = self.usual(self.thresholds.median_nu3)
        said = f"nu = 3 sees it {nu3:.3g} times less well than its best, this one {own:.3g} times"
        if not np.isfinite(nu3):
            return False, shown, "nu = 3 does not see it either"
        return nu3 / usual_nu3 < np.sqrt(own / usual) and 2 * nu3 < own, shown, said

    @cached_property
    def coincidence(self) -> tuple[float, np.ndarray, str]:
        """The share of near-coincidences in the blind space, of which direction, in words."""
        tolerance = self.at_most(self.thresholds.coincidence)
        space = self.theory(tolerance)
        part, shown = share(space.degenerate if space else self.left[:, :0], self.blind)
        said = f"coincident {self.tuples} within {tolerance:.2g} Å hide {100 * part:.0f} % of it"
        return part, shown, said

    @cached_property
    def rounding(self) -> float:
        """Å by which the coordinates may be off those of the structure that was meant."""
        return tolerance(self.vectors, self.species)

    def theory(self, tolerance: float, order: int | None = None) -> NullSpace | None:
        """The null space predicted for an order, by default that of the descriptor.

        None where there are too many neighbours for it.
        """
        order = order or self.order
        if self.one.n_neighbors**order > MOST_TUPLES:
            return None
        try:
            return null_space(self.vectors, order, self.species, tolerance)
        except InputError:
            return None
