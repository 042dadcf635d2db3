"""What a diagnosis says."""

from dataclasses import dataclass

import numpy as np

from descriptor_sensitivity.audit.nearby import NearSingular

CATEGORIES = (
    "fine",
    "too few features",
    "unresolved pair",
    "truncation",
    "degenerate",
    "symmetric",
    "unexplained",
)


@dataclass(frozen=True)
class Finding:
    """The diagnosis of one environment, in a sentence, with the displacement it is about."""

    frame: int
    center: int
    diagnosis: str
    because: str
    displacement: np.ndarray
    """(N, 3), of unit norm: the blind displacement of the neighbours."""
    singular: NearSingular | None = None
    """The singular point next to it, where one was looked for and found."""
