"""The size of signal or gradient over depth, with the layers marked where something was found."""

from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from fanin.report.pictures.style import MUTED, color, title
from fanin.report.views import layers

_WIDE, _SMALLEST, _LARGEST = 10.0, 1e-250, 1e250  # beyond these is no axis
_MARKED = {"error": color(1), "warning": color(4)}


def course(axes: Axes, document: Mapping[str, Any], direction: str) -> None:
    """A line over the layers in order of execution; what is 0 or beyond all floats stands at the edge."""
    values = layers.course(document, direction)
    known = [(i + 1, min(value, _LARGEST)) for i, value in enumerate(values) if value is not None]
    sizes = [value for _, value in known if value > _SMALLEST]
    title(axes, "rms of the signal" if direction == "forward" else "rms of the gradient")
    axes.set_xlabel("layer", color=MUTED, fontsize=9)
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    if sizes and max(sizes) > _WIDE * min(sizes):
        axes.set_yscale("log")
        axes.minorticks_off()
        known = [(place, max(value, min(sizes))) for place, value in known]
    elif sizes:
        axes.set_ylim(0, 1.1 * max(sizes))
    axes.plot(*zip(*known, strict=True) if known else ([], []), color=color(0), linewidth=1.7)
    severities = [row.severity for row in layers.rows(document, fold=False)]
    for severity, look in _MARKED.items():
        dots = [(place, value) for place, value in known if severities[place - 1] == severity]
        axes.plot(*zip(*dots, strict=True) if dots else ([], []), "o", color=look, ms=4)
