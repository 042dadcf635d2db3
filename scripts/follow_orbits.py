"""Orbits of low sensitivity: environments, condition numbers and the four-body target along them.

Each finished orbit is kept under --points, by a name that holds everything it depends on, so that a
killed run goes on where it stopped.
"""

import argparse
import hashlib
import json
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from command import run
from descriptor_sensitivity.descriptors.density import Density
from descriptor_sensitivity.descriptors.optimal import radial_basis
from descriptor_sensitivity.environments import batch_from_vectors
from descriptor_sensitivity.files import write_arrays, write_csv
from descriptor_sensitivity.fingerprint import fingerprint
from descriptor_sensitivity.fourbody import four_body
from descriptor_sensitivity.orbits import Orbit, follow, follow_euler, kept_arc_lengths
from descriptor_sensitivity.theory.families import COMMENT_SINGULAR


def parse(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=Path, required=True, help="npz with `training`")
    parser.add_argument("--fit-every", type=int, default=10, help="frames to fit the basis on")
    parser.add_argument("--n-max", type=int, default=8, help="radial functions")
    parser.add_argument("--l-max", type=int, default=8, help="largest angular momentum")
    parser.add_argument("--n-primitive", type=int, default=20, help="GTOs behind the basis")
    parser.add_argument("--cutoff", type=float, default=2.5, help="Å, hard")
    parser.add_argument("--start", type=float, nargs=12, required=True, help="H positions, Å")
    parser.add_argument("--sigmas", type=float, nargs="+", required=True, help="Å")
    parser.add_argument("--scales", type=float, nargs="+", required=True, help="c, see the config")
    parser.add_argument("--n-frames", type=int, default=201, help="frames kept of each orbit")
    parser.add_argument("--step", type=float, default=1e-4, help="Å, of the Euler steps")
    parser.add_argument("--every", type=int, default=100, help="Euler steps between frames")
    parser.add_argument(
        "--integrator",
        choices=["modified", "euler", "exact"],
        default="modified",
        help="see the config",
    )
    parser.add_argument("--tolerance", type=float, default=1e-6, help="Å, of an adaptive step")
    parser.add_argument("--threads", type=int, default=1, help="orbits computed at once")
    parser.add_argument("--points", type=Path, required=True, help="folder of finished orbits")
    parser.add_argument("--table", type=Path, required=True, help="csv, one row per frame")
    parser.add_argument("--summary", type=Path, required=True, help="csv, one row per orbit")
    parser.add_argument("--orbits", type=Path, required=True, help="npz, one array per orbit")
    return parser.parse_args(argv)


def compute(
    options: argparse.Namespace, basis_frames: np.ndarray, sigma: float, scale: float, path: Path
) -> None:
    """Follow one orbit and write it."""
    started = time.perf_counter()
    size = (options.n_max, options.l_max, sigma, options.cutoff)
    fit = [batch_from_vectors(basis_frames)]
    radial = radial_basis("optimal", *size, "gto", options.n_primitive, fit)
    representation = Density(2, radial)
    published = np.array(options.start).reshape(4, 3)
    start = batch_from_vectors(COMMENT_SINGULAR + scale * (published - COMMENT_SINGULAR))
    arc = kept_arc_lengths(options.n_frames, options.step, options.every)
    if options.integrator == "euler":
        orbit = follow_euler(representation, start, options.step, arc)[0]
    else:
        euler_step = options.step if options.integrator == "modified" else 0.0
        orbit = follow(representation, start, arc, euler_step, options.tolerance)
    write_arrays(path, **vars(orbit), seconds=time.perf_counter() - started)


def main(argv: list[str] | None = None) -> None:
    options = parse(argv)
    with np.load(options.frames) as data:
        basis_frames = data["training"][:: options.fit_every]
    keys = ("n_max", "l_max", "n_primitive", "cutoff", "start", "n_frames", "step", "every")
    shared = {key: getattr(options, key) for key in (*keys, "integrator", "tolerance")}
    digest = hashlib.sha256(basis_frames.tobytes() + json.dumps(shared).encode())
    digest.update(fingerprint(__file__, ("density",)).encode())

    orbits = [(sigma, scale) for sigma in options.sigmas for scale in options.scales]

    def path(sigma: float, scale: float) -> Path:
        return options.points / f"sigma{sigma:g}_c{scale:g}_{digest.hexdigest()[:16]}.npz"

    missing = [point for point in orbits if not path(*point).exists()]
    missing.sort(key=lambda point: point[1])  # the sharpest turns first, they take longest
    options.points.mkdir(parents=True, exist_ok=True)
    with (
        threadpool_limits(1),
        ProcessPoolExecutor(options.threads, initializer=threadpool_limits, initargs=(1,)) as pool,
    ):
        jobs = [pool.submit(compute, options, basis_frames, *p, path(*p)) for p in missing]
        for job in tqdm(
            as_completed(jobs), total=len(jobs), desc="orbits", unit="orbit", mininterval=1
        ):
            job.result()

    rows, summary, arrays = [], [], {}
    for sigma, scale in orbits:
        with np.load(path(sigma, scale)) as stored:
            data = {name: stored[name] for name in stored.files}
        seconds, stopped = float(data.pop("seconds")), str(data.pop("stopped"))
        orbit = Orbit(**data, stopped=stopped)
        cn, n = orbit.condition_numbers, len(orbit.arc)
        rows.append(
            pd.DataFrame(
                {
                    "sigma": sigma,
                    "c": scale,
                    "frame": np.arange(n),
                    "condition_number": cn,
                    "four_body": four_body(orbit.vectors),
                    "arc": orbit.arc,
                }
            )
        )
        line = {"sigma": sigma, "c": scale, "frames": n, "evaluations": int(orbit.evaluations)}
        line |= {"seconds": seconds, "cn_min": cn.min(), "cn_median": np.median(cn)}
        gap = 1 - orbit.singular_values[:, -1] / orbit.singular_values[:, -2]
        line |= {"cn_max": cn.max(), "smallest_gap": gap.min(), "stopped": stopped}
        summary.append(line)
        arrays[f"sigma{sigma:g}_c{scale:g}"] = orbit.vectors
    write_csv(pd.concat(rows), options.table)
    write_csv(pd.DataFrame(summary), options.summary, digits=6)
    write_arrays(options.orbits, **arrays)


if __name__ == "__main__":
    run(main)
