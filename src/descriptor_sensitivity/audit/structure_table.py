"""The table of structures of a data set: a row and a sentence for each, and what counts as low."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import ase
import numpy as np
import pandas as pd
from tqdm import tqdm

from descriptor_sensitivity.audit.chunks import DataSet
from descriptor_sensitivity.audit.structure_level import StructureView, view_structure
from descriptor_sensitivity.audit.table import fit_batches
from descriptor_sensitivity.audit.worst import read_clusters
from descriptor_sensitivity.cutting import atomic_number
from descriptor_sensitivity.descriptors.registry import build_descriptor
from descriptor_sensitivity.environments import COINCIDENT
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.neighbors import check_atoms, neighbors
from descriptor_sensitivity.structures.frames import BadFrame

FINE, LOW, BLIND, SYMMETRIC = "fine", "low sensitivity", "blind", "symmetric"


MOST_ATOMS = 1000
"""Larger structures are not judged as wholes: J J^T has (3M)^2 elements."""


COLUMNS = {
    "frame": "int64",
    "n_atoms": "int64",
    "modes": "int64",
    "hidden_by_symmetry": "int64",
    "hidden_concatenated": "int64",
    "hidden_multiset": "int64",
    "out_of_reach": "int64",
    "condition_number": "float64",
    "worst_center": "int64",
    "worst_center_condition_number": "float64",
}
"""Of the table of structures of one descriptor, with their types."""


def structures_of_chunk(
    dataset: DataSet,
    chunk: Path,
    sample: Path,
    rows: pd.DataFrame,
    name: str,
    descriptor: Mapping[str, Any],
    center_species: str | None,
    symmetry: float,
    singular: float,
    most: int,
    shown: int,
) -> tuple[pd.DataFrame, list[ase.Atoms]]:
    """One row for each structure of a chunk, and the worst ones with what they hide.

    Beside `COLUMNS` a row has `displacement`, the least seen one (3M,), x, y, z of each atom in
    turn.

    Of more than `most` frames every k-th is judged, k = ceil(n_frames / most); a frame that cannot
    be used, or has more than `MOST_ATOMS`, is in no row.

    Args:
        sample: file of the frames that an optimal radial basis is fitted on.
        rows: frame, center and condition_number of the environments of the chunk.
        name, descriptor: the audited descriptor and its settings.
        symmetry, singular: of `view_structure`.
        shown: worst structures to return.
    """
    built = build_descriptor(name, descriptor, fit_batches(descriptor, sample, center_species))
    stride, center = -(-dataset.n_frames // most), atomic_number(center_species)
    alone = {int(number): group for number, group in rows.groupby("frame")}
    found, worst = [], []
    frames = (item for block in dataset.blocks(chunk) for item in block if item[0] % stride == 0)
    what = f"{name} {chunk.stem} structures"
    total = len(range(-dataset.first(chunk) % stride, dataset.size(chunk), stride))
    for number, frame in tqdm(frames, desc=what, total=total, mininterval=2):
        if number not in alone or not usable(frame, f"{dataset.path}, frame {number}"):
            continue
        cutoff = descriptor["cutoff"]
        try:
            view = view_structure(built, frame, cutoff, center, symmetry, singular)
        except InputError:
            continue  # of an environment, which the table of those left out names
        found.append(
            {
                "frame": number,
                "n_atoms": len(frame),
                **_numbers(view),
                **_worst_center(alone[number]),
                "displacement": view.displacement.ravel(),
            }
        )
        worst.append(shown_structure(frame, view, name, number))
    table = pd.DataFrame(found, columns=[*COLUMNS, "displacement"]).astype(COLUMNS)
    return table, worst_first(worst)[:shown]


def usable(frame: ase.Atoms | BadFrame, name: str) -> bool:
    """Whether a frame is a structure, not too large, without atoms in one place."""
    if isinstance(frame, BadFrame) or len(frame) > MOST_ATOMS:
        return False
    try:
        check_atoms(frame, name)
    except InputError:
        return False
    return len(neighbors(frame, COINCIDENT)[0]) == 0


def shown_structure(frame: ase.Atoms, view: StructureView, name: str, number: int) -> ase.Atoms:
    """The structure alone, with the array `displacement` (M, 3) that is seen least."""
    atoms = ase.Atoms(frame.numbers, frame.positions, cell=frame.cell, pbc=frame.pbc)
    atoms.arrays["displacement"] = view.displacement
    atoms.info |= {"representation": name, "frame": number}
    atoms.info["condition_number"] = view.condition_number
    return atoms


def worst_first(structures: list[ase.Atoms]) -> list[ase.Atoms]:
    """Those with a condition number, highest first, equal ones by frame."""
    judged = [atoms for atoms in structures if not np.isnan(atoms.info["condition_number"])]
    return sorted(judged, key=lambda a: (-a.info["condition_number"], a.info["frame"]))


def _numbers(view: StructureView) -> dict[str, float]:
    return {key: getattr(view, key) for key in COLUMNS if hasattr(view, key)}


def _worst_center(rows: pd.DataFrame) -> dict[str, float]:
    """The first of the centres of highest CN."""
    rows = rows.sort_values("center")
    worst = rows.iloc[int(np.argmax(rows["condition_number"].to_numpy()))]
    return {
        "worst_center": int(worst["center"]),
        "worst_center_condition_number": float(worst["condition_number"]),
    }


def merge_structures(
    pieces: Path,
    dataset: DataSet,
    names: Sequence[str],
    factor: float,
    singular: float,
    shown: int,
) -> tuple[pd.DataFrame, list[ase.Atoms]]:
    """One row per structure and descriptor, and the `shown` worst structures of each descriptor.

    Args:
        pieces: folder of the tables of chunks.
        names: of the descriptors, in order.
        factor: CN above so many medians of the data set is low, as for environments.
        singular: CN from which a structure is blind.
    """
    tables, worst = [], []
    for name in names:
        folder = pieces / "structures" / name
        table = pd.concat(
            [
                pd.read_parquet(folder / f"{chunk}.parquet", columns=list(COLUMNS))
                for chunk in dataset.chunks
            ]
        )
        tables.append(judged(table, name, factor, singular))
        paths = [folder / f"{chunk}.xyz" for chunk in dataset.chunks]
        found = [atoms for path in paths for atoms in read_clusters(path)]
        worst += worst_first(found)[:shown]
    return pd.concat(tables, ignore_index=True), worst


def judged(table: pd.DataFrame, name: str, factor: float, singular: float) -> pd.DataFrame:
    """The rows of one descriptor with its name, a diagnosis and a sentence."""
    condition = table["condition_number"].to_numpy()
    regular = condition[condition < singular]
    low = factor * float(np.median(regular)) if len(regular) else np.inf
    kinds = [diagnosis(number, low, singular) for number in condition]
    rows: list[Mapping[str, Any]] = table.to_dict("records")
    table = table.assign(
        diagnosis=kinds,
        because=[sentence(row, kind, low, singular) for row, kind in zip(rows, kinds, strict=True)],
    )
    table.insert(0, "representation", name)
    return table


def diagnosis(condition: float, low: float, singular: float) -> str:
    """Of the condition number over what symmetry allows; NaN where that is nothing."""
    if np.isnan(condition):
        return SYMMETRIC
    return BLIND if condition >= singular else LOW if condition > low else FINE


def sentence(row: Mapping[str, Any], kind: str, low: float, singular: float) -> str:
    """What one atom sees, what all of them see, and what symmetry takes from both."""
    atom, alone = row["worst_center"], row["worst_center_condition_number"]
    condition = row["condition_number"]
    if alone >= singular:
        first = f"Atom {atom} alone is blind (CN {_number(alone)})"
    elif alone > low:
        first = f"Atom {atom} alone sees badly (CN {_number(alone)})"
    else:
        first = f"Every atom sees its surroundings (CN up to {_number(alone)})"
    if kind == SYMMETRIC:
        second = "symmetry hides every displacement of the structure"
    elif kind == FINE:
        second = "with the features of all audited atoms the structure is seen"
        second += f" (CN {_number(condition)})"
    elif kind == LOW:
        second = f"all audited atoms together see the structure badly (CN {_number(condition)})"
    else:
        second = f"all audited atoms together are blind too (CN {_number(condition)})"
    parts = [f"{first}; {second}."]
    hidden, whole = row["hidden_by_symmetry"], row["modes"]
    if hidden and kind != SYMMETRIC:
        parts.append(
            f"Symmetry hides {hidden} of {whole} displacements from a sum of atomic energies,"
            f" as it must; {row['hidden_concatenated']} are in no atom's features."
        )
    if row["out_of_reach"]:
        parts.append(f"{row['out_of_reach']} move parts that lie beyond the cutoff of each other.")
    return " ".join(parts)


def _number(condition: float) -> str:
    return "infinite" if np.isinf(condition) else f"{condition:.2g}"
