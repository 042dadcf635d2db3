"""The orbits are not constant: distances between their points, and where the Jacobian is singular.

(a) Relative distance |xi(x) - xi(y)| / |xi| between points of one orbit against the length of the
orbit between them: least, median and largest. (b) s_min / s_max of nu = 2 along the orbits and
along the pair manifolds A+ and A-, which only A0 brings to zero.
"""

import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from command import run
from descriptor_sensitivity.descriptors.density import Density
from descriptor_sensitivity.descriptors.omfp import OMFP
from descriptor_sensitivity.descriptors.optimal import radial_basis
from descriptor_sensitivity.drawing.style import COLORS, SEQUENCE, save, use_style
from descriptor_sensitivity.environments import batch_from_vectors
from descriptor_sensitivity.files import write_csv
from descriptor_sensitivity.orbits import closest_ring, pair_manifolds
from descriptor_sensitivity.singular import sensitivity
from descriptor_sensitivity.theory.families import COMMENT_SINGULAR


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=Path, required=True, help="npz with `training`")
    parser.add_argument("--table", type=Path, required=True, help="comment_orbits.csv")
    parser.add_argument("--orbits", type=Path, required=True, help="npz, one array per orbit")
    parser.add_argument("--sigma", type=float, required=True, help="Å")
    parser.add_argument("--scale", type=float, default=1.0, help="c of the orbit of panel a")
    parser.add_argument("--fit-every", type=int, default=10, help="frames to fit the basis on")
    parser.add_argument("--n-max", type=int, default=8, help="radial functions, 4 at most for nu 3")
    parser.add_argument("--l-max", type=int, default=8, help="4 at most for nu = 3")
    parser.add_argument("--n-primitive", type=int, default=20, help="GTOs behind the basis")
    parser.add_argument("--cutoff", type=float, default=2.5, help="Å, hard")
    parser.add_argument("--reach", type=float, default=0.35, help="of A+ and A- from A0, Å")
    parser.add_argument("--figures", type=Path, required=True, help="folder of the figures")
    options = parser.parse_args(argv)

    table = pd.read_csv(options.table).query("sigma == @options.sigma")
    with np.load(options.frames) as data:
        fit = [batch_from_vectors(data["training"][:: options.fit_every])]
    size = (options.n_max, options.l_max, options.sigma, options.cutoff)
    radial = radial_basis("optimal", *size, "gto", options.n_primitive, fit)
    small = radial.truncated(min(options.n_max, 4), min(options.l_max, 4))
    nu2 = Density(2, radial)
    representations = {
        r"$\nu = 2$": nu2,
        r"$\nu = 3$": Density(3, small),
        "OMFP": OMFP(options.cutoff),
    }
    with np.load(options.orbits) as data:
        orbit = data[f"sigma{options.sigma:g}_c{options.scale:g}"]
    arc = table[table.c == options.scale].arc.to_numpy()
    rows = []
    for name, representation in representations.items():
        features = representation.features(batch_from_vectors(orbit))
        length = np.linalg.norm(features, axis=1).mean()
        for lag in range(1, len(orbit) - 1, 2):
            distance = np.linalg.norm(features[1 + lag :] - features[1:-lag], axis=1) / length
            row = {
                "features": name.strip("$").replace("\\", ""),
                "separation": arc[1 + lag] - arc[1],
            }
            row |= {"least": distance.min(), "median": np.median(distance)}
            rows.append(row | {"largest": distance.max()})
    distances = pd.DataFrame(rows)
    write_csv(distances, options.figures / "data" / "comment_fig_separation_a.csv")

    singular, apex = closest_ring(COMMENT_SINGULAR)
    away = np.linspace(-options.reach, options.reach, 141)
    curves = []
    for name, vectors in zip(("A+", "A-"), pair_manifolds(singular, apex, away), strict=True):
        values = sensitivity(nu2, batch_from_vectors(vectors))[0]
        ratio = values[:, -1] / values[:, 0]
        curves.append(pd.DataFrame({"curve": name, "position": away, "ratio": ratio}))
    for c, curve in table.groupby("c"):
        ratio = 1 / curve.condition_number
        curves.append(pd.DataFrame({"curve": f"c = {c:g}", "position": curve.arc, "ratio": ratio}))
    ratios = pd.concat(curves)
    write_csv(ratios, options.figures / "data" / "comment_fig_separation_b.csv")

    use_style()
    figure, axes = plt.subplots(1, 3, figsize=(10, 3.3))
    for (name, curve), color in zip(
        distances.groupby("features", sort=False), SEQUENCE, strict=False
    ):
        label = rf"$\{name}$" if name.startswith("nu") else name
        axes[0].semilogy(curve.separation, curve["median"], color=color, label=label)
        axes[0].fill_between(
            curve.separation, curve.least, curve.largest, color=color, alpha=0.25, lw=0
        )
    axes[0].set(
        xlabel="arc length between two points / Å",
        ylabel="relative distance of features",
        title=rf"(a) orbit, $c = {options.scale:g}$",
    )
    axes[0].legend(fontsize=7)
    styles = {"A+": (COLORS["black"], "-"), "A-": (COLORS["grey"], "--")}
    for name, (color, style) in styles.items():
        curve = ratios[ratios.curve == name]
        axes[1].semilogy(curve.position, curve.ratio, style, color=color, label=f"$A^{name[1]}$")
    axes[1].set(xlabel="distance from $A^0$ / Å", title=r"(b) pairs, $\nu = 2$")
    others = [group for group in ratios.groupby("curve", sort=False) if group[0] not in styles]
    for (name, curve), color in zip(others, SEQUENCE, strict=False):
        axes[2].semilogy(curve.position, curve.ratio, color=color, lw=0.8, label=f"${name}$")
    axes[2].set(xlabel="arc length / Å", title=r"(c) orbits, $\nu = 2$", ylim=axes[1].get_ylim())
    for axis in axes[1:]:
        axis.set_ylabel(r"$s_\mathrm{min} / s_\mathrm{max}$")
        axis.legend(fontsize=7, loc="lower right")
    save(figure, options.figures / "comment_fig_separation")


if __name__ == "__main__":
    run(main)
