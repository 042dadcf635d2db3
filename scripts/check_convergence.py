"""Whether the nu = 2 features of Figure 2 are converged: against a complete radial basis."""

from pathlib import Path

import numpy as np
import pandas as pd

from command import parser, run
from descriptor_sensitivity.convergence import convergence
from descriptor_sensitivity.files import write_csv
from descriptor_sensitivity.manifolds import Manifold


def main(argv: list[str] | None = None) -> None:
    options = parser(__doc__, "nu, l_max, sigma, cutoff of the features called nu2")
    options.add_argument("--manifolds", type=Path, nargs="+", required=True, help="<name>.npz")
    options.add_argument("--features", type=Path, nargs="+", required=True, help="in one order")
    options.add_argument("--table", type=Path, required=True, help="csv to write")
    paths = options.parse_args(argv)
    parts = []
    for file, features in zip(paths.manifolds, paths.features, strict=True):
        with np.load(features) as data:
            values, left = data["nu2_singular_values"], data["nu2_left_vectors"]
        part = convergence(Manifold.load(file), values, left, vars(paths.settings))
        part.insert(0, "structure", file.stem)
        parts.append(part)
    write_csv(pd.concat(parts), paths.table)


if __name__ == "__main__":
    run(main)
