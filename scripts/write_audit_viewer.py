"""A chemiscope file: a sample of environments and the worst ones, with what they do not see."""

import gzip
import json
from pathlib import Path

from ase.io import read

from command import parser, run
from descriptor_sensitivity.drawing.audit_viewer import viewer
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.files import atomic


def main(argv: list[str] | None = None) -> None:
    options = parser(__doc__, "dataset, name (of the descriptor)")
    options.add_argument("--sampled", type=Path, required=True, help="of set_thresholds.py")
    options.add_argument("--worst", type=Path, required=True, help="extended xyz file")
    options.add_argument("--output", type=Path, required=True, help="json.gz to write")
    paths = options.parse_args(argv)
    dataset, name = paths.settings.dataset, paths.settings.name
    sampled, worst = (
        read(path, ":", format="extxyz") if path.stat().st_size else []
        for path in (paths.sampled, paths.worst)
    )
    clusters = sampled + [atoms for atoms in worst if atoms.info["representation"] == name]
    if not clusters:
        raise InputError(
            f"{dataset}: no environment of this data set can be used; skipped.csv beside "
            f"{paths.worst} says why."
        )
    text = json.dumps(viewer(clusters, f"{dataset}, {name}"), sort_keys=True)
    with atomic(paths.output) as partial:
        partial.write_bytes(gzip.compress(text.encode(), mtime=0))


if __name__ == "__main__":
    run(main)
