"""One pass of a batch through a network, written down as a trace: all numbers that the doctor's rules need."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fanin import sampling
from fanin.adapters.numpy import Loss, Network, Signals, backward, forward, output_delta
from fanin.adapters.numpy import loss as mean_loss
from fanin.adapters.rows import feature_rows, forward_rows, gradient_row, input_rows, kurtosis, root_mean_square, tiny
from fanin.errors import InputError
from fanin.probe._symmetry import distinct_units
from fanin.sampling import Stream
from fanin.values import Law, Param, Row, Trace

__all__ = ["probe"]

Array = NDArray[Any]


def probe(network: Network, x: Array, *, target: Array | None = None, loss: Loss | None = None, seed: int = 0) -> Trace:
    """What a batch does in a network, forward and backward, in float64.

    The layers are "1", "2", ...; the batch is the layer "input". `gradient` is that of N(0, 1) noise, independent per
    sample and unit, at the last activations: it shows what the network does to any gradient. A last layer whose
    weights are all 0 lets none through before the first step; it is left out, with the noise below it.

    Args:
        network: one network, not a stack of them.
        x: (samples, features).
        target: (samples, outputs), one-hot; with `loss`, its value and the gradients to the weights are measured.
        loss: quadratic, mse, bce or cross_entropy.
        seed: of the noise.

    Raises:
        InputError: the batch is empty, not finite, or does not fit the first layer.
    """
    network = Network(
        tuple(np.asarray(weight, np.float64) for weight in network.weights),
        tuple(np.asarray(bias, np.float64) for bias in network.biases),
        network.activation,
        network.output,
    )
    x = np.asarray(x, np.float64)
    if any(weight.ndim != 2 for weight in network.weights):
        raise InputError(f"got weights of shape {network.weights[0].shape}; probe one network (out, in) at a time")
    if x.ndim != 2 or 0 in x.shape or not np.all(np.isfinite(x)):
        raise InputError(f"got a batch of shape {x.shape}; expected (samples, features), finite, not empty")
    with np.errstate(all="ignore"):  # a network that overflows is a finding, not a fault of ours
        return Trace("measured", tuple(_rows(network, x, target, loss, seed)))


def _rows(network: Network, x: Array, target: Array | None, loss: Loss | None, seed: int) -> Iterator[Row]:
    signals = forward(network, x)
    yield from input_rows(x)
    yield from feature_rows(x)
    for i, (weight, bias) in enumerate(zip(network.weights, network.biases, strict=True)):
        yield from _weight_rows(str(i + 1), weight, bias)
        yield from forward_rows(str(i + 1), signals.z[i], signals.a[i], network.phi(i))
    yield from distinct_units(network, x, noise(x.shape[0], network.weights[-1].shape[0], seed))
    yield from _neutral_gradients(network, signals, seed)
    if target is not None and loss is not None:
        yield from _loss_rows(network, signals, target, loss)


def _weight_rows(name: str, weight: Array, bias: Array) -> Iterator[Row]:
    known = weight[np.isfinite(weight)]
    yield Row(name, "weight", "finite", known.size / max(weight.size, 1))
    if known.size:
        mean, std = float(known.mean()), float(known.std())
        yield Row(name, "weight", "mean", mean, std / math.sqrt(known.size))
        yield Row(name, "weight", "std", std, std / math.sqrt(2 * known.size))
        yield Row(name, "weight", "min", float(known.min()))
        yield Row(name, "weight", "max", float(known.max()))
        yield Row(name, "weight", "zeros", float(np.mean(known == 0)))
        yield Row(name, "weight", "tiny", tiny(known))
        if 0 < std < math.inf:
            yield Row(name, "weight", "kurtosis", *kurtosis(known))
    known = bias[np.isfinite(bias)]
    yield Row(name, "weight", "bias_finite", known.size / max(bias.size, 1))
    if known.size:
        yield Row(name, "weight", "bias_mean", float(known.mean()), float(known.std()) / math.sqrt(known.size))
        yield Row(name, "weight", "bias_std", float(known.std()))


def noise(samples: int, units: int, seed: int) -> Array:
    """N(0, 1) gradient for the last activations, (samples, units)."""
    param = Param("noise", (samples, units), ("batch", "out"))
    return sampling.draw(Law("normal"), param, Stream(seed, "probe/noise"), dtype="float64")


def _neutral_gradients(network: Network, signals: Signals, seed: int) -> Iterator[Row]:
    top = network.depth - 1
    while top > 0 and not np.any(network.weights[top]):
        top -= 1
    samples, units = signals.z[top].shape
    delta = noise(samples, units, seed) * network.phi(top).derivative(signals.z[top])
    rows = [gradient_row(str(top + 1), delta)]
    for i in range(top, 0, -1):
        delta = (delta @ network.weights[i]) * network.phi(i - 1).derivative(signals.z[i - 1])
        rows.append(gradient_row(str(i), delta))
    yield from reversed(rows)


def _loss_rows(network: Network, signals: Signals, target: Array, loss: Loss) -> Iterator[Row]:
    yield Row(str(network.depth), "forward", "loss", float(mean_loss(loss, signals.a[-1], target)))
    delta = output_delta(loss, network, signals, target) / len(target)
    for i, gradient in enumerate(backward(network, signals, delta).weights):
        yield Row(str(i + 1), "backward", "weight_gradient", root_mean_square(gradient)[0])
