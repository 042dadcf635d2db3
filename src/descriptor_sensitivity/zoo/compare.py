"""Two environments or two structures: are they one, which order tells them apart, how far are they?

python -m descriptor_sensitivity.zoo.compare a.xyz b.xyz [--center 0] [--cutoff 4]
"""

import argparse
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import ase
import numpy as np

from descriptor_sensitivity.cutting import cut_environment
from descriptor_sensitivity.descriptors.base import Descriptor
from descriptor_sensitivity.descriptors.registry import build_descriptor
from descriptor_sensitivity.environments import COINCIDENT, Batch
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.neighbors import check_atoms
from descriptor_sensitivity.structures.frames import as_atoms, stored_frames
from descriptor_sensitivity.theory.crystals import primitive
from descriptor_sensitivity.tolerances import COORDINATES
from descriptor_sensitivity.zoo.entries import environment
from descriptor_sensitivity.zoo.features import CUTOFF, density, distances, reach
from descriptor_sensitivity.zoo.relation import (
    POOLED,
    formula_units,
    highest_order,
    relation,
    separating_order,
)

SAID = {
    "rotation": "one and the same, rotated",
    "reflection": "mirror images: a reflection lays one on the other, no rotation does",
    "different": "different: no rotation or reflection lays one on the other",
}


MANY = 20
"""Tolerances that the nearest atoms have to be apart, so that none is taken for another."""


@dataclass(frozen=True)
class Comparison:
    """What tells two environments or two structures apart.

    Attributes:
        relation: rotation, reflection or different.
        separates: smallest correlation order nu that tells them apart, None if none that was tried
            does: of the centre's features, or of all centres' features summed and as a multiset.
        highest: the highest order that was tried.
        distances: descriptor -> relative distance of features, in the same places.
        crystals: empty, or how far atoms see and what was counted, a sentence.
    """

    relation: str
    separates: dict[str, int | None]
    highest: int
    distances: dict[str, dict[str, float]]
    crystals: str = ""

    def __str__(self) -> str:
        """A few lines to read."""
        orders = [
            f"{place}: {order if order else f'none up to {self.highest}'}"
            for place, order in self.separates.items()
        ]
        lines = [
            f"They are {SAID[self.relation]}.",
            *([self.crystals] if self.crystals else []),
            f"Smallest order nu that separates, {', '.join(orders)}.",
            f"{'relative distance':24}" + "".join(f"{place:>12}" for place in self.separates),
        ]
        for name, found in self.distances.items():
            lines.append(f"{name:24}" + "".join(f"{found[p]:12.1e}" for p in self.separates))
        return "\n".join(lines)


def compare(
    a: Batch | ase.Atoms,
    b: Batch | ase.Atoms,
    descriptors: Mapping[str, Descriptor] | None = None,
    cutoff: float = CUTOFF,
    tolerance: float = COORDINATES,
) -> Comparison:
    """Compare two environments (batches of one), or two molecules or crystals (each atom a centre).

    A crystal is the same in any cell: both are reduced to their primitive cells. Where one of these
    holds more atoms than the other the crystals are different, and centres are counted as often as
    makes them equally many, so that features are compared for the same amount of matter.

    Args:
        descriptors: whose distances are asked for, by name; by default density correlations of
            order 1 to 4 (nu = 1 with l = 0, which is invariant) and both overlap fingerprints.
        cutoff: Å, how far the atoms of crystals see; those of molecules see all others. A
            descriptor that is given sees as far as its own.
        tolerance: how far (Å) atoms may lie from an exact coincidence.

    Raises:
        InputError: one is an environment and the other a structure, or one a crystal and the other
            not; they differ in the number of their atoms or in species, crystals in composition;
            two atoms coincide or are too near for the tolerance; a structure is periodic in one or
            two directions.
    """
    scope = _scope(a, b)
    first, second = (_checked(one, name, tolerance) for one, name in ((a, "first"), (b, "second")))
    crystal = _crystals(first, second)
    if crystal:
        first, second = primitive(first, tolerance), primitive(second, tolerance)
        _same_composition(first, second)
    else:
        _alike(first, second, scope)
        cutoff = max(reach(first), reach(second))
    chosen = _ours(cutoff, crystal) if descriptors is None else descriptors
    highest = min(highest_order(one, scope, cutoff) for one in (first, second))
    pools = ("centre",) if scope == "environment" else POOLED
    separates = {
        pooled: separating_order(first, second, scope, pooled, highest, cutoff, tolerance)
        for pooled in pools
    }
    apart = {
        name: distances(
            descriptor.features,
            (first, second),
            scope,
            getattr(descriptor.settings, "cutoff", cutoff) if crystal else cutoff,
        )
        for name, descriptor in chosen.items()
    }
    said = _counted(first, second, cutoff) if crystal else ""
    found = relation(first, second, scope, tolerance)
    return Comparison(found, separates, highest, apart, said)


def _ours(cutoff: float, crystal: bool) -> dict[str, Descriptor]:
    """Our invariant descriptors, with a cutoff (Å) that everything lies within, if there is one."""
    near, far = (cutoff, cutoff) if crystal else (max(cutoff, 4.0), max(cutoff, 6.0))
    found = {f"density, nu = {order}": density(order, near) for order in (1, 2, 3, 4)}
    for name, kind in (("OMFP", "omfp"), ("smooth OMFP", "smooth_omfp")):
        found[name] = build_descriptor(name, {"kind": kind, "cutoff": far})
    return found


def _counted(a: ase.Atoms, b: ase.Atoms, cutoff: float) -> str:
    """How far atoms see, and what the primitive cells hold."""
    holds = [one.get_chemical_formula("metal") for one in (a, b)]
    said = f"Atoms see up to {cutoff:g} Å; {holds[0]} in the primitive cell"
    if len(a) == len(b):
        return f"{said}."
    return (
        f"{said} of the first, {holds[1]} in that of the second: centres are counted as often as"
        " makes them equally many."
    )


def _scope(a: Batch | ase.Atoms, b: Batch | ase.Atoms) -> str:
    if isinstance(a, Batch) != isinstance(b, Batch):
        raise InputError("An environment and a structure cannot be compared; give two of a kind.")
    return "environment" if isinstance(a, Batch) else "structure"


def _checked(one: Batch | ase.Atoms, name: str, tolerance: float) -> ase.Atoms:
    if isinstance(one, Batch):
        if len(one) != 1:
            raise InputError(f"The {name} batch holds {len(one)} environments; give one of them.")
        one = one.atoms(0)
    check_atoms(one, f"the {name} structure")
    if one.pbc.any() and not one.pbc.all():
        raise InputError(
            f"The {name} structure is periodic in some directions and not in others; compare"
            " crystals, molecules, or environments cut out of it."
        )
    if len(one) < 2 and not one.pbc.any():
        raise InputError(f"The {name} structure is a single atom; there is nothing to compare.")
    apart = one.get_all_distances(mic=one.pbc.any())
    np.fill_diagonal(apart, one.cell.lengths().min() if one.pbc.any() else np.inf)
    i, j = np.unravel_index(apart.argmin(), apart.shape)
    if apart.min() < COINCIDENT:
        raise InputError(f"Atoms {i} and {j} of the {name} structure coincide; remove one of them.")
    if not 0 < tolerance < apart.min() / MANY:
        raise InputError(
            f"A tolerance of {tolerance:g} Å cannot tell atoms {i} and {j} of the {name} structure,"
            f" {apart.min():.3g} Å apart; give a positive one, below a {MANY}th of that."
        )
    return one


def _crystals(a: ase.Atoms, b: ase.Atoms) -> bool:
    if a.pbc.any() != b.pbc.any():
        raise InputError("A crystal and a molecule cannot be compared; give two of a kind.")
    return bool(a.pbc.any())


def _same_composition(a: ase.Atoms, b: ase.Atoms) -> None:
    """Of the primitive cells."""
    times = formula_units(len(a), len(b))
    first, second = (np.repeat(one.numbers, n) for one, n in zip((a, b), times, strict=True))
    if sorted(first) != sorted(second):
        raise InputError(
            f"The first crystal is {a.get_chemical_formula(empirical=True)}, the second"
            f" {b.get_chemical_formula(empirical=True)}; give two of the same composition."
        )


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
    parser.add_argument(
        "--cutoff",
        type=float,
        default=CUTOFF,
        help="how far atoms of crystals see, Å (%(default)s)",
    )
    parser.add_argument(
        "--tolerance", type=float, default=COORDINATES, help="of coordinates, Å (%(default)s)"
    )
    options = parser.parse_args(argv)
    if not 0 < options.cutoff < np.inf:
        raise InputError(f"A cutoff of {options.cutoff:g} Å sees nothing; give a positive length.")
    a, b = (_read(file, options.center, options.cutoff) for file in options.files)
    print(compare(a, b, cutoff=options.cutoff, tolerance=options.tolerance))


def _read(file: Path, center: int | None, cutoff: float) -> Batch | ase.Atoms:
    """The first frame of a file, or the environment of one of its atoms."""
    atoms = _first_frame(file)
    return atoms if center is None else _environment_of(atoms, center, str(file), cutoff)


def _first_frame(file: Path) -> ase.Atoms:
    for number, frame in stored_frames(file):
        return as_atoms(frame, str(file), number)
    raise InputError(f"{file} holds no structure.")


def _environment_of(atoms: ase.Atoms, center: int, name: str, cutoff: float) -> Batch:
    """All other atoms about one, those within the cutoff (Å) where they are periodic."""
    if atoms.pbc.any():
        return environment(cut_environment(atoms, center, cutoff, name))
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
