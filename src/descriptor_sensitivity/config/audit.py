"""The section `audit`: where descriptors are blind on data sets, and why."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from descriptor_sensitivity.config.papers import Name
from descriptor_sensitivity.settings import Count, Degree, Length, Seed, Settings

Names = Annotated[list[str], Field(min_length=1)]


class Dataset(Settings):
    """One data set."""

    path: str | None = Field(None, description="A file of structures in any format that ASE reads.")
    structures: str | None = Field(
        None, description="The name of a set in the section `structures`."
    )
    center_species: str | None = Field(None, description="Centre on atoms of this element only.")
    descriptors: Names | None = Field(
        None, description="Names of the descriptors to audit; those of the section by default."
    )

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.path is None) == (self.structures is None):
            raise ValueError("a data set has either `path` or `structures`")
        return self


class Criteria(Settings):
    """What counts as low sensitivity, and the tolerances of its causes."""

    factor: float = Field(
        gt=1, description="Low is a condition number above this many medians of the data set."
    )
    singular: float = Field(
        ge=10,
        description="Condition number from which an environment is singular, whatever the median.",
    )
    symmetry: Length = Field(description="Tolerance of a symmetry operation, Å.")
    coincidence: Length = Field(description="Tolerance of coincident tuples of neighbours, Å.")
    unresolved: float = Field(
        ge=0, description="Like atoms closer than this many sigma are an unresolved pair."
    )
    nu3_neighbors: Degree = Field(
        description="nu = 3 is evaluated for environments of up to this many neighbours."
    )


class Advice(Settings):
    """A sweep for the cheapest n_max, l_max and sigma of each audited density correlation."""

    n_max: Annotated[list[Count], Field(min_length=1)] = Field(
        description="Numbers of radial functions to try."
    )
    l_max: Annotated[list[Degree], Field(min_length=1)] = Field(
        description="Highest degrees of spherical harmonics to try."
    )
    sigma: Annotated[list[Length], Field(min_length=1)] = Field(
        description="Widths of the Gaussian to try, Å."
    )
    factor: float = Field(
        ge=1, description="How much larger than the best mean condition number is allowed."
    )
    n_environments: Count = Field(description="Environments of the sample that are used.")


class Audit(Settings):
    """Where descriptors are blind on data sets, and why."""

    datasets: dict[Name, Dataset] = Field(description="Data sets by name.")
    descriptors: Names = Field(
        description="Names of the descriptors that a data set is audited for by default."
    )
    chunk_size: int = Field(ge=100, multiple_of=100, description="Frames of a job.")
    sample: Count = Field(description="Frames drawn from each data set for fits and comparisons.")
    seed: Seed = Field(description="Seed of the sample.")
    shown: Count = Field(description="Worst environments that are drawn of each diagnosis.")
    structures: Count = Field(
        description="Most structures that are judged as wholes, evenly spaced in the data set."
    )
    diagnosis: Criteria
    advice: Advice
