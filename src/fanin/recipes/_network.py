"""What a recipe may ask about a parameter's surroundings: where it stands in the network, and what it writes to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from fanin.values import Graph, Node, Param

PASSES = ("norm", "scale", "other")
"""Kinds of node through which a signal goes on to what it feeds."""


@dataclass(frozen=True, slots=True)
class Branch:
    """What is added to a residual stream at one sum.

    Attributes:
        sum: the sum's name.
        nodes: names of all nodes between the stream and the sum, in order.
        layers: those of them that hold a weight.
        source: the node where its stream begins: what the first branch is added to.
        stream: name of its stream: that of the first sum.
        number, of: its place among the branches of its stream, from 0, and how many they are.
    """

    sum: str
    nodes: tuple[str, ...]
    layers: tuple[str, ...]
    source: str
    stream: str
    number: int
    of: int


@dataclass(frozen=True, eq=False)
class Network:
    """The parameters and the graph, and the questions that recipes ask of them.

    Attributes:
        params: all parameters, in order.
        graph: as executed; for a list of parameters alone, a chain is assumed.
    """

    params: tuple[Param, ...]
    graph: Graph

    @classmethod
    def of(cls, params: Iterable[Param], graph: Graph | None = None) -> "Network":
        """A network; without a graph, the weights feed each other in order."""
        known = tuple(params)
        return cls(known, graph if graph is not None and graph.nodes else _chain(known))

    @cached_property
    def places(self) -> Mapping[str, tuple[Node, ...]]:
        """The nodes at which each parameter is used, by its path; several if it is shared."""
        found: dict[str, list[Node]] = {param.path: [] for param in self.params}
        for node in self.graph.nodes:
            for path in node.params:
                found.setdefault(path, []).append(node)
        return {path: tuple(nodes) for path, nodes in found.items()}

    @cached_property
    def by_path(self) -> Mapping[str, Param]:
        """Parameter of a path."""
        return {param.path: param for param in self.params}

    def node(self, param: Param) -> Node | None:
        """The first node that uses the parameter; None if no forward pass met it."""
        nodes = self.places.get(param.path, ())
        return nodes[0] if nodes else None

    def of_node(self, node: Node) -> tuple[Param, ...]:
        """The parameters of a node."""
        return tuple(self.by_path[path] for path in node.params if path in self.by_path)

    def is_first(self, param: Param) -> bool:
        """It takes nothing but the network's inputs."""
        node = self.node(param)
        return node is not None and all(self.graph.by_name[name].kind == "input" for name in node.inputs)

    def is_head(self, param: Param) -> bool:
        """It is the weight or the bias of a layer that computes the network's output."""
        return any(node.output and node.kind == "layer" for node in self.places.get(param.path, ()))

    def is_tied(self, param: Param) -> bool:
        """A table that is looked up is also the matrix of a layer."""
        nodes = self.places.get(param.path, ())
        return len({node.op == "embedding" for node in nodes if node.kind == "layer"}) == 2

    def follows(self, node: Node) -> tuple[Node, ...]:
        """The next nodes that aren't merely passed through (norms, scales)."""
        found: dict[str, Node] = {}
        for reader in self.graph.readers[node.name]:
            nexts = self.follows(reader) if reader.kind in PASSES else (reader,)
            found |= {each.name: each for each in nexts}
        return tuple(found.values())

    def feeds(self, param: Param, op: str) -> bool:
        """The output of its layer goes, with no other layer between, into an operation such as `attention`."""
        node = self.node(param)
        return node is not None and any(each.op == op for each in self.follows(node))

    def branch(self, param: Param) -> Branch | None:
        """The innermost residual branch in which the parameter is used."""
        node = self.node(param)
        around = [branch for branch in self.branches if node is not None and node.name in branch.nodes]
        return min(around, key=lambda branch: len(branch.nodes), default=None)

    def writes(self, param: Param) -> Branch | None:
        """The branch that its layer, norm or scale is the last one of: its output is what is added to the stream."""
        node = self.node(param)
        if node is None:
            return None
        sums = {each.name for each in self.follows(node) if each.kind == "sum"}
        ends = [branch for branch in self.branches if branch.sum in sums and node.name in branch.nodes]
        return ends[0] if ends else None

    @cached_property
    def branches(self) -> tuple[Branch, ...]:
        """All residual branches, in order of execution."""
        ends = {node.name: end for node in self.graph.of_kind("sum") if (end := self._sides(node)) is not None}
        found = []
        for stream in self.graph.streams:
            chained = [name for name in stream if name in ends]
            for number, name in enumerate(chained):
                nodes = ends[name][1]
                layers = tuple(each for each in nodes if self.graph.by_name[each].kind == "layer")
                found.append(Branch(name, nodes, layers, ends[chained[0]][0], chained[0], number, len(chained)))
        order = {name: i for i, name in enumerate(self.graph.by_name)}
        return tuple(sorted(found, key=lambda branch: order[branch.sum]))

    def _sides(self, node: Node) -> tuple[str, tuple[str, ...]] | None:
        """(trunk, nodes of the branch) of a residual sum: one side is a shortcut, with at most one layer and fewer."""
        inputs = tuple(dict.fromkeys(node.inputs))
        if len(inputs) < 2:
            return None
        above = [self._above[name] for name in inputs]
        common = above[0]
        for each in above[1:]:
            common &= each
        own = [self._names(each & ~common) for each in above]
        layers = [sum(self.graph.by_name[name].kind == "layer" for name in names) for names in own]
        shortest = min(range(len(inputs)), key=lambda i: (layers[i], len(own[i])))
        rest = dict.fromkeys(name for i, names in enumerate(own) if i != shortest for name in names)
        longest = max(count for i, count in enumerate(layers) if i != shortest)
        return (inputs[shortest], tuple(rest)) if layers[shortest] < min(2, longest) else None

    @cached_property
    def _above(self) -> Mapping[str, int]:
        """The nodes on which each node depends, itself included, as bits."""
        above: dict[str, int] = {}
        for i, node in enumerate(self.graph.nodes):
            above[node.name] = 1 << i
            for name in node.inputs:
                above[node.name] |= above[name]
        return above

    def _names(self, bits: int) -> list[str]:
        return [node.name for i, node in enumerate(self.graph.nodes) if bits >> i & 1]


def _chain(params: tuple[Param, ...]) -> Graph:
    """A line of layers: what a list of weights is taken for."""
    nodes = [Node("input", "input", "input")]
    weights = [param for param in params if param.role in ("weight", "embedding")]
    for i, param in enumerate(weights):
        op = "embedding" if param.role == "embedding" else "conv" if "kernel" in param.axes else "dense"
        owned = (param.path, *_vectors(params, param))
        is_last = i == len(weights) - 1
        before = (nodes[-1].name,)
        nodes.append(Node(param.path, "layer", op, before, param.activation, owned, output=is_last))
        if param.norm_follows:
            nodes.append(Node(f"{param.path} norm", "norm", "norm", (param.path,)))
    return Graph(tuple(nodes))


def _vectors(params: tuple[Param, ...], weight: Param) -> Iterable[str]:
    """The biases that stand between a weight and the next one."""
    for param in params[params.index(weight) + 1 :]:
        if param.role in ("weight", "embedding"):
            return
        if param.role == "bias":
            yield param.path
