"""The first layer's pre-activations on the embedded digits, under three initializations."""

import numpy as np
from matplotlib.figure import Figure

import fanin
from fanin.report.pictures.style import INK, LINE, MUTED, color, quiet
from fanin.study.datasets import load
from fanin.values.activation import activation

SCHEMES = ("rand", "randn", "randn/sqrt(n_in)")


def draw() -> Figure:
    """One row per scheme; the grey band is where the sigmoid is not within 1 % of its ends."""
    images = load("mnist-mini").x_train / 255
    sigmoid = activation("sigmoid")
    figure = Figure(figsize=(7.2, 3.0), layout="constrained")
    for row, (axes, scheme) in enumerate(zip(figure.subplots(3, sharex=True), SCHEMES, strict=True)):
        z = (images @ fanin.sample(scheme, (30, 784), seed=0).T).ravel()
        quiet(axes)
        axes.grid(visible=False)
        axes.set_yticks([])
        axes.axvspan(-4.6, 4.6, color=LINE, alpha=0.6, linewidth=0)
        axes.hist(z, bins=np.arange(-45, 125, 1.0), histtype="stepfilled", color=color(row), alpha=0.85)
        said = f"{z.mean():.0f} ± {z.std():.2g}, {np.mean(sigmoid.saturated(sigmoid.function(z))):.0%} saturated"
        axes.text(0.99, 0.78, scheme, ha="right", color=INK, fontsize=10, transform=axes.transAxes)
        axes.text(0.99, 0.5, said, ha="right", color=MUTED, fontsize=9, transform=axes.transAxes)
    axes.set_xlabel("weighted sum of the inputs", color=MUTED, fontsize=9)
    return figure
