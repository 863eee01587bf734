"""The doctor's visit: arrays and a batch in, a report out."""

import math
import re
from collections.abc import Iterable
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from fanin.adapters import arrays
from fanin.adapters.numpy import Network
from fanin.checkup._batch import read_batch
from fanin.checkup._report import Report
from fanin.doctor import Case, diagnose
from fanin.errors import FaninError, InputError, UnknownName
from fanin.probe import probe
from fanin.theory import LayerLaw, predict
from fanin.values import Activation, Graph, Param, Trace
from fanin.values.activation import Elementwise
from fanin.values.activation import activation as activation_of
from fanin.values.graph import chain
from fanin.values.param import Layout
from fanin.values.trial import Loss

__all__ = ["Report", "check"]

Array = NDArray[Any]

_SAME = {"bce_with_logits": "bce", "nll": "cross_entropy"}
_OUTPUTS = {"bce": "sigmoid", "cross_entropy": "linear"}


def check(
    model: Any,
    batch: Any = None,
    *,
    activation: str | Activation | Elementwise = "sigmoid",
    output: str | Activation | Elementwise | None = None,
    loss: str | None = None,
    layout: Layout = "oi",
    select: str | Iterable[str] = (),
    ignore: str | Iterable[str] = (),
    seed: int = 0,
) -> Report:
    """Which layers of a dense network start badly, the principal cause first, and what to write instead.

    Args:
        model: (weights, biases), arrays in order, a mapping from names to arrays, or a Network.
        batch: x of shape (samples, features), or (x, y) with y labels or one-hot; 256 standard-normal samples if not
            given.
        activation: of the hidden layers. Not read of a Network.
        output: of the last layer. By default what the loss asks for: sigmoid for bce, linear for cross_entropy;
            for others, the hidden activation if it's bounded, else linear.
        loss: quadratic (half the squared error, summed), mse, bce (of sigmoid outputs; also bce_with_logits) or
            cross_entropy (of the softmax of linear outputs; also nll).
        layout: oi, weights stored (out, in), or io, (in, out).
        select, ignore: codes of rules (`FAN102`), beginnings of codes (`FAN1`), or slugs.
        seed: of the samples and the gradients sent back.

    Raises:
        InputError: arrays or data that do not fit or are not numbers.
        UnknownName: no such activation or rule.

    Example:
        >>> weights = [np.zeros((30, 784)), np.zeros((10, 30))]
        >>> report = check(weights, activation="sigmoid")
        >>> report.ok, report.cause
        (False, 'FAN102')
    """
    kind = None if loss is None else _loss(loss)
    network, params = _network(model, activation, output, kind, layout)
    x, target, data = read_batch(batch, network, seed)
    case = Case(
        _graph(network, params),
        params,
        measured=probe(network, x, target=target, loss=kind, seed=seed),
        predicted=_predicted(network, x),
        batch=len(x),
        loss=kind,
    )
    found = diagnose(case, _codes(select), _codes(ignore))
    widths = "-".join(str(weight.shape[-1]) for weight in network.weights) + f"-{network.weights[-1].shape[0]}"
    return Report(f"{widths} {network.activation.name} network", data, case, found.findings, found.cause)


def _loss(name: str) -> Loss:
    """One of ours, by PyTorch's names too: the output of a check is the activation, so logits make no difference."""
    known: tuple[Loss, ...] = get_args(Loss)
    for loss in known:
        if _SAME.get(name, name) == loss:
            return loss
    raise UnknownName("loss", name, (*known, *_SAME))


def _network(
    model: Any,
    activation: str | Activation | Elementwise,
    output: str | Activation | Elementwise | None,
    loss: Loss | None,
    layout: Layout,
) -> tuple[Network, tuple[Param, ...]]:
    if isinstance(model, Network):
        if any(weight.ndim != 2 for weight in model.weights):
            raise InputError(f"got weights of shape {model.weights[0].shape}; check one network (out, in) at a time")
        pair = (list(model.weights), list(model.biases))
        return arrays.read(pair, activation=model.activation, output=model.output)
    hidden = activation_of(activation)
    if output is None:
        output = _OUTPUTS.get(loss or "", hidden if hidden.saturates else "linear")
    return arrays.read(model, activation=hidden, output=activation_of(output), layout=layout)


def _graph(network: Network, params: tuple[Param, ...]) -> Graph:
    weights, biases = params[::2], params[1::2]
    return chain(
        [param.path for param in weights],
        network.activation.name,
        network.output.name,
        [param.path for param in biases],
    )


def _predicted(network: Network, x: Array) -> Trace | None:
    """What theory says of weights and biases with these moments; None where it can say nothing."""
    if not all(np.all(np.isfinite(array)) for array in (*network.weights, *network.biases)):
        return None
    try:
        laws = [
            LayerLaw(str(i + 1), weight.shape[1], weight.shape[0], network.phi(i), *_law(weight), *_law(bias))
            for i, (weight, bias) in enumerate(zip(network.weights, network.biases, strict=True))
        ]
        with np.errstate(all="ignore"):
            return predict(laws, len(x), *_moments(x))
    except FaninError:  # an activation or a size beyond the theory: the measurement stands alone
        return None


def _law(values: Array) -> tuple[float, float]:
    """Mean and std; a mean within four of its standard errors is an accident of the draw, and 0 in law."""
    mean, std = _moments(values)
    return (mean if abs(mean) > 4 * std / math.sqrt(values.size) else 0.0), std


def _moments(values: Array) -> tuple[float, float]:
    exact = values.astype(np.float64)
    return float(exact.mean()), float(exact.std())


def _codes(names: str | Iterable[str]) -> list[str]:
    return re.split(r"[,\s]+", names.strip()) if isinstance(names, str) and names.strip() else list(names)
