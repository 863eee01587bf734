"""Plain dense networks as arrays: someone's list of weights and biases is enough.

Weights are (..., out, in), biases (..., out), batches (..., batch, features). Leading axes are independent copies of
the network, so that a study trains all its trials in one batched computation; a single network has none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from fanin.errors import InputError
from fanin.values import Activation, Param
from fanin.values.param import bias as bias_param
from fanin.values.param import dense

Array = NDArray[Any]
Loss = Literal["quadratic", "mse", "bce", "cross_entropy"]


@dataclass(frozen=True, slots=True)
class Network:
    """A dense network: a[l] = phi(W[l] a[l-1] + b[l]), with `output` for phi in the last layer."""

    weights: tuple[Array, ...]
    biases: tuple[Array, ...]
    activation: Activation
    output: Activation

    def __post_init__(self) -> None:
        if not self.weights or len(self.weights) != len(self.biases):
            raise InputError(f"got {len(self.weights)} weights and {len(self.biases)} biases; give one bias per weight")
        width: int | None = None
        for i, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            if weight.ndim < 2 or bias.shape != weight.shape[:-1]:
                raise InputError(
                    f"layer {i + 1}: weight {weight.shape} and bias {bias.shape}; expected (out, in), (out,)"
                )
            if width is not None and weight.shape[-1] != width:
                raise InputError(
                    f"layer {i + 1} takes {weight.shape[-1]} inputs, but layer {i} gives {width}; "
                    "if the weights are stored (in, out), say --layout io"
                )
            width = weight.shape[-2]

    @property
    def depth(self) -> int:
        """Number of weight layers."""
        return len(self.weights)

    def phi(self, layer: int) -> Activation:
        """The nonlinearity of a layer, counted from 0."""
        return self.output if layer == self.depth - 1 else self.activation


@dataclass(frozen=True, slots=True)
class Signals:
    """The input and, per layer, pre-activations z and activations a, each (..., batch, out)."""

    x: Array
    z: tuple[Array, ...]
    a: tuple[Array, ...]


@dataclass(frozen=True, slots=True)
class Gradients:
    """Per layer: the gradient to z (summed over nothing), to the weight and to the bias (summed over the batch)."""

    z: tuple[Array, ...]
    weights: tuple[Array, ...]
    biases: tuple[Array, ...]


def forward(network: Network, x: Array) -> Signals:
    """All pre-activations and activations of a batch (..., batch, features).

    Raises:
        InputError: the batch does not fit the first layer.
    """
    if x.ndim < 2 or x.shape[-1] != network.weights[0].shape[-1]:
        raise InputError(
            f"the data have shape {x.shape}; the first layer takes (batch, {network.weights[0].shape[-1]})"
        )
    zs, activations, a = [], [], x
    for layer, (weight, bias) in enumerate(zip(network.weights, network.biases, strict=True)):
        z = np.matmul(a, weight.swapaxes(-1, -2))
        z += bias[..., None, :]
        a = network.phi(layer).function(z)
        zs.append(z)
        activations.append(a)
    return Signals(x, tuple(zs), tuple(activations))


def respond(network: Network, x: Array) -> Array:
    """The last activations alone: `forward` without keeping what lies between."""
    a = x
    for layer, (weight, bias) in enumerate(zip(network.weights, network.biases, strict=True)):
        z = np.matmul(a, weight.swapaxes(-1, -2))
        z += bias[..., None, :]
        a = network.phi(layer).function(z)
    return a


def backward(
    network: Network, signals: Signals, output_delta: Array, out: Sequence[Array | None] | None = None
) -> Gradients:
    """Gradients of all layers from the gradient to the last pre-activation (..., batch, out).

    With `out`, one array per layer, the gradients to the weights are written there: they are as large as the weights.
    """
    deltas: list[Array] = [output_delta]
    for layer in range(network.depth - 1, 0, -1):
        delta = np.matmul(deltas[-1], network.weights[layer])
        delta *= slope(network.activation, signals.z[layer - 1], signals.a[layer - 1])
        deltas.append(delta)
    deltas.reverse()
    inputs = (signals.x, *signals.a[:-1])
    places = out if out is not None else [None] * network.depth
    weights = tuple(
        np.matmul(d.swapaxes(-1, -2), a, out=place) for d, a, place in zip(deltas, inputs, places, strict=True)
    )
    return Gradients(tuple(deltas), weights, tuple(d.sum(axis=-2) for d in deltas))


def loss(kind: str, output: Array, target: Array) -> Array:
    """Mean loss over the batch axis (-2), for outputs after the last nonlinearity and one-hot targets.

    quadratic: half the squared error, summed over outputs. mse: the squared error, averaged over outputs.
    bce: sum over sigmoid outputs of -t ln a - (1-t) ln(1-a). cross_entropy: -ln of the softmax of the (linear)
    outputs at the target.
    """
    if kind == "quadratic":
        return np.asarray(0.5 * np.mean(np.sum((output - target) ** 2, axis=-1), axis=-1))
    if kind == "mse":
        return np.asarray(np.mean((output - target) ** 2, axis=(-2, -1)))
    if kind == "bce":
        limits = np.finfo(output.dtype)  # a saturated sigmoid rounds to 0 or 1, whose logarithm is infinite
        terms = -target * np.log(output + limits.tiny) - (1 - target) * np.log1p(-np.minimum(output, 1 - limits.epsneg))
        return np.asarray(np.mean(np.sum(terms, axis=-1), axis=-1))
    shifted = output - output.max(axis=-1, keepdims=True)
    log_total = np.log(np.sum(np.exp(shifted), axis=-1))
    return np.asarray(np.mean(log_total - np.sum(shifted * target, axis=-1), axis=-1))


def output_delta(kind: str, network: Network, signals: Signals, target: Array) -> Array:
    """Per-example gradient of the loss to the last pre-activation (not divided by the batch size)."""
    z, a = signals.z[-1], signals.a[-1]
    if kind == "quadratic":
        return np.asarray((a - target) * slope(network.output, z, a))
    if kind == "mse":
        return np.asarray((2 / a.shape[-1]) * (a - target) * slope(network.output, z, a))
    if kind == "bce":
        return np.asarray(a - target)
    exponent = np.exp(a - a.max(axis=-1, keepdims=True))
    return np.asarray(exponent / exponent.sum(axis=-1, keepdims=True) - target)


def slope(phi: Activation, z: Array, a: Array) -> Array:
    """phi'(z), from a = phi(z) where that spares the function."""
    if phi.name == "sigmoid":
        return np.asarray(a * (1 - a))
    if phi.name == "tanh":
        return np.asarray(1 - a * a)
    return phi.derivative(z)


def params(shapes: Sequence[tuple[int, int]], activation: str, output: str) -> tuple[Param, ...]:
    """Weight and bias of each layer, in order, for (out, in) shapes; paths are "0.weight", "0.bias", ..."""
    found: list[Param] = []
    for i, shape in enumerate(shapes):
        name = output if i == len(shapes) - 1 else activation
        weight = dense(f"{i}.weight", shape, depth=i, activation=name)
        found += [weight, bias_param(f"{i}.bias", shape[0], weight, activation=name)]
    return tuple(found)
