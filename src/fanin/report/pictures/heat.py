"""A heat map: how well each initialization does at each depth, and where theory says that training ends."""

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from fanin.errors import shorten
from fanin.report.pictures.style import INK, LINE, MUTED, say, title
from fanin.report.views.heat import HeatMap
from fanin.report.words import clean, number

_SHADES = LinearSegmentedColormap.from_list("learned", ["#f4ece4", "#9cc3de", "#0072b2"])
_LABEL, _DIGITS = 22, 100


def size(found: HeatMap) -> tuple[float, float]:
    """Width and height in inches: cells of one size whatever their number."""
    return 2.6 + 0.62 * len(found.columns), 1.1 + 0.36 * len(found.rows)


def draw(axes: Axes, found: HeatMap, metric: str) -> None:
    """A shade and a number per cell; a line behind the last depth that trains by theory."""
    values = np.array([[math.nan if v is None else v for v in row] for row in found.values], dtype=float)
    low, high = _range(values, metric)
    shades = _SHADES if metric == "accuracy" else _SHADES.reversed()
    edges = [np.arange(count + 1) - 0.5 for count in values.shape]
    axes.pcolormesh(edges[1], edges[0], values, cmap=shades, vmin=low, vmax=high)  # paths, which no browser blurs
    axes.invert_yaxis()
    for i, j in np.ndindex(values.shape):
        _cell(axes, i, j, float(values[i, j]), found.learned[i][j], metric, (low, high))
    _axes(axes, found)
    for i, limit in enumerate(found.limits):
        if limit is not None:
            _limit(axes, i, limit, found.columns)
    named = "final test accuracy, %" if metric == "accuracy" else "final test loss"
    title(axes, f"{named}{' · ' + found.title if found.title else ''}")


def _range(values: np.ndarray[tuple[int, int], np.dtype[np.float64]], metric: str) -> tuple[float, float]:
    """Accuracies from 0 to 1; losses from the least to the most."""
    known = values[np.isfinite(values)]
    if metric == "accuracy" or not known.size:
        return 0.0, 1.0
    return float(known.min()), float(known.max()) + 1e-12


def _cell(
    axes: Axes, row: int, column: int, value: float, learned: str, metric: str, limits: tuple[float, float]
) -> None:
    """The number; grey and in brackets where not every seed learned."""
    if math.isnan(value):
        say(axes.text(column, row, "", ha="center", va="center", fontsize=9, color=MUTED), "–" if learned else "")
        return
    shade = (value - limits[0]) / (limits[1] - limits[0])
    dark = (shade if metric == "accuracy" else 1 - shade) > 0.75
    done, _, of = learned.partition(" of ")
    text = f"{_DIGITS * value:.0f}" if metric == "accuracy" else number(value, 2)
    shown = text if done == of else f"({text})"
    say(axes.text(column, row, "", ha="center", va="center", fontsize=9, color="#fefefe" if dark else "#1d2126"), shown)


def _axes(axes: Axes, found: HeatMap) -> None:
    axes.set_xticks(range(len(found.columns)), [str(column) for column in found.columns])
    axes.set_yticks(range(len(found.rows)), [clean(shorten(row, _LABEL)) for row in found.rows])
    for text in axes.get_yticklabels():
        text.set_parse_math(False)
        text.set_color(INK)
    axes.set_xlabel(found.across, color=MUTED, fontsize=9)
    axes.grid(visible=False)
    axes.spines["bottom"].set_visible(False)
    axes.set_xticks(np.arange(len(found.columns) + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(len(found.rows) + 1) - 0.5, minor=True)
    axes.grid(which="minor", color=LINE, linewidth=1.2)


def _limit(axes: Axes, row: int, limit: float, columns: list[int]) -> None:
    """Between the columns, where the depth lies in proportion; none beyond the last."""
    if limit >= columns[-1]:
        return
    place = float(np.interp(limit, columns, range(len(columns)))) if limit >= columns[0] else -0.5
    axes.plot([place, place], [row - 0.5, row + 0.5], color="#d55e00", linewidth=2.2, solid_capstyle="butt")
