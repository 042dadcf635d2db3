"""Condition numbers over the points of a sweep: read the sheet, compute a point, summarise it."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from descriptor_sensitivity.descriptors.density import Density
from descriptor_sensitivity.descriptors.radial import RadialBasis
from descriptor_sensitivity.environments import Batch
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.singular import condition_number, sensitivity

QUANTILES = {"median": 0.5, "q05": 0.05, "q25": 0.25, "q75": 0.75, "q95": 0.95}


class Point(NamedTuple):
    """One point of a sweep: a row of its sheet."""

    nu: int
    radial_basis: str
    n_max: int
    l_max: int
    sigma: float

    def __str__(self) -> str:
        return "nu{}_{}_n{}_l{}_sigma{:g}".format(*self)


def read_sheet(path: str | Path) -> list[Point]:
    """The points of a tab-separated sheet, checked, without repetitions.

    Raises InputError naming the file and row of a missing column or a value that makes no sense.
    """
    try:
        sheet = pd.read_csv(path, sep="\t", comment="#")
    except FileNotFoundError:
        raise InputError(
            f"The sweep sheet {path} does not exist; see `sweeps` in the config."
        ) from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise InputError(f"The sweep sheet {path} is not a tab-separated table: {error}.") from None
    if set(sheet.columns) != set(Point._fields):
        raise InputError(
            f"The sweep sheet {path} needs exactly the columns {', '.join(Point._fields)}, and has"
            f" {', '.join(sheet.columns)}."
        )
    points = []
    for row, values in enumerate(sheet[list(Point._fields)].to_dict("records"), start=2):
        try:
            point = Point(
                int(values["nu"]),
                str(values["radial_basis"]),
                int(values["n_max"]),
                int(values["l_max"]),
                float(values["sigma"]),
            )
        except ValueError:
            raise InputError(f"{path}, line {row}: one of the values is not a number.") from None
        allowed = (
            point.nu in (1, 2, 3)
            and point.radial_basis in ("optimal", "gto", "dvr")
            and point.n_max >= 1
            and point.l_max >= 0
            and point.sigma > 0
        )
        if not allowed:
            raise InputError(
                f"{path}, line {row}: {point} is no density correlation; nu is 1, 2 or 3,"
                " radial_basis one of optimal, gto, dvr, n_max >= 1, l_max >= 0, sigma > 0."
            )
        points.append(point)
    if not points:
        raise InputError(f"The sweep sheet {path} has no rows.")
    return list(dict.fromkeys(points))


def point_condition_numbers(point: Point, radial: RadialBasis, batches: list[Batch]) -> np.ndarray:
    """CN of every environment of the batches, in their order."""
    representation = Density(point.nu, radial)
    return np.concatenate(
        [condition_number(sensitivity(representation, batch)[0]) for batch in batches]
    )


def bootstrap_error(values: np.ndarray, resamplings: int, seed: int) -> float:
    """Standard deviation of the mean of `values` over bootstrap resamplings."""
    rng = np.random.default_rng(seed)
    picks = rng.integers(len(values), size=(resamplings, len(values)))
    return float(values[picks].mean(axis=1).std(ddof=1))


def summarise(values: np.ndarray, resamplings: int, seed: int) -> dict[str, float]:
    """Number, mean with its bootstrap error, quantiles and maximum of condition numbers."""
    summary = {
        "n_structures": len(values),
        "mean": values.mean(),
        "mean_error": bootstrap_error(values, resamplings, seed),
    }
    summary |= {name: np.quantile(values, q) for name, q in QUANTILES.items()}
    return summary | {"max": values.max()}
