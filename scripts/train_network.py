"""Train the Comment's network with none, some or all frames of an orbit, for several seeds.

A checkpoint of each seed is kept under --checkpoints, by a name that holds everything it depends
on, so that a killed run goes on where it stopped and a new seed costs that seed alone.
"""

import argparse
import hashlib
import time
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from tqdm import tqdm

from command import run
from descriptor_sensitivity.files import write_arrays, write_csv
from descriptor_sensitivity.network import (
    RUNS,
    Sample,
    Settings,
    Training,
    errors,
    training_frames,
)

CHECKPOINT_SECONDS = 20


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--features", type=Path, required=True, help="npz")
    parser.add_argument("--run", choices=RUNS, required=True, help="part of the orbit trained on")
    parser.add_argument("--kept", type=int, default=20, help="frames of the orbit in run 20")
    parser.add_argument("--repeats", type=int, default=10, help="of each frame in run full")
    parser.add_argument("--sigma", type=float, required=True, help="Å, for the table")
    parser.add_argument("--seeds", type=int, nargs="+", required=True)
    parser.add_argument("--width", type=int, default=80, help="neurons of a hidden layer")
    parser.add_argument("--epochs", type=int, required=True)
    parser.add_argument("--batch-size", type=int, required=True)
    parser.add_argument("--learning-rate", type=float, required=True)
    parser.add_argument("--schedule", choices=["cosine", "plateau"], required=True)
    parser.add_argument("--whitening", type=float, required=True, help="floor, 0 for none")
    parser.add_argument("--device", default="cpu", help="cpu, cuda or auto")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--checkpoints", type=Path, required=True, help="folder")
    parser.add_argument("--table", type=Path, required=True, help="csv, one row per seed")
    parser.add_argument("--predictions", type=Path, required=True, help="npz, of every seed")
    options = parser.parse_args(argv)

    torch.set_num_threads(options.threads)
    torch.use_deterministic_algorithms(True)
    device = options.device
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    settings = Settings(
        options.width,
        options.epochs,
        options.batch_size,
        options.learning_rate,
        options.schedule,
        options.whitening,
    )
    with np.load(options.features) as data:
        sets = {
            name: Sample(data[f"features_{name}"], data[f"targets_{name}"])
            for name in ("training", "validation", "manifold")
        }
    dynamics, validation, manifold = sets["training"], sets["validation"], sets["manifold"]
    digest = hashlib.sha256(options.features.read_bytes()).hexdigest()[:12]
    options.checkpoints.mkdir(parents=True, exist_ok=True)

    rows, arrays = [], {name: sample.targets for name, sample in sets.items()}
    for seed in options.seeds:
        frames = training_frames(
            options.run, len(manifold.targets), options.kept, options.repeats, seed
        )
        training = Sample(
            np.concatenate([dynamics.features, manifold.features[frames]]),
            np.concatenate([dynamics.targets, manifold.targets[frames]]),
        )
        mean = float(dynamics.targets.mean())
        process = Training(training, validation, mean, settings, seed, device)
        key = hashlib.sha256(repr((settings, options.repeats, options.kept)).encode()).hexdigest()
        label = f"run {options.run}, sigma {options.sigma:g}, seed {seed}"
        checkpoint = options.checkpoints / (
            f"{options.run}_sigma{options.sigma:g}_seed{seed}_{digest}_{key[:12]}.pt"
        )
        if checkpoint.exists():
            process.load(checkpoint)
        saved = time.monotonic()
        with tqdm(
            total=settings.epochs, initial=process.epoch, desc=label, unit="epoch", mininterval=2
        ) as progress:
            while process.epoch < settings.epochs:
                process.advance()
                progress.set_postfix_str(f"validation RMSE {process.best_error:.4f}", refresh=False)
                progress.update()
                if time.monotonic() - saved > CHECKPOINT_SECONDS:
                    process.save(checkpoint)
                    saved = time.monotonic()
        process.save(checkpoint)

        predict = process.predictor()
        predictions = {name: predict(sample.features) for name, sample in sets.items()}
        held = np.ones(len(manifold.targets), dtype=bool)
        if options.run == "20":
            held[frames] = False
        row = {"run": options.run, "sigma": options.sigma, "seed": seed}
        for name, mask in (("validation", slice(None)), ("manifold", held)):
            found = errors(predictions[name][mask], sets[name].targets[mask])
            row |= {f"{kind}_{name}": value for kind, value in found.items()}
        rows.append(row)
        for name, values in predictions.items():
            arrays[f"{name}_seed{seed}"] = values
        arrays[f"trained_seed{seed}"] = np.isin(np.arange(len(held)), frames)
    columns = ["run", "sigma", "seed", "rmse_validation", "rmse_manifold"]
    columns += ["mae_validation", "mae_manifold"]
    write_csv(pd.DataFrame(rows)[columns], options.table)
    write_arrays(options.predictions, **arrays)


if __name__ == "__main__":
    run(main)
