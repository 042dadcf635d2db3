"""What features and energy do along the displacements of each manifold, and what models learn.

Changes of features (Figure 2), kernel ridge regression of the energies and its errors along the
displacements (Figure 3), and Table 1.
"""

from pathlib import Path

import pandas as pd

from command import parser, run
from descriptor_sensitivity.energies import energies_ev, read_energies, relative_energies
from descriptor_sensitivity.energy_models import (
    decades,
    errors_on_cuts,
    fit_manifold,
    latex,
    markdown,
    table_1,
)
from descriptor_sensitivity.files import atomic, write_csv
from descriptor_sensitivity.manifold_features import read_features
from descriptor_sensitivity.manifolds import Manifold, changes_on_cuts


def main(argv: list[str] | None = None) -> None:
    options = parser(__doc__, "training_grids; gamma, sigma2 (decades: from, to, step)")
    for name in ("manifolds", "energies", "features"):
        options.add_argument(f"--{name}", type=Path, nargs="+", required=True, help="in one order")
    options.add_argument("--printed", type=Path, required=True, help="csv, Table 1 as printed")
    options.add_argument("--models", type=Path, nargs="+", required=True, help="csv, every point")
    options.add_argument("--errors", type=Path, required=True, help="csv, models on the cuts")
    options.add_argument("--changes", type=Path, required=True, help="csv, features on the cuts")
    options.add_argument("--table1", type=Path, nargs=3, required=True, help="csv, md, tex")
    paths = options.parse_args(argv)
    grids = paths.settings.training_grids
    tried = decades(*paths.settings.gamma), decades(*paths.settings.sigma2)

    gathered: dict[str, list[pd.DataFrame]] = {"scores": [], "errors": [], "changes": []}
    files = zip(paths.manifolds, paths.energies, paths.features, paths.models, strict=True)
    for file, energy_file, feature_file, output in files:
        manifold, features = Manifold.load(file), read_features(feature_file)
        _, table = read_energies(energy_file)
        differences = {name: arrays[0] for name, arrays in features.items()}
        energies = energies_ev(table, len(manifold))
        models, scores = fit_manifold(manifold, energies, differences, grids, *tried)
        write_csv(models, output, digits=14)
        changes = changes_on_cuts(manifold, features, relative_energies(table, manifold))
        errors = errors_on_cuts(manifold, models, list(features), grids)
        for kind, part in {"scores": scores, "errors": errors, "changes": changes}.items():
            part.insert(0, "structure", file.stem)
            gathered[kind].append(part)
    whole = {kind: pd.concat(parts) for kind, parts in gathered.items()}
    write_csv(whole["errors"], paths.errors)
    write_csv(whole["changes"], paths.changes)
    table = table_1(whole["scores"], pd.read_csv(paths.printed))
    write_csv(table, paths.table1[0], digits=6)
    for path, text in zip(paths.table1[1:], (markdown(table), latex(table)), strict=True):
        with atomic(path) as partial:
            partial.write_text(text)


if __name__ == "__main__":
    run(main)
