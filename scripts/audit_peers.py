"""Descriptors of one library at degenerate, singular and generic environments."""

from pathlib import Path

from command import parser, run
from descriptor_sensitivity.files import write_csv
from descriptor_sensitivity.peers import audit_library


def main(argv: list[str] | None = None) -> None:
    options = parser(__doc__, "library, descriptors")
    options.add_argument("--table", type=Path, required=True, help="csv to write")
    paths = options.parse_args(argv)
    descriptors = dict(paths.settings.descriptors)
    write_csv(audit_library(paths.settings.library, descriptors), paths.table)


if __name__ == "__main__":
    run(main)
