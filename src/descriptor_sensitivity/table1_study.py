"""Table 1 as a study: how each entry moves with what the paper does not say.

One setting at a time is changed over a stated range, the others staying as they are: the length of
Delta = 1, the smallest regularisation tried, the grid of hyperparameters, the noise of the
energies, and the random structure. Energies away from the computed points come from a polynomial
in Delta_1 and Delta_2, which bonds of about 1 Å moved by hundredths follow to the digits needed.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from descriptor_sensitivity.descriptors.registry import build_descriptor
from descriptor_sensitivity.energies import energies_ev, read_energies
from descriptor_sensitivity.energy_models import KEYS, fit_manifold
from descriptor_sensitivity.environments import Batch
from descriptor_sensitivity.fingerprint import fingerprint
from descriptor_sensitivity.manifolds import Manifold, square_grid
from descriptor_sensitivity.regression import rotated
from descriptor_sensitivity.scf import Level
from descriptor_sensitivity.store import Task, finish, load

LENGTHS = (0.5, 2.0)
"""Factors of the length of Delta = 1: "a few 10s of meV" leaves about as much open."""

FLOORS = (1e-10, 1e-8, 1e-6)
"""Smallest sigma^2 tried: 1e-8 is a common default of programs, and 1e-6 spoils no fit to 1 meV."""

COARSE = (4, 8)
"""Every so manieth gamma, and every second and fourth sigma^2: grids of one and of two decades."""

NOISES = (0.5, 5.0)
"""Standard deviation (ueV) of a noise on the energies: what an SCF that stops at changes of 1e-8 or
1e-7 Ha may leave."""

DEGREE = 6
"""Of the polynomials. The terms left out are (0.06 Å / 1 Å)^7 of some eV: below 0.01 ueV."""

ASYMMETRIC = "asymmetric"
"""The structure that is random."""


def energy_surface(coordinates: np.ndarray, energies: np.ndarray) -> tuple[np.ndarray, float]:
    """Polynomial of total degree `DEGREE` in (Delta_1, Delta_2), least squares.

    Args:
        coordinates: (n, 2).
        energies: (n,) eV; NaN are left out.

    Returns:
        coefficients as `at` takes them, and the root mean square of the residuals, eV.
    """
    known = np.isfinite(energies)
    matrix = _monomials(coordinates[known])
    shift = energies[known].mean()
    found, *_ = np.linalg.lstsq(matrix, energies[known] - shift, rcond=None)
    residual = matrix @ found - (energies[known] - shift)
    found[0] += shift
    return found, float(np.sqrt(np.mean(residual**2)))


def at(surface: np.ndarray, coordinates: np.ndarray) -> np.ndarray:
    """Values (n,) of an `energy_surface` at coordinates (n, 2)."""
    return np.asarray(_monomials(coordinates) @ surface)


def _monomials(coordinates: np.ndarray) -> np.ndarray:
    powers = [(a, b) for a in range(DEGREE + 1) for b in range(DEGREE + 1 - a)]
    return np.stack([coordinates[:, 0] ** a * coordinates[:, 1] ** b for a, b in powers], axis=1)


def stretched(manifold: Manifold, factor: float) -> Manifold:
    """The same structure and patterns, Delta = 1 being `factor` times as long."""
    return Manifold(
        manifold.vectors, manifold.displacements, factor * manifold.length, manifold.deltas
    )


def random_structures(
    files: Sequence[Path], level: Level, n_points: int
) -> list[tuple[Manifold, np.ndarray]]:
    """Other random structures: their grids of n_points^2 points, and the energies (eV) there.

    A file of energies (`energies.read_energies`) says which structure it is for; one at another
    level of theory is left out.
    """
    found = []
    for file in files:
        head, table = read_energies(file)
        if head["level"] == {**vars(level)}:
            stored = head["structures"]
            patterns = np.array(stored["vectors_angstrom"]), np.array(stored["displacements"])
            length, deltas = stored["length_angstrom"], np.array(stored["deltas"])
            coarse = Manifold(*patterns, length, deltas)
            surface, _ = energy_surface(coarse.coordinates, energies_ev(table, len(coarse)))
            fine = Manifold(*patterns, length, square_grid(n_points))
            found.append((fine, at(surface, fine.coordinates)))
    return found


def differences_on(
    manifold: Manifold, name: str, settings: Mapping[str, Any], fit_batches: Sequence[Batch]
) -> dict[str, np.ndarray]:
    """Features of a manifold relative to its reference, exactly rotated to few columns."""
    descriptor = build_descriptor(name, settings, fit_batches)
    steps = manifold.length * manifold.displacements
    panels = descriptor.along(manifold.batch, manifold.reference, steps)
    return {"differences": rotated(panels, manifold.middle)[:-2]}


def differences(
    manifolds: Sequence[Manifold],
    descriptors: Mapping[str, Mapping[str, Any]],
    fit_batches: Sequence[Batch],
    folder: Path,
    shared: Mapping[str, Any],
    processes: int = 1,
) -> list[dict[str, np.ndarray]]:
    """`differences_on` every manifold: name of the descriptor -> (n_env, k); pieces are kept."""

    def task(name: str, code: str, manifold: Manifold) -> Task:
        settings = {
            "code": code,
            "settings": descriptors[name],
            "manifold": [manifold.digest(), manifold.length, manifold.deltas.tolist()],
        }
        arguments = manifold, name, descriptors[name], fit_batches
        return Task(f"study_{name}", settings, lambda: arguments)

    tasks: dict[tuple[str, int], Task] = {}
    for name in sorted(descriptors, key=lambda name: -int(descriptors[name].get("nu", 0))):
        code = fingerprint(__file__, [descriptors[name]["kind"]])
        tasks |= {(name, k): task(name, code, one) for k, one in enumerate(manifolds)}
    files = finish(differences_on, list(tasks.values()), folder, shared, processes)
    found = dict(zip(tasks, files, strict=True))
    return [
        {name: load(found[name, k])["differences"] for name in descriptors}
        for k in range(len(manifolds))
    ]


def variations(
    manifold: Manifold,
    energies: np.ndarray,
    features: Mapping[str, np.ndarray],
    grids: Sequence[int],
    gammas: np.ndarray,
    sigma2s: np.ndarray,
    seed: int = 0,
) -> pd.DataFrame:
    """Entries of one structure, changing what needs no other features.

    Columns setting, value, grid, representation, rmse_uev; the setting `ours` changes nothing.
    Noise is drawn once, for training and test points alike.
    """

    def fitted(setting: str, value: float, noise: float = 0.0, **tried: np.ndarray) -> pd.DataFrame:
        rng = np.random.default_rng(seed)
        noisy = energies + 1e-6 * noise * rng.normal(size=len(energies))
        chosen = {"gammas": gammas, "sigma2s": sigma2s} | tried
        scores = fit_manifold(manifold, noisy, features, grids, **chosen)[1]
        return scores[KEYS[1:] + ["rmse_uev"]].assign(setting=setting, value=value)

    parts = [fitted("ours", 0.0)]
    parts += [
        fitted("sigma2 floor", floor, sigma2s=sigma2s[sigma2s > 0.99 * floor]) for floor in FLOORS
    ]
    parts += [
        fitted("hyperparameters", step, gammas=gammas[::step], sigma2s=sigma2s[:: step // 2])
        for step in COARSE
    ]
    parts += [fitted("noise", noise, noise) for noise in NOISES]
    return pd.concat(parts)


def study(
    manifolds: Mapping[str, Manifold],
    energies: Mapping[str, np.ndarray],
    features: Mapping[str, Mapping[str, np.ndarray]],
    others: Sequence[tuple[str, str, float, Manifold, np.ndarray]],
    other_features: Sequence[Mapping[str, np.ndarray]],
    grids: Sequence[int],
    gammas: np.ndarray,
    sigma2s: np.ndarray,
) -> pd.DataFrame:
    """Every entry of Table 1 at every value of every setting.

    Args:
        manifolds, energies, features: of the structures of the table, by name.
        others: further grids: structure, setting, value, manifold, energies (eV).
        other_features: theirs, in that order.
        grids, gammas, sigma2s: as in `energy_models.fit_manifold`.

    Returns columns structure, grid, representation, setting, value, rmse_uev.
    """
    parts = [
        variations(manifold, energies[name], features[name], grids, gammas, sigma2s).assign(
            structure=name
        )
        for name, manifold in manifolds.items()
    ]
    for (name, setting, value, manifold, known), found in zip(others, other_features, strict=True):
        scores = fit_manifold(manifold, known, found, grids, gammas, sigma2s)[1]
        parts.append(scores.assign(structure=name, setting=setting, value=value))
    return pd.concat(parts)[[*KEYS, "setting", "value", "rmse_uev"]].reset_index(drop=True)


def ranges(points: pd.DataFrame, printed: pd.DataFrame) -> pd.DataFrame:
    """For each entry and setting the range of errors, our own value in it.

    Returns columns structure, grid, representation, setting, ours_uev, low_uev, high_uev,
    printed_uev, covers (whether the printed value, where there is one, lies in the range).
    """
    ours = points[points.setting == "ours"].set_index(KEYS).rmse_uev.rename("ours_uev")
    changed = points[points.setting != "ours"].groupby([*KEYS, "setting"], sort=False).rmse_uev
    table = changed.agg(["min", "max"]).reset_index().merge(ours.reset_index(), on=KEYS)
    table["low_uev"] = table[["min", "ours_uev"]].min(axis=1)
    table["high_uev"] = table[["max", "ours_uev"]].max(axis=1)
    table = table.merge(printed, on=KEYS, how="left")
    table["covers"] = table.printed_uev.between(table.low_uev, table.high_uev)
    columns = ["setting", "ours_uev", "low_uev", "high_uev", "printed_uev", "covers"]
    return table[KEYS + columns]


def misfits(points: pd.DataFrame, printed: pd.DataFrame) -> pd.DataFrame:
    """What each value of each setting leaves between the whole table and the printed one.

    An entry that a setting does not touch keeps our own value. `factor` is the geometric mean of
    the factors >= 1 between the entries and the printed ones.

    Returns columns setting, value, n_entries, within_two (entries within a factor of two), factor.
    """
    target = printed.set_index(KEYS).printed_uev
    ours = points[points.setting == "ours"].set_index(KEYS).rmse_uev
    rows = []
    for (setting, value), mine in points.groupby(["setting", "value"], sort=False):
        table = mine.set_index(KEYS).rmse_uev.combine_first(ours)
        apart = np.log(table / target).abs().dropna()
        within = int((apart <= np.log(2)).sum())
        rows.append((setting, value, len(apart), within, float(np.exp(apart.mean()))))
    return pd.DataFrame(rows, columns=["setting", "value", "n_entries", "within_two", "factor"])
