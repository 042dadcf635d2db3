"""The section `comment`: orbits of low sensitivity, and networks along them."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from descriptor_sensitivity.config.papers import Address, Name, need
from descriptor_sensitivity.settings import Count, Length, Seed, Settings


class Frames(Settings):
    """Frames of hot methane to fit bases on and to train networks with."""

    source: Literal["generate", "authors", "path"] = Field(
        description="Molecular dynamics, the published validation file, or a file."
    )
    training: int = Field(ge=10, description="Number of training frames.")
    validation: Count = Field(description="Number of validation frames.")
    seed: Seed = Field(
        description="Seed of the velocities and of the split into training and validation."
    )
    trajectories: Count | None = Field(None, description="Number of independent trajectories.")
    temperature: Annotated[float, Field(gt=0)] | None = Field(
        None, description="The energy of the molecule is 9 k_B times this, K."
    )
    timestep: Annotated[float, Field(gt=0, le=1)] | None = Field(
        None, description="Time step, fs; every step is a frame."
    )
    method: Literal["GFN2-xTB", "GFN1-xTB", "IPEA1-xTB"] | None = Field(
        None, description="A method of tblite."
    )
    url: Address | None = Field(None, description="Address of the published validation file.")
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = Field(
        None, description="sha256 of the published validation file."
    )
    path: str | None = Field(None, description="A file of methane molecules.")
    unit: Literal["angstrom", "bohr"] | None = Field(None, description="Length unit of that file.")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        needed = {
            "generate": ("trajectories", "temperature", "timestep", "method"),
            "authors": ("url", "sha256"),
            "path": ("path", "unit"),
        }
        need(self, needed[self.source], f"source: {self.source}")
        return self


class Features(Settings):
    """The power spectrum that orbits and networks share."""

    cutoff: float = Field(gt=2, description="Hard cutoff, Å; it must reach across the molecule.")
    n_max: int = Field(
        ge=2,
        multiple_of=2,
        description="Number of optimal radial functions, even (the network makes four groups).",
    )
    l_max: Count = Field(description="Largest angular momentum.")
    n_primitive: int = Field(
        ge=2, description="Number of GTOs that the optimal basis is contracted from."
    )
    fit_every: Count = Field(
        description="The optimal basis is fitted on every so many training frames."
    )


Lengths = Annotated[list[Length], Field(min_length=1)]


class Orbits(Settings):
    """Where orbits start and how they are followed."""

    start: Annotated[list[float], Field(min_length=12, max_length=12)] = Field(
        description="H positions relative to C of the start with c = 1, Å."
    )
    sigmas: Lengths = Field(
        description="Widths of the Gaussians, Å; 0.1 and 0.5 and those of the networks are needed."
    )
    scales: Lengths = Field(
        description="Distances c of the start from A0, in units of that of the published orbit."
    )
    n_frames: int = Field(ge=4, description="Number of frames kept of each orbit.")
    step: float = Field(gt=0, le=0.01, description="Length of the Euler steps, Å.")
    every: Count = Field(description="Number of Euler steps between two frames.")
    integrator: Literal["modified", "euler", "exact"] = Field(
        description="The curve of the Euler steps by an adaptive method, the steps, or the limit."
    )
    tolerance: float = Field(gt=0, description="Local error of the adaptive method, Å.")
    compare_sigma: Length = Field(
        description="Width of the Gaussians for which integrators are compared, Å."
    )
    compare_frames: int = Field(
        ge=3, description="Number of frames over which integrators are compared."
    )

    @model_validator(mode="after")
    def _unit_scale(self) -> Self:
        if 1.0 not in self.scales:
            raise ValueError("`scales` must contain 1.0, the published orbit")
        return self


class NetworkSetting(Settings):
    """Features and orbit of a network."""

    sigma: Length = Field(description="Width of the Gaussians of the features and of the orbit, Å.")
    scale: Length = Field(description="c of the orbit, one of `orbits.scales`.")
    runs: Annotated[list[Literal["none", "20", "full"]], Field(min_length=1)] = Field(
        description="What is trained on of the orbit: nothing, `kept` frames, or all of it."
    )
    repeats: Count = Field(description="Times that run `full` repeats the frames of the orbit.")


class Networks(Settings):
    """What networks are trained on, and how."""

    settings: dict[Name, NetworkSetting] = Field(
        description="Features and orbit by name; `text` is drawn."
    )
    kept: Count = Field(description="Frames of the orbit in run `20`.")
    seeds: Annotated[list[Seed], Field(min_length=1)] = Field(
        description="Seeds of weights, batches and kept frames; one network for each."
    )
    width: int = Field(ge=2, multiple_of=2, description="Neurons of each of the two hidden layers.")
    epochs: Count = Field(description="Passes over the training frames.")
    batch_size: Count = Field(description="Frames between two steps of Adam.")
    learning_rate: float = Field(
        gt=0, description="Learning rate of Adam; its largest value if the schedule is `cosine`."
    )
    schedule: Literal["cosine", "plateau"] = Field(description="How the learning rate changes.")
    whitening: float = Field(
        ge=0,
        le=0.1,
        description="Floor of the variances in the first layer's coordinates; 0 for none.",
    )
    device: Literal["cpu", "cuda", "auto"] = Field(description="Where networks are trained.")

    @model_validator(mode="after")
    def _usable(self) -> Self:
        if "text" not in self.settings:
            raise ValueError("`settings` needs the entry `text`, the one that is drawn")
        text = self.settings["text"]
        if text.scale != 1.0 or len(set(text.runs)) < 3:
            raise ValueError(
                "`settings.text`, which is drawn, has all three runs and the scale 1.0"
            )
        if len(set(self.seeds)) < len(self.seeds):
            raise ValueError("`seeds` holds a seed twice")
        return self


class Comment(Settings):
    """Orbits of low sensitivity and the networks of the Comment."""

    frames: Frames
    features: Features
    orbits: Orbits
    networks: Networks

    @model_validator(mode="after")
    def _orbits_of_the_networks(self) -> Self:
        for setting in self.networks.settings.values():
            for key, value in {"sigmas": setting.sigma, "scales": setting.scale}.items():
                if value not in getattr(self.orbits, key):
                    raise ValueError(
                        f"`orbits.{key}` lacks {value:g}, which a setting of the networks uses"
                    )
        return self
