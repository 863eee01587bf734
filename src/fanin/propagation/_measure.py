"""A signal measured on its way through a stack, and a gradient on its way back."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fanin.adapters.rows import forward_rows, gradient_row
from fanin.propagation._stack import Stack
from fanin.values import Activation, Row, Scheme, Trace

Array = NDArray[Any]

_BINS = 40


@dataclass(frozen=True, slots=True)
class Histogram:
    """Counts of activations between edges."""

    edges: tuple[float, ...]
    counts: tuple[int, ...]


def measure(stack: Stack, init: Scheme, bias: Scheme, phi: Activation) -> tuple[Trace, tuple[Histogram, ...]]:
    """What N(0, 1) inputs and gradients become, layer by layer."""
    rows: list[Row] = []
    histograms = []
    weights, pre = [], []
    a = stack.noise("input")
    for i in range(stack.depth):
        weights.append(stack.draw(init, stack.weight(i)))
        z = a @ weights[i].T
        z += stack.draw(bias, stack.bias(i))
        pre.append(z)
        a = phi.function(z)
        rows += forward_rows(str(i + 1), z, a, phi)
        histograms.append(_histogram(a, phi))
    delta = stack.noise("gradient") * phi.derivative(pre[-1])
    back = [gradient_row(str(stack.depth), delta)]
    for i in range(stack.depth - 1, 0, -1):
        delta = (delta @ weights[i]) * phi.derivative(pre[i - 1])
        back.append(gradient_row(str(i), delta))
    return Trace("measured", tuple(rows + back[::-1])), tuple(histograms)


def _histogram(a: Array, phi: Activation) -> Histogram:
    finite = a[np.isfinite(a)]
    if not finite.size:
        return Histogram((0.0, 1.0), (0,))
    ends = (phi.low, phi.high) if phi.saturates else None
    counts, edges = np.histogram(finite, bins=_BINS, range=ends)
    return Histogram(tuple(edges.tolist()), tuple(counts.tolist()))
