"""Fit the energies of a manifold by kernel ridge regression on sub-grids of its points."""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from command import run
from descriptor_sensitivity.energies import energies_ev, read_energies
from descriptor_sensitivity.files import write_csv
from descriptor_sensitivity.manifolds import Manifold, training_points
from descriptor_sensitivity.regression import kernel_ridge


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--manifold", type=Path, required=True, help="npz file of structures")
    parser.add_argument("--energies", type=Path, required=True, help="csv file of energies")
    parser.add_argument("--features", type=Path, required=True, help="npz file of features")
    parser.add_argument("--grids", type=int, nargs="+", required=True, help="training grids, n x n")
    for name, text in (("gamma", "gamma d_max^2"), ("sigma2", "sigma^2")):
        parser.add_argument(
            f"--{name}", type=float, nargs=3, required=True, metavar=("FROM", "TO", "STEP"),
            help=f"decades of {text} to try",
        )  # fmt: skip
    parser.add_argument("--predictions", type=Path, required=True, help="csv, one row per point")
    parser.add_argument("--scores", type=Path, required=True, help="csv, one row per fit")
    arguments = parser.parse_args(argv)

    manifold = Manifold.load(arguments.manifold)
    n_points = len(manifold.deltas)
    gammas, sigma2s = (
        10 ** np.arange(first, last + step / 2, step)
        for first, last, step in (arguments.gamma, arguments.sigma2)
    )
    _, table = read_energies(arguments.energies)
    energies = energies_ev(table, len(manifold))
    first, second = manifold.coordinates.T
    columns = {"delta_1": first, "delta_2": second, "energy_ev": energies}
    scores = []
    with np.load(arguments.features) as features:
        for n_train in arguments.grids:
            train = training_points(n_points, n_train)
            grid = f"{n_train}x{n_train}"
            for name in features["representations"]:
                differences = features[f"{name}_differences"]
                fit = kernel_ridge(differences, energies, train, gammas, sigma2s)
                columns[f"error_{name}_{grid}_uev"] = 1e6 * (fit.prediction - energies)
                scores.append(
                    {
                        "structure": arguments.manifold.stem,
                        "grid": grid,
                        "representation": str(name),
                        "rmse_uev": 1e6 * fit.rmse,
                        "gamma": fit.gamma,
                        "sigma2": fit.sigma2,
                    }
                )
    write_csv(pd.DataFrame(columns), arguments.predictions, digits=14)
    write_csv(pd.DataFrame(scores), arguments.scores)


if __name__ == "__main__":
    run(main)
