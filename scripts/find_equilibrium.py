"""Find the C-H bond length of methane at a level of theory."""

import json
from dataclasses import asdict
from pathlib import Path

from command import parser, run
from descriptor_sensitivity.files import atomic
from descriptor_sensitivity.scf import Level, equilibrium_bond_length
from descriptor_sensitivity.theory.families import tetrahedral


def main(argv: list[str] | None = None) -> None:
    options = parser(__doc__, "functional, basis")
    options.add_argument("--output", type=Path, required=True, help="json")
    paths = options.parse_args(argv)
    level = Level(paths.settings.functional, paths.settings.basis)
    length = equilibrium_bond_length([6, 1, 1, 1, 1], tetrahedral(1.0), level)
    # four decimals, so that every machine finds the same structures
    found = {"bond_length": round(length, 4), "level": asdict(level)}
    with atomic(paths.output) as partial:
        partial.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    run(main)
