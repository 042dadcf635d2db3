"""What each layer of a library's potentials sees of degenerate, singular and generic structures."""

from pathlib import Path

from command import parser, run
from descriptor_sensitivity.files import write_csv
from descriptor_sensitivity.potentials import compare, read_shipped


def main(argv: list[str] | None = None) -> None:
    options = parser(__doc__, "library, potentials, recompute")
    options.add_argument("--shipped", type=Path, help="csv of rows computed before")
    options.add_argument("--table", type=Path, required=True, help="csv to write")
    paths = options.parse_args(argv)
    settings = paths.settings
    shipped = read_shipped(paths.shipped)
    table = compare(settings.library, dict(settings.potentials), shipped, settings.recompute)
    write_csv(table, paths.table)


if __name__ == "__main__":
    run(main)
