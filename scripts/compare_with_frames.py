"""The orbits beside ordinary frames: condition numbers, other bases, distances in feature space."""

from pathlib import Path

import numpy as np

from command import parser, run
from descriptor_sensitivity.files import write_csv
from descriptor_sensitivity.orbit_surroundings import (
    basis_sensitivity,
    frame_sensitivity,
    training_distances,
)
from descriptor_sensitivity.quasi_constant import PUBLISHED, Features, orbit_name


def main(argv: list[str] | None = None) -> None:
    options = parser(__doc__, "features; sigmas and scales of the orbits; sigma of the networks")
    options.add_argument("--frames", type=Path, required=True, help="npz, training and validation")
    options.add_argument("--orbits", type=Path, required=True, help="npz, one array per orbit")
    for name in ("sensitivity", "bases", "distances"):
        options.add_argument(f"--{name}", type=Path, required=True, help="csv to write")
    paths = options.parse_args(argv)
    settings, features = paths.settings, Features(**paths.settings.features)
    with np.load(paths.frames) as data:
        training, validation = data["training"], data["validation"]
    with np.load(paths.orbits) as data:
        orbits = dict(data)

    table = frame_sensitivity(features, training, validation, settings.sigmas)
    write_csv(table, paths.sensitivity)
    table = basis_sensitivity(features, training, orbits, settings.scales, settings.sigma)
    write_csv(table, paths.bases)
    power_spectrum = features.fitted(training, settings.sigma)
    orbit = orbits[orbit_name(settings.sigma, PUBLISHED)]
    write_csv(training_distances(power_spectrum, training, validation, orbit), paths.distances)


if __name__ == "__main__":
    run(main)
