"""A chemiscope file: a sample of environments and the worst ones, with what they do not see."""

import gzip
import json
from pathlib import Path

from command import parser, run
from descriptor_sensitivity.audit.finding import CATEGORIES
from descriptor_sensitivity.audit.worst import read_clusters
from descriptor_sensitivity.drawing.audit_viewer import nothing_to_show, viewer
from descriptor_sensitivity.files import atomic


def main(argv: list[str] | None = None) -> None:
    options = parser(__doc__, "dataset, name (of the descriptor)")
    options.add_argument("--sampled", type=Path, required=True, help="of set_thresholds.py")
    options.add_argument("--worst", type=Path, required=True, help="extended xyz file")
    options.add_argument("--output", type=Path, required=True, help="json.gz to write")
    paths = options.parse_args(argv)
    dataset, name = paths.settings.dataset, paths.settings.name
    sampled, worst = read_clusters(paths.sampled), read_clusters(paths.worst)
    mine = [atoms for atoms in worst if atoms.info["representation"] == name]
    # the worst first, in the order of the diagnoses: that is what the viewer opens with
    clusters = sorted(mine, key=lambda a: CATEGORIES.index(a.info["diagnosis"])) + sampled
    title = f"{dataset}, {name}"
    shown = viewer(clusters, title) if clusters else nothing_to_show(title)
    text = json.dumps(shown, sort_keys=True)
    with atomic(paths.output) as partial:
        partial.write_bytes(gzip.compress(text.encode(), mtime=0))


if __name__ == "__main__":
    run(main)
