"""Energies of all structures of some manifolds: shipped ones where they fit, computed otherwise.

Finished rows of a manifold are kept, so that a killed run goes on where it stopped.
"""

import logging
import shutil
from pathlib import Path

from command import parser, run
from descriptor_sensitivity.energies import compute_energies, unfit, write_energies
from descriptor_sensitivity.manifolds import Manifold
from descriptor_sensitivity.scf import Level

log = logging.getLogger("energies")


def main(argv: list[str] | None = None) -> None:
    options = parser(__doc__, "functional, basis")
    options.add_argument("--manifolds", type=Path, nargs="+", required=True, help="<name>.npz")
    options.add_argument("--shipped", type=Path, nargs="*", default=[], help="<name>.csv")
    options.add_argument("--rows", type=Path, required=True, help="folder of finished rows")
    options.add_argument("--threads", type=int, default=1, help="rows computed at once")
    options.add_argument("--energies", type=Path, nargs="+", required=True, help="csv, as shipped")
    paths = options.parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(message)s")

    level = Level(paths.settings.functional, paths.settings.basis)
    shipped = {file.stem: file for file in paths.shipped}
    outputs = {file.stem: file for file in paths.energies}
    missing = {}
    for file in paths.manifolds:
        name, manifold = file.stem, Manifold.load(file)
        reason = unfit(shipped[name], level, manifold) if name in shipped else "none are shipped"
        if reason:
            log.info("Energies of %s are computed: %s.", name, reason)
            missing[name] = manifold
        else:
            outputs[name].parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(shipped[name], outputs[name])
    if missing:
        found = compute_energies(missing, level, paths.rows, paths.threads)
        for name, table in found.items():
            write_energies(outputs[name], level, missing[name], table)


if __name__ == "__main__":
    run(main)
