"""Descriptors of one library against every counterexample of the zoo."""

from pathlib import Path

from command import parser, run
from descriptor_sensitivity.files import write_csv
from descriptor_sensitivity.zoo.matrix import zoo_of_library


def main(argv: list[str] | None = None) -> None:
    options = parser(__doc__, "library, descriptors")
    options.add_argument("--table", type=Path, required=True, help="csv to write")
    paths = options.parse_args(argv)
    settings = paths.settings
    write_csv(zoo_of_library(settings.library, dict(settings.descriptors)), paths.table)


if __name__ == "__main__":
    run(main)
