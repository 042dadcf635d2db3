"""Figure 2 of the Comment: what networks predict along the orbit, in three parity plots."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from descriptor_sensitivity.drawing.style import COLORS, plt

TITLES = {
    "none": "trained without the orbit",
    "20": "{} frames of the orbit",
    "full": "the whole orbit",
}


def draw(parity: pd.DataFrame, errors: pd.DataFrame) -> tuple[Figure, dict[str, pd.DataFrame]]:
    """Four-body target against prediction, by the part of the orbit that was trained on."""
    errors = errors[errors.seed == parity.seed.iloc[0]].set_index("run")
    figure, axes = plt.subplots(1, 3, figsize=(9.5, 3.5), sharex=True, sharey=True)
    highest = parity.target.max()
    for axis, (name, title) in zip(axes, TITLES.items(), strict=True):
        run = parity[parity.run == name]
        draw_run(axis, run)
        trained = int(run[run.set == "manifold"].trained_on.sum())
        error = errors.loc[name]
        axis.set_title(
            f"{title.format(trained)}\nRMSE {error.rmse_validation:.4f} validation,"
            f" {error.rmse_manifold:.4f} orbit",
            fontsize=8,
        )
        axis.set(xlabel="four-body target", xlim=(0.6, highest), ylim=(0.6, highest))
    axes[0].set_ylabel("prediction")
    return figure, {"": parity.drop(columns="seed")}


def draw_run(axis: Axes, run: pd.DataFrame) -> None:
    for kind, color in (("training", "blue"), ("validation", "red")):
        part = run[run.set == kind]
        axis.plot(
            part.target, part.prediction, "o", ms=1.5, mew=0, alpha=0.25, color=COLORS[color],
            rasterized=True,
        )  # fmt: skip
    orbit = run[run.set == "manifold"]
    for label, color, trained in (
        ("orbit, not trained on", "sky", False),
        ("orbit, trained on", "black", True),
    ):
        part = orbit[orbit.trained_on == trained]
        if len(part):
            axis.plot(
                part.target, part.prediction, "o", ms=3, mec="black", mew=0.3,
                color=COLORS[color], label=label, zorder=3,
            )  # fmt: skip
    axis.plot([0, 6], [0, 6], color=COLORS["grey"], lw=0.7, zorder=0)
    axis.plot([], [], "o", ms=3, mew=0, color=COLORS["blue"], label="training")
    axis.plot([], [], "o", ms=3, mew=0, color=COLORS["red"], label="validation")
    axis.set_aspect("equal")
    axis.legend(fontsize=7, loc="upper left", handletextpad=0.1)
