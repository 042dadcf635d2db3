"""The inside of a machine-learned potential as a descriptor: kind `mlip` of the configuration."""

import logging
from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self

import ase
import numpy as np
from pydantic import (
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)
from pydantic_core import PydanticCustomError
from tqdm import tqdm

from descriptor_sensitivity.descriptors.base import Cost, Descriptor
from descriptor_sensitivity.environments import Batch
from descriptor_sensitivity.errors import SettingsError
from descriptor_sensitivity.models.process import Process
from descriptor_sensitivity.settings import (
    Count,
    Degree,
    DescriptorSettings,
    Length,
    Seed,
    Settings,
)

log = logging.getLogger(__name__)

Choice = tuple[int | str, str]
"""A layer and the atoms of the cluster whose features are taken."""


def _plain(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
    """One sentence in place of one for each kind of layer."""
    try:
        return handler(value)
    except ValidationError:
        raise PydanticCustomError("layer", "a whole number from 1, last or all") from None


class RandomMace(Settings):
    """A MACE with random weights: what its architecture can see, whatever it is trained on."""

    layers: Count = Field(2, description="Number of interactions.")
    correlation: Count = Field(3, description="Order nu within each of them.")
    channels: Count = Field(8, description="Copies of every irreducible representation.")
    l_max: Degree = Field(3, description="Largest angular momentum of the edges.")
    cutoff: Length = Field(5.0, description="Of the edges, Å.")
    species: list[Count] = Field([1, 6], description="Atomic numbers it knows.")
    seed: Seed = Field(0, description="Of the weights.")


class ModelSettings(DescriptorSettings):
    """Scalar features inside a machine-learned potential, of one atom or all of a cluster."""

    kind: Literal["mlip"] = Field("mlip", description="The inside of a machine-learned potential.")
    library: Literal["mace", "sevenn", "chgnet", "deepmd", "metatomic", "module"] = Field(
        description="What the model is of; module is a function of one's own in torch."
    )
    model: str | RandomMace | None = Field(
        None,
        description="Its file; for sevenn and chgnet by default the weights of the package; for"
        " mace also the options of a model with random weights; for module `module:function`.",
    )
    layer: Annotated[Count | Literal["last", "all"], WrapValidator(_plain)] = Field(
        "last", description="The layer, from 1, or last, or all of them joined."
    )
    atoms: Literal["center", "all", "sum"] = Field(
        "center", description="Features of the centre, of all atoms joined, or their sum."
    )
    device: str = Field("auto", description="Of torch; auto: cuda where there is one, else cpu.")
    python: str | None = Field(
        None, description="A Python that has the library; by default that of `make models`."
    )

    @model_validator(mode="after")
    def _model_fits_the_library(self) -> Self:
        if self.library in ("mace", "deepmd", "metatomic", "module") and self.model is None:
            what = "`module:function`" if self.library == "module" else "a file"
            raise ValueError(f"library {self.library} needs `model`, {what}")
        if isinstance(self.model, RandomMace) and self.library != "mace":
            raise ValueError("only library mace builds a model with random weights")
        return self


class ModelFeatures(Descriptor):
    """Features (n_env, k) of a layer of a potential, with their Jacobian by backward passes.

    An environment is a finite cluster, in which the model draws edges by its own rules and cutoff.

    Args:
        settings: which model, which layer, which atoms.

    Attributes:
        description: the model's file or name, and the library with its version.
        sha256: of the file; empty for random weights.
        notes: what a person should know of it.
        cutoff: how far its edges reach, Å; None where it does not say.
        invariant: whether its features stay the same when a cluster is turned.
    """

    derivatives = "analytic"

    def __init__(self, settings: ModelSettings) -> None:
        self._settings = settings
        model = settings.model
        given = model.model_dump() if isinstance(model, RandomMace) else model
        self._process = Process(settings.library, given, settings.device, settings.python)
        said = self._process.said
        self.description: str = said["description"]
        self.sha256: str = said["sha256"]
        self.notes: list[str] = said["notes"]
        self.cutoff: float | None = said["cutoff"]
        self.invariant = said["invariant"]
        if self.cutoff is not None and self.cutoff > settings.cutoff:
            self.notes.append(
                f"{self.description} draws edges up to {self.cutoff:g} Å, which is what is used,"
                f" in environments cut at {settings.cutoff:g} Å: what stands farther out is not"
                f" there; `cutoff: {self.cutoff:g}` lets its first layer see all that it can."
            )
        for note in self.notes:
            log.warning("%s", note)
        self._checked = not isinstance(settings.layer, int)

    @classmethod
    def settings_model(cls, kind: str) -> type[DescriptorSettings]:
        """The settings of the kind `mlip`."""
        return ModelSettings

    @classmethod
    def build(
        cls, settings: DescriptorSettings, fit_batches: Sequence[Batch] | None = None
    ) -> "ModelFeatures":
        """The descriptor with these settings; nothing is fitted."""
        if not isinstance(settings, ModelSettings):
            raise TypeError(f"settings of a model, not {type(settings).__name__}")
        return cls(settings)

    @classmethod
    def cost(cls, settings: DescriptorSettings, n_neighbors: int, n_species: int) -> Cost:
        """As in `Descriptor`: torch, and a backward pass for each of 3N coordinates; a guess."""
        return Cost(1.5e9, 0.02 * 3 * n_neighbors)

    def features(self, batch: Batch) -> np.ndarray:
        """Features (n_env, k) of the chosen layer and atoms."""
        return self.features_of(batch, [(self._settings.layer, self._settings.atoms)])[0]

    def jacobian(self, batch: Batch) -> tuple[np.ndarray, np.ndarray]:
        """Features (n_env, k) and Jacobian (n_env, 3N, k) of the chosen layer and atoms."""
        choice = (self._settings.layer, self._settings.atoms)
        return self.jacobians(batch, [choice])[0]

    def features_of(self, batch: Batch, choices: Sequence[Choice]) -> list[np.ndarray]:
        """Features (n_env, k) of several layers and atoms, all from one pass."""
        self._require_layer(batch)
        found = self._ask("features", batch, choices)
        return [found[f"f{number}"] for number in range(len(choices))]

    def jacobians(
        self, batch: Batch, choices: Sequence[Choice]
    ) -> list[tuple[np.ndarray, np.ndarray]]:
        """Features and Jacobians of several layers and atoms, all from the same passes."""
        self._require_layer(batch)
        found = self._ask("jacobians", batch, choices)
        return [(found[f"f{number}"], found[f"j{number}"]) for number in range(len(choices))]

    def widths(self, batch: Batch) -> list[int]:
        """Number of features of an atom in each layer."""
        numbers = np.array([batch.center, *batch.species])
        return self._process.ask("widths", batch.vectors[:1], numbers, [])["widths"].tolist()

    def _require_layer(self, batch: Batch) -> None:
        """Raise SettingsError, the first time, if the model has not the layer of the settings."""
        wanted = self._settings.layer
        if not self._checked and isinstance(wanted, int):
            number = len(self.widths(batch))
            if wanted > number:
                raise SettingsError(
                    f"`layer: {wanted}`: {self.description} has {number};"
                    f" choose 1 to {number}, last or all."
                )
        self._checked = True

    def energies(self, batch: Batch) -> tuple[np.ndarray, np.ndarray]:
        """Energies (n_env,), eV, and their gradient (n_env, 3N), eV/Å; NaN where it has none."""
        found = self._ask("energies", batch, [])
        return found["energy"], found["gradient"]

    def forces(self, atoms: ase.Atoms) -> tuple[float, np.ndarray]:
        """Energy E, eV, and forces (M, 3), eV/Å, of a whole structure.

        F_k = -dE/dr_k with the first atom at rest, and F_0 = -sum_(k > 0) F_k, as E does not change
        when all atoms move alike. NaN where the model has no energy.

        Raises:
            InputError: the model does not take it; functions of one's own take nothing periodic.
        """
        found = self._ask_whole("energies", atoms, [])
        return float(found["energy"][0]), -_of_all_atoms(found["gradient"].reshape(-1, 3))

    def atoms_features(
        self, atoms: ase.Atoms, layers: Sequence[int], slopes: bool = True
    ) -> list[tuple[np.ndarray, np.ndarray]]:
        """Features (M, k) of every atom of a whole structure in each layer; Jacobian (3M, M, k).

        The Jacobian, empty without `slopes`, is with respect to all atoms, the cell at rest.

        Raises:
            InputError: the model does not take it; functions of one's own take nothing periodic.
        """
        found = self._ask_whole(
            "jacobians" if slopes else "features", atoms, [(layer, "all") for layer in layers]
        )
        size = len(atoms)
        per_layer = []
        for number in range(len(layers)):
            features = found[f"f{number}"].reshape(size, -1)
            jacobian = np.zeros((0, *features.shape))
            if slopes:
                moved = found[f"j{number}"].reshape(size - 1, 3, *features.shape)
                jacobian = _of_all_atoms(moved).reshape(3 * size, *features.shape)
            per_layer.append((features, jacobian))
        return per_layer

    def block_size(self, batch: Batch) -> int:
        """Environments whose Jacobians of all atoms, at 256 features an atom, take 100 MB."""
        atoms = batch.n_neighbors + 1 if self._settings.atoms == "all" else 1
        return max(1, min(64, 10**8 // (8 * 3 * batch.n_neighbors * 256 * atoms)))

    def _ask_whole(
        self, task: str, atoms: ase.Atoms, choices: Sequence[Choice]
    ) -> dict[str, np.ndarray]:
        vectors = (atoms.positions[1:] - atoms.positions[0])[None]
        box = {"cell": atoms.cell.array, "pbc": atoms.pbc} if atoms.pbc.any() else {}
        return self._process.ask(task, vectors, atoms.numbers, choices, **box)

    def _ask(self, task: str, batch: Batch, choices: Sequence[Choice]) -> dict[str, np.ndarray]:
        numbers = np.array([batch.center, *batch.species])
        size = max(1, 200 // len(numbers))
        parts = [
            self._process.ask(task, batch.vectors[start : start + size], numbers, choices)
            for start in tqdm(
                range(0, max(len(batch), 1), size), desc=self.name, leave=False, delay=5
            )
        ]
        return {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}


def _of_all_atoms(derivatives: np.ndarray) -> np.ndarray:
    """Derivatives (M, ...) by all atoms, of those (M - 1, ...) by all but the first, at rest.

    Moving the first one is moving all others the other way.
    """
    return np.concatenate([-derivatives.sum(0, keepdims=True), derivatives])
