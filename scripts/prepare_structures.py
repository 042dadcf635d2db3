"""Write a set of structures: generated, taken from a file, or streamed from a server."""

import json
from pathlib import Path

from ase.io import write
from tqdm import tqdm

from command import parser, run
from descriptor_sensitivity.files import atomic
from descriptor_sensitivity.structures.download import file_md5
from descriptor_sensitivity.structures.sources import structures_of


def main(argv: list[str] | None = None) -> None:
    options = parser(__doc__, "source, count; seed, radius, min_distance; select, urls")
    options.add_argument("--archive", type=Path, nargs="*", help="a file, if there is one")
    options.add_argument("--output", type=Path, required=True, help="extended xyz")
    options.add_argument("--provenance", type=Path, required=True, help="json")
    paths = options.parse_args(argv)
    archive = paths.archive[0] if paths.archive else None

    frames, origin = structures_of(vars(paths.settings), archive)
    shown = tqdm(frames, desc="writing", total=paths.settings.count, mininterval=1)
    with atomic(paths.output) as partial:
        write(partial, shown, format="extxyz")
    origin |= {"md5": file_md5(paths.output)}
    with atomic(paths.provenance) as partial:
        partial.write_text(json.dumps(origin, indent=2) + "\n")


if __name__ == "__main__":
    run(main)
