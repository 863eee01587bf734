"""Signal and gradient over ten tanh layers under three initializations: dots measured, lines and bands predicted."""

from matplotlib.figure import Figure

from fanin.propagation import document, propagate
from fanin.report.pictures.propagate import sizes
from fanin.report.pictures.style import quiet

SCHEMES = ("0.01*randn", "randn/sqrt(n_in)", "randn")


def draw() -> Figure:
    """Forward at the left, backward at the right."""
    stacks = document([propagate(scheme, depth=10, width=300, activation="tanh", batch=200) for scheme in SCHEMES])
    figure = Figure(figsize=(8.6, 3.1), layout="constrained")
    for axes, statistic in zip(figure.subplots(1, 2), ("std", "gradient"), strict=True):
        quiet(axes)
        sizes(axes, stacks, statistic)
        axes.set_xticks(range(1, 11))
    return figure
