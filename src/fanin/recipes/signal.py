"""Keeps the signal: every layer's output at the level where it can be learned from, forward and backward.

The mean square of the signals is followed through the graph as it is executed, and each weight gets the variance that
puts its output at the wanted level, given what it is fed:

    Var(w) = level / (fan_in · E x²),   E x² = E phi(sqrt(q) z)² behind an activation at level q, 1 behind a norm, ...

For a plain ReLU network that is He's rule, for a linear one LeCun's; a gate, a join, a GELU need no table of gains.

- In front of a norm, for queries, keys and values, and for most layers: level 1.
- In a chain of layers with nothing but activations between them: the largest level up to 1 at which the gradient's mean
  square changes by at most e over the chain. It is 1 for ReLU; for tanh and its kin it falls with the length of the
  chain, that is towards the edge of chaos.
- GELU, SiLU and their kin have no stable gain: in a chain so long that a deviation would grow by more than e, weights
  get the largest variance that is stable, and random biases make up for it.
- What is added to a residual stream: 1/N of the stream's level, N the number of its branches, so that all together add
  what was there; by the last weight of the branch, or by the norm or the scale behind it.
- The output layer: 1/16. First answers near "I don't know".
- An embedding: 1, shared by the tables that are summed; 1/d if it is also the output layer. Positions: a quarter of the
  content that they are added to.

Chains of four and more layers are drawn orthogonal, which keeps the length of each vector and not only their average;
all else is normal. Gates of a recurrent layer read an orthogonal state each; the forget gate's bias is 1. Other biases
are 0, norms start as the identity.

Paper and code: He's rule counts the activation behind a layer, this one the activation in front, which differs for the
first and the last layer alone. AutoInit follows mean and variance; here the second moment is followed, which is what
a zero-mean weight sees.

Reference: He et al. 2015, arXiv:1502.01852; Bingham & Miikkulainen 2021 (AutoInit), arXiv:2109.08958; Schoenholz et
al. 2017, arXiv:1611.01232 (the edge of chaos); Saxe et al. 2014, arXiv:1312.6120; De & Smith 2020, arXiv:2002.10444
(branches); Jozefowicz et al. 2015 (the forget gate).
"""

import math

from fanin import schemes
from fanin.recipes._levels import POSITION, levels
from fanin.recipes._network import Network
from fanin.recipes._recipe import MATRICES, TABLES, Choice, usual, usual_prelu
from fanin.values import Node, Param
from fanin.values.formula import number

VERSION = 1
_CHAIN = 4
_LARGEST = 2048
"""Sides of matrices that are worth a QR decomposition."""


def choose(param: Param, network: Network) -> Choice | None:
    """The level of the parameter's output over the level of its input."""
    node = network.node(param)
    if node is None:
        return usual(param) or _unused(param)
    match param.role:
        case "recurrent":
            return Choice("orthogonal", "reads the state: keeps its length, gate by gate")
        case "weight" if not network.is_tied(param):
            return _weight(param, network, node)
        case "weight" | "embedding" | "position" | "token":
            return _table(param, network, node)
        case "norm_scale" | "scalar" if node.kind in ("norm", "scale"):
            return _scale(param, network, node)
        case "bias" if node.op == "recurrent" and param.blocks == 4:
            return _forget(param)
        case "bias" if levels(network).bias[node.name]:
            std = math.sqrt(levels(network).bias[node.name])
            return Choice(f"normal(0, {std:.9g})", f"steadies {node.activation}, which has no stable gain")
    return usual(param) or usual_prelu(param, network, 0.25)


def _weight(param: Param, network: Network, node: Node) -> Choice:
    own, taken, bias = levels(network)
    level = 1.0 if node.op == "recurrent" else own[node.name] - bias[node.name]
    if param.norm_follows and network.writes(param) is None:
        return Choice("lecun_normal", "a norm follows: any scale will do")
    gain = level / taken[node.name]
    segment = next((names for names in network.graph.segments if node.name in names), ())
    is_small = max(param.names["rows"], param.names["columns"]) <= _LARGEST
    if len(segment) >= _CHAIN and is_small and not node.output:
        scheme = schemes.find("scaled_orthogonal")(gain=math.sqrt(_rounded(gain)))
        return Choice(scheme, f"one of a chain of {len(segment)}, behind {_before(network, node)}")
    return Choice(scaled(gain), _why(param, network, node))


def scaled(gain: float) -> str:
    """N(0, gain/fan_in), by the name under which it is known."""
    known = {1.0: "lecun_normal", 2.0: "he_normal"}
    return known.get(_rounded(gain)) or f"variance_scaling({number(_rounded(gain))}, 'fan_in', 'normal')"


def _rounded(gain: float) -> float:
    return float(f"{gain:.9g}")


def _why(param: Param, network: Network, node: Node) -> str:
    branch = network.writes(param)
    if branch is not None:
        return f"adds to a stream with {branch.of} branches, behind {_before(network, node)}"
    if node.output:
        return f"output layer, behind {_before(network, node)}"
    return f"behind {_before(network, node)}"


def _before(network: Network, node: Node) -> str:
    """What feeds a node, in a word."""
    before = [network.graph.by_name[name] for name in node.inputs]
    words = {each.kind if each.activation == "linear" else each.activation for each in before}
    return " and ".join(sorted("the input" if word == "input" else f"a {word}" for word in words)) or "the input"


def _table(param: Param, network: Network, node: Node) -> Choice:
    if network.is_tied(param):
        return Choice("embedding_scaled", "also the output layer")
    own, taken, _ = levels(network)
    if node.kind == "sum":
        return Choice(
            f"normal(0, {math.sqrt(POSITION * taken[node.name]):.9g})", "positions: half the size of the content"
        )
    level = own[node.name]
    if level == 1:
        return Choice("embedding_normal", "rows of mean square 1")
    words = "positions: half the size of the content" if param.role == "position" else "as the tables it is summed with"
    return Choice(f"normal(0, {math.sqrt(level):.9g})", words)


def _scale(param: Param, network: Network, node: Node) -> Choice:
    own, taken, _ = levels(network)
    branch = network.writes(param)
    if branch is None or (param.role == "scalar" and node.kind == "norm"):
        return Choice("ones", "the identity")
    fed = 1.0 if node.kind == "norm" else taken[node.name]
    value = math.sqrt(own[node.name] / fed)
    return Choice(f"constant({number(_rounded(value))})", f"adds to a stream with {branch.of} branches")


def _forget(param: Param) -> Choice:
    if "_hh" in param.path.rpartition(".")[2]:  # PyTorch adds two biases
        return Choice("zeros", "the other bias of the gates has the 1")
    return Choice("forget_gate", "remembers until it learns to forget")


def _unused(param: Param) -> Choice | None:
    if param.role in (*MATRICES, *TABLES):
        return Choice("lecun_normal" if param.role in MATRICES else "embedding_normal", "no forward pass met it")
    return None
