"""Condition numbers of density correlations at every point of a sweep sheet.

Each finished point is kept under --points, by a name that holds everything it depends on, so that
a killed run goes on where it stopped and a new row costs that row alone.
"""

import argparse
import hashlib
import json
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import numpy as np
import pandas as pd
from ase.io import read
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from command import run
from descriptor_sensitivity.descriptors.optimal import radial_basis
from descriptor_sensitivity.descriptors.radial import RadialBasis
from descriptor_sensitivity.environments import Batch, environment_batches
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.files import atomic, write_arrays, write_csv
from descriptor_sensitivity.fingerprint import fingerprint
from descriptor_sensitivity.sweeps import Point, point_condition_numbers, read_sheet, summarise


def parse(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--structures", type=Path, required=True, help="extended xyz file")
    parser.add_argument("--sheet", type=Path, required=True, help="tab-separated points")
    parser.add_argument("--cutoff", type=float, required=True, help="Å")
    parser.add_argument("--n-primitive", type=int, default=100, help="DVR primitives of `optimal`")
    parser.add_argument("--fit-structures", type=int, default=1000, help="to fit `optimal` on")
    parser.add_argument("--n-structures", type=int, default=1000, help="to average over")
    parser.add_argument("--bootstrap", type=int, default=1000, help="resamplings for the error")
    parser.add_argument("--seed", type=int, default=0, help="of the resamplings")
    parser.add_argument("--center", default="C", help="species of the centres")
    parser.add_argument("--threads", type=int, default=1, help="points computed at once")
    parser.add_argument("--points", type=Path, required=True, help="folder of finished points")
    parser.add_argument("--bases", type=Path, required=True, help="folder of fitted radial bases")
    parser.add_argument("--table", type=Path, required=True, help="csv, one row per point")
    parser.add_argument("--values", type=Path, required=True, help="parquet, one row per CN")
    parser.add_argument("--timings", type=Path, required=True, help="csv, seconds per point")
    return parser.parse_args(argv)


def compute(point: Point, radial: RadialBasis, batches: list[Batch], path: Path) -> None:
    started = time.perf_counter()
    values = point_condition_numbers(point, radial, batches)
    write_arrays(path, condition_number=values, seconds=time.perf_counter() - started)


def main(argv: list[str] | None = None) -> None:
    options = parse(argv)
    points = read_sheet(options.sheet)
    needed = max(options.n_structures, options.fit_structures)
    frames = read(options.structures, f":{needed}")
    if len(frames) < needed:
        raise InputError(
            f"{options.structures} holds {len(frames)} structures and the sweep asks for {needed};"
            " lower `n_structures` or `fit_structures`, or prepare more."
        )
    batches = environment_batches(
        frames[: options.n_structures], options.cutoff, options.center, name=str(options.structures)
    )
    fit_batches = environment_batches(
        frames[: options.fit_structures], options.cutoff, options.center
    )

    code = fingerprint(__file__, ("density",))
    digest = hashlib.sha256(options.structures.read_bytes() + code.encode())
    shared = {
        "files": digest.hexdigest(),
        "cutoff": options.cutoff,
        "center": options.center,
        "n_structures": options.n_structures,
    }

    fit = {"n_primitive": options.n_primitive, "fit_structures": options.fit_structures}

    def key_of(settings: dict) -> str:
        return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:16]

    def path_of(point: Point) -> Path:
        fitted = fit if point.radial_basis == "optimal" else {}
        return options.points / f"{point}_{key_of({**shared, **fitted, **point._asdict()})}.npz"

    options.points.mkdir(parents=True, exist_ok=True)
    missing = [point for point in points if not path_of(point).exists()]
    # The costly points first, so that no core is left with one of them at the end.
    missing.sort(key=lambda p: (p.nu, p.l_max * p.n_max), reverse=True)
    fits = {point.sigma for point in missing if point.radial_basis == "optimal"}
    progress = tqdm(
        total=len(missing) + len(fits), desc=options.sheet.stem, unit="point", mininterval=1
    )
    with (
        threadpool_limits(1),
        ProcessPoolExecutor(options.threads, initializer=threadpool_limits, initargs=(1,)) as pool,
    ):

        def basis(kind: str, n_max: int, l_max: int, sigma: float) -> RadialBasis:
            return radial_basis(
                kind, n_max, l_max, sigma, options.cutoff, "dvr", options.n_primitive, fit_batches
            )

        optimal = {}
        for sigma in sorted(fits):
            mine = [p for p in missing if p.radial_basis == "optimal" and p.sigma == sigma]
            largest = max(p.n_max for p in mine), max(p.l_max for p in mine)
            settings = {**shared, **fit, "sigma": sigma, "n_max": largest[0], "l_max": largest[1]}
            path = options.bases / f"optimal_sigma{sigma:g}_{key_of(settings)}.npz"
            if not path.exists():
                basis("optimal", *largest, sigma).save(path, **settings)
            optimal[sigma] = RadialBasis.load(path)
            progress.update()
        jobs = []
        for point in missing:
            if point.radial_basis == "optimal":
                radial = optimal[point.sigma].truncated(point.n_max, point.l_max)
            else:
                radial = basis(point.radial_basis, point.n_max, point.l_max, point.sigma)
            jobs.append(pool.submit(compute, point, radial, batches, path_of(point)))
        for job in as_completed(jobs):
            try:
                job.result()
            except BrokenProcessPool:
                raise InputError(
                    f"A process working on {options.sheet} was ended from outside, most likely for"
                    " lack of memory; finished points are kept, run again with fewer threads."
                ) from None
            progress.update()
    progress.close()

    order = np.concatenate([batch.frames for batch in batches])
    rows, values, timings = [], [], []
    for point in points:
        with np.load(path_of(point)) as stored:
            condition_numbers, seconds = stored["condition_number"], float(stored["seconds"])
        summary = summarise(condition_numbers, options.bootstrap, options.seed)
        rows.append({**point._asdict(), **summary})
        timings.append({**point._asdict(), "seconds": seconds})
        frame = pd.DataFrame({"structure": order, "condition_number": condition_numbers})
        values.append(frame.assign(**point._asdict()).sort_values("structure"))
    write_csv(pd.DataFrame(rows), options.table)
    write_csv(pd.DataFrame(timings), options.timings, digits=3)
    with atomic(options.values) as partial:
        pd.concat(values).to_parquet(partial, index=False)


if __name__ == "__main__":
    run(main)
