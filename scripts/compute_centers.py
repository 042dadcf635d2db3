"""More centres: singular values of methane's whole Jacobian, and degenerate pairs told apart.

Environments: both kinds of A0, and a pair A+- of the family through each. Features nu = 2 of the
carbon alone, of the four hydrogens, and of all five atoms.
"""

from pathlib import Path

from command import parser, run
from descriptor_sensitivity.centers import pair_distances, singular_methanes, values_by_centers
from descriptor_sensitivity.descriptors.density import Density
from descriptor_sensitivity.descriptors.radial import gto_basis
from descriptor_sensitivity.files import write_csv


def main(argv: list[str] | None = None) -> None:
    options = parser(__doc__, "n_max, l_max, sigma and cutoff of a basis of GTOs")
    options.add_argument("--values", type=Path, required=True, help="csv of singular values")
    options.add_argument("--distances", type=Path, required=True, help="csv of the pairs")
    paths = options.parse_args(argv)
    representation = Density(2, gto_basis(**vars(paths.settings)), species=(1, 6))
    environments, pairs = singular_methanes()
    write_csv(values_by_centers(representation, environments), paths.values)
    write_csv(pair_distances(representation, pairs), paths.distances)


if __name__ == "__main__":
    run(main)
