"""What the Comment's networks learn of an orbit: what they are given, and their errors."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from descriptor_sensitivity.descriptors.density import Density
from descriptor_sensitivity.environments import batch_from_vectors
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.fourbody import four_body
from descriptor_sensitivity.store import load

SETS = ("training", "validation", "manifold")
"""Frames of molecular dynamics to train and to validate with, and those of the orbit."""

RUNS = ("none", "20", "full")
"""How much of the orbit is trained on: nothing, 20 frames drawn at random, all of it, repeated."""

ERRORS = [f"{kind}_{name}" for kind in ("rmse", "mae") for name in ("validation", "manifold")]
"""Errors of a network in validation and along the orbit."""

BLOCK = 500
"""Frames whose features are computed at once."""


def features_and_targets(
    power_spectrum: Density, frames: np.ndarray, name: str = "features"
) -> dict[str, np.ndarray]:
    """Features and four-body targets (n,) of frames (n, 4, 3), Å; `name` is that of the bar.

    Features are single precision, (n, n_max^2 (l_max + 1)), in the order of `ordered_pairs`.
    """
    radial, parts = power_spectrum.radial, []
    for start in tqdm(range(0, len(frames), BLOCK), desc=name, unit="block", mininterval=1):
        block = batch_from_vectors(frames[start : start + BLOCK])
        features = ordered_pairs(power_spectrum.features(block), radial.n_max, radial.l_max)
        parts.append(features.astype(np.float32))
    return {"features": np.concatenate(parts), "targets": four_body(frames)}


def ordered_pairs(features: np.ndarray, n_max: int, l_max: int) -> np.ndarray:
    """All (n1, n2, l), n1 the slowest, from nu = 2 features that keep n1 <= n2 only, times sqrt(2).

    The network normalises groups of neighbouring features, so that their order and the presence of
    both (n1, n2) and (n2, n1) matter; librascal's features have this form.

    Args:
        features: (n, (l_max + 1) n_max (n_max + 1) / 2), ordered (l, n1 <= n2).

    Returns:
        (n, n_max^2 (l_max + 1)), of the same length.
    """
    first, second = np.triu_indices(n_max)
    half = features.reshape(len(features), l_max + 1, -1)
    half = half / np.where(first == second, 1.0, np.sqrt(2.0))
    full = np.empty((len(features), n_max, n_max, l_max + 1), dtype=features.dtype)
    full[:, first, second] = half.transpose(0, 2, 1)
    full[:, second, first] = half.transpose(0, 2, 1)
    return full.reshape(len(features), -1)


def training_frames(run: str, n_manifold: int, n_kept: int, repeats: int, seed: int) -> np.ndarray:
    """Indices of the orbit's frames that a run trains on, each `repeats` times if it is `full`.

    `20` stands for `n_kept` frames drawn without replacement, once each.
    """
    if run not in RUNS:
        raise InputError(f"`{run}` is no run of the networks; choose one of {', '.join(RUNS)}.")
    if n_kept >= n_manifold:
        raise InputError(
            f"Run `20` is to train on {n_kept} of {n_manifold} frames of the orbit and to hold the"
            " others out; lower `kept`, or follow the orbit further."
        )
    if run == "none":
        return np.empty(0, dtype=int)
    if run == "full":
        return np.tile(np.arange(n_manifold), repeats)
    return np.sort(np.random.default_rng(seed).choice(n_manifold, n_kept, replace=False))


def error_table(
    networks: Mapping[tuple[str, int], Path], samples: Path, sigma: float, scale: float
) -> pd.DataFrame:
    """One row per network: its run, sigma (Å), scale of the orbit, seed, and errors.

    Errors are those in validation and along the orbit; `spread_manifold` is the standard deviation
    of the targets along the orbit, the error of a network that knows their mean alone.
    """
    orbit = {"sigma": sigma, "scale": scale}
    spread = {"spread_manifold": float(load(samples)["targets_manifold"].std())}
    rows = []
    for run in RUNS:
        for seed in sorted(seed for other, seed in networks if other == run):
            found = load(networks[run, seed])
            row: dict[str, Any] = {"run": run, **orbit, "seed": seed}
            rows.append(row | {name: float(found[name]) for name in ERRORS} | spread)
    return pd.DataFrame(rows)


def parity(networks: Mapping[tuple[str, int], Path], samples: Path, seed: int) -> pd.DataFrame:
    """Targets and predictions of every frame: run, set, target, trained_on, prediction, seed."""
    data, parts = load(samples), []
    for run in (run for run in RUNS if (run, seed) in networks):
        found = load(networks[run, seed])
        for name in SETS:
            part = pd.DataFrame({"run": run, "set": name, "target": data[f"targets_{name}"]})
            part["trained_on"] = found["trained"] if name == "manifold" else name == "training"
            parts.append(part.assign(prediction=found[name], seed=seed))
    return pd.concat(parts)


def over_seeds(table: pd.DataFrame, printed: pd.DataFrame) -> pd.DataFrame:
    """Mean and spread of the errors over seeds, by sigma, scale and run, and the printed."""
    groups = table.groupby(["sigma", "scale", "run"], sort=False)
    summary = groups[ERRORS].agg(["mean", "std"])
    summary.columns = ["_".join(column) for column in summary.columns]
    summary.insert(0, "seeds", groups.size())
    return summary.reset_index().merge(printed, on=["run", "scale"], how="left")
