"""The variance map of four activations, each at its own gain: where it crosses the diagonal, and how steeply."""

import numpy as np
from matplotlib.figure import Figure

from fanin.report.pictures.lines import Series
from fanin.report.pictures.lines import draw as lines
from fanin.report.pictures.style import MUTED, panel, title
from fanin.theory import gains, variance_map

ACTIVATIONS = ("relu", "tanh", "sigmoid", "gelu")


def draw() -> Figure:
    """Variance out over variance in; on the dashed line a layer keeps what it gets."""
    figure, axes = panel(5.2, 3.8)
    q = np.linspace(0.0, 2.5, 101)
    axes.plot(q, q, color=MUTED, linewidth=1, linestyle=(0, (2, 2)))
    arms = []
    for arm, name in enumerate(ACTIVATIONS):
        out = variance_map(name, q, weight_variance=gains(name).forward ** 2)
        arms.append(Series(arm, name, q, out, out, out))
    lines(axes, arms)
    axes.plot(1, 1, "o", color=MUTED, ms=6, zorder=5)
    axes.set_xlabel("variance of the pre-activations of a layer", color=MUTED, fontsize=9)
    title(axes, "variance of those of the next")
    return figure
