"""Sections of the configuration that the first paper needs: structures, sweeps, singular points."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from descriptor_sensitivity.settings import Count, Degree, Length, Seed, Settings, Width

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]+$")]
"""Letters, digits and hyphens: it becomes a part of names of files."""

Address = Annotated[str, Field(pattern=r"^https?://")]
Decades = Annotated[list[float], Field(min_length=3, max_length=3)]


def need(settings: Settings, keys: tuple[str, ...], why: str) -> None:
    """Raise unless the optional keys are there."""
    missing = [key for key in keys if getattr(settings, key) is None]
    if missing:
        names = ", ".join(f"`{key}`" for key in missing)
        raise ValueError(f"{why} needs {names}")


class StructureSet(Settings):
    """One set of structures."""

    source: Literal["generate", "download", "path"] = Field(
        description="Generate random methane, download the published data set, or read a file."
    )
    count: Count = Field(description="Number of structures.")
    seed: Seed = Field(description="Seed of random methane and of a random selection.")
    radius: Length | None = Field(
        None, description="Radius of the ball in which hydrogen atoms are placed, Å."
    )
    min_distance: Width | None = Field(
        None, description="A structure with two atoms closer than this is discarded, Å."
    )
    select: Literal["first", "random"] = Field(
        "first", description="Which frames of a file are taken."
    )
    urls: Annotated[list[Address], Field(min_length=1)] | None = Field(
        None, description="Addresses of a gzip-compressed extended xyz file, tried in turn."
    )
    md5: Annotated[str, Field(pattern="^[0-9a-f]{32}$")] | None = Field(
        None, description="md5 of the whole compressed file."
    )
    whole_file: bool = Field(
        True, description="Whether the whole file is fetched and checked, or only its beginning."
    )
    path: str | None = Field(None, description="A file of structures.")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        needed = {
            "generate": ("radius", "min_distance"),
            "download": ("urls", "md5"),
            "path": ("path",),
        }
        need(self, needed[self.source], f"source: {self.source}")
        if self.source == "download" and not self.whole_file and self.select == "random":
            raise ValueError("`select: random` needs the whole file: set `whole_file: true`")
        return self


class DensityExpansion(Settings):
    """The density expansion that Figures 4 to 6 share."""

    cutoff: Length = Field(description="Hard cutoff of the environments, Å.")
    n_primitive: Count = Field(
        description="Number of DVR functions from which the optimal radial basis is contracted."
    )
    fit_structures: Count = Field(
        description="Number of structures on which the optimal radial basis is fitted."
    )


class Sweeps(Settings):
    """Condition numbers over basis, smearing and body order."""

    sheets: dict[str, str] = Field(
        description="Name of a sweep and the sheet (tab-separated) that holds its points."
    )
    n_structures: int = Field(
        ge=2, description="Number of structures each condition number is averaged over."
    )
    n_scatter: int = Field(
        ge=2, description="Number of structures in the parity plots of Figure 6."
    )
    n_theory: Count = Field(description="Number of structures behind the limits of section 1.5.")
    bootstrap: int = Field(
        ge=10, description="Number of bootstrap resamplings behind the error of a mean."
    )
    seed: Seed = Field(description="Seed of the resamplings.")


class EnergyCheck(Settings):
    """Energies recomputed in every run."""

    count: Count = Field(description="Points of each structure.")
    seed: Seed = Field(description="Seed of the choice of points.")
    tolerance: float = Field(gt=0, description="Largest difference allowed, µeV.")


Displacement = Annotated[
    float, Field(gt=0, description="Norm of the displacement at Delta = 1, Å.")
]


class Asymmetric(Settings):
    """Randomly distorted methane."""

    length: Displacement
    distortion: Length = Field(description="How far each H is moved, Å.")
    seed: Seed = Field(description="Seed of the distortion.")


class Symmetric(Settings):
    """Equilibrium methane."""

    length: Displacement


class MirrorFamily(Settings):
    """Parameters of the family: radii in Å, angles in degrees."""

    r_a: Length = Field(description="Radius of a.")
    r_b: Length = Field(description="Radius of b- and b+.")
    r_c: Length = Field(description="Radius of c.")
    t: float = Field(description="Angle of a from the z axis.")
    e: float = Field(description="Elevation of b- and b+.")
    p: float = Field(description="Azimuth of b- and b+.")


class Degenerate(Settings):
    """A0 of the mirror family."""

    length: Displacement
    mirror: MirrorFamily


class MethaneStructures(Settings):
    """The structures of Figure 2."""

    asymmetric: Asymmetric
    symmetric: Symmetric
    degenerate: Degenerate


class Directions(Settings):
    """The density whose nu = 2 singular vectors are the displacements."""

    n_max: Count = Field(description="Number of DVR functions.")
    l_max: Degree = Field(description="Largest angular momentum.")
    sigma: Length = Field(description="Width of the Gaussians, Å.")
    cutoff: Length = Field(description="Hard cutoff, Å.")


class Singular(Settings):
    """Singular points of methane, energies along displacements, and their regression."""

    functional: str = Field(description="Exchange-correlation functional, as PySCF spells it.")
    basis: str = Field(description="Orbital basis, as PySCF spells it.")
    recompute: bool = Field(
        description="Compute all energies instead of using the shipped ones where they fit."
    )
    check: EnergyCheck
    n_points: int = Field(ge=3, description="Points along each displacement, odd.")
    training_grids: Annotated[list[Annotated[int, Field(ge=2)]], Field(min_length=1)] = Field(
        description="Numbers n of the n x n sub-grids that are trained on."
    )
    structures: MethaneStructures
    directions: Directions
    descriptors: dict[Name, str] = Field(
        min_length=1, description="Rows of Table 1, each with the name of its descriptor."
    )
    gamma: Decades = Field(description="Decades of gamma to try, from, to, step.")
    sigma2: Decades = Field(description="Decades of sigma^2 to try, from, to, step.")

    @model_validator(mode="after")
    def _odd(self) -> Self:
        if self.n_points % 2 == 0:
            raise ValueError(
                f"`n_points` is odd, so that Delta = 0 is a point, not {self.n_points}"
            )
        return self


class Theory(Settings):
    """Null spaces predicted without a basis against those of features, fig_theory."""

    members: Count = Field(description="Number of random members of each family of environments.")
    seed: Seed = Field(description="Seed of the random members.")
    n_max: Count = Field(description="Number of radial (DVR) functions.")
    l_max: Degree = Field(description="Largest angular momentum.")
    sigma: Length = Field(description="Width of the Gaussians, Å.")
    cutoff: float = Field(ge=1.5, description="Hard cutoff, Å; the environments reach up to 1.4 Å.")


Formula = Annotated[str, Field(pattern=r"^([A-Z][a-z]?[0-9]*)+$")]


class Census(Settings):
    """Singular points next to random methane, and of whole small molecules."""

    n_structures: Count = Field(
        description="Structures next to which closed forms are tried, at most all of the set."
    )
    n_followed: Count = Field(
        description="Of these, from the first, next to which nu = 2 is followed too."
    )
    n_followed_nu3: Count = Field(description="And nu = 3.")
    n_five: Count = Field(
        description="Random environments of five like neighbours, next to which nu = 2 is followed."
    )
    formulas: Annotated[list[Formula], Field(min_length=1)] = Field(
        description="Compositions of the clusters from which whole molecules are searched."
    )
    n_clusters: Count = Field(description="Random clusters of each composition and search.")
    seed: Seed = Field(description="Seed of the environments of five neighbours and of clusters.")
