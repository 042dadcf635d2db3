"""Descriptors of one library at degenerate, singular and generic environments."""

from pathlib import Path

from command import parser, run
from descriptor_sensitivity.files import write_csv
from descriptor_sensitivity.peers import audit_library, read_recorded


def main(argv: list[str] | None = None) -> None:
    options = parser(__doc__, "library, descriptors")
    options.add_argument("--recorded", type=Path, help="csv of an earlier run, if it is missing")
    options.add_argument("--table", type=Path, required=True, help="csv to write")
    paths = options.parse_args(argv)
    descriptors = dict(paths.settings.descriptors)
    recorded = read_recorded(paths.recorded, descriptors) if paths.recorded else None
    write_csv(audit_library(paths.settings.library, descriptors, recorded), paths.table)


if __name__ == "__main__":
    run(main)
