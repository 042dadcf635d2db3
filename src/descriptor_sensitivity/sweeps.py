"""Condition numbers over the points of a sweep: read the sheet, compute its points, summarise."""

import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from pydantic import ValidationError

from descriptor_sensitivity.descriptors.density import Density
from descriptor_sensitivity.descriptors.optimal import radial_basis
from descriptor_sensitivity.descriptors.radial import RadialBasis
from descriptor_sensitivity.environments import Batch
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.settings import Count, Degree, Length, Settings, Width
from descriptor_sensitivity.singular import condition_number, sensitivities
from descriptor_sensitivity.store import Task, finish, key, load

QUANTILES = {"median": 0.5, "q05": 0.05, "q25": 0.25, "q75": 0.75, "q95": 0.95}


class Row(Settings):
    """What a row of a sheet may say."""

    nu: Literal["1", "2", "3"]
    radial_basis: Literal["optimal", "gto", "dvr", "complete"]
    n_max: Count | None = None
    l_max: Degree
    sigma: Length
    center_weight: Width = 0.0


class Point(NamedTuple):
    """One point of a sweep: a row of its sheet.

    `n_max` is None for the complete radial basis, and for no other. Tables have an empty cell then.
    """

    nu: int
    radial_basis: str
    n_max: int | None
    l_max: int
    sigma: float
    center_weight: float = 0.0

    def __str__(self) -> str:
        size = "" if self.n_max is None else f"n{self.n_max}_"
        center = f"_center{self.center_weight:g}" if self.center_weight else ""
        return f"nu{self.nu}_{self.radial_basis}_{size}l{self.l_max}_sigma{self.sigma:g}{center}"


LIKE = 8
"""Per degree a complete basis costs as much as this n_max: radial vectors are compressed."""

NO_SIZE = "-"
"""In a sheet, the n_max of a complete radial basis."""


def read_sheet(path: str | Path) -> list[Point]:
    """The points of a sheet: columns separated by tabs, commas or semicolons, `#` for comments.

    A byte order mark and line ends of other systems are understood; the column `center_weight` may
    be left out, it is 0 then. Raises InputError naming the
    file and line of a missing or unknown column, of a value that makes no sense, and of a row that
    stands there already.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise InputError(
            f"The sweep sheet {path} does not exist; see `sweeps` in the config."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"The sweep sheet {path} cannot be read as text: {error}.") from None
    lines = [
        (number, line.split("#")[0].strip())
        for number, line in enumerate(text.splitlines(), start=1)
    ]
    lines = [(number, line) for number, line in lines if line]
    if not lines:
        raise InputError(f"The sweep sheet {path} is empty.")
    separator = next((one for one in "\t,;" if one in lines[0][1]), "\t")
    columns = [name.strip() for name in lines[0][1].split(separator)]
    _check_columns(path, columns)
    points: dict[Point, int] = {}
    for number, line in lines[1:]:
        point = _point(f"{path}, line {number}", columns, line.split(separator))
        if point in points:
            raise InputError(f"{path}, line {number}: {point} stands in line {points[point]} too.")
        points[point] = number
    if not points:
        raise InputError(f"The sweep sheet {path} has no rows.")
    return list(points)


def _check_columns(path: str | Path, columns: list[str]) -> None:
    needed = [name for name in Point._fields if name not in Point._field_defaults]
    missing = [name for name in needed if name not in columns]
    strange = [name for name in columns if name not in Point._fields]
    twice = [name for name in Point._fields if columns.count(name) > 1]
    found = [
        *(f"`{name}` is missing" for name in missing),
        *(f"`{name}` is unknown" for name in strange),
        *(f"`{name}` stands there twice" for name in twice),
    ]
    if found:
        names = ", ".join(needed)
        raise InputError(f"The sweep sheet {path} needs the columns {names}: {', '.join(found)}.")


def _point(where: str, columns: list[str], values: list[str]) -> Point:
    if len(values) != len(columns):
        raise InputError(f"{where}: {len(values)} values for {len(columns)} columns.")
    cells = {name: value.strip() for name, value in zip(columns, values, strict=True)}
    given = {name: cell for name, cell in cells.items() if (name, cell) != ("n_max", NO_SIZE)}
    try:
        row = Row.model_validate_strings(given, strict=False)
    except ValidationError as error:
        fault = error.errors()[0]
        rule = fault["msg"].removeprefix("Input should be ").replace("'", "")
        rule = "a whole number" if fault["type"].startswith("int_") else rule
        rule = "a number" if fault["type"] == "float_parsing" else rule
        name = fault["loc"][0]
        raise InputError(f"{where}: `{name}` is {rule}, not {cells[str(name)]!r}.") from None
    if (row.n_max is None) != (row.radial_basis == "complete"):
        raise InputError(
            f"{where}: `n_max` is {NO_SIZE} for the radial basis `complete`, which has no size, and"
            f" a number for every other, not {cells['n_max']!r} for `{row.radial_basis}`."
        )
    return Point(int(row.nu), *row.model_dump(exclude={"nu"}).values())


def point_condition_numbers(
    point: Point, radial: RadialBasis, batches: Sequence[Batch]
) -> dict[str, Any]:
    """CN of every environment of the batches, in their order, and the seconds it took."""
    started = time.perf_counter()
    density = Density(point.nu, radial, center_weight=point.center_weight)
    values = [condition_number(sensitivities(density, batch)) for batch in batches]
    return {
        "condition_number": np.concatenate(values),
        "seconds": time.perf_counter() - started,
    }


def sweep(
    points: Sequence[Point],
    batches: Sequence[Batch],
    fit_batches: Sequence[Batch],
    cutoff: float,
    n_primitive: int,
    points_folder: Path,
    bases_folder: Path,
    shared: Mapping[str, Any],
    processes: int = 1,
    label: str = "",
) -> list[dict[str, np.ndarray]]:
    """`point_condition_numbers` of every point; finished points and fitted bases are kept.

    Args:
        batches: the environments to average over.
        fit_batches: environments that optimal bases are fitted on, one basis for each sigma.
        cutoff: Å.
        n_primitive: DVR functions that an optimal basis is contracted from.
        shared: what all points depend on (see `store.finish`).
    """
    fit = {"n_primitive": n_primitive, "fit_structures": sum(map(len, fit_batches))}

    @cache
    def optimal(sigma: float) -> RadialBasis:
        mine = [p for p in points if p.radial_basis == "optimal" and p.sigma == sigma]
        n_max, l_max = max(p.n_max or 0 for p in mine), max(p.l_max for p in mine)
        settings = {**shared, **fit, "sigma": sigma, "n_max": n_max, "l_max": l_max}
        file = bases_folder / f"optimal_sigma{sigma:g}_{key(settings)}.npz"
        if not file.exists():
            fitted = radial_basis(
                "optimal", n_max, l_max, sigma, cutoff, "dvr", n_primitive, fit_batches
            )
            fitted.save(file, **settings)
        return RadialBasis.load(file)

    def radial(point: Point) -> RadialBasis:
        if point.radial_basis == "optimal":
            return optimal(point.sigma).truncated(point.n_max or 0, point.l_max)
        return radial_basis(point.radial_basis, point.n_max, point.l_max, point.sigma, cutoff)

    def task(point: Point) -> Task:
        settings = point._asdict() | (fit if point.radial_basis == "optimal" else {})
        return Task(str(point), settings, lambda: (point, radial(point), batches))

    # The costly points first, so that no core is left with one of them at the end.
    order = sorted(points, key=lambda p: (p.nu, p.l_max * (p.n_max or LIKE)), reverse=True)
    tasks = [task(point) for point in order]
    files = finish(
        point_condition_numbers, tasks, points_folder, shared, processes, label, unit="point"
    )
    found = dict(zip(order, files, strict=True))
    return [load(found[point]) for point in points]


def bootstrap_error(values: np.ndarray, resamplings: int, seed: int) -> float:
    """Standard deviation of the mean of `values` over bootstrap resamplings."""
    rng = np.random.default_rng(seed)
    picks = rng.integers(len(values), size=(resamplings, len(values)))
    return float(values[picks].mean(axis=1).std(ddof=1))


def table_of(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Rows of points as a table, n_max a whole number or missing."""
    return pd.DataFrame(rows).astype({"n_max": "Int64"})


def summarise(values: np.ndarray, resamplings: int, seed: int) -> dict[str, float]:
    """Number, mean with its bootstrap error, quantiles and maximum of condition numbers."""
    summary = {
        "n_structures": len(values),
        "mean": values.mean(),
        "mean_error": bootstrap_error(values, resamplings, seed),
    }
    summary |= {name: np.quantile(values, q) for name, q in QUANTILES.items()}
    return summary | {"max": values.max()}


def by_structure(values: pd.DataFrame, n_structures: int) -> pd.DataFrame:
    """The first structures of each basis: n_max, l_max, center_weight, structure, nu1, nu2, nu3.

    Bases for which one of the three orders is missing are left out, and the complete one. Of nu = 1
    there is one value for all centre weights: the centre's own density does not move.
    """
    values = values.dropna(subset="n_max")
    index = ["n_max", "l_max", "center_weight", "structure"]
    table = values.pivot(index=index, columns="nu", values="condition_number")
    table = table.reindex(columns=[1, 2, 3]).add_prefix("nu")
    table["nu1"] = table.nu1.groupby(["n_max", "l_max", "structure"]).transform("first")
    return table.dropna().reset_index().groupby(index[:3]).head(n_structures)
