"""Find the C-H bond length of methane at a level of theory."""

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from command import run
from descriptor_sensitivity.energies import Level, equilibrium_bond_length
from descriptor_sensitivity.files import atomic


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--functional", required=True, help="as PySCF spells it")
    parser.add_argument("--basis", required=True, help="as PySCF spells it")
    parser.add_argument("--output", type=Path, required=True, help="json file to write")
    arguments = parser.parse_args(argv)

    level = Level(arguments.functional, arguments.basis)
    # four decimals, so that every machine finds the same structures
    found = {"bond_length": round(equilibrium_bond_length(level), 4), "level": asdict(level)}
    with atomic(arguments.output) as partial:
        partial.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    run(main)
