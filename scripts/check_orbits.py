"""Checks of the orbits: singular environments, integrators, pairs beside them, distances, zeros."""

from pathlib import Path

import numpy as np
import pandas as pd
from tqdm import tqdm

from command import parser, run
from descriptor_sensitivity.files import write_csv
from descriptor_sensitivity.orbit_checks import (
    distances,
    integrators,
    orbit_plane,
    singular_environments,
    singularity,
)
from descriptor_sensitivity.quasi_constant import PUBLISHED, Features, orbit_name


def main(argv: list[str] | None = None) -> None:
    options = parser(
        __doc__,
        "features; the orbits' sigmas and scales; sigma of distances and zeros; step, every,"
        " tolerance, compare_sigma and compare_frames of the integrators",
    )
    options.add_argument("--frames", type=Path, required=True, help="npz with `training`")
    options.add_argument("--orbits", type=Path, required=True, help="npz, one array per orbit")
    options.add_argument("--points", type=Path, required=True, help="csv, one row per frame")
    for name in ("singular", "integrators", "plane", "distances", "zeros"):
        options.add_argument(f"--{name}", type=Path, required=True, help="csv to write")
    paths = options.parse_args(argv)
    settings, features = paths.settings, Features(**paths.settings.features)
    with np.load(paths.frames) as data:
        frames = data["training"]
    with np.load(paths.orbits) as data:
        orbits = dict(data)

    singular = [
        singular_environments(
            features.fitted(frames, sigma), sigma, orbits[orbit_name(sigma, PUBLISHED)]
        )
        for sigma in tqdm(settings.sigmas, desc="singular environments", mininterval=1)
    ]
    write_csv(pd.concat(singular), paths.singular)

    sigma = settings.compare_sigma
    starts = {c: orbits[orbit_name(sigma, c)][0] for c in settings.scales}
    compared = (settings.compare_frames, settings.step, settings.every, settings.tolerance)
    table = integrators(features.fitted(frames, sigma), sigma, starts, *compared)
    write_csv(table, paths.integrators, digits=6)

    write_csv(orbit_plane(orbits, settings.scales), paths.plane)

    sigma, points = settings.sigma, pd.read_csv(paths.points).query("sigma == @settings.sigma")
    power_spectrum = features.fitted(frames, sigma)
    arc = points.arc[points.c == PUBLISHED].to_numpy()
    orbit = orbits[orbit_name(sigma, PUBLISHED)]
    write_csv(distances(power_spectrum, orbit, arc), paths.distances)
    write_csv(singularity(power_spectrum, points), paths.zeros)


if __name__ == "__main__":
    run(main)
