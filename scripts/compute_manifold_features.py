"""Features of all structures of some manifolds, as exactly rotated differences from the reference.

Those of each descriptor on each manifold are kept, so that a killed run goes on where it stopped.
"""

from pathlib import Path

from ase.io import read

from command import parser, run
from descriptor_sensitivity.cutting import cut_environments
from descriptor_sensitivity.files import write_arrays
from descriptor_sensitivity.manifold_features import compute_features
from descriptor_sensitivity.manifolds import Manifold
from descriptor_sensitivity.store import file_digest


def main(argv: list[str] | None = None) -> None:
    options = parser(__doc__, "names, descriptors, fit_structures, cutoff (of these, Å)")
    options.add_argument("--manifolds", type=Path, nargs="+", required=True, help="<name>.npz")
    options.add_argument("--structures", type=Path, required=True, help="to fit optimal bases on")
    options.add_argument("--pieces", type=Path, required=True, help="folder of finished pieces")
    options.add_argument("--threads", type=int, default=1, help="pieces computed at once")
    options.add_argument("--features", type=Path, nargs="+", required=True, help="npz files")
    paths = options.parse_args(argv)
    settings = paths.settings

    frames = read(paths.structures, f":{settings.fit_structures}")
    found = compute_features(
        {file.stem: Manifold.load(file) for file in paths.manifolds},
        {name: settings.descriptors[name] for name in settings.names},
        cut_environments(frames, settings.cutoff, "C", name=str(paths.structures)),
        paths.pieces,
        {
            "structures": file_digest(paths.structures),
            "fit_structures": settings.fit_structures,
            "cutoff": settings.cutoff,
        },
        paths.threads,
    )
    for file in paths.features:
        write_arrays(file, **found[file.stem])


if __name__ == "__main__":
    run(main)
