"""Two environments or two structures: are they one, which order tells them apart, how far are they?

python -m descriptor_sensitivity.zoo.compare a.xyz b.xyz [--center 0]
"""

import argparse
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import ase
import numpy as np

from descriptor_sensitivity.descriptors.base import Descriptor
from descriptor_sensitivity.descriptors.registry import build_descriptor
from descriptor_sensitivity.environments import COINCIDENT, Batch
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.neighbors import check_atoms
from descriptor_sensitivity.structures.frames import as_atoms, stored_frames
from descriptor_sensitivity.zoo.entries import environment
from descriptor_sensitivity.zoo.features import density, distances, reach
from descriptor_sensitivity.zoo.relation import POOLED, highest_order, relation, separating_order

SAID = {
    "rotation": "one and the same, rotated",
    "reflection": "mirror images: a reflection lays one on the other, no rotation does",
    "different": "different: no rotation or reflection lays one on the other",
}


@dataclass(frozen=True)
class Comparison:
    """What tells two environments or two structures apart.

    Attributes:
        relation: rotation, reflection or different.
        separates: smallest correlation order nu that tells them apart, None if none that was tried
            does: of the centre's features, or of all centres' features summed and as a multiset.
        highest: the highest order that was tried.
        distances: descriptor -> relative distance of features, in the same places.
    """

    relation: str
    separates: dict[str, int | None]
    highest: int
    distances: dict[str, dict[str, float]]

    def __str__(self) -> str:
        """A few lines to read."""
        orders = [
            f"{place}: {order if order else f'none up to {self.highest}'}"
            for place, order in self.separates.items()
        ]
        lines = [
            f"They are {SAID[self.relation]}.",
            f"Smallest order nu that separates, {', '.join(orders)}.",
            f"{'relative distance':24}" + "".join(f"{place:>12}" for place in self.separates),
        ]
        for name, found in self.distances.items():
            lines.append(f"{name:24}" + "".join(f"{found[p]:12.1e}" for p in self.separates))
        return "\n".join(lines)


def compare(
    a: Batch | ase.Atoms, b: Batch | ase.Atoms, descriptors: Mapping[str, Descriptor] | None = None
) -> Comparison:
    """Compare two environments (batches of one) or two molecules (each atom a centre).

    Args:
        descriptors: whose distances are asked for, by name; by default density correlations of
            order 1 to 4 (nu = 1 with l = 0, which is invariant) and both overlap fingerprints.

    Raises:
        InputError: one is an environment and the other a structure; they differ in the number of
            their atoms or in species; two atoms coincide; a structure is periodic.
    """
    scope = _scope(a, b)
    first, second = (_checked(one, name) for one, name in ((a, "first"), (b, "second")))
    _alike(first, second, scope)
    cutoff = max(reach(first), reach(second))
    chosen = _ours(cutoff) if descriptors is None else descriptors
    highest = highest_order(first, scope)
    if scope == "environment":
        separates = {"centre": separating_order(first, second, scope, highest=highest)}
    else:
        separates = {
            pooled: separating_order(first, second, scope, pooled, highest) for pooled in POOLED
        }
    apart = {
        name: distances(descriptor.features, (first, second), scope, cutoff)
        for name, descriptor in chosen.items()
    }
    return Comparison(relation(first, second, scope), separates, highest, apart)


def _ours(cutoff: float) -> dict[str, Descriptor]:
    """Our invariant descriptors, with a cutoff (Å) that everything lies within."""
    found = {f"density, nu = {order}": density(order, max(cutoff, 4.0)) for order in (1, 2, 3, 4)}
    for name, kind in (("OMFP", "omfp"), ("smooth OMFP", "smooth_omfp")):
        found[name] = build_descriptor(name, {"kind": kind, "cutoff": max(cutoff, 6.0)})
    return found


def _scope(a: Batch | ase.Atoms, b: Batch | ase.Atoms) -> str:
    if isinstance(a, Batch) != isinstance(b, Batch):
        raise InputError("An environment and a structure cannot be compared; give two of a kind.")
    return "environment" if isinstance(a, Batch) else "structure"


def _checked(one: Batch | ase.Atoms, name: str) -> ase.Atoms:
    if isinstance(one, Batch):
        if len(one) != 1:
            raise InputError(f"The {name} batch holds {len(one)} environments; give one of them.")
        one = one.atoms(0)
    check_atoms(one, f"the {name} structure")
    if one.pbc.any():
        raise InputError(
            f"The {name} structure is periodic; compare molecules, or environments cut out of it."
        )
    if len(one) < 2:
        raise InputError(f"The {name} structure is a single atom; there is nothing to compare.")
    apart = one.get_all_distances() + np.diag(np.full(len(one), np.inf))
    if apart.min() < COINCIDENT:
        i, j = np.unravel_index(apart.argmin(), apart.shape)
        raise InputError(f"Atoms {i} and {j} of the {name} structure coincide; remove one of them.")
    return one


def _alike(a: ase.Atoms, b: ase.Atoms, scope: str) -> None:
    if len(a) != len(b):
        raise InputError(f"The first has {len(a)} atoms, the second {len(b)}; give equally many.")
    centred = scope == "environment" and a.numbers[0] != b.numbers[0]
    if centred or sorted(a.numbers) != sorted(b.numbers):
        raise InputError(
            f"The first is {a.get_chemical_formula()} about {a.symbols[0]}, the second"
            f" {b.get_chemical_formula()} about {b.symbols[0]}; give two of the same species."
            if scope == "environment"
            else f"The first is {a.get_chemical_formula()}, the second"
            f" {b.get_chemical_formula()}; give two of the same species."
        )


def main(argv: list[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("files", type=Path, nargs=2, help="structures; of many frames the first")
    parser.add_argument("--center", type=int, help="compare the environments of this atom alone")
    options = parser.parse_args(argv)
    a, b = (_read(file, options.center) for file in options.files)
    print(compare(a, b))


def _read(file: Path, center: int | None) -> Batch | ase.Atoms:
    """The first frame of a file, or the environment of one of its atoms."""
    atoms = _first_frame(file)
    return atoms if center is None else _environment_of(atoms, center, str(file))


def _first_frame(file: Path) -> ase.Atoms:
    for number, frame in stored_frames(file):
        return as_atoms(frame, str(file), number)
    raise InputError(f"{file} holds no structure.")


def _environment_of(atoms: ase.Atoms, center: int, name: str) -> Batch:
    """All other atoms about one."""
    if not 0 <= center < len(atoms):
        raise InputError(f"{name}: there is no atom {center}, it has {len(atoms)} atoms.")
    if len(atoms) < 2:
        raise InputError(f"{name} is a single atom; there is nothing to compare.")
    order = [center, *np.delete(np.arange(len(atoms)), center)]
    return environment(atoms[order])


if __name__ == "__main__":
    try:
        main()
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(3)
