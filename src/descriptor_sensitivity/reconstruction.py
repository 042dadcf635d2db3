"""What the features of one descriptor know of those of another: reconstruction errors.

Global (GFRE): |Y - X W| of the best linear map W, fitted on half of the environments and taken on
the others, features centred and scaled to unit variance: 0 where X knows all that is in Y, 1 where
it knows nothing. Local (LFRE): W is fitted on the nearest environments of each, so that what is a
smooth, curved function of X counts as known. Goscinski et al., Mach. Learn.: Sci. Technol. 2,
025028 (2021); the errors are scikit-matter's.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from descriptor_sensitivity.audit.table import parts
from descriptor_sensitivity.descriptors.base import Descriptor
from descriptor_sensitivity.environments import Batch
from descriptor_sensitivity.errors import InputError

NEIGHBORS = 20
"""Environments that the local error fits on."""


def reconstruction_errors(
    features: Mapping[str, np.ndarray], n_local: int = NEIGHBORS
) -> pd.DataFrame:
    """Errors of every source and target: source, target, gfre, lfre, n_environments.

    Args:
        features: name -> (n, n_features), the same n environments in all.

    Raises:
        InputError: too few environments, or scikit-matter is not installed.
    """
    try:
        from skmatter.metrics import global_reconstruction_error, local_reconstruction_error
    except ModuleNotFoundError as error:
        raise InputError(
            "Reconstruction errors need scikit-matter: pip install skmatter."
        ) from error
    n = len(next(iter(features.values())))
    if n < 2 * n_local:
        raise InputError(
            f"Reconstruction errors need {2 * n_local} environments of one composition, not {n};"
            " give more structures."
        )
    folded = {name: _folded(values) for name, values in features.items()}
    rows = [
        {
            "source": source,
            "target": target,
            "gfre": global_reconstruction_error(x, y),
            "lfre": local_reconstruction_error(x, y, n_local),
            "n_environments": n,
        }
        for source, x in folded.items()
        for target, y in folded.items()
        if source != target
    ]
    return pd.DataFrame(rows, columns=["source", "target", "gfre", "lfre", "n_environments"])


def _folded(features: np.ndarray) -> np.ndarray:
    """An orthogonal transformation of features (n, q) to at most n columns; products stay."""
    if features.shape[1] <= len(features):
        return features
    left, values, _ = np.linalg.svd(features, full_matrices=False)
    return left * values


def common_features(
    descriptors: Mapping[str, Descriptor], batches: Mapping[str, Sequence[Batch]]
) -> dict[str, np.ndarray]:
    """Name -> features (n, n_features) of the environments that can be compared.

    Of the centres that every descriptor sees, those of the most frequent composition (the species
    of centre and neighbours within each cutoff): features of others have other lengths.

    Args:
        batches: name -> environments of all centres within the cutoff of that descriptor.
    """
    seen: list[dict[tuple[int, int], tuple[int, ...]]] = []
    for name in descriptors:
        kinds: dict[tuple[int, int], tuple[int, ...]] = {}
        for batch in batches[name]:
            kind = (batch.center, *batch.species.tolist())
            kinds |= dict.fromkeys(_places(batch), kind)
        seen.append(kinds)
    places = set(seen[0]).intersection(*seen[1:])
    found = {place: tuple(kinds[place] for kinds in seen) for place in sorted(places)}
    if not found:
        raise InputError("No centre has neighbours within the cutoffs of all descriptors.")
    most = Counter(found.values()).most_common(1)[0][0]
    chosen = {place for place, kind in found.items() if kind == most}
    return {name: _of(one, batches[name], chosen) for name, one in descriptors.items()}


def _places(batch: Batch) -> list[tuple[int, int]]:
    """Frame and centre of each environment."""
    return list(zip(batch.frames.tolist(), batch.centers.tolist(), strict=True))


def _of(
    descriptor: Descriptor, batches: Sequence[Batch], chosen: set[tuple[int, int]]
) -> np.ndarray:
    """Features of the chosen environments, in the order of their frames and centres."""
    rows: dict[tuple[int, int], np.ndarray] = {}
    for batch in batches:
        taken = np.flatnonzero([place in chosen for place in _places(batch)])
        if len(taken):
            for part in parts(descriptor, batch[taken]):
                rows |= dict(zip(_places(part), descriptor.features(part), strict=True))
    return np.array([rows[place] for place in sorted(rows)])
