"""The mean of the first n numbers of thirty streams: it wanders, within about two standard errors of 0."""

import numpy as np
from matplotlib.figure import Figure

import fanin
from fanin.report.pictures.style import INK, MUTED, color, panel, title

STREAMS, MOST = 30, 10_000


def draw() -> Figure:
    """One line per seed; the band is ±2/sqrt(n)."""
    figure, axes = panel(5.6, 3.0)
    counts = np.unique(np.geomspace(4, MOST, 60).astype(int))
    for seed in range(STREAMS):
        means = np.cumsum(fanin.sample("randn", (1, MOST), seed=seed)[0])[counts - 1] / counts
        axes.plot(counts, means, color=color(0), linewidth=0.7, alpha=0.55)
    band = 2 / np.sqrt(counts)
    axes.fill_between(counts, -band, band, color=MUTED, alpha=0.18, linewidth=0)
    axes.axhline(0, color=INK, linewidth=1)
    axes.set_xscale("log")
    axes.minorticks_off()
    axes.set_xlabel("n", color=MUTED, fontsize=9)
    title(axes, "mean of the first n numbers of randn, thirty seeds")
    return figure
