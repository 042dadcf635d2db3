"""A set of structures from its settings: generated, out of a file, or streamed from a server."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ase import Atoms
from tqdm import tqdm

from descriptor_sensitivity.structures.download import file_md5, remote_frames
from descriptor_sensitivity.structures.frames import select_frames, stored_frames
from descriptor_sensitivity.structures.methane import methane_frames, random_methane


def structures_of(
    settings: Mapping[str, Any], file: Path | None = None
) -> tuple[Iterable[Atoms], dict[str, Any]]:
    """The structures, and what to remember of where they come from.

    Args:
        settings: `source` (generate, path or download) and `count`; for random methane `seed`,
            `radius` and `min_distance` (Å); for frames of a file `select` (first or random), with
            `seed` if random.
        file: the frames are taken from it; without one they are streamed from `urls`.
    """
    count = settings["count"]
    origin: dict[str, Any] = {key: settings[key] for key in ("count", "seed") if key in settings}
    if settings["source"] == "generate":
        radius, min_distance = settings["radius"], settings["min_distance"]
        origin |= {"source": "generate", "recipe": "random methane"}
        origin |= {"radius_angstrom": radius, "min_distance_angstrom": min_distance}
        hydrogens = random_methane(count, settings["seed"], radius, min_distance)
        return methane_frames(hydrogens), origin
    if file:
        name, frames, md5 = str(file), stored_frames(file), file_md5(file)
    else:
        name, frames = settings["urls"][0], remote_frames(settings["urls"])
        md5 = "not checked: only a part was fetched"
    seed = settings["seed"] if settings["select"] == "random" else None
    read = iter(tqdm(frames, desc=f"reading {name}", unit=" frames", mininterval=1))
    origin |= {"source": name, "source_md5": md5, "select": settings["select"]}
    return select_frames(read, name, count, seed), origin
