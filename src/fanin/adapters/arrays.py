"""From the arrays that someone has to a dense network and its parameters."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fanin.adapters._layers import Layer, layers_of
from fanin.adapters.numpy import Network
from fanin.errors import InputError
from fanin.values import Activation, Param
from fanin.values.param import Layout, dense
from fanin.values.param import bias as bias_param

_STORED: dict[Layout, str] = {"oi": "(out, in)", "io": "(in, out)"}


def read(
    model: Any, *, activation: Activation, output: Activation, layout: Layout = "oi"
) -> tuple[Network, tuple[Param, ...]]:
    """The network of (weights, biases), of arrays in order, or of a mapping from names to arrays.

    In order, a matrix is a weight; a vector or a column is the bias of the weight before it (so is a row, where the
    weights around it say so). By name, `0.weight` and `0.bias`, `W1` and `b1`, `fc1.kernel` belong together, and
    numbers give the order, or that of the file. A missing bias is zeros.

    Args:
        model: the arrays.
        activation, output: of the hidden layers, of the last.
        layout: how weights are stored: oi = (out, in), io = (in, out).

    Raises:
        InputError: not numbers, no matrix, or shapes that do not fit.

    Example:
        >>> from fanin.values import activation
        >>> tanh = activation("tanh")
        >>> network, params = read({"W1": np.ones((5, 3)), "b1": np.ones(5)}, activation=tanh, output=tanh)
        >>> network.depth, [param.path for param in params]
        (1, ['W1', 'b1'])
    """
    if layout not in ("oi", "io"):
        raise InputError(f"got layout {layout!r}; expected 'oi' for (out, in) or 'io' for (in, out)")
    layers = list(layers_of(model, layout))
    if not layers:
        raise InputError("got no weight matrix; give at least one array with two axes")
    problem = _misfit(layers, layout)
    if problem:
        raise InputError(f"{problem} (weights are read as {_STORED[layout]}){_hint(model, layout)}")
    weights = tuple(layer.weight if layout == "oi" else layer.weight.T for layer in layers)
    biases = tuple(
        np.zeros(len(weight), weight.dtype) if layer.bias is None else layer.bias
        for weight, layer in zip(weights, layers, strict=True)
    )
    return Network(weights, biases, activation, output), tuple(_params(layers, activation, output, layout))


def stored(model: Any, layout: Layout = "oi") -> dict[str, NDArray[Any]]:
    """The arrays of a model themselves, to be written to, by the paths of its parameters; biases as vectors.

    Raises:
        InputError: what isn't an array of float32 or float64 in memory that can be written to.
    """
    if isinstance(model, Network):
        model = (list(model.weights), list(model.biases))
    given = list(_arrays_in(model))
    found: dict[str, NDArray[Any]] = {}
    for layer in layers_of(model, layout):
        found[layer.name] = layer.weight
        if layer.bias is not None:
            found[layer.bias_name] = layer.bias
    for path, values in found.items():
        if not values.flags.writeable or not any(np.shares_memory(values, array) for array in given):
            raise InputError(f"{path!r} can't be written to in place; give a NumPy array of float32 or float64")
    return found


def _arrays_in(model: Any) -> Iterator[NDArray[Any]]:
    if isinstance(model, np.ndarray):
        yield model
    elif isinstance(model, (Mapping, Sequence)) and not isinstance(model, (str, bytes)):
        for value in model.values() if isinstance(model, Mapping) else model:
            yield from _arrays_in(value)


def _params(layers: Sequence[Layer], activation: Activation, output: Activation, layout: Layout) -> Iterator[Param]:
    for i, layer in enumerate(layers):
        name = (output if i == len(layers) - 1 else activation).name
        weight = dense(layer.name, layer.weight.shape, layout, depth=i, activation=name)
        yield weight
        yield bias_param(layer.bias_name, weight.size("out"), weight, activation=name)


def _hint(model: Any, layout: Layout) -> str:
    """Whether the other layout would do."""
    other: Layout = "io" if layout == "oi" else "oi"
    try:
        fits = _misfit(list(layers_of(model, other)), other) is None
    except InputError:
        fits = False
    return f"; read as {_STORED[other]} the shapes fit: say --layout {other}" if fits else ""


def _misfit(layers: Sequence[Layer], layout: Layout) -> str | None:
    width: int | None = None
    for layer in layers:
        out, inputs = layer.weight.shape if layout == "oi" else layer.weight.shape[::-1]
        if width is not None and inputs != width:
            return f"{layer.name!r} {layer.weight.shape} takes {inputs} inputs, but the layer before gives {width}"
        if layer.bias is not None and layer.bias.size != out:
            return f"{layer.name!r} {layer.weight.shape} has {out} outputs, but its bias {layer.bias.size} entries"
        width = out
    return None
