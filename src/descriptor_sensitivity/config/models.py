"""The section `models`: machine-learned potentials that are compared."""

from pydantic import Field

from descriptor_sensitivity.models.descriptor import ModelSettings
from descriptor_sensitivity.settings import Settings


class Models(Settings):
    """Machine-learned potentials under the same lens: fig_models."""

    recompute: bool = Field(
        description="Compute the table anew (make models) instead of using the shipped rows."
    )
    potentials: dict[str, ModelSettings] = Field(
        description="Models by the name they have in the figure; all their layers are shown."
    )
