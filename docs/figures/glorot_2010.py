"""Glorot & Bengio's figures 6 and 7: activations and gradients of five tanh layers under their two initializations."""

from matplotlib.figure import Figure

from fanin.propagation import Arm, propagate
from fanin.report.pictures.style import INK, MUTED, color, quiet

SCHEMES = ("uniform(-1/sqrt(n), 1/sqrt(n))", "glorot_uniform")
NAMES = ("standard, U(±1/√n)", "normalized, glorot_uniform")


def draw() -> Figure:
    """Above, the activations of each layer, as in figure 6; below, the size of the gradient, as in figure 7."""
    figure = Figure(figsize=(8.2, 5.2), layout="constrained")
    grid = figure.add_gridspec(2, 2, height_ratios=(3, 2))
    arms = [propagate(scheme, depth=5, width=1000, activation="tanh", batch=100) for scheme in SCHEMES]
    for column, (arm, name) in enumerate(zip(arms, NAMES, strict=True)):
        _activations(figure.add_subplot(grid[0, column]), arm, name)
    _gradients(figure.add_subplot(grid[1, :]), arms)
    return figure


def _activations(axes, arm: Arm, name: str) -> None:
    quiet(axes)
    for layer, histogram in enumerate(arm.histograms):
        density = [count / sum(histogram.counts) for count in histogram.counts]
        axes.stairs(density, histogram.edges, color=color(layer), linewidth=1.5, label=f"layer {layer + 1}")
    axes.set_yticks([])
    axes.set_xticks([-1, 0, 1])
    axes.set_ylim(0, 0.16)
    axes.set_title(name, loc="left", fontsize=10, color=INK)
    axes.set_xlabel("activation", color=MUTED, fontsize=9)
    axes.legend(frameon=False, fontsize=8, labelcolor=MUTED, handlelength=1.2)


def _gradients(axes, arms: list[Arm]) -> None:
    quiet(axes)
    for index, (arm, name) in enumerate(zip(arms, NAMES, strict=True)):
        sizes = [row.value for row in arm.measured.series("backward", "gradient")]
        axes.plot(range(1, 6), sizes, "-o", color=color(index), ms=5)
        axes.text(0.93, sizes[0], name, va="center", fontsize=9, color=INK)
    axes.set_xlim(5.1, 0.0)  # from the output down, as the gradient goes
    axes.set_ylim(0, 1.15)
    axes.set_xticks(range(5, 0, -1))
    axes.set_xlabel("layer, from the output down", color=MUTED, fontsize=9)
    axes.set_title("rms of the gradient to the pre-activations", loc="left", fontsize=10, color=INK)
