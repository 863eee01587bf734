"""What the output of a node meets: its depth, the norm behind it, the residual stream that it is added to."""

from collections.abc import Mapping
from typing import Any

from fanin.values import Graph, Node


def depths_of(graph: Graph) -> dict[str, int]:
    """Node name to the number of layers before it, on the longest way."""
    found: dict[str, int] = {}
    for node in graph.nodes:
        before = [found[name] + (graph.by_name[name].kind == "layer") for name in node.inputs if name in found]
        found[node.name] = max(before, default=0)
    return found


def surroundings_of(graph: Graph) -> dict[str, dict[str, Any]]:
    """Node name to facts of its parameters."""
    ancestors, depths = _ancestors(graph), depths_of(graph)
    return {
        node.name: {
            "activation": node.activation,
            "norm_follows": _norm_follows(graph, node),
            "residual_follows": any(
                _is_branch(through, total, ancestors, depths) for through, total in _sums(graph, node, depths)
            ),
        }
        for node in graph.nodes
    }


def _norm_follows(graph: Graph, node: Node) -> bool:
    readers = graph.readers[node.name]
    return node.activation == "linear" and bool(readers) and all(reader.kind == "norm" for reader in readers)


def _sums(graph: Graph, node: Node, depths: Mapping[str, int]) -> list[tuple[str, Node]]:
    """The sums that take a node's output, at once or past what only scales it; each with the operand on the way."""
    found: list[tuple[str, Node]] = []
    seen, waiting = {node.name}, [node.name]
    while waiting:
        name = waiting.pop()
        readers = graph.readers[name] if graph.by_name[name].activation == "linear" else ()
        for reader in readers:
            if reader.kind == "sum" and len(reader.inputs) > 1:
                found.append((name, reader))
            if reader.name not in seen and _hands_on(graph, name, reader, depths):
                seen.add(reader.name)
                waiting.append(reader.name)
    return found


def _hands_on(graph: Graph, name: str, reader: Node, depths: Mapping[str, int]) -> bool:
    """Whether a node passes a signal on but for its scale: a norm, a gain, a gate, where branches and experts meet."""
    if reader.kind == "product":
        gates = [graph.by_name[other] for other in reader.inputs if other != name]
        by_activation = all(gate.activation in ("sigmoid", "softmax") for gate in gates)
        return bool(gates) and (by_activation or all(depths[gate.name] < depths[name] for gate in gates))
    return reader.kind in ("norm", "scale", "sum") or reader.op == "write"


def _is_branch(through: str, total: Node, ancestors: Mapping[str, frozenset[str]], depths: Mapping[str, int]) -> bool:
    """Whether a sum adds an operand to a stream: another one comes before it, or beside it on a shorter way."""
    before = ancestors[through]
    return any(
        trunk in before
        or (
            (before & ancestors[trunk]) - {"input"} != frozenset()
            and through not in ancestors[trunk]
            and depths[trunk] < depths[through]
        )
        for trunk in total.inputs
        if trunk != through
    )


def _ancestors(graph: Graph) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for node in graph.nodes:
        before = [found.get(name, frozenset()) | {name} for name in node.inputs]
        found[node.name] = frozenset().union(*before)
    return found
