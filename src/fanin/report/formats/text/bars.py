"""Curves and histograms in block characters."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

_EIGHTHS = " ▁▂▃▄▅▆▇█"


def sparkline(values: Iterable[float | None], low: float, high: float) -> str:
    """One character per value; a value that is missing is a gap, a small one still shows.

    >>> sparkline([0.0, 0.5, None, 1.0], 0.0, 1.0)
    '▁▅ █'
    """
    span = high - low or 1.0
    return "".join(" " if v is None else _EIGHTHS[1 + round(7 * min(1.0, max(0.0, (v - low) / span)))] for v in values)


def columns(counts: Sequence[float], height: int = 1) -> list[str]:
    """Columns standing on one line, as `height` lines of text; the highest fills them.

    >>> columns([0, 1, 8], 1)
    [' ▁█']
    """
    top = max(counts, default=0) or 1
    levels = [max(int(count > 0), round(8 * height * count / top)) for count in counts]
    return ["".join(_EIGHTHS[min(8, max(0, level - 8 * row))] for level in levels) for row in range(height - 1, -1, -1)]


def span(histograms: Iterable[Mapping[str, Any] | None]) -> tuple[float, float] | None:
    """The range that all the histograms together cover."""
    edges = [edge for h in histograms if h for edge in (h["edges"][0], h["edges"][-1])]
    return (min(edges), max(edges)) if edges else None


def rebin(histogram: Mapping[str, Any], low: float, high: float, bins: int) -> list[float]:
    """The counts of a histogram in `bins` equal bins from low to high, as if spread evenly within each old bin.

    >>> rebin({"edges": [0.0, 1.0, 2.0], "counts": [4, 0]}, 0.0, 2.0, 4)
    [2.0, 2.0, 0.0, 0.0]
    """
    edges = np.asarray(histogram["edges"], np.float64)
    below = np.concatenate([[0.0], np.cumsum(histogram["counts"])])
    if high <= low:
        return [float(below[-1])] + [0.0] * (bins - 1)
    wanted = np.interp(np.linspace(low, high, bins + 1), edges, below)
    return [float(count) for count in np.diff(wanted)]


def course(values: Sequence[float | None]) -> str:
    """A sparkline of sizes: on a logarithmic scale where they span more than a factor of ten.

    >>> course([1.0, 1.0, 1.1]), course([1.0, 1e-3, 1e-6, None, 0.0])
    ('▇▇█', '█▅▁ ▁')
    """
    sizes = [v for v in values if v is not None and v > 0]
    low, high = min(sizes, default=0.0), max(sizes, default=0.0)
    if high <= 10 * low or not sizes:
        return sparkline(values, 0.0, high)
    logs = [None if v is None else math.log(max(v, low)) for v in values]
    return sparkline(logs, math.log(low), math.log(high))
