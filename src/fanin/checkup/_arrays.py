"""A visit to the arrays of a dense network."""

from typing import Any, get_args

from fanin.adapters import arrays
from fanin.adapters.numpy import Loss, Network
from fanin.checkup._batch import read_batch
from fanin.checkup._predicted import predicted
from fanin.checkup._training import Training
from fanin.checkup._visit import Visit
from fanin.doctor import Case
from fanin.errors import InputError, UnknownName
from fanin.probe import probe
from fanin.values import Activation, Graph, Param
from fanin.values.activation import Elementwise
from fanin.values.activation import activation as activation_of
from fanin.values.graph import chain
from fanin.values.param import Layout

_SAME = {"bce_with_logits": "bce", "nll": "cross_entropy"}
_OUTPUTS = {"bce": "sigmoid", "cross_entropy": "linear"}


def visit(
    model: Any,
    batch: Any,
    plan: Training,
    *,
    activation: str | Activation | Elementwise,
    output: str | Activation | Elementwise | None,
    layout: Layout,
    seed: int,
) -> Visit:
    """The case of arrays in any of their forms.

    Raises:
        InputError: arrays or data that do not fit or are not numbers.
        UnknownName: no such activation or loss.
    """
    loss = None if plan.loss is None else _loss(plan.loss)
    network, params = _network(model, activation, output, loss, layout)
    x, target, data = read_batch(batch, network, seed)
    graph, measured = _graph(network, params), probe(network, x, target=target, loss=loss, seed=seed)
    phi = {node.name: network.phi(i) for i, node in enumerate(graph.of_kind("layer"))}
    theory = predicted(graph, params, measured, len(x), phi)
    case = Case(graph, params, measured, theory, len(x), loss, plan.optimizer, plan.lr)
    widths = "-".join(str(weight.shape[-1]) for weight in network.weights) + f"-{network.weights[-1].shape[0]}"
    return Visit(case, f"{widths} {network.activation.name} network", data, "numpy")


def _loss(name: Any) -> Loss:
    """One of ours, by PyTorch's names too: the output of a check is the activation, so logits make no difference."""
    if not isinstance(name, str):
        raise InputError("a function as the loss is for models; arrays take a name, such as 'cross_entropy'")
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
