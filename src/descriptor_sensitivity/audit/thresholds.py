"""What counts as low sensitivity on a data set: medians of it, and of nu = 1 and 3 on a sample.

Quantiles over a data set come from histograms of fixed bins, which add: chunks are read one at a
time, in any order.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from ase.data import chemical_symbols
from tqdm import tqdm

from descriptor_sensitivity.audit.chunks import sample_batches
from descriptor_sensitivity.audit.companion import third_order
from descriptor_sensitivity.audit.evidence import without_orientation
from descriptor_sensitivity.audit.rounding import last_digit, singular_from, tolerance
from descriptor_sensitivity.audit.table import fit_batches, parts
from descriptor_sensitivity.descriptors.registry import build_descriptor
from descriptor_sensitivity.environments import Batch
from descriptor_sensitivity.singular import condition_number, singular_values
from descriptor_sensitivity.theory.symmetry import symmetry_operations

BINS = np.linspace(0, 13, 13001)
"""Edges of the histogram of log10 CN; a bin is 0.23 % wide."""

QUANTILES = (0.5, 0.9, 0.99, 1.0)

MOST = 300
"""Environments of the sample, about, that nu = 1 and nu = 3 are evaluated for."""

USUAL = 200.0
"""A median CN beyond any of environments without symmetry (5 to 50 in the sets that were measured);
it stands for the median of a species most of whose environments are symmetric."""

MOST_NEIGHBORS = 40
"""Neighbours up to which environments of the sample are asked for their point group."""

Distributions = dict[str, "Distribution"]
"""By the symbol of the centre's species."""


@dataclass(frozen=True)
class Thresholds:
    """What counts as low, from the data set itself (medians by centre species) and the config.

    Attributes:
        median: median CN of the audited representation over its regular environments: those
            that are not singular and have more than one neighbour; None where there are none. At
            most `USUAL` for a species most of whose environments are symmetric.
        median_nu1, median_nu3: the same for nu = 1 (orientation left out) and nu = 3 with the
            same density.
        factor: CN above factor * median is low sensitivity.
        singular: CN from which an environment is singular, its zeros being those of an exact
            structure whose coordinates were rounded in a file.
        symmetry: Å, how far an atom may lie from where a symmetry operation puts one.
        coincidence: Å, how far lengths of coincident tuples may be apart.
        unresolved: two like atoms closer than this many sigma are an unresolved pair.
        nu3_neighbors: nu = 3 is evaluated up to this many neighbours.
    """

    median: Mapping[str, float | None]
    median_nu1: Mapping[str, float | None]
    median_nu3: Mapping[str, float | None]
    factor: float = 5.0
    singular: float = 1e6
    symmetry: float = 0.3
    coincidence: float = 0.05
    unresolved: float = 1.0
    nu3_neighbors: int = 20

    @classmethod
    def of(cls, found: Mapping[str, Any], criteria: Mapping[str, Any]) -> "Thresholds":
        """From what `find_thresholds` found and from the configuration."""
        return cls(found["median"], found["median_nu1"], found["median_nu3"], **criteria)


@dataclass
class Distribution:
    """Condition numbers of one representation and centre species, as a histogram of log10 CN."""

    counts: np.ndarray
    infinite: int = 0

    @classmethod
    def empty(cls) -> "Distribution":
        return cls(np.zeros(len(BINS) - 1, dtype=np.int64))

    def add(self, condition_numbers: np.ndarray) -> None:
        """Count more condition numbers; infinite ones are counted apart."""
        finite = condition_numbers[np.isfinite(condition_numbers)]
        self.infinite += len(condition_numbers) - len(finite)
        clipped = np.clip(np.log10(finite), 0, BINS[-2])
        self.counts += np.histogram(clipped, BINS)[0]

    @property
    def total(self) -> int:
        """All condition numbers counted."""
        return int(self.counts.sum()) + self.infinite

    def quantile(self, fraction: float) -> float:
        """CN below which `fraction` of all lie, to the width of a bin; NaN if there are none."""
        if self.total == 0:
            return np.nan
        reached = np.cumsum(self.counts)
        index = int(np.searchsorted(reached, fraction * self.total, side="left"))
        return float(10 ** (BINS[index] + 0.0005)) if index < len(self.counts) else np.inf


def is_regular(
    condition: np.ndarray, n_neighbors: np.ndarray | int, singular: np.ndarray | float
) -> np.ndarray:
    """Which environments the medians are taken over: CN below `singular`, several neighbours.

    A single neighbour has one displacement that matters, and CN = 1 in every representation.
    """
    return (condition < singular) & (n_neighbors > 1)


def low_sensitivity(
    table: pd.DataFrame, medians: Mapping[str, float | None], factor: float, singular: float
) -> np.ndarray:
    """Rows to be diagnosed: CN above `factor` times the median of the same centre species.

    The median is that of the regular environments; singular ones always count as low, so that a
    data set of perfect crystals does not hide behind its own median.
    """
    threshold = factor * table["species"].map(dict(medians)).astype(float).to_numpy()
    condition = table["condition_number"].to_numpy()
    limit = singular_from(singular, table["last_digit"].to_numpy())
    return ~(condition < limit) | (condition > threshold)


def find_thresholds(
    tables: Iterable[Path],
    sample: Path,
    density: Mapping[str, Any],
    center_species: str | None,
    singular: float,
    nu3_neighbors: int,
) -> dict[str, Any]:
    """Medians, quantiles and counts by centre species, of the data set and of nu = 1 and 3.

    `shells` counts the environments from which a shell at the cutoff took so many neighbours.

    Args:
        tables: parquet files of `audit_chunk`, one for each chunk.
        sample: file of the frames that nu = 1 and 3 are evaluated for.
        density: settings of the density correlations that the descriptor is compared with.
        singular: CN from which an environment is singular.
        nu3_neighbors: nu = 3 is evaluated up to this many neighbours.
    """
    every: Distributions = {}
    regular: Distributions = {}
    columns = ["species", "n_neighbors", "condition_number", "last_digit", "at_cutoff"]
    n_singular: dict[str, int] = {}
    shells: dict[str, Counter[int]] = {}
    for path in tqdm(list(tables), desc="reading", mininterval=2):
        for species, rows in pd.read_parquet(path, columns=columns).groupby("species"):
            condition = rows["condition_number"].to_numpy()
            limit = singular_from(singular, rows["last_digit"].to_numpy())
            kept = is_regular(condition, rows["n_neighbors"].to_numpy(), limit)
            for where, chosen in ((every, condition), (regular, condition[kept])):
                where.setdefault(str(species), Distribution.empty()).add(chosen)
            at_cutoff = rows["at_cutoff"]
            shells.setdefault(str(species), Counter()).update(at_cutoff[at_cutoff > 0].tolist())
            n_singular.setdefault(str(species), 0)
            n_singular[str(species)] += int(np.sum(condition >= limit))

    fit = fit_batches(density, sample, center_species)
    few = list(sample_batches(sample, density["cutoff"], center_species, MOST))
    lower, higher = (
        of_correlations(nu, density, few, fit, singular, most)
        for nu, most in ((1, None), (3, nu3_neighbors))
    )
    symmetric = symmetric_share(few)
    median = medians(regular)
    for species, share in symmetric.items():
        if share >= 0.5 and (median.get(species) or 0.0) > USUAL:
            median[species] = USUAL
    return {
        "median": median,
        "symmetric_share": symmetric,
        "median_nu1": medians(lower),
        "median_nu3": medians(higher),
        "quantiles": {
            name: {str(q): found.quantile(q) for q in QUANTILES}
            for name, found in sorted(every.items())
        },
        "n_environments": {name: found.total for name, found in sorted(every.items())},
        "n_singular": dict(sorted(n_singular.items())),
        "cutoff": density["cutoff"],
        "shells": {name: dict(sorted(found.items())) for name, found in sorted(shells.items())},
    }


def symmetric_share(batches: Iterable[Batch]) -> dict[str, float]:
    """The part of the environments that have a point group, within their accuracy, by species."""
    found: dict[str, list[bool]] = {}
    for batch in batches:
        if not 1 < batch.n_neighbors <= MOST_NEIGHBORS:
            continue
        mine = found.setdefault(chemical_symbols[batch.center], [])
        for vectors in batch.vectors:
            off = tolerance(vectors, batch.species)
            mine.append(len(symmetry_operations(vectors, batch.species, off)) > 1)
    return {species: float(np.mean(mine)) for species, mine in sorted(found.items())}


def of_correlations(
    nu: int,
    density: Mapping[str, Any],
    batches: Iterable[Batch],
    fit: Sequence[Batch] | None,
    singular: float,
    most: int | None = None,
) -> Distributions:
    """CN of nu-point correlations over regular environments of up to `most` neighbours.

    Of nu = 1, which is not invariant, the orientation is left out; nu = 3 is that of `third_order`.
    """
    settings = third_order(density) if nu == 3 else {**density, "nu": nu}
    built = build_descriptor(f"nu{nu}", settings, fit)
    found: Distributions = {}
    for batch in tqdm(list(batches), desc=f"nu = {nu} on the sample", mininterval=2):
        if most is not None and batch.n_neighbors > most:
            continue
        mine = found.setdefault(chemical_symbols[batch.center], Distribution.empty())
        for part in parts(built, batch):
            jacobian = built.reduced_jacobian(part)
            if nu == 1:
                jacobian = without_orientation(jacobian, part.vectors)
            condition = condition_number(singular_values(jacobian, part.vectors))
            limit = singular_from(singular, last_digit(part.vectors))
            mine.add(condition[is_regular(condition, batch.n_neighbors, limit)])
    return found


def medians(distributions: Distributions) -> dict[str, float | None]:
    """Median CN by centre species; None where there is no regular environment."""
    found = {species: each.quantile(0.5) for species, each in sorted(distributions.items())}
    return {species: None if np.isnan(median) else median for species, median in found.items()}
