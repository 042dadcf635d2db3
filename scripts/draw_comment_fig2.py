"""Figure 2 of the Comment: what networks predict along the orbit, in three parity plots."""

import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from command import run
from descriptor_sensitivity.drawing.style import COLORS, save, use_style
from descriptor_sensitivity.files import write_csv

TITLES = {
    "none": "trained without the orbit",
    "20": "{} frames of the orbit",
    "full": "the whole orbit",
}


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--predictions", type=Path, nargs=3, required=True, help="npz of each run")
    parser.add_argument("--table", type=Path, required=True, help="comment_networks.csv")
    parser.add_argument("--sigma", type=float, required=True, help="Å")
    parser.add_argument("--seed", type=int, required=True, help="the one shown")
    parser.add_argument("--figures", type=Path, required=True, help="folder of the figures")
    options = parser.parse_args(argv)

    table = pd.read_csv(options.table, dtype={"run": str})
    table = table[(table.sigma == options.sigma) & (table.seed == options.seed)].set_index("run")
    use_style()
    figure, axes = plt.subplots(1, 3, figsize=(9.5, 3.5), sharex=True, sharey=True)
    rows, highest = [], 0.0
    for axis, name, path in zip(axes, TITLES, options.predictions, strict=True):
        with np.load(path) as data:
            part = {
                kind: (data[kind], data[f"{kind}_seed{options.seed}"])
                for kind in ("training", "validation", "manifold")
            }
            trained = data[f"trained_seed{options.seed}"]
        for kind, color in (("training", "blue"), ("validation", "red")):
            axis.plot(
                *part[kind], "o", ms=1.5, mew=0, alpha=0.25, color=COLORS[color], rasterized=True
            )
        target, predicted = part["manifold"]
        for kind, color, mask in (
            ("orbit, not trained on", "sky", ~trained),
            ("orbit, trained on", "black", trained),
        ):
            if mask.any():
                axis.plot(
                    target[mask], predicted[mask], "o", ms=3, mec="black", mew=0.3,
                    color=COLORS[color], label=kind, zorder=3,
                )  # fmt: skip
        highest = max(highest, *(float(target.max()) for target, _ in part.values()))
        for kind, (target, predicted) in part.items():
            frame = pd.DataFrame({"run": name, "set": kind, "target": target})
            frame["trained_on"] = trained if kind == "manifold" else kind == "training"
            rows.append(frame.assign(prediction=predicted))
        error = table.loc[name]
        axis.set_title(
            f"{TITLES[name].format(trained.sum())}\nRMSE {error.rmse_validation:.4f} validation,"
            f" {error.rmse_manifold:.4f} orbit",
            fontsize=8,
        )
        axis.set(xlabel="four-body target", xlim=(0.6, highest), ylim=(0.6, highest))
        axis.plot([0, 6], [0, 6], color=COLORS["grey"], lw=0.7, zorder=0)
        axis.plot([], [], "o", ms=3, mew=0, color=COLORS["blue"], label="training")
        axis.plot([], [], "o", ms=3, mew=0, color=COLORS["red"], label="validation")
        axis.set_aspect("equal")
        axis.legend(fontsize=7, loc="upper left", handletextpad=0.1)
    axes[0].set_ylabel("prediction")
    write_csv(pd.concat(rows), options.figures / "data" / "comment_fig2.csv", digits=6)
    save(figure, options.figures / "comment_fig2")


if __name__ == "__main__":
    run(main)
