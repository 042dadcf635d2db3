"""Training and validation frames of hot methane: generated, downloaded, or from a file.

Molecular dynamics keeps what is finished, segment by segment, in a folder beside the output, so
that a killed run goes on where it stopped.
"""

import argparse
import hashlib
import json
import shutil
import urllib.request
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from pathlib import Path

import ase
import numpy as np
import pandas as pd
from ase.io import iread
from tblite.ase import TBLite
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from command import run
from descriptor_sensitivity.dynamics import (
    bending_velocities,
    equilibrium_methane,
    geometry_statistics,
    methane_vectors,
    split_frames,
    trajectory,
)
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.files import atomic, write_arrays, write_csv

SEGMENT = 1000
"""Steps between two files of a trajectory."""


def parse(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--generate", action="store_true", help="by molecular dynamics")
    source.add_argument("--url", help="address of an xyz file")
    source.add_argument("--path", type=Path, help="a file of methane molecules that ASE reads")
    parser.add_argument("--sha256", help="of the file at --url")
    parser.add_argument(
        "--unit", choices=["angstrom", "bohr"], default="angstrom", help="of a file"
    )
    parser.add_argument("--training", type=int, required=True, help="number of training frames")
    parser.add_argument("--validation", type=int, required=True, help="number of validation frames")
    parser.add_argument("--trajectories", type=int, default=3, help="independent ones")
    parser.add_argument("--temperature", type=float, default=3200.0, help="K, see the config")
    parser.add_argument("--timestep", type=float, default=0.25, help="fs")
    parser.add_argument("--method", default="GFN2-xTB", help="of tblite")
    parser.add_argument("--seed", type=int, default=0, help="of velocities and of the split")
    parser.add_argument("--threads", type=int, default=1, help="trajectories computed at once")
    parser.add_argument("--downloads", type=Path, default=Path("."), help="folder of --url's file")
    parser.add_argument("--published", type=Path, required=True, help="csv of published geometry")
    parser.add_argument("--output", type=Path, required=True, help="npz: training, validation")
    parser.add_argument("--table", type=Path, required=True, help="csv of their geometry")
    return parser.parse_args(argv)


def segment(
    path: Path, previous: Path | None, steps: int, options: argparse.Namespace, index: int
) -> int:
    """Write one segment of trajectory `index`: H positions, and the last state of all atoms."""
    calculator = TBLite(method=options.method, verbosity=0)
    if previous is None:
        atoms = equilibrium_methane(calculator)
        rng = np.random.default_rng([options.seed, index])
        bending_velocities(atoms, options.temperature, rng)
    else:
        with np.load(previous) as last:
            atoms = ase.Atoms("CH4", positions=last["positions"], velocities=last["velocities"])
        atoms.calc = calculator
    vectors = np.array(list(trajectory(atoms, steps, options.timestep)))
    state = {"positions": atoms.positions, "velocities": atoms.get_velocities()}
    write_arrays(path, vectors=vectors, **state)
    return len(vectors)


def generate(options: argparse.Namespace) -> np.ndarray:
    """H positions of all trajectories, (n, 4, 3) in Å, one frame each step."""
    needed = options.training + options.validation
    frames = -(-needed // options.trajectories)
    count = -(-frames // SEGMENT)
    keys = ("trajectories", "temperature", "timestep", "method", "seed")
    settings = json.dumps([frames] + [getattr(options, key) for key in keys])
    digest = hashlib.sha256(settings.encode()).hexdigest()[:12]
    folder = options.output.with_name(f"{options.output.stem}_segments_{digest}")
    folder.mkdir(parents=True, exist_ok=True)

    def path(index: int, number: int) -> Path:
        return folder / f"trajectory{index}_segment{number:04d}.npz"

    done = [0] * options.trajectories
    for index in range(options.trajectories):
        while done[index] < count and path(index, done[index]).exists():
            done[index] += 1
    progress = tqdm(
        total=frames * options.trajectories,
        initial=sum(min(number * SEGMENT, frames) for number in done),
        desc=f"dynamics, {options.method}",
        unit="step",
        mininterval=1,
    )
    with (
        threadpool_limits(1),
        ProcessPoolExecutor(options.threads, initializer=threadpool_limits, initargs=(1,)) as pool,
    ):

        def submit(index: int) -> Future:
            number = done[index]
            previous = path(index, number - 1) if number else None
            steps = min(SEGMENT, frames - number * SEGMENT)
            return pool.submit(segment, path(index, number), previous, steps, options, index)

        running = {submit(i): i for i in range(options.trajectories) if done[i] < count}
        while running:
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                progress.update(future.result())
                index = running.pop(future)
                done[index] += 1
                if done[index] < count:
                    running[submit(index)] = index
    progress.close()
    parts = []
    for index in range(options.trajectories):
        segments = [np.load(path(index, number))["vectors"] for number in range(count)]
        parts.append(np.concatenate(segments))
    vectors = np.concatenate(parts)
    if not np.all(np.linalg.norm(vectors, axis=-1) < 2.5):
        raise InputError(
            f"A C-H bond broke in the dynamics at {options.temperature:g} K; lower `temperature`."
        )
    return vectors


def download(url: str, sha256: str, folder: Path) -> Path:
    """Fetch a small file into `folder`, unless it is there, and check it."""
    path = folder / url.rsplit("/", 1)[-1]
    if not path.exists():
        try:
            with urllib.request.urlopen(url, timeout=60) as response, atomic(path) as partial:
                partial.write_bytes(response.read())
        except OSError as error:
            raise InputError(
                f"{url} cannot be fetched ({error}); try again, or give the file by `path`."
            ) from error
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != sha256:
        path.unlink()
        raise InputError(
            f"{url}: the sha256 is {found}, not {sha256}; the file was removed, download it again."
        )
    return path


def main(argv: list[str] | None = None) -> None:
    options = parse(argv)
    if options.generate:
        vectors, name = generate(options), "The dynamics"
    else:
        path = options.path
        if options.url:
            path = download(options.url, options.sha256, options.downloads)
        name = str(path)
        if not path.is_file():
            raise InputError(f"{path} does not exist; correct `path` in `comment: frames`.")
        vectors = methane_vectors(list(iread(path, ":")), name, options.unit)
    training, validation = split_frames(
        vectors, options.training, options.validation, options.seed, name
    )
    sets = {"training": training, "validation": validation}
    rows = [{"set": k, "frames": len(v), **geometry_statistics(v)} for k, v in sets.items()]
    write_arrays(options.output, **sets)
    table = pd.concat([pd.DataFrame(rows), pd.read_csv(options.published)])
    write_csv(table, options.table, digits=5)
    if options.generate:
        for folder in options.output.parent.glob(f"{options.output.stem}_segments_*"):
            shutil.rmtree(folder)


if __name__ == "__main__":
    run(main)
