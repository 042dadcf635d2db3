"""Settings of descriptors as values: each a frozen model, checked when it is made.

The same models stand behind the configuration, sweep sheets, Python and the keys of stored results.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Length = Annotated[float, Field(gt=0, allow_inf_nan=False)]
"""Å, positive."""
Width = Annotated[float, Field(ge=0, allow_inf_nan=False)]
"""Å, zero allowed."""
Count = Annotated[int, Field(ge=1)]
Degree = Annotated[int, Field(ge=0)]
Seed = Annotated[int, Field(ge=0)]


COMMON: dict[str, Any] = {
    "cutoff": Annotated[Length, Field(description="Cutoff of its environments, Å.")],
    "cutoff_width": Annotated[
        Width,
        Field(description="Width over which neighbours are switched off, Å; 0 is a hard cutoff."),
    ],
    "n_max": Annotated[Count, Field(description="Number of radial functions.")],
    "l_max": Annotated[Degree, Field(description="Largest angular momentum.")],
    "sigma": Annotated[Length, Field(description="Width of the Gaussians, Å.")],
    "nu": Annotated[Count, Field(description="Order of the correlations.")],
    "seed": Annotated[Seed, Field(description="Seed of its random weights.")],
}
"""Options that mean the same in every descriptor."""


class Settings(BaseModel):
    """A set of options: unknown keys are errors, and a string or a fraction is no integer."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class DescriptorSettings(Settings):
    """What every descriptor has: its kind, and the cutoff of the environments it sees."""

    kind: str = Field(description="What it is: density (correlations), omfp, or a library's name.")
    cutoff: Length = Field(description="Cutoff of its environments, Å.")

    def options(self) -> dict[str, Any]:
        """Every option but the kind."""
        return self.model_dump(exclude={"kind"})


class DensitySettings(DescriptorSettings):
    """Density correlations of order nu on a radial basis."""

    kind: Literal["density"] = Field("density", description="Density correlations.")
    nu: Literal[1, 2, 3, 4] = Field(description="Order of the correlations.")
    radial_basis: str = Field(
        pattern=r"^(optimal|gto|dvr|complete|.+\.npz)$",
        description="Radial basis: optimal, gto, dvr, complete (the limit of all of them), or the"
        " .npz file of a fitted one.",
    )
    n_max: Count | None = Field(
        None, description="Number of radial functions; for every basis but complete."
    )
    l_max: Degree = Field(description="Largest angular momentum.")
    sigma: Length = Field(description="Width of the Gaussians, Å.")
    cutoff_width: Width = Field(
        0.0, description="Width over which a cosine switches neighbours off, Å; 0 is a hard cutoff."
    )
    center_weight: Width = Field(
        0.0, description="Weight of a Gaussian of the centre's own; 0 leaves it out."
    )
    primitive: Literal["dvr", "gto"] = Field(
        "dvr", description="Functions the optimal basis is contracted from."
    )
    n_primitive: Count = Field(100, description="Number of these functions.")

    @model_validator(mode="after")
    def _n_max_unless_complete(self) -> Self:
        if (self.n_max is None) != (self.radial_basis == "complete"):
            raise ValueError(
                "`n_max` does not go with radial_basis `complete`; leave it out"
                if self.n_max is not None
                else f"radial_basis `{self.radial_basis}` needs `n_max`, its number of functions"
            )
        return self
