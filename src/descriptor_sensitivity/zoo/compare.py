"""Any two environments or structures: are they one, and who tells them apart?

python -m descriptor_sensitivity.zoo.compare a.xyz b.xyz
"""

import argparse
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ase
import numpy as np
from ase.data import chemical_symbols

from descriptor_sensitivity.descriptors.registry import build_descriptor
from descriptor_sensitivity.environments import cut_environment
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.neighbors import COINCIDENT, check_atoms, neighbors
from descriptor_sensitivity.structures.frames import select_frames, stored_frames
from descriptor_sensitivity.tolerances import COORDINATES, NO_RESPONSE
from descriptor_sensitivity.zoo import verdict
from descriptor_sensitivity.zoo.pooled import distance, features_of

DESCRIPTORS: dict[str, dict[str, Any]] = {
    **{
        f"ν={nu}": {
            "kind": "density",
            "nu": nu,
            "radial_basis": "gto",
            "n_max": n_max,
            "l_max": l_max,
            "sigma": 0.3,
        }
        for nu, n_max, l_max in ((2, 8, 6), (3, 8, 6), (4, 3, 4))
    },
    "OMFP": {"kind": "omfp"},
    "smooth OMFP": {"kind": "smooth_omfp"},
}
"""What is compared if nothing else is asked for; the cutoff is that of the comparison."""

MARGIN = 1.0
"""Å. A cutoff that is not given lies so far beyond the longest distance."""


@dataclass(frozen=True)
class Comparison:
    """What was found.

    Attributes:
        environment: whether two environments were compared; else two structures.
        cutoff, tolerance: Å.
        congruent: what lays one on the other: no, rotation, reflection (that alone); None for
            periodic structures, for which it is not decided.
        order: the smallest order that separates them, of a structure its centres one by one.
        summed: the smallest order of the features added up over the centres of each species.
        tried: no order up to this one does where `order` or `summed` is None.
        distances: descriptor -> relative distance of its features, matched centre by centre.
        refused: descriptor -> why there is no such number.
    """

    environment: bool
    cutoff: float
    tolerance: float
    congruent: verdict.Congruence | None
    order: int | None
    summed: int | None
    tried: int
    distances: dict[str, float]
    refused: dict[str, str]

    def __str__(self) -> str:
        what = "environments" if self.environment else "structures"
        said = {
            "no": f"The {what} are not congruent.",
            "rotation": f"The {what} are congruent: a rotation makes one the other.",
            "reflection": f"The {what} are mirror images of one another, and not congruent by"
            " rotation.",
            None: "Periodic structures: whether they are congruent was not decided.",
        }
        lines = [said[self.congruent]]
        views = {"Their features": self.order}
        if not self.environment:
            views = {"The features of all centres": self.order, "Their sums": self.summed}
        for view, order in views.items():
            if order is None:
                lines.append(f"{view} do not differ at any order up to ν = {self.tried}.")
            else:
                lines.append(f"{view} differ from order ν = {order} on.")
        lines.append(f"Relative distance of features, cutoff {self.cutoff:.3g} Å:")
        for name, value in self.distances.items():
            close = "within the tolerance" if value < self.tolerance else ""
            note = "equal" if value < NO_RESPONSE else close
            lines.append(f"  {name:20} {value:8.1e}  {note}".rstrip())
        lines += [f"  {name:20} {reason}" for name, reason in self.refused.items()]
        return "\n".join(lines)


def compare(
    a: ase.Atoms | np.ndarray,
    b: ase.Atoms | np.ndarray,
    center: int | str | None = None,
    cutoff: float | None = None,
    descriptors: Mapping[str, Mapping[str, Any]] | None = None,
    tolerance: float = COORDINATES,
) -> Comparison:
    """Compare two environments or two structures.

    Args:
        a, b: structures; or neighbours (N, 3) in Å, taken as H about C.
        center: the atom whose environments are compared, by its index, or by its element where
            there is one of it in each; None compares the structures, every atom a centre.
        cutoff: Å; a little beyond the longest distance if not given. Crystals need one.
        descriptors: name -> kind and options, whose cutoff may be left out; by default ours.
        tolerance: Å. Lengths closer than twice this are equal.

    Raises:
        InputError: they differ in their species or numbers of atoms, atoms coincide, an atom
            `center` is not there, or the cutoff is missing.
    """
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        a, b = (_around_carbon(np.asarray(each)) for each in (a, b))
        center = 0
    pair = {"first": a, "second": b}
    for name, atoms in pair.items():
        check_atoms(atoms, f"The {name} structure")
        if cutoff is None and atoms.pbc.any():
            raise InputError(f"The {name} structure is periodic: say which cutoff to compare at.")
    if cutoff is None:
        cutoff = MARGIN + max(float(atoms.get_all_distances().max()) for atoms in pair.values())
    if center is not None:
        pair = {
            name: cut_environment(atoms, _index(atoms, center, name), cutoff, f"{name} structure")
            for name, atoms in pair.items()
        }
    a, b = pair.values()
    _check_alike(a, b, center is not None)
    chosen = 0 if center is not None else None
    first, second = (verdict.environments_of(atoms, cutoff, chosen) for atoms in (a, b))
    found = {
        summed: verdict.separating_order(first, second, summed, tolerance=tolerance)
        for summed in (False, True)
    }
    distances, refused = _distances(a, b, chosen, cutoff, descriptors or DESCRIPTORS)
    return Comparison(
        center is not None,
        cutoff,
        tolerance,
        _congruent(a, b, chosen, tolerance),
        found[False],
        found[True],
        verdict.largest_order([*first, *second]),
        distances,
        refused,
    )


def _around_carbon(vectors: np.ndarray) -> ase.Atoms:
    if vectors.ndim != 2 or vectors.shape[1] != 3:
        raise InputError(f"Neighbours are an array (N, 3), not one of shape {vectors.shape}.")
    return ase.Atoms(f"CH{len(vectors)}", np.vstack([np.zeros(3), vectors]))


def _index(atoms: ase.Atoms, center: int | str, name: str) -> int:
    """The index of an atom that is given by its index or, where it is the only one, element."""
    if not isinstance(center, str):
        return center
    if center.isdigit():
        return int(center)
    found = [i for i, symbol in enumerate(atoms.get_chemical_symbols()) if symbol == center]
    if len(found) != 1:
        raise InputError(
            f"The {name} structure has {len(found)} atoms of the element `{center}`; name its"
            " centre by the index of an atom, from 0."
        )
    return found[0]


def _check_alike(a: ase.Atoms, b: ase.Atoms, environment: bool) -> None:
    what = "environments" if environment else "structures"
    if environment and a.numbers[0] != b.numbers[0]:
        names = [chemical_symbols[each.numbers[0]] for each in (a, b)]
        raise InputError(
            f"The centres are of other species, {names[0]} and {names[1]}; compare like with like."
        )
    if sorted(a.numbers) != sorted(b.numbers):
        raise InputError(
            f"The {what} hold other atoms, {a.get_chemical_formula()} and"
            f" {b.get_chemical_formula()}; compare those of equal composition, or at another"
            " cutoff."
        )
    for name, atoms in (("first", a), ("second", b)):
        i, j, vectors = neighbors(atoms, 2 * COINCIDENT)
        near = np.linalg.norm(vectors, axis=1) < COINCIDENT
        if near.any():
            raise InputError(
                f"Atoms {i[near][0]} and {j[near][0]} of the {name} of the {what} coincide; remove"
                " one of them."
            )


def _congruent(
    a: ase.Atoms, b: ase.Atoms, center: int | None, tolerance: float
) -> verdict.Congruence | None:
    if center is not None:
        # both are sorted by species
        return verdict.congruence(a.positions[1:], b.positions[1:], a.numbers[1:], tolerance)
    if a.pbc.any() or b.pbc.any():
        return None
    return verdict.structure_congruence(a, b, tolerance)


def _distances(
    a: ase.Atoms,
    b: ase.Atoms,
    center: int | None,
    cutoff: float,
    descriptors: Mapping[str, Mapping[str, Any]],
) -> tuple[dict[str, float], dict[str, str]]:
    """Distances of each descriptor's features, and why those that have none have none."""
    distances, refused = {}, {}
    for name, settings in descriptors.items():
        try:
            descriptor = build_descriptor(name, {"cutoff": float(cutoff), **settings})
            first, second = (
                features_of(atoms, cutoff, descriptor.features, center) for atoms in (a, b)
            )
            distances[name] = distance(first, second, summed=False)
        except InputError as error:
            refused[name] = str(error)
    return distances, refused


def read(path: Path) -> ase.Atoms:
    """The first structure of a file."""
    return select_frames(stored_frames(path), str(path), 1)[0]


def main(argv: list[str] | None = None) -> None:
    """The command."""
    options = argparse.ArgumentParser(
        prog="python -m descriptor_sensitivity.zoo.compare",
        description="Are two environments or structures congruent, and which descriptors tell them"
        " apart? The first structure of each file is taken.",
    )
    options.add_argument("files", type=Path, nargs=2, metavar="FILE")
    options.add_argument("--center", help="index (from 0) or element of the atom to centre on")
    options.add_argument("--cutoff", type=float, help="Å")
    options.add_argument(
        "--tolerance", type=float, default=COORDINATES, help="Å by which coordinates may be off"
    )
    given = options.parse_args(argv)
    try:
        a, b = (read(file) for file in given.files)
        print(compare(a, b, given.center, given.cutoff, tolerance=given.tolerance))
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(3)


if __name__ == "__main__":
    main()
