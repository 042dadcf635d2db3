"""The look of every figure: colours that survive colour-blindness, files that do not change."""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

COLORS = {
    "blue": "#0072B2",
    "orange": "#E69F00",
    "green": "#009E73",
    "red": "#D55E00",
    "purple": "#CC79A7",
    "sky": "#56B4E9",
    "yellow": "#F0E442",
    "black": "#000000",
    "grey": "#7F7F7F",
}
"""Okabe and Ito's palette, by name."""

SEQUENCE = [COLORS[name] for name in ("blue", "red", "green", "orange", "purple", "sky", "black")]
"""The order in which unnamed curves take their colours."""


def use_style() -> None:
    """Set the project's matplotlib defaults."""
    plt.rcdefaults()
    plt.rcParams.update(
        {
            "figure.constrained_layout.use": True,
            "figure.dpi": 100,
            "savefig.dpi": 200,
            "font.size": 9,
            "axes.titlesize": 10,
            "axes.prop_cycle": matplotlib.cycler(color=SEQUENCE),
            "axes.spines.top": False,
            "axes.spines.right": False,
            "image.cmap": "cividis",
            "legend.frameon": False,
            "lines.linewidth": 1.5,
            "pdf.fonttype": 42,
            "svg.hashsalt": "descriptor-sensitivity",
        }
    )


def save(figure: Figure, stem: str | Path) -> None:
    """Write `stem.pdf` and `stem.png` without dates, so that the same data give the same bytes."""
    stem = Path(stem)
    stem.parent.mkdir(parents=True, exist_ok=True)
    undated = {"Creator": None, "Producer": None, "CreationDate": None}
    figure.savefig(stem.with_name(stem.name + ".pdf"), metadata=undated)
    figure.savefig(stem.with_name(stem.name + ".png"), metadata={"Software": None})
    plt.close(figure)
