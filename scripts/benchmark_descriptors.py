"""Milliseconds per environment from positions to features, Jacobians and singular values.

The same environments go through our density correlations and through every installed library, at
the same n_max, l_max, sigma and number of neighbours. One process with one thread measures a round
of all cases, then another round, and so on; the median of its CPU time over the rounds is kept, so
that other work on the machine falls on all alike. With --threads k, k such processes run side by
side, which is how the workflow uses the cores, and k environments are done in the time of one.
`ms_jacobian` is for who wants features and Jacobian, `ms_per_environment` for who wants singular
values: ours need no features, the others' come from their Jacobians in the quicker of two ways.
FCHL19 (qmllib) has one function of the angle whatever l_max.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from math import comb
from pathlib import Path

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from command import parser, run
from descriptor_sensitivity.descriptors.base import Descriptor
from descriptor_sensitivity.descriptors.density import Density
from descriptor_sensitivity.descriptors.registry import build_descriptor
from descriptor_sensitivity.descriptors.trispectrum import Trispectrum
from descriptor_sensitivity.descriptors.wigner import even_triples
from descriptor_sensitivity.environments import Batch, batch_from_vectors
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.files import write_csv
from descriptor_sensitivity.gram.certified import ACCURACY, EIGENVALUES
from descriptor_sensitivity.singular import sensitivities, singular_values
from descriptor_sensitivity.structures.methane import random_methane

ONE_THREAD = {
    name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS")
}
CUTOFF = 4.0
SETTINGS = [(8, 6, 0.3), (8, 8, 0.2), (12, 9, 0.1), (20, 20, 0.05)]
NEIGHBORS = [4, 20, 40, 60, 100]
MIXED = [(2, SETTINGS[0], neighbors) for neighbors in NEIGHBORS[1:]]
MIXED += [(5, setting, neighbors) for setting in SETTINGS[:3:2] for neighbors in NEIGHBORS[1:]]
"""Number of neighbour species, setting and neighbours, in every library that can."""
OWN = [(2, 8, 6, 0.1, 4, 1), (3, 8, 6, 0.1, 4, 1), (3, 4, 16, 0.1, 4, 1), (3, 8, 6, 0.3, 20, 1)]
OWN += [(3, 8, 8, 0.2, 20, 1), (3, 8, 6, 0.3, 36, 5), (4, 8, 6, 0.3, 20, 1)]
"""More of ours: nu, n_max, l_max, sigma, neighbours, species."""

SPECIES = np.array([1, 8, 7, 9, 16])  # of the neighbours; the centre is none of them

LARGEST = 5e8  # bytes of the largest of our Jacobians that is built, for its own time

_PORTION = 2000
"""Environments made at once in the scaling runs; their number is what memory depends on."""

PEERS = {
    "featomic": {"kind": "featomic_soap"},
    "dscribe": {"kind": "dscribe_soap"},
    "quippy-ase": {"kind": "quippy_soap"},
    "librascal": {"kind": "librascal", "correlation": "power"},
    "qmllib": {"kind": "qmllib_fchl19"},
}
COLUMNS = ["library", "n_max", "l_max", "sigma", "n_neighbors", "n_species", "nu", "threads"]


def environments(n_neighbors: int, count: int, seed: int, n_species: int = 1) -> Batch:
    """Random methane for 4 neighbours; else points in a ball of 3.9 Å, none closer than 0.7 Å."""
    if n_neighbors == 4:
        return batch_from_vectors(random_methane(count, seed))
    rng = np.random.default_rng(seed)
    found: list[np.ndarray] = []
    while len(found) < count:
        points = [np.zeros(3)]
        while len(points) <= n_neighbors:
            point = rng.uniform(-3.9, 3.9, 3)
            apart = np.linalg.norm(np.array(points) - point, axis=1)
            if np.linalg.norm(point) < 3.9 and apart.min() > 0.7:
                points.append(point)
        found.append(np.array(points[1:]))
    return batch_from_vectors(np.array(found), SPECIES[np.arange(n_neighbors) % n_species])


def build(case: dict) -> Descriptor:
    """The representation of one case. The cost of ours does not depend on the radial basis."""
    numbers = {key: case[key] for key in ("n_max", "l_max", "sigma")}
    if case["library"] == "exact":
        settings = {"radial_basis": "gto", "nu": case["nu"], "cutoff": CUTOFF, **numbers}
        return build_descriptor("exact", settings)
    settings = PEERS[case["library"]] | numbers | {"cutoff": CUTOFF}
    if case["library"] == "qmllib":
        del settings["l_max"]
    return build_descriptor(case["library"], settings)


def n_features(case: dict) -> float:
    """Number of our features of order 2 and 3, each invariant once; nan for order 4."""
    channels, degrees = case["n_max"] * case["n_species"], case["l_max"] + 1
    if case["nu"] == 2:
        return channels * (channels + 1) // 2 * degrees
    if case["nu"] > 3:
        return np.nan
    ways = {1: comb(channels + 2, 3), 2: channels * comb(channels + 1, 2), 3: channels**3}
    return sum(ways[len(set(triple))] for triple in even_triples(case["l_max"]))


def timed(representation: Descriptor, batch: Batch, size: float) -> dict[str, float]:
    """Seconds for a Jacobian (of `size` features), and from positions to singular values."""
    start = time.process_time()
    if isinstance(representation, Density | Trispectrum):
        sensitivities(representation, batch)
        middle = time.process_time()
        seconds = {"jacobian": np.nan, "all": middle - start}
        step = representation.block_size(batch)
        if 24 * batch.n_neighbors * min(step, len(batch)) * size < LARGEST:
            for first in range(0, len(batch), step):
                representation.jacobian(batch[first : first + step])
            seconds["jacobian"] = time.process_time() - middle
        return seconds
    jacobian = representation.reduced_jacobian(batch)
    middle = time.process_time()
    values = singular_values(jacobian, batch.vectors if representation.invariant else None)
    end = time.process_time()
    squares = np.linalg.eigvalsh(jacobian @ jacobian.swapaxes(1, 2))
    squared = time.process_time() - end
    zeros = jacobian.shape[1] - values.shape[1]
    if (EIGENVALUES * 2.2e-16 * squares[:, -1] > ACCURACY * squares[:, zeros]).any():
        squared = np.inf  # as uncertain as ours must not be
    # librascal runs elsewhere and has a clock of its own
    reduced = getattr(representation, "seconds", middle - start)
    return {"jacobian": reduced, "all": reduced + min(end - middle, squared)}


def cases() -> list[dict]:
    """Every case: one library at one setting and number of neighbours."""
    every = [(1, setting, neighbors) for setting in SETTINGS for neighbors in NEIGHBORS] + MIXED
    rows = [
        dict(zip(COLUMNS, (library, *setting, neighbors, n_species, 2), strict=False))
        for n_species, setting, neighbors in every
        for library in ("exact", *PEERS)
    ]
    rows += [dict(zip(COLUMNS, ("exact", *numbers, nu), strict=False)) for nu, *numbers in OWN]
    return rows


def measure(budget: float, rounds: int, seed: int, progress: bool) -> list[dict]:
    """All cases in `rounds` rounds; a call lasts about `budget` seconds or one environment."""
    rows = cases()
    ready: list[tuple[Descriptor, Batch, float] | None] = []
    samples: list[list[dict[str, float]]] = [[] for _ in rows]
    for row in tqdm(rows, desc="set up", unit="case", disable=not progress):
        ready.append(None)
        row["status"] = "ok"
        try:
            representation = build(row)
            neighbors, species = row["n_neighbors"], row["n_species"]
            ours = row["library"] == "exact"
            few = environments(neighbors, 1, seed, species)
            size = n_features(row) if ours else representation.jacobian(few)[0].shape[1]
            row["n_features"] = size
            once = min(timed(representation, few, size)["all"] for _ in range(2))  # first: set-up
            largest = 256 if ours else min(representation.block_size(few), 256)
            count = int(np.clip(budget / max(once, 1e-6), 1, largest))
            ready[-1] = representation, environments(neighbors, count, seed, species), size
        except InputError as error:
            row["status"] = f"refused: {error}"
    for _ in tqdm(range(rounds), desc="measure", unit="round", disable=not progress):
        for case, sample in zip(ready, samples, strict=True):
            if case is not None and sum(one["all"] for one in sample) < 10 * budget:
                sample.append(timed(*case))
    for row, case, sample in zip(rows, ready, samples, strict=True):
        if case is not None:
            middle = pd.DataFrame(sample).median() / len(case[1])
            row["environments"] = len(case[1])
            row["ms_jacobian"] = 1e3 * middle["jacobian"]
            row["ms_per_environment"] = 1e3 * middle["all"]
    return rows


def scaling(count: int, seed: int) -> dict[str, float]:
    """nu = 2 at (8, 6, 0.1) for `count` random methanes, block by block: seconds, peak memory."""
    representation = build({"library": "exact", "nu": 2, "n_max": 8, "l_max": 6, "sigma": 0.1})
    smallest, start = np.inf, time.process_time()
    for first in range(0, count, _PORTION):
        portion = environments(4, min(_PORTION, count - first), seed + first)
        smallest = min(smallest, sensitivities(representation, portion)[:, -1].min())
    seconds = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "n_structures": count,
        "seconds": seconds,
        "ms_per_environment": 1e3 * seconds / count,
        "peak_mb": peak,
        "smallest_singular_value": float(smallest),
    }


def in_processes(arguments: list[str], count: int) -> list:
    """Run this script `count` times side by side and return what each printed, as JSON."""
    command = [sys.executable, __file__, *arguments]
    environment = os.environ | ONE_THREAD
    started = [
        subprocess.Popen(
            [*command, *(["--quiet"] if k else [])], stdout=subprocess.PIPE, env=environment
        )
        for k in range(count)
    ]
    outputs = [process.communicate()[0] for process in started]
    if any(process.returncode for process in started):
        raise InputError("A benchmark process failed; its message stands above.")
    return [json.loads(output.splitlines()[-1]) for output in outputs]


def combined(runs: list[list[dict]]) -> list[dict]:
    """Rows of k side-by-side runs as one: k environments are made in the time of one."""
    rows = []
    for same in zip(*runs, strict=True):
        row = dict(same[0], threads=len(same))
        for key in ("ms_jacobian", "ms_per_environment"):
            if key in row:
                row[key] = float(np.mean([one[key] for one in same])) / len(same)
        rows.append(row)
    return rows


def summary(table: pd.DataFrame) -> str:
    """The one-thread times as a Markdown table, a column per library."""
    shown = table[(table.threads == 1) & (table.nu == 2)]
    named = ["n_max", "l_max", "sigma", "n_species", "n_neighbors"]
    lines = [
        "| (n_max, l_max, σ / Å) | species | neighbours | " + " | ".join(("exact", *PEERS)) + " |",
        "|---|---|---|" + "---|" * (1 + len(PEERS)),
    ]
    for key, rows in shown.groupby(named, sort=False):
        cells = []
        best = rows.ms_per_environment.min()
        for library in ("exact", *PEERS):
            row = rows[rows.library == library]
            if row.empty:
                cells.append("")
            elif row.status.iloc[0] != "ok":
                missing = "is not installed" in row.status.iloc[0] or "cannot" in row.status.iloc[0]
                cells.append("not installed" if missing else "refused")
            else:
                cost = row.ms_per_environment.iloc[0]
                cells.append(f"**{cost:.3g}**" if cost == best else f"{cost:.3g}")
        head = f"| ({key[0]}, {key[1]}, {key[2]:g}) | {key[3]} | {key[4]} | "
        lines.append(head + " | ".join(cells) + " |")
    refusals = shown[shown.status != "ok"].drop_duplicates(["library", "status"])
    lines += ["", *(f"* {row.library}: {row.status}" for row in refusals.itertuples())]
    return "\n".join(lines) + "\n"


def main() -> None:
    called = parser(__doc__, "budget (seconds of one timed call), rounds, seed")
    called.add_argument("--table", type=Path, help="CSV of all cases")
    called.add_argument("--scaling", type=Path, help="CSV of time and memory against structures")
    called.add_argument("--summary", type=Path, help="the one-thread times as a Markdown table")
    called.add_argument("--threads", type=int, default=1, help="processes side by side")
    called.add_argument("--worker", choices=["cases", "scaling"], help=argparse.SUPPRESS)
    called.add_argument("--count", type=int, default=0, help=argparse.SUPPRESS)
    called.add_argument("--quiet", action="store_true", help=argparse.SUPPRESS)
    options = called.parse_args()
    settings = options.settings

    if options.worker:
        with threadpool_limits(1):
            if options.worker == "cases":
                result: object = measure(
                    settings.budget, settings.rounds, settings.seed, not options.quiet
                )
            else:
                result = scaling(options.count, settings.seed)
        sys.stdout.write("\n" + json.dumps(result) + "\n")
        return

    shared = ["--settings", json.dumps(vars(settings))]
    rows = []
    for threads in sorted({1, max(options.threads, 1)}):
        rows += combined(in_processes(["--worker", "cases", *shared], threads))
    order = [*COLUMNS, "n_features", "environments", "ms_jacobian", "ms_per_environment", "status"]
    table = pd.DataFrame(rows).reindex(columns=order)
    write_csv(table, options.table, digits=4)
    options.summary.write_text(summary(table))
    sizes = [
        in_processes(["--worker", "scaling", "--count", str(count), *shared], 1)[0]
        for count in (1_000, 10_000, 100_000)
    ]
    write_csv(pd.DataFrame(sizes), options.scaling, digits=4)


if __name__ == "__main__":
    run(main)
