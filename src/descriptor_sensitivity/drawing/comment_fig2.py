"""Figure 2 of the Comment: what networks predict along the orbit, and their errors over seeds."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from descriptor_sensitivity.drawing.style import COLORS, plt

RUNS = {
    "none": ("0.72", "trained without the orbit"),
    "20": ("0.42", "with {} frames of it"),
    "full": ("0.0", "with all of it, repeated"),
}
"""Grey of each run, as in the Comment, and what was trained on."""

SETS = {"training": "blue", "validation": "red"}


def draw(
    parity: pd.DataFrame, errors: pd.DataFrame, summary: pd.DataFrame
) -> tuple[Figure, dict[str, pd.DataFrame]]:
    """Left: target against prediction, all runs. Right: errors of every seed, and as printed."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(8.6, 4.2), width_ratios=[1.15, 1])
    draw_parity(left, parity)
    left.legend(fontsize=7, loc="upper left", handletextpad=0.1)
    enlarge(left, parity)
    seeds = errors.melt(
        ["run", "sigma", "seed"], ["rmse_validation", "rmse_manifold"], "set", "rmse"
    )
    seeds["set"] = seeds["set"].str.removeprefix("rmse_")
    same = (summary.sigma == errors.sigma.iloc[0]) & (summary.scale == errors.scale.iloc[0])
    printed = summary[same].set_index("run")
    draw_errors(right, seeds, printed)
    return figure, {"": parity.drop(columns="seed"), "errors": seeds}


def draw_parity(axis: Axes, parity: pd.DataFrame) -> None:
    """Frames of molecular dynamics in colour, those of the orbit in a grey for each run."""
    base = parity[parity.run == next(iter(RUNS))]
    for kind, color in SETS.items():
        part = base[base.set == kind]
        axis.plot(
            part.target, part.prediction, "o", ms=1.5, mew=0, alpha=0.25, color=COLORS[color],
            rasterized=True,
        )  # fmt: skip
        axis.plot([], [], "o", ms=3, mew=0, color=COLORS[color], label=kind)
    for order, (name, (grey, title)) in enumerate(RUNS.items()):
        orbit = parity[(parity.run == name) & (parity.set == "manifold")]
        axis.plot(
            orbit.target, orbit.prediction, "o", ms=3.2, color=grey, mec="white", mew=0.3,
            label=title.format(int(orbit.trained_on.sum())), zorder=3 + order,
        )  # fmt: skip
    highest = parity.target.max()
    axis.plot([0, highest], [0, highest], color=COLORS["grey"], lw=0.7, zorder=0)
    axis.set(xlabel="four-body target", ylabel="prediction", aspect="equal")
    axis.set(xlim=(0.6, highest), ylim=(0.6, highest))


def enlarge(axis: Axes, parity: pd.DataFrame) -> None:
    """The frames of the orbit alone, in the free corner."""
    inset = axis.inset_axes((0.55, 0.07, 0.44, 0.44))
    draw_parity(inset, parity)
    orbit = parity[parity.set == "manifold"][["target", "prediction"]]
    low, high = orbit.min().min() - 0.03, orbit.max().max() + 0.03
    inset.set(xlim=(low, high), ylim=(low, high), xlabel="", ylabel="")
    inset.locator_params(nbins=4)
    inset.tick_params(labelsize=6, length=2)
    for spine in inset.spines.values():
        spine.set(visible=True, color="0.6", linewidth=0.7)
    axis.indicate_inset_zoom(inset, edgecolor="0.4")


def draw_errors(axis: Axes, seeds: pd.DataFrame, printed: pd.DataFrame) -> None:
    """Root mean square errors: a dot for each seed, a star for the printed one."""
    marks = {"validation": ("o", "red", -0.14), "manifold": ("s", "black", 0.14)}
    names = {"validation": "validation", "manifold": "orbit"}
    for kind, (marker, color, aside) in marks.items():
        for place, name in enumerate(RUNS):
            mine = seeds[(seeds.set == kind) & (seeds.run == name)].rmse
            first = names[kind] if place == 0 else None
            axis.plot(
                [place + aside] * len(mine), mine, marker, ms=4, color=COLORS[color], mfc="none",
                label=first,
            )  # fmt: skip
            if name in printed.index:
                axis.plot(
                    place + 2 * aside, printed.loc[name, f"printed_rmse_{kind}"], "*", ms=9,
                    color=COLORS[color], mec="white",
                    label=f"{names[kind]}, published" if place == 0 else None,
                )  # fmt: skip
    axis.set(yscale="log", ylabel="RMSE", xlim=(-0.5, len(RUNS) - 0.5))
    axis.set_xticks(range(len(RUNS)), ["without", "some frames", "whole orbit"])
    axis.set_xlabel("what of the orbit was trained on")
    axis.legend(fontsize=7, loc="lower left")
