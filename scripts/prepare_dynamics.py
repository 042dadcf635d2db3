"""Training and validation frames of hot methane, from molecular dynamics or from a file."""

from pathlib import Path

import pandas as pd

from command import parser, run
from descriptor_sensitivity.dynamics import (
    Heat,
    geometry_statistics,
    hot_methane,
    read_methane,
    split_frames,
)
from descriptor_sensitivity.files import write_arrays, write_csv
from descriptor_sensitivity.fingerprint import fingerprint


def main(argv: list[str] | None = None) -> None:
    options = parser(__doc__, "training, validation, seed; heat and trajectories, or unit")
    options.add_argument("--file", type=Path, nargs="*", help="methane molecules; none: dynamics")
    options.add_argument("--threads", type=int, default=1, help="trajectories computed at once")
    options.add_argument("--kept", type=Path, required=True, help="folder of finished segments")
    options.add_argument("--published", type=Path, required=True, help="csv of published geometry")
    options.add_argument("--frames", type=Path, required=True, help="npz: training, validation")
    options.add_argument("--table", type=Path, required=True, help="csv of their geometry")
    paths = options.parse_args(argv)
    settings = paths.settings

    sizes = (settings.training, settings.validation)
    if paths.file:
        name, vectors = str(paths.file[0]), read_methane(paths.file[0], settings.unit)
    else:
        name, shared = "The dynamics", {"code": fingerprint(__file__)}
        heat = Heat(**settings.heat, seed=settings.seed)
        asked = (settings.trajectories, sum(sizes))
        vectors = hot_methane(heat, *asked, paths.kept, shared, paths.threads)
    split = split_frames(vectors, *sizes, settings.seed, name)
    sets = dict(zip(("training", "validation"), split, strict=True))
    write_arrays(paths.frames, **sets)
    rows = [{"set": k, "frames": len(v), **geometry_statistics(v)} for k, v in sets.items()]
    table = pd.concat([pd.DataFrame(rows), pd.read_csv(paths.published)])
    write_csv(table, paths.table, digits=5)


if __name__ == "__main__":
    run(main)
