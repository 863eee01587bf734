"""How deep tanh networks can be trained: accuracies of a study, and the six correlation depths of `theory.phase`."""

import csv
from pathlib import Path

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from fanin.report.pictures.style import LINE, MUTED, color, panel, title

STUDY = Path(__file__).parents[1] / "reports" / "trainable-depth.csv"
SHADES = LinearSegmentedColormap.from_list("learned", ["#f4ece4", "#9cc3de", "#0072b2"])


def draw() -> Figure:
    """A cell per trial, placed by its weight variance and depth; the curve ends where it leaves the picture."""
    rows = list(csv.DictReader(STUDY.open()))
    variances, depths = (sorted({float(row[name]) for row in rows}) for name in ("weight_variance", "depth"))
    figure, axes = panel(6.6, 4.0)
    for row in rows:
        column, line = variances.index(float(row["weight_variance"])), depths.index(float(row["depth"]))
        accuracy = float(row["accuracy"])
        axes.bar(column, 1, 1, line - 0.5, color=SHADES(accuracy), edgecolor=LINE, linewidth=0.8)
        ink = "#fefefe" if accuracy > 0.75 else "#1d2126"
        axes.text(column, line, f"{100 * accuracy:.0f}", ha="center", va="center", fontsize=8, color=ink)
    limits = {float(row["weight_variance"]): float(row["six_correlation_depths"]) for row in rows}
    _curve(axes, depths, [limits[variance] for variance in variances])
    axes.grid(visible=False)
    axes.set_xticks(range(len(variances)), [f"{v:.3g}" for v in variances])
    axes.set_yticks(range(len(depths)), [f"{d:g}" for d in depths])
    axes.set_ylim(-0.5, len(depths) - 0.5)
    axes.set_xlabel("weight variance, fan_in · Var(W)", color=MUTED, fontsize=9)
    title(axes, "test accuracy in % by number of layers; line: six correlation depths")
    return figure


def _curve(axes, depths: list[float], limits: list[float]) -> None:
    """Six correlation depths at each variance, on the uneven steps of the axis; cut off beyond the deepest."""
    places = np.interp(limits, depths, range(len(depths)), left=-0.5, right=len(depths))
    axes.plot(range(len(limits)), places, color=color(1), linewidth=2.4)
