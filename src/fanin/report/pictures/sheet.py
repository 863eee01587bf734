"""A whole document on one sheet, for a picture file."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from fanin.report.pictures import convergence, heat, histogram, strip
from fanin.report.pictures import propagate as depth
from fanin.report.pictures import study as training
from fanin.report.pictures.style import color, quiet, title
from fanin.report.views.heat import HeatMap, heat_maps
from fanin.report.words import number


def sample(document: Mapping[str, Any]) -> Figure:
    """A row per sample: its histogram, and where it was asked for, its convergence."""
    samples = document["samples"]
    columns = 3 if any(s.get("convergence") for s in samples) else 1
    figure = Figure(figsize=(1.0 + 4.2 * columns, 2.8 * len(samples)), layout="constrained")
    for i, (s, row) in enumerate(zip(samples, figure.subplots(len(samples), columns, squeeze=False), strict=True)):
        for axes in row:
            quiet(axes)
        title(row[0], s["init"])
        histogram.draw(row[0], s, color(i))
        for axes, statistic in zip(row[1:], ("mean", "std"), strict=False):
            convergence.draw(axes, s, statistic, color(i))
    return figure


def propagate(document: Mapping[str, Any]) -> Figure:
    """The size of signal and gradient over depth above, the strips of all arms below."""
    arms = document["arms"]
    width, height = strip.size(max(len(arm["layers"]) for arm in arms))
    figure = Figure(figsize=(max(2, len(arms)) * width, 3.2 + height), layout=ConstrainedLayoutEngine(w_pad=0.12))
    above, below = figure.subfigures(2, 1, squeeze=False, height_ratios=(3.2, height))[:, 0]
    for axes, statistic in zip(above.subplots(1, 2), ("std", "gradient"), strict=True):
        quiet(axes)
        depth.sizes(axes, document, statistic)
    for i, (arm, axes) in enumerate(zip(arms, below.subplots(1, len(arms), squeeze=False)[0], strict=True)):
        quiet(axes)
        title(axes, arm["init"])
        strip.draw(axes, strips(arm), color(i), "activation", strip.limits(document.get("activation")))
    return figure


def strips(arm: Mapping[str, Any]) -> list[strip.Row]:
    """The rows of one arm of a propagation."""
    return [
        strip.Row(str(layer["layer"]), layer.get("histogram"), f"std {number(layer['measured']['std'])}")
        for layer in arm["layers"]
    ]


def study(document: Mapping[str, Any]) -> Figure:
    """Accuracy and cost side by side; of a study over depth or other settings its heat maps."""
    maps = heat_maps(document)
    if maps:
        return _maps(maps, document["metric"])
    figure = Figure(figsize=(10.4, 3.8), layout="constrained")
    for axes, quantity in zip(figure.subplots(1, 2), training.quantities(document), strict=True):
        quiet(axes)
        training.curves(axes, document, quantity)
    return figure


def _maps(maps: Sequence[HeatMap], metric: str) -> Figure:
    width, height = heat.size(maps[0])
    figure = Figure(figsize=(width, height * len(maps)), layout="constrained")
    for axes, found in zip(figure.subplots(len(maps), 1, squeeze=False)[:, 0], maps, strict=True):
        quiet(axes)
        heat.draw(axes, found, metric)
    return figure
