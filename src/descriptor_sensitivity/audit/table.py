"""The table of environments: extreme singular values, one row each, and what was left out."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from ase.data import chemical_symbols
from tqdm import tqdm

from descriptor_sensitivity.audit.chunks import DataSet, cut_block, sample_batches
from descriptor_sensitivity.audit.rounding import last_digit
from descriptor_sensitivity.cutting import Refusal
from descriptor_sensitivity.descriptors.base import Descriptor
from descriptor_sensitivity.descriptors.registry import build_descriptor
from descriptor_sensitivity.environments import Batch, nearest_distance
from descriptor_sensitivity.errors import InputError, SettingsError
from descriptor_sensitivity.mixture import compositions, mixtures
from descriptor_sensitivity.singular import condition_number, sensitivities
from descriptor_sensitivity.tolerances import SVD_ROUNDING

COLUMNS = {
    "frame": "int64",
    "center": "int64",
    "species": "object",
    "n_neighbors": "int64",
    "nearest": "float64",
    "s_max": "float64",
    "s_min": "float64",
    "condition_number": "float64",
    "effective_rank": "float64",
    "last_digit": "float64",
    "at_cutoff": "int64",
}
"""Of the table of environments, with their types."""


def parts(representation: Descriptor, batch: Batch) -> Iterator[Batch]:
    """A batch in the pieces that the representation can treat at once."""
    size = representation.block_size(batch)
    for start in range(0, len(batch), size):
        yield batch[start : start + size]


def effective_rank(values: np.ndarray) -> np.ndarray:
    """exp(-sum_k p_k ln p_k), p_k = s_k / sum s: how many displacements are seen equally well.

    Between 1 (a single one) and k (all k of them). Roy and Vetterli, EUSIPCO 2007.
    """
    share = values / values.sum(axis=-1, keepdims=True)
    entropy = -np.where(share > 0, share * np.log(np.where(share > 0, share, 1.0)), 0.0)
    return np.exp(entropy.sum(axis=-1))


def _values(
    representation: Descriptor, batch: Batch
) -> Iterator[tuple[Batch, np.ndarray | InputError]]:
    """Singular values of a mixture at once, or where it is refused of each part, or its refusal."""
    if representation.gram_pays(batch).any():
        try:
            yield batch, sensitivities(representation, batch)
            return
        except InputError:
            pass  # of some of them: which?
    for _, alike in compositions(batch):
        for part in parts(representation, alike):
            try:
                yield part, sensitivities(representation, part)
            except SettingsError:
                raise
            except InputError as error:
                yield part, error


def environment_rows(
    representation: Descriptor, batches: Iterable[Batch], name: str
) -> tuple[pd.DataFrame, list[Refusal]]:
    """One row per environment with the columns COLUMNS, sorted by frame and centre.

    s_max, s_min: feature unit per Å. A singular value below SVD_ROUNDING s_max is written as zero,
    and the condition number is then infinite. Environments that the representation refuses are
    returned beside, with its reason. last_digit: Å, 0 where coordinates show none. at_cutoff: zero,
    `audit_chunk` knows how many neighbours a shell at the cutoff took.
    """
    tables, refusals = [], []
    for batch in mixtures(batches):
        for part, values in _values(representation, batch):
            if isinstance(values, InputError):
                for place in zip(part.frames.tolist(), part.centers.tolist(), strict=True):
                    reason = f"{name}, frame {place[0]}, atom {place[1]}: {values}"
                    refusals.append(Refusal(*place, reason))
                continue
            values[values < SVD_ROUNDING * values[:, :1]] = 0.0
            tables.append(
                pd.DataFrame(
                    {
                        "frame": part.frames,
                        "center": part.centers,
                        "species": chemical_symbols[part.center],
                        "n_neighbors": part.n_neighbors,
                        "nearest": nearest_distance(part.vectors),
                        "s_max": values[:, 0],
                        "s_min": values[:, -1],
                        "condition_number": condition_number(values),
                        "effective_rank": effective_rank(values),
                        "last_digit": last_digit(part.vectors),
                        "at_cutoff": 0,
                    }
                )
            )
    table = pd.concat(tables) if tables else pd.DataFrame({column: [] for column in COLUMNS})
    return table.astype(COLUMNS).sort_values(["frame", "center"], ignore_index=True), refusals


def needs_fit(settings: Mapping[str, Any]) -> bool:
    """Whether a descriptor needs environments to fit an optimal radial basis on."""
    return settings.get("radial_basis") == "optimal"


def fit_batches(
    settings: Mapping[str, Any], sample: Path, center_species: str | None
) -> list[Batch] | None:
    """The environments of the sample for `build_descriptor`, where it needs them."""
    if not needs_fit(settings):
        return None
    return sample_batches(sample, settings["cutoff"], center_species)


def audit_chunk(
    dataset: DataSet,
    chunk: Path,
    sample: Path,
    name: str,
    descriptor: Mapping[str, Any],
    center_species: str | None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`environment_rows` of one chunk, and what was left out: frame, center, reason.

    Args:
        chunk: its file.
        sample: file of the frames that an optimal radial basis is fitted on.
        name, descriptor: the audited descriptor and its settings.
        center_species: centre on these atoms only.
    """
    built = build_descriptor(name, descriptor, fit_batches(descriptor, sample, center_species))
    tables, refusals = [], []
    progress = tqdm(
        desc=f"{name} {chunk.stem}", total=dataset.size(chunk), unit="frame", mininterval=2
    )
    for block in dataset.blocks(chunk):
        shells: dict[tuple[int, int], int] = {}
        batches, refused = cut_block(
            block, descriptor["cutoff"], center_species, dataset.path, shells
        )
        rows, more = environment_rows(built, batches, dataset.path)
        if shells:
            places = zip(rows["frame"], rows["center"], strict=True)
            rows["at_cutoff"] = [shells.get(place, 0) for place in places]
        tables.append(rows)
        refusals += [*refused, *more]
        progress.update(len(block))
    progress.close()
    rows = pd.concat([table for table in tables if len(table)] or tables)
    skipped = [(refusal.frame, refusal.center, refusal.reason) for refusal in refusals]
    return rows, pd.DataFrame(skipped, columns=["frame", "center", "reason"])


REASONS = {
    "has no neighbour": "no neighbour within the cutoff",
    "coincide": "coincident atoms",
    "not a finite number": "coordinate that is not a number",
    "atom to centre on": "no atom of the centre species",
    "without a cell vector": "periodic without a cell",
    "cannot be its cell": "cell too small for its atoms",
    "truncated": "truncated file",
    "no atoms": "frame without atoms",
    "readable": "unreadable frame",
    "cannot read": "unreadable frame",
    "number of atoms": "unreadable frame",
    "atoms are announced": "unreadable frame",
    "is no element": "label of no element",
    "is either": "label of two elements",
    "of no element": "label of no element",
    "adial basis": "species that the optimal radial basis was not fitted for",
}
"""What a refusal says, and how the summary counts it."""


def reason_kind(reason: str) -> str:
    """The kind of a refusal, for counting."""
    return next((kind for said, kind in REASONS.items() if said in reason), "other")
