"""Two checks of the orbits: singular environments found near them, and integrators compared."""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm import tqdm

from command import run
from descriptor_sensitivity.descriptors.density import Density
from descriptor_sensitivity.descriptors.optimal import radial_basis
from descriptor_sensitivity.environments import batch_from_vectors
from descriptor_sensitivity.files import write_csv
from descriptor_sensitivity.orbits import (
    closest_ring,
    follow,
    follow_euler,
    kept_arc_lengths,
    singular_point,
)
from descriptor_sensitivity.singular import sensitivity
from descriptor_sensitivity.theory.families import COMMENT_SINGULAR


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=Path, required=True, help="npz with `training`")
    parser.add_argument("--orbits", type=Path, required=True, help="npz, one array per orbit")
    parser.add_argument("--sigmas", type=float, nargs="+", required=True, help="Å")
    parser.add_argument("--scales", type=float, nargs="+", required=True, help="c")
    parser.add_argument("--center", type=float, default=1.0, help="c of the orbit searched around")
    parser.add_argument("--compare-sigma", type=float, required=True, help="Å, of integrators")
    parser.add_argument("--compare-frames", type=int, default=21, help="frames that are compared")
    parser.add_argument("--step", type=float, default=1e-4, help="Å, of the Euler steps")
    parser.add_argument("--every", type=int, default=100, help="Euler steps between frames")
    parser.add_argument("--tolerance", type=float, default=1e-6, help="Å, of an adaptive step")
    parser.add_argument("--fit-every", type=int, default=10, help="frames to fit the basis on")
    parser.add_argument("--n-max", type=int, default=8, help="radial functions")
    parser.add_argument("--l-max", type=int, default=8, help="largest angular momentum")
    parser.add_argument("--n-primitive", type=int, default=20, help="GTOs behind the basis")
    parser.add_argument("--cutoff", type=float, default=2.5, help="Å, hard")
    parser.add_argument("--singular", type=Path, required=True, help="csv of singular environments")
    parser.add_argument("--integrators", type=Path, required=True, help="csv of the comparison")
    options = parser.parse_args(argv)

    with np.load(options.frames) as data:
        fit = [batch_from_vectors(data["training"][:: options.fit_every])]
    with np.load(options.orbits) as data:
        orbits = dict(data)

    def power_spectrum(sigma: float) -> Density:
        size = (options.n_max, options.l_max, sigma, options.cutoff)
        basis = radial_basis("optimal", *size, "gto", options.n_primitive, fit)
        return Density(2, basis)

    rows = []
    for sigma in tqdm(options.sigmas, desc="singular environments", mininterval=1):
        representation = power_spectrum(sigma)
        middle = orbits[f"sigma{sigma:g}_c{options.center:g}"].mean(axis=0)
        found = {
            "published": COMMENT_SINGULAR,
            "closed form": closest_ring(COMMENT_SINGULAR)[0],
            "closed form, middle of the orbit": closest_ring(middle)[0],
            "search, middle of the orbit": singular_point(
                representation, batch_from_vectors(middle)
            ),
        }
        for name, vectors in found.items():
            values = sensitivity(representation, batch_from_vectors(vectors))[0][0]
            row = {"sigma": sigma, "environment": name, "s_min_over_s_max": values[-1] / values[0]}
            row["second_over_s_max"] = values[-2] / values[0]
            row["to_middle"] = np.linalg.norm(vectors - middle)
            row["to_published"] = np.linalg.norm(vectors - COMMENT_SINGULAR)
            labels = [f"{axis}{atom}" for atom in range(1, 5) for axis in "xyz"]
            rows.append(row | dict(zip(labels, vectors.ravel(), strict=True)))
    write_csv(pd.DataFrame(rows), options.singular)

    representation = power_spectrum(options.compare_sigma)
    names = [f"sigma{options.compare_sigma:g}_c{scale:g}" for scale in options.scales]
    start = batch_from_vectors(np.array([orbits[name][0] for name in names]))
    arc = kept_arc_lengths(options.compare_frames, options.step, options.every)
    steps = int(round(arc[-1] / options.step))
    with tqdm(total=steps, desc="Euler steps", mininterval=1) as progress:
        euler = follow_euler(representation, start, options.step, arc, progress.update)
    rows = []
    for index, scale in enumerate(tqdm(options.scales, desc="integrators", mininterval=1)):
        alone = start[index : index + 1]
        compared = {
            "Euler steps": euler[index],
            "modified equation": follow(
                representation, alone, arc, options.step, options.tolerance
            ),
            "exact orbit": follow(representation, alone, arc, 0.0, options.tolerance),
        }
        for name, orbit in compared.items():
            n = min(len(orbit.vectors), len(euler[index].vectors))
            difference = np.abs(orbit.vectors[:n] - euler[index].vectors[:n]).max(axis=(1, 2))
            rows.append(
                {
                    "sigma": options.compare_sigma,
                    "c": scale,
                    "integrator": name,
                    "arc": orbit.arc[-1],
                    "evaluations": orbit.evaluations,
                    "largest_deviation_from_euler": difference.max(),
                    "stopped": orbit.stopped,
                }
            )
    write_csv(pd.DataFrame(rows), options.integrators, digits=6)


if __name__ == "__main__":
    run(main)
