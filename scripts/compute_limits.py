"""The limits of section 1.5 of paper 1: tables of Eq. (7), the common singular value, Eq. (12)."""

from pathlib import Path

from ase.io import read

from command import parser, run
from descriptor_sensitivity.complete_basis import gram_elements, over_basis, over_smearing
from descriptor_sensitivity.cutting import cut_environments
from descriptor_sensitivity.files import write_csv

N_GRAM = 20
"""Structures whose J J* is compared element by element."""


def main(argv: list[str] | None = None) -> None:
    options = parser(__doc__, "cutoff, n_theory")
    options.add_argument("--structures", type=Path, required=True, help="extended xyz file")
    options.add_argument("--gram", type=Path, required=True, help="csv")
    options.add_argument("--smearing", type=Path, required=True, help="csv")
    options.add_argument("--basis", type=Path, required=True, help="csv")
    paths = options.parse_args(argv)
    cutoff, n_theory = paths.settings.cutoff, paths.settings.n_theory
    every = cut_environments(read(paths.structures, ":"), cutoff, "C")[0]
    some = every[:n_theory]
    write_csv(gram_elements(some[:N_GRAM], cutoff), paths.gram)
    write_csv(over_smearing(some), paths.smearing)
    write_csv(over_basis(every, cutoff, n_theory), paths.basis)


if __name__ == "__main__":
    run(main)
