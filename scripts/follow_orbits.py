"""Orbits of low sensitivity: environments, condition numbers and the four-body target along them.

Each finished orbit is kept by a name that holds everything it depends on, so that a killed run goes
on where it stopped.
"""

from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

from command import parser, run
from descriptor_sensitivity.files import write_arrays, write_csv
from descriptor_sensitivity.fingerprint import fingerprint
from descriptor_sensitivity.quasi_constant import (
    Course,
    Features,
    follow_orbits,
    orbit_name,
    points,
    summary,
)
from descriptor_sensitivity.store import file_digest


def main(argv: list[str] | None = None) -> None:
    options = parser(__doc__, "features, course, sigmas and scales, the orbits' sigma and c")
    options.add_argument("--frames", type=Path, required=True, help="npz with `training`")
    options.add_argument("--threads", type=int, default=1, help="orbits computed at once")
    options.add_argument("--kept", type=Path, required=True, help="folder of finished orbits")
    options.add_argument("--table", type=Path, required=True, help="csv, one row per frame")
    options.add_argument("--summary", type=Path, required=True, help="csv, one row per orbit")
    options.add_argument("--orbits", type=Path, required=True, help="npz, one array per orbit")
    paths = options.parse_args(argv)
    settings = paths.settings

    with np.load(paths.frames) as data:
        frames = data["training"]
    features, course = Features(**settings.features), Course(**settings.course)
    orbits = list(product(settings.sigmas, settings.scales))
    shared = {"code": fingerprint(__file__), "frames": file_digest(paths.frames)}
    found = follow_orbits(features, frames, course, orbits, paths.kept, shared, paths.threads)
    each = [(*orbit, *result) for orbit, result in zip(orbits, found, strict=True)]
    write_csv(pd.concat([points(*one[:3]) for one in each]), paths.table)
    write_csv(pd.DataFrame([summary(*one) for one in each]), paths.summary, digits=6)
    write_arrays(paths.orbits, **{orbit_name(s, c): orbit.vectors for s, c, orbit, _ in each})


if __name__ == "__main__":
    run(main)
