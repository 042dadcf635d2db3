"""Draw the picture of README and the documentation: a displacement that SOAP does not see."""

from pathlib import Path

import numpy as np
from matplotlib import pyplot as plt

from command import parser, run
from descriptor_sensitivity.descriptors.registry import build_descriptor
from descriptor_sensitivity.drawing.molecules import draw_molecule, finish
from descriptor_sensitivity.drawing.style import COLORS
from descriptor_sensitivity.environments import batch_from_vectors
from descriptor_sensitivity.singular import sensitivity
from descriptor_sensitivity.theory.families import mirror_singular

SOAP = {
    "kind": "density",
    "nu": 2,
    "radial_basis": "gto",
    "n_max": 8,
    "l_max": 6,
    "sigma": 0.3,
    "cutoff": 4.0,
}
VIEW = (250.0, 55.0)
"""Azimuth and elevation from which no atom hides another."""


def main(argv: list[str] | None = None) -> None:
    options = parser(__doc__)
    options.add_argument("--output", type=Path, default=Path("docs/gallery/blind.png"))
    paths = options.parse_args(argv)
    vectors = mirror_singular()
    values, patterns = sensitivity(
        build_descriptor("soap", SOAP), batch_from_vectors(vectors, species=1)
    )
    figure, (molecule, response) = plt.subplots(1, 2, figsize=(7.2, 3.2), width_ratios=(1, 1.2))
    blind = patterns[0, :, -1].reshape(-1, 3)
    draw_molecule(molecule, vectors, [(blind, COLORS["red"])], view=VIEW, arrow_length=1.0)
    finish(molecule, reach=1.55)
    molecule.set_title("SOAP does not see this displacement …", fontsize=10)
    relative = values[0] / values[0, 0]
    number = np.arange(1, len(relative) + 1)
    response.semilogy(number, relative, "o-", color=COLORS["blue"], ms=6)
    response.plot(number[-1], relative[-1], "o", color=COLORS["red"], ms=9)
    response.set_title("… of the nine of a methane", fontsize=10)
    response.set(xlabel="displacement", ylabel="response of the features", xticks=number)
    response.set_ylim(relative[-1] / 30, 10)
    response.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(paths.output, dpi=130)


if __name__ == "__main__":
    run(main)
