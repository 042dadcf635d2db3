"""Train the Comment's network with none, some or all frames of an orbit, for several seeds.

Each finished network is kept by a name that holds everything it depends on, so that a killed run
goes on where it stopped and a new seed costs that seed alone.
"""

from pathlib import Path

import numpy as np

from command import parser, run
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.files import atomic, write_arrays, write_csv
from descriptor_sensitivity.fingerprint import fingerprint
from descriptor_sensitivity.network import Settings
from descriptor_sensitivity.orbit_learning import error_table, features_and_targets, parity
from descriptor_sensitivity.quasi_constant import Features, orbit_name
from descriptor_sensitivity.store import file_digest
from descriptor_sensitivity.training import train_all


def main(argv: list[str] | None = None) -> None:
    options = parser(
        __doc__, "features, sigma, scale; training; runs, repeats, kept, seeds, device"
    )
    options.add_argument("--frames", type=Path, required=True, help="npz: training, validation")
    options.add_argument("--orbits", type=Path, required=True, help="npz, one array per orbit")
    options.add_argument("--threads", type=int, default=1, help="networks trained at once")
    options.add_argument("--kept", type=Path, required=True, help="folder of finished networks")
    options.add_argument("--samples", type=Path, required=True, help="npz: features and targets")
    options.add_argument("--table", type=Path, required=True, help="csv, one row per network")
    options.add_argument("--parity", type=Path, required=True, help="parquet, first seed's frames")
    paths = options.parse_args(argv)
    settings = paths.settings

    features, sigma = Features(**settings.features), settings.sigma
    with np.load(paths.frames) as data:
        sets = {name: data[name] for name in ("training", "validation")}
    with np.load(paths.orbits) as data:
        name = orbit_name(sigma, settings.scale)
        if name not in data:
            raise InputError(
                f"{paths.orbits} holds no orbit {name}; add its sigma and c to the section"
                " `comment: orbits`."
            )
        sets["manifold"] = data[name]
    power_spectrum = features.fitted(sets["training"], sigma)
    arrays = {
        f"{kind}_{name}": values
        for name, frames in sets.items()
        for kind, values in features_and_targets(power_spectrum, frames, name).items()
    }
    write_arrays(paths.samples, **arrays)

    shared = {"code": fingerprint(__file__), "samples": file_digest(paths.samples)}
    networks = train_all(
        paths.samples,
        settings.runs,
        settings.kept,
        settings.repeats,
        Settings(**settings.training),
        settings.seeds,
        settings.device,
        paths.kept,
        shared,
        paths.threads,
    )
    write_csv(error_table(networks, paths.samples, sigma, settings.scale), paths.table)
    with atomic(paths.parity) as partial:
        shown = parity(networks, paths.samples, settings.seeds[0])
        shown.to_parquet(partial, index=False)


if __name__ == "__main__":
    run(main)
