"""What the adapters share: asking for a library, blaming it in one sentence, differences."""

import importlib
import importlib.metadata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType

import numpy as np
from ase.data import chemical_symbols
from packaging.specifiers import SpecifierSet

from descriptor_sensitivity.descriptors.base import Descriptor
from descriptor_sensitivity.environments import Batch
from descriptor_sensitivity.errors import InputError

DIFFERENCE_STEP = 5e-3
"""Å. With differences of order 8 it leaves 1e-12 or less for features that vary over 0.3 Å."""

_STENCIL = np.array([1 / 280, -4 / 105, 1 / 5, -4 / 5, 4 / 5, -1 / 5, 4 / 105, -1 / 280])
"""Weights of f(x + kh) / h, k = -4..4 without 0, in the central first difference of order 8."""


class MissingLibrary(InputError):
    """A library that is not installed."""


class Peer(Descriptor):
    """A representation computed by another library.

    Attributes:
        library: its name on PyPI.
        versions: the versions this adapter was tested with.
        nu: the correlation order of the features (number of neighbours that a feature couples), or
            None where it has no such order.
        derivatives: where the Jacobian comes from.
    """

    library: str
    versions: str
    nu: int | None = None
    derivatives: str = "analytic"

    def __init__(self) -> None:
        require(self.library, self.versions)
        self.name = self.library

    @contextmanager
    def blamed(self) -> Iterator[None]:
        """Turn whatever the library raises inside into one sentence with its own words."""
        try:
            yield
        except InputError:
            raise
        except Exception as error:
            said = " ".join(str(error).split()) or type(error).__name__
            raise InputError(
                f"{self.library} refuses `{self.name}`: {said.rstrip('.')}."
            ) from error


def require(library: str, versions: str) -> None:
    """Raise unless `library` is installed in one of `versions` (a PEP 440 specifier)."""
    try:
        found = importlib.metadata.version(library)
    except importlib.metadata.PackageNotFoundError:
        raise MissingLibrary(
            f"{library} is not installed; `make peers` installs it, or leave this descriptor out."
        ) from None
    if found not in SpecifierSet(versions):
        raise InputError(
            f"{library} is installed as {found}, but its adapter needs {versions};"
            " `make peers` installs the right one."
        )


def load(library: str, module: str) -> ModuleType:
    """Import `module` of an installed `library`."""
    try:
        return importlib.import_module(module)
    except Exception as error:
        said = " ".join(str(error).split())
        raise InputError(
            f"{library} is installed but does not start ({said.rstrip('.')}); `make peers` sets it"
            " up anew."
        ) from error


def central_differences(
    features: Callable[[Batch], np.ndarray], batch: Batch, step: float = DIFFERENCE_STEP
) -> np.ndarray:
    """Jacobian (n_env, 3N, n_features) of `features` by central differences of order 8.

    dx/dr is about sum_k w_k [x(r + k h) - x(r - k h)] / h, k = 1..4. All displaced environments go
    into one batch, so that a library is called once.
    """
    n_env, rows = len(batch), 3 * batch.n_neighbors
    unit = np.eye(rows).reshape(rows, batch.n_neighbors, 3)
    shifts = np.array([k * step * unit for k in (-4, -3, -2, -1, 1, 2, 3, 4)])
    displaced = batch.vectors[:, None, None] + shifts
    many = batch[np.repeat(np.arange(n_env), 8 * rows)]
    values = features(many.moved(displaced.reshape(-1, batch.n_neighbors, 3)))
    return np.einsum("k,ekrf->erf", _STENCIL / step, values.reshape(n_env, 8, rows, -1))


def neighbor_species(batch: Batch) -> list[int]:
    """The species among the neighbours, ascending."""
    species = sorted({int(species) for species in batch.species})
    strange = [z for z in species if not 0 < z < len(chemical_symbols)]
    if strange:
        raise InputError(f"No library knows a chemical element of atomic number {strange[0]}.")
    return species


def cluster_species(batch: Batch) -> list[int]:
    """The species of the centre and its neighbours, ascending."""
    return sorted({batch.center, *neighbor_species(batch)})
