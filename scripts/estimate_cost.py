"""Memory and time of the audit of a data set, before it begins; refused where it cannot be paid."""

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

from command import parser, run
from descriptor_sensitivity.audit.chunks import DataSet
from descriptor_sensitivity.audit.cost import estimate
from descriptor_sensitivity.files import atomic
from descriptor_sensitivity.memory import largest_node


def main(argv: list[str] | None = None) -> None:
    options = parser(__doc__, "name, descriptor, center_species")
    options.add_argument("--frames", type=Path, required=True, help="json of split_dataset.py")
    options.add_argument("--sample", type=Path, required=True, help="some of its frames")
    options.add_argument("--output", type=Path, required=True, help="json to write")
    paths = options.parse_args(argv)
    settings = vars(paths.settings)
    told = os.environ.get("MOST_MEMORY_MB")
    most = float(told or largest_node() or "inf")
    found = estimate(DataSet.read(paths.frames), paths.sample, most_mb=most, **settings)
    print(found.sentence(settings["name"]), file=sys.stderr)
    with atomic(paths.output) as partial:
        partial.write_text(json.dumps(asdict(found), indent=1) + "\n")


if __name__ == "__main__":
    run(main)
