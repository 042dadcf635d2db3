# mypy: ignore-errors
"""Run librascal on a file of environments; started by `librascal.py` in librascal's own Python.

librascal needs Python 3.9 or older, so this file stands alone: standard library, numpy, ase and
rascal, and no syntax newer than Python 3.6.

Usage: python librascal_worker.py input.npz output.npz
"""

import json
import sys
import time

import numpy as np
from ase import Atoms
from rascal.representations import SphericalExpansion, SphericalInvariants
from rascal.utils import (
    get_radial_basis_covariance,
    get_radial_basis_pca,
    get_radial_basis_projections,
)

BOX = 100.0
"""Å; every cluster sits in the middle of a box, far from its own images, which are switched off."""

FINEST = 1e-12
"""Error bound of interpolated radial integrals in place of exact ones, for an optimal basis."""


def clusters(vectors, center, species):
    """The environments as ase.Atoms, centre first."""
    numbers = np.concatenate([[center], species])
    middle = np.full((1, 3), BOX / 2)
    return [
        Atoms(numbers, positions=np.concatenate([middle, middle + v]), cell=[BOX] * 3, pbc=False)
        for v in vectors
    ]


def calculator(settings, gradients):
    """The librascal calculator of `settings`."""
    hypers = dict(settings["hypers"], compute_gradients=gradients)
    if settings["kind"] == "SphericalExpansion":
        return SphericalExpansion(**hypers)
    return SphericalInvariants(soap_type=settings["kind"], normalize=False, **hypers)


def projections(settings, frames, center, neighbors):
    """Projectors from `n_primitive` functions to the optimal ones of the centres of `frames`.

    librascal asks for projectors of the centre's species too; where no neighbour is of it, they
    are the first functions.
    """
    hypers = dict(settings["hypers"], max_radial=settings["n_primitive"])
    hypers["optimization"] = {}
    expansion = SphericalExpansion(**hypers)
    blocks = expansion.transform(frames).get_features_by_species(expansion)
    atoms = len(frames[0])
    mine = {(z,): blocks[(z,)][::atoms] for z in neighbors}
    vectors = get_radial_basis_pca(get_radial_basis_covariance(expansion, mine))[1]
    n_max, degrees = settings["hypers"]["max_radial"], settings["hypers"]["max_angular"] + 1
    first = np.eye(settings["n_primitive"])[:n_max].tolist()
    matrices = {center: [first] * degrees}
    matrices.update(get_radial_basis_projections(vectors, n_max))
    return matrices


def main(source, target):
    """Read environments and settings, write features, Jacobian and the seconds they took."""
    data = np.load(source)
    settings = json.loads(str(data["settings"]))
    center, species = int(data["center"]), data["species"]
    neighbors = sorted(set(int(z) for z in species))
    if "fit" in data:
        frames = clusters(data["fit"], center, species)
        matrices = projections(settings, frames, center, neighbors)
        accuracy = settings["hypers"]["optimization"].get("Spline", {"accuracy": FINEST})
        settings["hypers"]["optimization"] = {
            "Spline": accuracy,
            "RadialDimReduction": {"projection_matrices": matrices},
        }
    frames = clusters(data["vectors"], center, species)
    gradients = bool(data["gradients"])
    if not gradients:  # with gradients librascal takes no mask
        for frame in frames:
            frame.arrays["center_atoms_mask"] = np.arange(len(frame)) == 0
    kept = sorted(neighbors + [center]) if settings["center"] else neighbors
    run = calculator(settings, gradients)
    start = time.process_time()
    managers = run.transform(frames)
    atoms = len(frames[0])
    features = managers.get_features(run, kept)
    features = features[:: len(features) // len(frames)]  # the first centre of every frame
    jacobian = np.zeros((0, 0, 0, 0))
    if gradients:
        # One row of three for each (centre, neighbour): keep the first centre of every frame.
        rows = managers.get_features_gradient(run, kept)
        rows = rows.reshape(-1, 3, features.shape[1])
        info = managers.get_gradients_info()
        keep = (info[:, 1] % atoms == 0) & (info[:, 2] % atoms != 0)
        jacobian = np.zeros((len(frames), atoms - 1, 3, features.shape[1]))
        jacobian[info[keep, 0], info[keep, 2] % atoms - 1] = rows[keep]
        jacobian = jacobian.reshape(len(frames), 3 * (atoms - 1), -1)
    seconds = time.process_time() - start
    np.savez(target, features=features, jacobian=jacobian, seconds=seconds)


if __name__ == "__main__":
    main(*sys.argv[1:])
