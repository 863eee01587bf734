"""Which hidden units are, and stay, copies of each other: told by descending a few steps, not by looking alone.

Units with equal weights and bias are harmless if the gradient tells them apart (a zero or constant layer below a
random one), and fatal if it doesn't: then no number of steps will. In float32, rounding may break such a tie, so all
of this is in float64.
"""

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fanin.adapters.copies import distinct, scaled
from fanin.adapters.numpy import Network, backward, forward
from fanin.values import Row

Array = NDArray[Any]

_STEPS = 5  # every step lets gradients through one more layer of zeros
_STEP_SIZE = 1e-2
_SAMPLES = 64


def distinct_units(network: Network, x: Array, noise: Array) -> Iterator[Row]:
    """Share of distinct units in each hidden layer, before and after some steps along the gradient of sum(noise·a).

    The units of the last layer are no copies of each other, whatever their weights: each has a target of its own.
    """
    hidden = range(network.depth - 1)
    if not all(np.all(np.isfinite(array)) for array in (*network.weights, *network.biases)):
        return
    start = [_units(network, i) for i in hidden]
    before = [distinct(units) for units in start]
    after = before
    if any(share < 1 for share in before):
        trained = _descend(network, x[:_SAMPLES], noise[:_SAMPLES])
        moved = [_units(trained, i) - start[i] for i in hidden]
        after = [distinct(np.hstack([scaled(start[i]), scaled(moved[i])])) for i in hidden]
    for i in hidden:
        yield Row(str(i + 1), "weight", "distinct_rows", before[i])
        yield Row(str(i + 1), "weight", "distinct_after", after[i])


def _units(network: Network, layer: int) -> Array:
    """One row per unit: its weights and its bias."""
    return np.hstack([network.weights[layer], network.biases[layer][:, None]])


def _descend(network: Network, x: Array, noise: Array) -> Network:
    """Some steps of gradient descent, each tensor's of its own length, so that no gradient is too small to move it."""
    for _ in range(_STEPS):
        signals = forward(network, x)
        gradients = backward(network, signals, noise * network.output.derivative(signals.z[-1]))
        network = replace(
            network,
            weights=tuple(map(_step, network.weights, gradients.weights)),
            biases=tuple(map(_step, network.biases, gradients.biases)),
        )
    return network


def _step(values: Array, gradient: Array) -> Array:
    size = np.sqrt(np.mean(values**2)) + 1 / math.sqrt(values.shape[-1])
    largest = np.max(np.abs(gradient))
    if not 0 < largest < math.inf:
        return values
    return np.asarray(values - _STEP_SIZE * size * gradient / largest)
