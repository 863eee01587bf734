"""How the parts of a network feed each other, as it was executed: what a weight's output meets, and in what order.

Only what carries or changes a signal is a node. Reshapes, dropout, casts, pooling and products with constants are
passed through; an activation belongs to the node whose output it takes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, Self

from fanin.values import codec

Kind = Literal["input", "layer", "norm", "scale", "sum", "product", "join", "other"]
"""layer: a weight meets the signal; scale: a parameter multiplies it entry by entry (LayerScale, ReZero's alpha);
sum, product: of two signals (a residual; a gate, attention); join: concatenation."""


@dataclass(frozen=True, slots=True)
class Node:
    """One place of the network, each time that it is executed.

    Attributes:
        name: of the module or the parameter (`layers.0.linear1`); a second call adds `#2`. Rows of a trace bear it.
        kind: what it does with the signal.
        op: dense, conv, conv_transposed, embedding, recurrent, attention, layer_norm, batch_norm, ...
        inputs: names of the nodes whose signal it takes.
        activation: name of the nonlinearity that takes its output; `linear` if none does.
        params: paths of its parameters, the weight first.
        output: the network's result depends on it with no other node between.
        frozen: none of its parameters is trained.
    """

    name: str
    kind: Kind
    op: str
    inputs: tuple[str, ...] = ()
    activation: str = "linear"
    params: tuple[str, ...] = ()
    output: bool = False
    frozen: bool = False


@dataclass(frozen=True)
class Graph:
    """The nodes in order of execution.

    Example:
        >>> graph = chain(["0.weight", "1.weight", "2.weight"], "relu")
        >>> graph.segments
        (('1', '2', '3'),)
    """

    nodes: tuple[Node, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "nodes", tuple(self.nodes))

    @cached_property
    def by_name(self) -> Mapping[str, Node]:
        """Node of a name."""
        return {node.name: node for node in self.nodes}

    @cached_property
    def readers(self) -> Mapping[str, tuple[Node, ...]]:
        """The nodes that take the output of a node."""
        found: dict[str, list[Node]] = {node.name: [] for node in self.nodes}
        for node in self.nodes:
            for name in dict.fromkeys(node.inputs):
                found[name].append(node)
        return {name: tuple(nodes) for name, nodes in found.items()}

    def before(self, name: str, stop: Kind | None = None) -> set[str]:
        """All nodes that a node depends on, on ways that pass no node of the kind `stop`."""
        found, waiting = set[str](), [name]
        while waiting:
            node = self.by_name[waiting.pop()]
            if node.kind != stop:
                new = set(node.inputs) - found
                found |= new
                waiting += new
        return found

    def of_kind(self, kind: Kind) -> tuple[Node, ...]:
        """All nodes of one kind, in order."""
        return tuple(node for node in self.nodes if node.kind == kind)

    @cached_property
    def segments(self) -> tuple[tuple[str, ...], ...]:
        """Maximal chains of layers with nothing but activations between them: there, factors multiply.

        A norm, a sum, a product, a branch or a table that is looked up begins a new one.
        """
        followed: dict[str, str] = {}
        for node in self.of_kind("layer"):
            before = self.by_name[node.inputs[0]] if len(node.inputs) == 1 else None
            if before and before.kind == "layer" and len(self.readers[before.name]) == 1 and not before.output:
                followed[before.name] = node.name
        starts = [node.name for node in self.of_kind("layer") if node.name not in followed.values()]
        return tuple(tuple(_follow(start, followed)) for start in starts)

    @cached_property
    def streams(self) -> tuple[tuple[str, ...], ...]:
        """Residual streams: chains of sums, each of which adds a branch to the one before.

        A norm between two sums (post-norm) does not end a stream; a shortcut with weights of its own begins a new one.
        """
        followed: dict[str, str] = {}
        order = list(self.by_name)
        for node in self.of_kind("sum"):
            trunks = {trunk for name in node.inputs if (trunk := self._trunk(name)) and trunk not in followed}
            if trunks:  # of two sums, the older is the trunk: the other is a branch, such as attention + feedforward
                followed[min(trunks, key=order.index)] = node.name
        starts = [node.name for node in self.of_kind("sum") if node.name not in followed.values()]
        return tuple(tuple(_follow(start, followed)) for start in starts)

    def _trunk(self, name: str) -> str | None:
        """The sum that a node is, or passes on through norms and scales."""
        node = self.by_name[name]
        while node.kind in ("norm", "scale") and len(node.inputs) == 1:
            node = self.by_name[node.inputs[0]]
        return node.name if node.kind == "sum" else None

    def to_json(self) -> dict[str, Any]:
        """The graph as plain JSON data."""
        return codec.encode(self)  # type: ignore[no-any-return]

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The graph that `to_json` wrote."""
        return codec.decode(cls, data)


def chain(weights: list[str], activation: str, output: str = "linear", biases: list[str] | None = None) -> Graph:
    """The graph of a plain network: an input, and layers "1", "2", ... one after the other."""
    names = [str(i + 1) for i in range(len(weights))]
    nodes = [Node("input", "input", "input")]
    for i, (name, path) in enumerate(zip(names, weights, strict=True)):
        is_last = i == len(names) - 1
        params = (path,) if biases is None else (path, biases[i])
        nodes.append(
            Node(name, "layer", "dense", (nodes[-1].name,), output if is_last else activation, params, output=is_last)
        )
    return Graph(tuple(nodes))


def _follow(start: str, followed: Mapping[str, str]) -> Iterator[str]:
    name: str | None = start
    while name is not None:
        yield name
        name = followed.get(name)
