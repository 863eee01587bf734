"""The pictures of a study's page."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from markupsafe import Markup

from fanin.report.pictures import heat, strip
from fanin.report.pictures import study as training
from fanin.report.pictures.style import color, inline, panel
from fanin.report.views.heat import HeatMap, heat_maps
from fanin.report.views.study import Arm, final, learned
from fanin.report.views.study import axes as axes_of
from fanin.report.words import number, percent

_CELLS = 12  # of which curves are drawn; each takes 25 kB


def pictures(document: Mapping[str, Any]) -> dict[str, Any]:
    """Heat maps over the settings; two curves per cell; the strips of activations and of weights before training."""
    cells = [list(arms) for _, arms in groupby(document["arms"], key=lambda arm: arm["cell"])]
    return {
        "maps": [(_map(document, i, found), found.tables) for i, found in enumerate(heat_maps(document))],
        "cells": [_cell(document, i, arms) for i, arms in enumerate(cells[:_CELLS])],
        "left_out": len(cells[_CELLS:]),
        "shown_layers": strip.LAYERS,
        "strips": _all_strips(document, cells),
    }


def _map(document: Mapping[str, Any], index: int, found: HeatMap) -> Markup:
    figure, axes = panel(*heat.size(found))
    heat.draw(axes, found, document["metric"])
    rows = "; ".join(
        f"{name}: {', '.join(number(value) for value in row)}"
        for name, row in zip(found.rows, found.values, strict=True)
    )
    return Markup(inline(figure, f"map-{index}", f"Final score by initialization and {found.across}. {rows}."))


def _cell(document: Mapping[str, Any], index: int, arms: Sequence[Arm]) -> tuple[str, list[Markup]]:
    """The curves of the arms of one cell, and its name."""
    name = ", ".join(f"{axis} {arms[0]['cell'][axis]}" for axis in axes_of(document))
    return name, [_curve(document, quantity, index, arms) for quantity in training.quantities(document)]


def _curve(document: Mapping[str, Any], quantity: str, index: int, arms: Sequence[Arm]) -> Markup:
    figure, axes = panel(4.8, 3.4)
    training.curves(axes, document, quantity, arms)
    ends = "; ".join(f"{arm['init']}: {final(document, arm)}, learned {learned(arm)}" for arm in arms)
    name = {"accuracy": "Test accuracy", "loss": "Training cost", "test_loss": "Test cost"}[quantity]
    return Markup(
        inline(figure, f"{quantity}-{index}", f"{name} over the epochs, one line per initialization. {ends}.")
    )


def _all_strips(document: Mapping[str, Any], cells: Sequence[Sequence[Arm]]) -> list[list[Markup]]:
    """Of the arms of the last cell alone: the deepest, where there are several."""
    last: Sequence[Arm] = cells[-1]
    before = len(document["arms"]) - len(last)
    return [[]] * before + [_strips(i, arm, _limits(document, arm)) for i, arm in enumerate(last)]


def _limits(document: Mapping[str, Any], arm: Arm) -> tuple[float, float] | None:
    name = arm["cell"].get("activation", document["settings"]["activation"])
    return strip.limits(name) if name else None


def _strips(index: int, arm: Mapping[str, Any], limits: tuple[float, float] | None) -> list[Markup]:
    layers = (arm["start"] or {"layers": []})["layers"]
    if not layers:
        return []
    signals = [strip.Row(layer["layer"], layer["activation"]["histogram"], _signal(layer)) for layer in layers]
    weights = [strip.Row(layer["layer"], layer["weight"]["histogram"], _weight(layer)) for layer in layers]
    return [
        _strip(index, arm, "activation", signals, limits),
        _strip(index, arm, "weight", weights, strip.around_zero(weights)),
    ]


def _strip(
    index: int, arm: Mapping[str, Any], what: str, rows: list[strip.Row], limits: tuple[float, float] | None
) -> Markup:
    figure, axes = strip.panel(len(rows))
    strip.draw(axes, rows, color(index), what, limits)
    remarks = "; ".join(f"layer {row.name}: {row.remark}" for row in rows)
    return Markup(inline(figure, f"{what}-{index}", f"Histograms of each {what} of {arm['init']} at start. {remarks}."))


def _signal(layer: Mapping[str, Any]) -> str:
    values = layer["activation"]
    shares = [f"{percent(values[name], 0)} {name}" for name in ("saturated", "dead") if values[name]]
    return ", ".join([f"std {number(values['std'], 2)}", *shares])


def _weight(layer: Mapping[str, Any]) -> str:
    return f"mean {number(layer['weight']['mean'], 2)}, std {number(layer['weight']['std'])}"
