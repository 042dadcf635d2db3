"""Null spaces of families of environments: predicted without a basis, and found in features."""

from pathlib import Path

from command import parser, run
from descriptor_sensitivity.descriptors.radial import dvr_basis
from descriptor_sensitivity.files import write_csv
from descriptor_sensitivity.null_space_check import predicted_and_found


def main(argv: list[str] | None = None) -> None:
    options = parser(__doc__, "members, seed; n_max, l_max, sigma, cutoff of a DVR basis")
    options.add_argument("--output", type=Path, required=True, help="csv")
    paths = options.parse_args(argv)
    settings = paths.settings
    radial = dvr_basis(settings.n_max, settings.l_max, settings.sigma, settings.cutoff)
    write_csv(predicted_and_found(settings.members, settings.seed, radial), paths.output)


if __name__ == "__main__":
    run(main)
