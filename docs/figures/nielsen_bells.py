"""Nielsen's example: the weighted sum of a unit with 1,000 inputs, half of them on, before and after the division."""

import numpy as np
from matplotlib.figure import Figure

import fanin
from fanin.report.pictures.style import INK, MUTED, color, quiet

UNITS, ON = 20_000, 500
STARTS = {"randn": (np.sqrt(501), "√501 = 22.4"), "randn/sqrt(1000)": (np.sqrt(1.5), "√(3/2) = 1.22")}


def draw() -> Figure:
    """Histograms of 20,000 units, weights and a bias from N(0, 1) each; the curves are the book's."""
    figure = Figure(figsize=(7.2, 2.5), layout="constrained")
    for row, (axes, (scheme, (std, said))) in enumerate(
        zip(figure.subplots(2, sharex=True), STARTS.items(), strict=True)
    ):
        z = fanin.sample(scheme, (UNITS, ON)).sum(axis=1) + fanin.sample("randn", (UNITS, 1), path="bias")[:, 0]
        grid = np.linspace(-75, 75, 601)
        bins = np.arange(-75, 75.1, 2.5 if row == 0 else 0.5)
        quiet(axes)
        axes.grid(visible=False)
        axes.set_yticks([])
        axes.set_xlim(-75, 150)
        axes.hist(z, bins, density=True, histtype="stepfilled", color=color(row), alpha=0.6)
        axes.plot(grid, np.exp(-((grid / std) ** 2) / 2) / std / np.sqrt(2 * np.pi), color=INK, linewidth=1)
        axes.text(0.99, 0.75, scheme, ha="right", fontsize=10, color=INK, transform=axes.transAxes)
        note = f"std in the book {said}; ours {z.std():.3g}"
        axes.text(0.99, 0.5, note, ha="right", fontsize=9, color=MUTED, transform=axes.transAxes)
    axes.set_xlabel("weighted sum", color=MUTED, fontsize=9)
    return figure
