r"""The force along the move that a potential does not see, beside the error of its forces.

Let F (3M) be the reference forces on the M atoms of a structure, f those of the model, and u the
displacement, |u| = 1, that the features F_i of all its atoms see least, of those that no symmetry
within the tolerance of the audit hides. For any u (Cauchy, Schwarz)

    |f - F|  >=  |(f - F).u|  >=  |F.u| - |f.u|.

If the energy is read from these features alone, E = sum_i e_i(F_i), then

    f.u = - dE/du = - sum_i (de_i/dF_i).(dF_i/du) = 0           where dF_i/du = 0 for every i,

and |F.u| is a lower bound of the error |f - F|, whatever the e_i are. Where u is seen, however
badly, f.u need not be small and |F.u| is no bound: whether it tells where errors are large is then
a question to the data, which a rank correlation answers for these data and no others.
"""

import logging
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from ase import Atoms
from tqdm import tqdm

from descriptor_sensitivity.descriptors.registry import build_descriptor
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.models.descriptor import ModelFeatures
from descriptor_sensitivity.structures.forces import stored_forces
from descriptor_sensitivity.structures.frames import as_atoms, stored_frames

log = logging.getLogger(__name__)

COLUMNS = {
    "representation": "str",
    "frame": "int64",
    "n_atoms": "int64",
    "sensitivity": "float64",
    "reference_force": "float64",
    "model_force": "float64",
    "error_along": "float64",
    "error": "float64",
    "error_rmse": "float64",
    "reference_norm": "float64",
}
"""Of the table of structures, with their types."""

NO_FORCES = "without forces in the file"
NOT_FINITE = "with forces in the file that are not finite numbers"
PERIODIC = "periodic, of which a function of one's own computes nothing"
SYMMETRIC = "in which symmetry hides every move"
NO_ENERGY = "for which the model gives no energy"
MODEL_NOT_FINITE = "for which the model's forces are not finite numbers"
REFUSED = "that the model refuses"


def frames_with_forces(path: Path, numbers: set[int]) -> dict[int, tuple[Atoms, np.ndarray | None]]:
    """Of some frames of a file, by number, the structure and the forces (M, 3) it holds, if any."""
    found = {}
    for number, stored in stored_frames(path, bare=False):
        if number in numbers:
            found[number] = as_atoms(stored, str(path), number), stored_forces(stored)
        if len(found) == len(numbers):
            break
    return found


def compared(
    name: str,
    settings: Mapping[str, Any],
    structures: pd.DataFrame,
    frames: Mapping[int, tuple[Atoms, np.ndarray | None]],
) -> tuple[pd.DataFrame, Counter[str]]:
    """The structures of one descriptor whose forces can be compared, and why others cannot.

    A row has sensitivity = s_min / s_max of the displacement u, and in eV/Å the sizes of the forces
    along it, reference_force = |F.u| and model_force = |f.u|, and of the model's errors,
    error_along = |(f - F).u|, error = |f - F|, error_rmse = error / sqrt(3M); reference_norm = |F|.
    """
    rows, left_out = [], Counter[str]()
    model, clusters_only = None, settings["library"] == "module"
    every = tqdm(structures.itertuples(), f"{name} forces", len(structures), mininterval=2)
    for structure in every:
        atoms, reference = frames[structure.frame]
        reason = why_not(structure.condition_number, atoms, reference, clusters_only)
        if reason is None:
            model = model or _opened(name, settings)
            force, reason = forces_of(model, atoms)
        if reason is not None:
            left_out[reason] += 1
            continue
        assert reference is not None  # or there is a reason
        u, error = structure.displacement, np.ravel(force - reference)
        rows.append(
            {
                "representation": name,
                "frame": structure.frame,
                "n_atoms": len(atoms),
                "sensitivity": 1 / structure.condition_number,
                "reference_force": abs(np.ravel(reference) @ u),
                "model_force": abs(np.ravel(force) @ u),
                "error_along": abs(error @ u),
                "error": np.linalg.norm(error),
                "error_rmse": np.sqrt(np.mean(error**2)),
                "reference_norm": np.linalg.norm(reference),
            }
        )
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS), left_out


def why_not(
    condition: float, atoms: Atoms, reference: np.ndarray | None, clusters_only: bool
) -> str | None:
    """Why a structure is not compared, whatever the model says of it; None if it is.

    Args:
        condition: its condition number, NaN where symmetry hides every displacement.
        reference: (M, 3) forces of the file, if any.
        clusters_only: the model takes no periodic structure.
    """
    if reference is None:
        return NO_FORCES
    if not np.isfinite(reference).all():
        return NOT_FINITE
    if clusters_only and atoms.pbc.any():
        return PERIODIC
    return SYMMETRIC if np.isnan(condition) else None


def forces_of(model: ModelFeatures, atoms: Atoms) -> tuple[np.ndarray, str | None]:
    """The model's forces (M, 3) on a structure, and why there are none, if so."""
    try:
        energy, forces = model.forces(atoms)
    except InputError as error:
        log.warning("%s", error)
        return np.full((len(atoms), 3), np.nan), REFUSED
    if np.isfinite(forces).all():
        return forces, None
    return forces, NO_ENERGY if np.isnan(energy) else MODEL_NOT_FINITE


def _opened(name: str, settings: Mapping[str, Any]) -> ModelFeatures:
    built = build_descriptor(name, settings)
    if not isinstance(built, ModelFeatures):
        raise TypeError(f"{name} is no potential")
    return built
