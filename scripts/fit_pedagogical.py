"""Fit a property of one particle by polynomials of two features (paper 1, section 1.7)."""

from pathlib import Path

from command import parser, run
from descriptor_sensitivity.files import write_csv
from descriptor_sensitivity.theory.pedagogical import curves_and_errors


def main(argv: list[str] | None = None) -> None:
    options = parser(__doc__)
    options.add_argument("--curves", type=Path, required=True, help="csv, one row per point")
    options.add_argument("--errors", type=Path, required=True, help="csv, one row per degree")
    paths = options.parse_args(argv)
    curves, errors = curves_and_errors()
    write_csv(curves, paths.curves)
    write_csv(errors, paths.errors)


if __name__ == "__main__":
    run(main)
