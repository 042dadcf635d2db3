"""Examples of where zeros of a Jacobian come from: the numbers behind Figure 1."""

from pathlib import Path

from command import parser, run
from descriptor_sensitivity.files import write_arrays, write_csv
from descriptor_sensitivity.manifolds import Manifold
from descriptor_sensitivity.zero_origins import (
    branches,
    construction,
    decomposition,
    symmetric_slopes,
    values_by_size,
)


def main(argv: list[str] | None = None) -> None:
    options = parser(__doc__, "mirror: the parameters of A0")
    options.add_argument("--asymmetric", type=Path, required=True, help="its manifold, npz")
    options.add_argument("--arrays", type=Path, required=True, help="npz, the decomposition")
    for name in ("sizes", "symmetric", "branches", "slopes", "construction"):
        options.add_argument(f"--{name}", type=Path, required=True, help="csv")
    paths = options.parse_args(argv)
    mirror = paths.settings.mirror

    vectors = Manifold.load(paths.asymmetric).vectors
    symmetric, deformations, symmetric_table = symmetric_slopes()
    points, slopes = branches(mirror)
    structures, null = construction(mirror)
    write_arrays(
        paths.arrays,
        **decomposition(vectors),
        symmetric=symmetric,
        deformations=deformations,
        null=null,
    )
    write_csv(values_by_size(vectors), paths.sizes)
    write_csv(symmetric_table, paths.symmetric)
    write_csv(points, paths.branches)
    write_csv(slopes, paths.slopes)
    write_csv(structures, paths.construction)


if __name__ == "__main__":
    run(main)
