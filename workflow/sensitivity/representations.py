"""What every descriptor must offer, ours or a library's, and how one is named in the config."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from .environments import Batch
from .errors import InputError


class Representation:
    """A map from environments to features, with its Jacobian.

    Attributes:
        name: how tables and figures call it.
        invariant: whether the features are invariant under rotations about the centre; if so, the
            rotations are projected out before singular values are taken.
    """

    name: str = "representation"
    invariant: bool = True

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
        """Environments to treat at once so that a block stays near 100 MB."""
        return 64


def build_representation(
    name: str, settings: Mapping[str, Any], fit_batches: Sequence[Batch] | None = None
) -> Representation:
    """The representation described by one entry of the config.

    Args:
        name: its name there, used in messages.
        settings: `kind` and the options of that kind.
        fit_batches: environments on which an optimal radial basis is fitted.
    """
    settings = dict(settings)
    kind = settings.pop("kind", "density")
    if kind == "density":
        from .density import density_correlations

        representation: Representation = density_correlations(settings, fit_batches)
    elif kind in ("omfp", "smooth_omfp"):
        from .omfp import OMFP, SmoothOMFP

        representation = _construct(SmoothOMFP if kind == "smooth_omfp" else OMFP, name, settings)
    else:
        from .peers import build_peer

        representation = build_peer(name, kind, settings, fit_batches)
    representation.name = name
    return representation


def _construct(cls: type, name: str, settings: dict[str, Any]) -> Representation:
    try:
        return cls(**settings)
    except TypeError as error:
        raise InputError(f"Representation `{name}`: {error}.") from error
