"""Manifolds for the chemiscope viewer: structures, energies, features, errors, displacements."""

import gzip
import json
from pathlib import Path

import pandas as pd

from command import parser, run
from descriptor_sensitivity.drawing.manifold_viewer import viewer
from descriptor_sensitivity.files import atomic
from descriptor_sensitivity.manifold_features import read_features
from descriptor_sensitivity.manifolds import Manifold


def main(argv: list[str] | None = None) -> None:
    options = parser(__doc__)
    for name, text in (
        ("manifolds", "<name>.npz"),
        ("features", "npz files"),
        ("models", "csv, errors of energy models"),
        ("output", "json.gz files to write"),
    ):
        options.add_argument(f"--{name}", type=Path, nargs="+", required=True, help=text)
    paths = options.parse_args(argv)
    files = zip(paths.manifolds, paths.features, paths.models, paths.output, strict=True)
    for manifold, features, models, output in files:
        data = viewer(
            manifold.stem, Manifold.load(manifold), read_features(features), pd.read_csv(models)
        )
        with atomic(output) as partial:
            partial.write_bytes(gzip.compress(json.dumps(data).encode(), mtime=0))


if __name__ == "__main__":
    run(main)
