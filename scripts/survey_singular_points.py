"""All singular points that are found next to random methane, and of whole small molecules.

Finished pieces are kept beside the table, so that a killed run goes on where it stopped.
"""

from pathlib import Path

from ase.io import read, write

from command import parser, run
from descriptor_sensitivity.census import CUTOFF
from descriptor_sensitivity.census_study import (
    Structures,
    candidates,
    census,
    cluster_candidates,
    clusters,
    five_neighbours,
    methane_vectors,
    summary,
)
from descriptor_sensitivity.cutting import cut_environments
from descriptor_sensitivity.files import atomic, write_csv
from descriptor_sensitivity.fingerprint import fingerprint
from descriptor_sensitivity.store import file_digest


def main(argv: list[str] | None = None) -> None:
    options = parser(
        __doc__, "n_structures, n_followed, n_followed_nu3, n_five, formulas, n_clusters, seed"
    )
    options.add_argument("--structures", type=Path, required=True, help="extended xyz file")
    options.add_argument("--threads", type=int, default=1, help="pieces computed at once")
    for name in ("table", "summary", "clusters"):
        options.add_argument(f"--{name}", type=Path, required=True, help="csv to write")
    options.add_argument("--candidates", type=Path, required=True, help="extended xyz to write")
    options.add_argument("--pieces", type=Path, required=True, help="folder of finished pieces")
    paths = options.parse_args(argv)
    settings = paths.settings

    frames = read(paths.structures, f":{settings.n_structures}")
    batches = cut_environments(frames, CUTOFF, "C", name=str(paths.structures))
    vectors = methane_vectors(batches, str(paths.structures))
    five = five_neighbours(settings.n_five, settings.seed)
    sets = [
        Structures(vectors, 2, settings.n_followed),
        Structures(vectors, 3, settings.n_followed_nu3),
        Structures(five, 2, len(five)),
    ]
    code = {"code": fingerprint(__file__)}
    shared = code | {"structures": file_digest(paths.structures), "seed": settings.seed}
    table, points = census(sets, paths.pieces, shared, paths.threads)
    write_csv(table, paths.table)
    write_csv(summary(table, sets), paths.summary)

    whole, found = clusters(
        settings.formulas, settings.n_clusters, settings.seed, paths.pieces, code, paths.threads
    )
    write_csv(whole, paths.clusters)
    unknown = [*candidates(table, points), *cluster_candidates(whole, found)]
    with atomic(paths.candidates) as partial:
        write(partial, unknown, format="extxyz")


if __name__ == "__main__":
    run(main)
