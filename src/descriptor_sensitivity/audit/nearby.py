"""The singular point next to an environment of low sensitivity, and what it explains."""

from dataclasses import dataclass

import numpy as np

from descriptor_sensitivity.descent import WEIGHTS
from descriptor_sensitivity.descriptors.base import Descriptor
from descriptor_sensitivity.environments import Batch
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.search import SingularPoint, singular_points
from descriptor_sensitivity.singular import sensitivities, sensitivity
from descriptor_sensitivity.theory.nearest import ENUMERATED
from descriptor_sensitivity.theory.recognise import FAMILIES
from descriptor_sensitivity.tolerances import SVD_ROUNDING

SEARCHED = 20
"""Neighbours up to which the descriptor is followed to a singular point."""

FOLLOWED_SECONDS = 10.0
"""What following it may take for one environment, as estimated: a potential takes minutes."""

CLOSE = 0.3
"""Å, over all coordinates: a singular point no farther away explains low sensitivity. Of random
methanes of low sensitivity (CN above 5 medians) 88 % have one, of those below 1.5 medians 9 %."""


@dataclass(frozen=True)
class NearSingular:
    """A singular point near an environment.

    Attributes:
        point: the point; its distance is an upper bound of that of the nearest.
        part: how much of the displacement that is seen least in the environment cannot be seen at
            all at the point, from 0 to 1.
        falls: whether s_min / s_max is lower half way to the point.
    """

    point: SingularPoint
    part: float
    falls: bool

    @property
    def explains(self) -> bool:
        """Whether the environment is seen badly as it lies near this point."""
        return self.part >= 0.5 and self.falls and self.point.distance <= CLOSE

    @property
    def name(self) -> str:
        """Its kind and what it is, such as `degenerate: mirror`."""
        return f"{self.point.kind}: {self.point.what}" if self.point.what else self.point.kind

    def __str__(self) -> str:
        what = self.point.what
        which = f" of {FAMILIES[what]}" if what in FAMILIES else f" ({what})" if what else ""
        if self.point.distance < 1e-9:
            return f"it is a {self.point.kind} point itself{which}"
        return (
            f"a {self.point.kind} point{which} lies {self.point.distance:.2g} Å away or nearer,"
            f" where {100 * self.part:.0f} % of the displacement cannot be seen"
        )


def nearby(
    descriptor: Descriptor, one: Batch, worst: np.ndarray, search: bool = False
) -> NearSingular | None:
    """The nearest singular point that explains the displacement, else the nearest of all.

    None if none has a certificate.

    Args:
        one: a single environment.
        worst: (3N,) its displacement that is seen least, of unit norm.
        search: whether to follow the descriptor too, where `is_followed`, besides the closed forms,
            which are tried up to `ENUMERATED`.
    """
    search = search and is_followed(descriptor, one)
    if not search and one.n_neighbors > ENUMERATED:
        return None
    if "differences" in getattr(descriptor, "derivatives", "analytic"):
        return None  # too coarse for a certificate
    try:
        nearest = None
        for point in singular_points(descriptor, one, search):
            near = _judged(descriptor, one, point, worst)
            if near.explains:
                return near
            nearest = nearest or near
        return nearest
    except InputError:
        return None


def is_followed(descriptor: Descriptor, one: Batch) -> bool:
    """Whether a search from this environment, of few neighbours, is not too long.

    A step takes the Jacobian in three places.
    """
    if one.n_neighbors > SEARCHED:
        return False
    if descriptor.settings is None:
        return True
    n_species = len(set(one.species.tolist()))
    jacobian = descriptor.cost(descriptor.settings, one.n_neighbors, n_species).seconds
    return 3 * len(WEIGHTS) * jacobian <= FOLLOWED_SECONDS


def _judged(
    descriptor: Descriptor, one: Batch, point: SingularPoint, worst: np.ndarray
) -> NearSingular:
    half_way = one.vectors[0] + point.displacement / 2
    values, left = sensitivity(descriptor, one.moved(np.array([point.vectors])))
    null = left[0][:, values[0] < 10 * max(point.ratio, SVD_ROUNDING) * values[0, 0]]
    twice = one[np.zeros(2, dtype=int)].moved(np.stack([one.vectors[0], half_way]))
    way = sensitivities(descriptor, twice)
    ratios = way[:, -1] / way[:, 0]
    falls = bool(ratios[1] < ratios[0]) or point.distance == 0
    return NearSingular(point, float(np.sum((null.T @ worst) ** 2)), falls)
