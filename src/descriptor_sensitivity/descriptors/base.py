"""What every descriptor must offer, ours or a library's."""

import inspect
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_type_hints

import numpy as np
from pydantic import Field, create_model

from descriptor_sensitivity.environments import Batch
from descriptor_sensitivity.gram.neighbors import LocalGram
from descriptor_sensitivity.mixture import compositions
from descriptor_sensitivity.settings import COMMON, DescriptorSettings

FEATURES = 5000
"""What a descriptor is taken to have that does not say how large its Jacobian is."""


@dataclass(frozen=True)
class Cost:
    """What one environment takes.

    Attributes:
        bytes: memory beside that of the program.
        seconds: of one core.
    """

    bytes: float
    seconds: float


class Descriptor:
    """A map from environments to features, with its Jacobian.

    Attributes:
        name: how tables and figures call it.
        invariant: whether the features are invariant under rotations about the centre; if so, the
            rotations are projected out before singular values are taken.
        settings: the options it was built from, where it was built from some.
    """

    name: str = "descriptor"
    invariant: bool = True
    settings: DescriptorSettings | None = None

    @classmethod
    def settings_model(cls, kind: str) -> type[DescriptorSettings]:
        """The settings of this kind of descriptor: by default the arguments of its constructor."""
        hints = get_type_hints(cls.__init__, include_extras=True)
        described = arguments(cls)
        fields: dict[str, Any] = {"kind": (Literal[kind], kind)}
        for name, parameter in list(inspect.signature(cls).parameters.items()):
            if name in ("name", "fit_batches"):
                continue
            required = parameter.default is inspect.Parameter.empty
            meaning = Field(description=described.get(name))
            annotation = COMMON.get(name, Annotated[hints[name], meaning])
            if parameter.default is None:
                annotation = annotation | None
            fields[name] = (annotation, ... if required else parameter.default)
        doc = inspect.getdoc(cls) or ""
        return create_model(
            f"{cls.__name__}Settings", __base__=DescriptorSettings, __doc__=doc, **fields
        )

    @classmethod
    def build(
        cls, settings: DescriptorSettings, fit_batches: Sequence[Batch] | None = None
    ) -> "Descriptor":
        """The descriptor with these settings, fitted on `fit_batches` where it has to be."""
        options = settings.options()
        accepted = inspect.signature(cls).parameters
        if "fit_batches" in accepted and options.get("radial_basis") == "optimal":
            options["fit_batches"] = fit_batches
        return cls(**{key: value for key, value in options.items() if key in accepted})

    @classmethod
    def cost(cls, settings: DescriptorSettings, n_neighbors: int, n_species: int) -> Cost:
        """What singular values and patterns take for N neighbours of some species, in advance.

        Here by the size of a Jacobian of `FEATURES`, which is a guess.
        """
        entries = 3 * n_neighbors * FEATURES
        return Cost(3 * max(1e8, 8 * entries), 1e-3 + 1e-7 * entries)

    def features(self, batch: Batch) -> np.ndarray:
        """Features (n_env, n_features)."""
        return self.jacobian(batch)[0]

    def jacobian(self, batch: Batch) -> tuple[np.ndarray, np.ndarray]:
        """Features (n_env, n_features) and Jacobian (n_env, 3N, n_features), feature unit per Å."""
        raise NotImplementedError

    def reduced_jacobian(self, batch: Batch) -> np.ndarray:
        """A Jacobian (n_env, 3N, k) with the singular values and left vectors of `jacobian`.

        Any orthogonal transformation of the features that leaves out exact zeros will do.
        """
        return self.jacobian(batch)[1]

    def gram(self, batch: Batch) -> np.ndarray:
        """J J^T (n_env, 3N, 3N) of a batch, whose environments may differ in their species.

        Squared, so half of the digits of small singular values are gone: `sensitivities` knows
        what can be read from it.
        """
        out = np.empty((len(batch), *2 * (3 * batch.n_neighbors,)))
        for mine, part in compositions(batch):
            jacobian = self.reduced_jacobian(part)
            out[mine] = jacobian @ jacobian.swapaxes(1, 2)
        return out

    def local_grams(self, batch: Batch) -> Iterator[tuple[np.ndarray, LocalGram]] | None:
        """J J^T without features, block by block; None where there is no form of it.

        Args:
            batch: environments, which may differ in their species.

        Yields:
            the indices of some environments, and their J J^T along and across the bonds.
        """
        return None

    def gram_pays(self, batch: Batch) -> np.ndarray:
        """Of which environments (n_env,) singular values are likely cheaper from `local_grams`.

        A rule for each environment alone, so that none is treated in another way in company.
        """
        return np.zeros(len(batch), dtype=bool)

    def along(
        self, batch: Batch, reference: Batch, displacements: np.ndarray
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Panels of features and of derivatives of the features along some displacements.

        Args:
            batch: environments near the reference.
            reference: one environment.
            displacements: (n_dir, N, 3), Å.

        Yields:
            features (n_env, k) of the batch and derivatives (n_dir, k) at the reference, each
            panel as small as memory wants. All panels together are the features up to an
            orthogonal transformation that leaves out exact zeros.
        """
        size = self.block_size(batch)
        starts = range(0, len(batch), size)
        features = [self.features(batch[start : start + size]) for start in starts]
        _, jacobian = self.jacobian(reference)
        slopes = displacements.reshape(len(displacements), -1) @ jacobian[0]
        yield np.concatenate(features), slopes

    def block_size(self, batch: Batch) -> int:
        """Environments to treat at once so that a block of `FEATURES` stays near 100 MB."""
        return int(np.clip(1e8 / (8 * 3 * batch.n_neighbors * FEATURES), 1, 64))


def arguments(cls: type) -> dict[str, str]:
    """What the section `Args` of a class's docstring says of each argument."""
    _, _, section = (inspect.getdoc(cls) or "").partition("\nArgs:\n")
    found = re.findall(r"^    (\w+): (.*(?:\n     .*)*)", section, re.MULTILINE)
    return {name: sentence(" ".join(words.split())) for name, words in found}


def sentence(words: str) -> str:
    """With a capital where a word begins it."""
    return words[:1].upper() + words[1:]
