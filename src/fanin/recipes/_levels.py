"""Mean squares of the signals under the recipe `signal`: at what level each node works, and what it is fed.

One walk in order of execution. A layer's level is what the recipe wants of its output; everything else follows: an
activation makes E phi(sqrt(q) z)² of a level q, a norm makes 1, sums add, products multiply, attention averages.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from fanin.recipes._chain import Chain, activated, chain, is_known
from fanin.recipes._network import Branch, Network
from fanin.values import Node

HEAD = 0.0625
"""Mean square of the network's first outputs: small, so that it begins near the answer "I don't know"."""
POSITION = 0.25
"""Mean square of a table of positions, over that of the content that it is added to."""
_GATED, _PLAIN = 0.12, 0.39
"""Mean square of a recurrent layer's state at pre-activations N(0, 1): sigmoid times tanh, and tanh alone."""


class Levels(NamedTuple):
    """By the node's name: mean square of its own output, of what it takes, and variance of its biases."""

    own: Mapping[str, float]
    taken: Mapping[str, float]
    bias: Mapping[str, float]


@lru_cache(maxsize=4)
def levels(network: Network) -> Levels:
    """The levels of all nodes."""
    own: dict[str, float] = {}
    after: dict[str, float] = {}
    taken: dict[str, float] = {}
    for node in network.graph.nodes:
        inputs = [after[name] for name in node.inputs] or [1.0]
        taken[node.name] = sum(inputs) / len(inputs)
        own[node.name] = _own(network, node, inputs, after)
        after[node.name] = _after(network, node, own[node.name], after)
    bias = {node.name: _bias(network, node) for node in network.graph.nodes}
    return Levels(own, taken, bias)


def _after(network: Network, node: Node, level: float, after: Mapping[str, float]) -> float:
    """Behind the activation; of a stream that has met it already (y = relu(x + f(x)), x >= 0), what is added alone."""
    passed = [name for name in node.inputs if network.graph.by_name[name].activation == node.activation]
    if node.kind == "sum" and node.activation != "linear" and len(passed) == 1:
        added = sum(after[name] for name in node.inputs if name not in passed)
        return after[passed[0]] + activated(node.activation, added)
    return activated(node.activation, level)


def _own(network: Network, node: Node, inputs: list[float], after: Mapping[str, float]) -> float:
    branch = _added_to(network, node)
    if branch is not None:
        return after[branch.source] / branch.of
    match node.kind:
        case "layer":
            return _layer(network, node)
        case "product" | "other" if node.op.startswith("noise"):
            return _noise(network, node, inputs[0])
        case "sum":
            return sum(inputs) * (1 + POSITION if network.of_node(node) else 1)
        case "product":
            is_attention = node.op == "attention" or "softmax" in _activations(network, node)
            return inputs[-1] if is_attention else float(np.prod(inputs))
        case "scale" | "other":
            return inputs[0]
        case "join":
            return sum(inputs) / len(inputs)
    return 1.0


def _added_to(network: Network, node: Node) -> Branch | None:
    """The branch, if this node sets the level of what is added: the last layer, norm or scale that has a parameter."""
    owned = network.of_node(node)
    later = [each for each in network.graph.readers[node.name] if each.kind in ("norm", "scale") and each.params]
    return network.writes(owned[0]) if owned and not later and node.kind in ("layer", "norm", "scale") else None


def _noise(network: Network, node: Node, level: float) -> float:
    """Random numbers, added to a signal or multiplied by it: a standard deviation is 1 where its size is not known."""
    square = float(node.op.partition("(")[2].rstrip(")"))
    if node.kind == "other":
        return level + square
    return square * (level if all(map(is_known, _activations(network, node))) else 1.0)


def _activations(network: Network, node: Node) -> set[str]:
    return {network.graph.by_name[name].activation for name in node.inputs}


def _layer(network: Network, node: Node) -> float:
    if node.op == "embedding":
        return embedding(network, node)
    if node.op == "recurrent":
        return _GATED if any(param.blocks > 1 for param in network.of_node(node)) else _PLAIN
    if node.output:
        return HEAD
    return _chain(network, node).level


def _chain(network: Network, node: Node) -> Chain:
    """The chain that a layer is in; of several activations, the one that allows least."""
    segment = next((names for names in network.graph.segments if node.name in names), ())
    inner = [network.graph.by_name[name].activation for name in segment[:-1]]
    return min((chain(name, len(inner)) for name in inner), default=Chain(1.0))


def _bias(network: Network, node: Node) -> float:
    """Variance of a layer's biases: none in the first layer of a chain, in the last of the network, and without any."""
    if node.kind != "layer" or node.output or not any(p.role == "bias" for p in network.of_node(node)):
        return 0.0
    is_first = any(names[0] == node.name for names in network.graph.segments)
    return 0.0 if is_first else _chain(network, node).bias


def embedding(network: Network, node: Node) -> float:
    """Mean square of a looked-up row: 1/d for a table that is also the output layer, else a share of 1 in a sum."""
    for table in network.of_node(node):
        if network.is_tied(table):
            return 1 / table.size("out")
    sums = [each for each in network.graph.readers[node.name] if each.kind == "sum"]
    summed = [network.graph.by_name[name] for each in sums for name in each.inputs]
    tables = [param for each in summed if each.op == "embedding" for param in network.of_node(each)]
    tied = [param for param in tables if network.is_tied(param)]
    content = 1 / tied[0].size("out") if tied else 1 / max(1, sum(param.role == "embedding" for param in tables))
    return content * (POSITION if any(param.role == "position" for param in network.of_node(node)) else 1)
