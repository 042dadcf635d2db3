"""The Comment's networks, trained one by one.

Each network is a piece of work of its own, kept when finished; one that is killed goes on from its
last checkpoint.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from descriptor_sensitivity.network import Sample, Settings, Training, errors
from descriptor_sensitivity.orbit_learning import RUNS, SETS, training_frames
from descriptor_sensitivity.store import Task, finish, key, load

CHECKPOINT_SECONDS = 20
"""Time between two checkpoints of a network."""


def train(
    samples: Path,
    run: str,
    kept: int,
    repeats: int,
    settings: Settings,
    seed: int,
    device: str,
    checkpoint: Path,
) -> dict[str, Any]:
    """Train one network, going on from `checkpoint` if there is one.

    Args:
        samples: npz with features_<set> and targets_<set>.
        run, kept, repeats: the frames of the orbit that it trains on (see `training_frames`).
        device: cpu, cuda, or auto.

    Returns:
        Predictions (n,) by set; `trained` (n,), whether a frame of the orbit was trained on; errors
        in validation and along the orbit, run `20` on the frames that were held out.
    """
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    # what is deterministic does not read memory before it is written: no need to fill it
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    data = load(samples)
    sets = {name: Sample(data[f"features_{name}"], data[f"targets_{name}"]) for name in SETS}
    dynamics, manifold = sets["training"], sets["manifold"]
    frames = training_frames(run, len(manifold.targets), kept, repeats, seed)
    training = Sample(
        np.concatenate([dynamics.features, manifold.features[frames]]),
        np.concatenate([dynamics.targets, manifold.targets[frames]]),
    )
    mean = float(dynamics.targets.mean())
    process = Training(training, sets["validation"], mean, settings, seed, device)
    if checkpoint.exists():
        process.load(checkpoint)
    saved = time.monotonic()
    while process.epoch < settings.epochs:
        process.advance()
        if time.monotonic() - saved > CHECKPOINT_SECONDS:
            process.save(checkpoint)
            saved = time.monotonic()

    predict = process.predictor()
    found: dict[str, Any] = {name: predict(sample.features) for name, sample in sets.items()}
    found["trained"] = trained = np.isin(np.arange(len(manifold.targets)), frames)
    judged = {"validation": slice(None), "manifold": ~trained if run == "20" else slice(None)}
    for name, mask in judged.items():
        of_set = errors(found[name][mask], sets[name].targets[mask])
        found |= {f"{kind}_{name}": value for kind, value in of_set.items()}
    return found


def train_all(
    samples: Path,
    runs: Sequence[str],
    kept: int,
    repeats: int,
    settings: Settings,
    seeds: Sequence[int],
    device: str,
    folder: Path,
    shared: Mapping[str, Any],
    processes: int = 1,
    label: str = "networks",
) -> dict[tuple[str, int], Path]:
    """The files of the networks of all `runs` and seeds; finished ones are kept in `folder`.

    Args:
        shared: what all networks depend on besides their settings (see `store.finish`).
    """
    same = {"settings": asdict(settings), "device": device}
    frames = {"none": {}, "20": {"kept": kept}, "full": {"repeats": repeats}}
    networks = [
        (run, seed) for seed in seeds for run in reversed(RUNS) if run in runs
    ]  # longest first
    tasks, checkpoints = [], []
    for run, seed in networks:
        own = {"run": run, "seed": seed, **same, **frames[run]}
        name = f"{samples.stem}_{run}_seed{seed}"
        checkpoint = folder / f"{name}_{key({**shared, **own})}.pt"
        arguments = (samples, run, kept, repeats, settings, seed, device, checkpoint)
        tasks.append(Task(name, own, partial(tuple, arguments)))
        checkpoints.append(checkpoint)
    files = finish(train, tasks, folder, shared, processes, label, "network")
    for checkpoint in checkpoints:
        checkpoint.unlink(missing_ok=True)
    return dict(zip(networks, files, strict=True))
