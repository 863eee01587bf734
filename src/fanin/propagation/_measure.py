"""A signal measured on its way through a stack, and a gradient on its way back: what theory predicts of both."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fanin.adapters.numpy import slope
from fanin.adapters.rows import gradient_row, off_row, saturated_row, size_rows
from fanin.propagation._stack import Stack
from fanin.values import Activation, Row, Scheme, Trace

Array = NDArray[Any]

_BINS = 40
_TINY = 1e-290  # narrower than this, bins have no width to divide by


@dataclass(frozen=True, slots=True)
class Histogram:
    """Counts of values between edges."""

    edges: tuple[float, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """What became of a signal and of a gradient; the histograms are of activations and of gradients, first layer first.

    Those of a bounded activation cover its whole range.
    """

    trace: Trace
    forward: tuple[Histogram, ...]
    backward: tuple[Histogram, ...]


def measure(stack: Stack, init: Scheme, bias: Scheme, phi: Activation) -> Measured:
    """Sends N(0, 1) inputs forward and N(0, 1) gradients back."""
    weights, biases = stack.weights(init), stack.biases(bias)
    rows: list[Row] = []
    forward, slopes = [], []
    a = stack.noise("input")
    ends = (phi.low, phi.high) if phi.saturates else None
    for layer in range(stack.depth):
        z = a @ weights[layer].T
        z += biases[layer]
        a = phi.function(z)
        rows += _rows(str(layer + 1), z, a, phi)
        forward.append(_histogram(a, ends))
        slopes.append(slope(phi, z, a))
    back: list[Row] = []
    backward = []
    delta = stack.noise("gradient") * slopes[-1]
    for layer in range(stack.depth - 1, -1, -1):
        back.append(gradient_row(str(layer + 1), delta))
        backward.append(_histogram(delta, None))
        if layer:
            delta = delta @ weights[layer]
            delta *= slopes[layer - 1]
    return Measured(Trace("measured", tuple(rows + back[::-1])), tuple(forward), tuple(backward[::-1]))


def _rows(name: str, z: Array, a: Array, phi: Activation) -> Iterator[Row]:
    yield from size_rows(name, z, a)
    if np.all(np.isfinite(z)):  # a share of what overflowed says nothing
        yield saturated_row(name, a, phi)
        yield off_row(name, z, phi)


def _histogram(values: Array, ends: tuple[float, float] | None) -> Histogram:
    """Of the finite values, in equal bins from one end to the other, or from the least to the greatest."""
    low, high = ends or (float(values.min()), float(values.max()))
    if not np.isfinite(high - low):
        values = values[np.isfinite(values)]
        if not values.size:
            return Histogram((0.0, 1.0), (0,))
        low, high = ends or (float(values.min()), float(values.max()))
    if high - low < _TINY:
        low, high = low - 0.5, high + 0.5
    edges = np.linspace(low, high, _BINS + 1)
    places = ((values - low) * (_BINS / (high - low))).astype(np.intp)
    counts = np.bincount(places.ravel(), minlength=_BINS + 1)
    counts[_BINS - 1] += counts[_BINS]  # the last bin has both its ends
    return Histogram(tuple(edges.tolist()), tuple(counts[:_BINS].tolist()))
