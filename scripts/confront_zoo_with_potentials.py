"""The layers of a library's potentials at every counterexample of the zoo."""

from pathlib import Path

from command import parser, run
from descriptor_sensitivity.files import write_csv
from descriptor_sensitivity.potentials import compare, read_shipped
from descriptor_sensitivity.zoo.potentials import ROWS, zoo_of_potential


def main(argv: list[str] | None = None) -> None:
    options = parser(__doc__, "library, potentials, recompute")
    options.add_argument("--shipped", type=Path, help="csv of rows computed before")
    options.add_argument("--table", type=Path, required=True, help="csv to write")
    paths = options.parse_args(argv)
    settings = paths.settings
    table = compare(
        settings.library,
        dict(settings.potentials),
        read_shipped(paths.shipped),
        settings.recompute,
        zoo_of_potential,
        ROWS,
    )
    write_csv(table, paths.table)


if __name__ == "__main__":
    run(main)
