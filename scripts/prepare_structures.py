"""Write a set of structures: generated, taken from a file, or streamed from a server."""

import argparse
import json
from collections.abc import Iterable
from pathlib import Path

from ase import Atoms
from ase.io import write
from tqdm import tqdm

from command import run
from descriptor_sensitivity.files import atomic
from descriptor_sensitivity.structures.download import file_md5, remote_frames
from descriptor_sensitivity.structures.frames import select_frames, stored_frames
from descriptor_sensitivity.structures.methane import methane_frames, random_methane


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--generate", action="store_true", help="random methane")
    source.add_argument("--path", type=Path, help="a file of structures, in any format ASE reads")
    source.add_argument("--stream", nargs="+", metavar="URL", help="addresses of an xyz.gz file")
    parser.add_argument("--count", type=int, required=True, help="number of structures")
    parser.add_argument("--seed", type=int, default=0, help="of the random numbers")
    parser.add_argument(
        "--select", choices=["first", "random"], default="first", help="which frames of a file"
    )
    parser.add_argument("--radius", type=float, default=3.0, help="of the ball of hydrogens, Å")
    parser.add_argument("--min-distance", type=float, default=0.5, help="between two atoms, Å")
    parser.add_argument("--output", type=Path, required=True, help="extended xyz file to write")
    parser.add_argument("--provenance", type=Path, required=True, help="json file to write")
    arguments = parser.parse_args(argv)

    count, seed = arguments.count, arguments.seed
    origin: dict = {"count": count, "seed": seed}
    frames: Iterable[Atoms]
    if arguments.generate:
        origin |= {"source": "generate", "recipe": "random methane"}
        origin |= {"radius_angstrom": arguments.radius}
        origin |= {"min_distance_angstrom": arguments.min_distance}
        hydrogens = random_methane(count, seed, arguments.radius, arguments.min_distance)
        frames = methane_frames(hydrogens)
    else:
        if arguments.path:
            name, stored = str(arguments.path), stored_frames(arguments.path)
        else:
            name, stored = arguments.stream[0], remote_frames(arguments.stream)
        stored = iter(tqdm(stored, desc=f"reading {name}", unit=" frames", mininterval=1))
        frames = select_frames(stored, name, count, seed if arguments.select == "random" else None)
        md5 = file_md5(arguments.path) if arguments.path else "not checked: only a part was fetched"
        origin |= {"source": name, "source_md5": md5, "select": arguments.select}
    with atomic(arguments.output) as partial:
        write(partial, tqdm(frames, desc="writing", total=count, mininterval=1), format="extxyz")
    origin |= {"md5": file_md5(arguments.output)}
    arguments.provenance.write_text(json.dumps(origin, indent=2) + "\n")


if __name__ == "__main__":
    run(main)
