"""Power spectra and four-body targets of the Comment's frames and of one orbit."""

import argparse
from pathlib import Path

import numpy as np
from tqdm import tqdm

from command import run
from descriptor_sensitivity.descriptors.density import Density
from descriptor_sensitivity.descriptors.optimal import radial_basis
from descriptor_sensitivity.environments import batch_from_vectors
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.files import write_arrays
from descriptor_sensitivity.fourbody import four_body
from descriptor_sensitivity.network import ordered_pairs

BLOCK = 500


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=Path, required=True, help="npz: training, validation")
    parser.add_argument("--orbits", type=Path, required=True, help="npz, one array per orbit")
    parser.add_argument("--sigma", type=float, required=True, help="Å, of features and orbit")
    parser.add_argument("--scale", type=float, default=1.0, help="c of the orbit")
    parser.add_argument("--fit-every", type=int, default=10, help="frames to fit the basis on")
    parser.add_argument("--n-max", type=int, default=8, help="radial functions")
    parser.add_argument("--l-max", type=int, default=8, help="largest angular momentum")
    parser.add_argument("--n-primitive", type=int, default=20, help="GTOs behind the basis")
    parser.add_argument("--cutoff", type=float, default=2.5, help="Å, hard")
    parser.add_argument("--output", type=Path, required=True, help="npz")
    options = parser.parse_args(argv)

    with np.load(options.frames) as data:
        sets = {"training": data["training"], "validation": data["validation"]}
    name = f"sigma{options.sigma:g}_c{options.scale:g}"
    with np.load(options.orbits) as data:
        if name not in data:
            raise InputError(
                f"{options.orbits} holds no orbit {name}; add its sigma and c to the section"
                " `comment: orbits`."
            )
        sets["manifold"] = data[name]

    fit = [batch_from_vectors(sets["training"][:: options.fit_every])]
    size = (options.n_max, options.l_max, options.sigma, options.cutoff)
    radial = radial_basis("optimal", *size, "gto", options.n_primitive, fit)
    representation = Density(2, radial)
    arrays = {}
    progress = tqdm(
        total=sum(map(len, sets.values())), desc="features", unit="frame", mininterval=1
    )
    for name, vectors in sets.items():
        parts = []
        for start in range(0, len(vectors), BLOCK):
            block = batch_from_vectors(vectors[start : start + BLOCK])
            features = ordered_pairs(representation.features(block), options.n_max, options.l_max)
            parts.append(features.astype(np.float32))
            progress.update(len(block))
        arrays[f"features_{name}"] = np.concatenate(parts)
        arrays[f"targets_{name}"] = four_body(vectors)
    progress.close()
    write_arrays(options.output, **arrays)


if __name__ == "__main__":
    run(main)
