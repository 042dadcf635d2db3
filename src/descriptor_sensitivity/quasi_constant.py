"""The Comment's orbits: the features they are followed with, where they start, and their tables.

Orbits set out from A0 + c (x - A0), x the first frame of the published orbit and A0 the singular
environment in its middle.
"""

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from descriptor_sensitivity.descriptors.density import Density
from descriptor_sensitivity.descriptors.optimal import radial_basis
from descriptor_sensitivity.environments import batch_from_vectors
from descriptor_sensitivity.fourbody import four_body
from descriptor_sensitivity.orbits import Orbit, follow, follow_euler, kept_arc_lengths
from descriptor_sensitivity.store import Task, finish, load
from descriptor_sensitivity.theory.families import COMMENT_SINGULAR

PUBLISHED = 1.0
"""c of the published orbit."""


@dataclass(frozen=True)
class Features:
    """The power spectrum of neighbours about a carbon, shared by orbits and networks.

    Attributes:
        cutoff: Å, hard.
        n_max, l_max: size of the optimal radial basis.
        n_primitive: GTOs that it is contracted from.
        fit_every: it is fitted on every so many frames.
    """

    cutoff: float
    n_max: int
    l_max: int
    n_primitive: int
    fit_every: int

    def fitted(self, frames: np.ndarray, sigma: float) -> Density:
        """nu = 2 with Gaussians of width `sigma` (Å), fitted on frames (n, N, 3), Å."""
        fit = [batch_from_vectors(frames[:: self.fit_every])]
        size = (self.n_max, self.l_max, sigma, self.cutoff)
        return Density(2, radial_basis("optimal", *size, "gto", self.n_primitive, fit))


@dataclass(frozen=True)
class Course:
    """How orbits are followed.

    Attributes:
        start: (12,) H positions of the start with c = 1, Å.
        n_frames, step, every: frames kept, at the start and after Euler steps 1, 1 + every, ... of
            `step` Å.
        integrator: `euler`, the steps; `modified`, their curve by an adaptive method; `exact`, what
            they come to as the step goes to 0.
        tolerance: local error of the adaptive method, Å.
    """

    start: list[float]
    n_frames: int
    step: float
    every: int
    integrator: str
    tolerance: float

    def begin(self, c: float) -> np.ndarray:
        """The first frame (4, 3) of the orbit with this c, Å."""
        published = np.array(self.start).reshape(4, 3)
        return COMMENT_SINGULAR + c * (published - COMMENT_SINGULAR)


def orbit_name(sigma: float, c: float) -> str:
    """The name of an orbit among the arrays of a file."""
    return f"sigma{sigma:g}_c{c:g}"


def follow_one(power_spectrum: Density, course: Course, c: float) -> dict[str, Any]:
    """One orbit: the fields of `Orbit`, and the seconds it took."""
    started = time.perf_counter()
    start = batch_from_vectors(course.begin(c))
    arc = kept_arc_lengths(course.n_frames, course.step, course.every)
    if course.integrator == "euler":
        orbit = follow_euler(power_spectrum, start, course.step, arc)[0]
    else:
        euler_step = course.step if course.integrator == "modified" else 0.0
        orbit = follow(power_spectrum, start, arc, euler_step, course.tolerance)
    return {**vars(orbit), "seconds": time.perf_counter() - started}


def follow_orbits(
    features: Features,
    frames: np.ndarray,
    course: Course,
    orbits: list[tuple[float, float]],
    folder: Path,
    shared: Mapping[str, Any],
    processes: int = 1,
) -> list[tuple[Orbit, float]]:
    """The orbits with these (sigma, c), and seconds for each; finished ones are kept in `folder`.

    Args:
        frames: (n, 4, 3) that optimal bases are fitted on, Å.
        shared: what all orbits depend on besides their settings (see `store.finish`).
    """

    @cache
    def power_spectrum(sigma: float) -> Density:
        return features.fitted(frames, sigma)

    def task(sigma: float, c: float) -> Task:
        own = {"sigma": sigma, "c": c, "features": asdict(features), "course": asdict(course)}
        return Task(orbit_name(sigma, c), own, lambda: (power_spectrum(sigma), course, c))

    # The sharpest turns first: they take longest.
    order = sorted(orbits, key=lambda orbit: orbit[1])
    tasks = [task(*orbit) for orbit in order]
    files = finish(follow_one, tasks, folder, shared, processes, "orbits", "orbit")
    kept = dict(zip(order, files, strict=True))
    return [_read(kept[orbit]) for orbit in orbits]


def _read(file: Path) -> tuple[Orbit, float]:
    data = load(file)
    seconds, stopped = float(data.pop("seconds")), str(data.pop("stopped"))
    evaluations = int(data.pop("evaluations"))
    return Orbit(**data, evaluations=evaluations, stopped=stopped), seconds


def points(sigma: float, c: float, orbit: Orbit) -> pd.DataFrame:
    """One row for each frame of an orbit: condition number, four-body target, arc length (Å)."""
    columns = {
        "sigma": sigma,
        "c": c,
        "frame": np.arange(len(orbit.arc)),
        "condition_number": orbit.condition_numbers,
        "four_body": four_body(orbit.vectors),
        "arc": orbit.arc,
    }
    return pd.DataFrame(columns)


def summary(sigma: float, c: float, orbit: Orbit, seconds: float) -> dict[str, Any]:
    """One row for an orbit: its cost, its condition numbers, and why it stopped, if it did.

    `smallest_gap` is the least 1 - s_min / s of the next singular value s, where the direction is
    closest to being lost.
    """
    cn, values = orbit.condition_numbers, orbit.singular_values
    return {
        "sigma": sigma,
        "c": c,
        "frames": len(orbit.arc),
        "evaluations": orbit.evaluations,
        "seconds": seconds,
        "cn_min": cn.min(),
        "cn_median": np.median(cn),
        "cn_max": cn.max(),
        "smallest_gap": (1 - values[:, -1] / values[:, -2]).min(),
        "stopped": orbit.stopped,
    }
