"""The orbits are not constant: distances of their points, and where the Jacobian is singular."""

import pandas as pd
from matplotlib.figure import Figure

from descriptor_sensitivity.drawing.style import COLORS, SEQUENCE, plt

PAIRS = {"A+": (COLORS["black"], "-"), "A-": (COLORS["grey"], "--")}


def draw(distances: pd.DataFrame, zeros: pd.DataFrame) -> tuple[Figure, dict[str, pd.DataFrame]]:
    """(a) Relative distances over the arc length. (b), (c) s_min / s_max of nu = 2 along curves."""
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
        title="(a) orbit, $c = 1$",
    )
    axes[0].legend(fontsize=7)
    for name, (color, style) in PAIRS.items():
        curve = zeros[zeros.curve == name]
        axes[1].semilogy(curve.position, curve.ratio, style, color=color, label=f"$A^{name[1]}$")
    axes[1].set(xlabel="distance from $A^0$ / Å", title=r"(b) pairs, $\nu = 2$")
    orbits = [group for group in zeros.groupby("curve", sort=False) if group[0] not in PAIRS]
    for (name, curve), color in zip(orbits, SEQUENCE, strict=False):
        axes[2].semilogy(curve.position, curve.ratio, color=color, lw=0.8, label=f"${name}$")
    axes[2].set(xlabel="arc length / Å", title=r"(c) orbits, $\nu = 2$", ylim=axes[1].get_ylim())
    for axis in axes[1:]:
        axis.set_ylabel(r"$s_\mathrm{min} / s_\mathrm{max}$")
        axis.legend(fontsize=7, loc="lower right")
    return figure, {"a": distances, "b": zeros}
