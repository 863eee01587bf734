"""What recipes for transformers ask: is this matrix a query or a key, and how deep is the stack that it is in?"""

from fanin.recipes._network import Branch, Network
from fanin.values import Node, Param


def is_query_or_key(param: Param, network: Network) -> bool:
    """Its output goes into an attention as query or as key: the first two inputs, or the product before the softmax."""
    node = network.node(param)
    if node is None or param.blocks > 1:
        return False
    for each in network.follows(node):
        if each.kind == "product" and each.activation == "softmax":
            return True
        if each.op == "attention" and len(each.inputs) == 3:
            return node.name in {name for source in each.inputs[:2] for name in _sources(source, network)}
    return False


def _sources(name: str, network: Network) -> set[str]:
    """A node, or what it merely passes on."""
    node: Node = network.graph.by_name[name]
    if node.kind in ("norm", "scale", "other") and len(node.inputs) == 1:
        return {name} | _sources(node.inputs[0], network)
    return {name}


def blocks_of(branch: Branch, network: Network) -> tuple[int, bool]:
    """(layers, whether it is a decoder beside an encoder) of a branch's stack.

    A decoder's stream is read by branches that take another stream as well: three branches per layer, else two.
    """
    is_decoder = branch.of % 3 == 0 and _reads_another(branch, network)
    return max(1, branch.of // (3 if is_decoder else 2)), is_decoder


def _reads_another(branch: Branch, network: Network) -> bool:
    """Some branch of the same stream takes what another stream gives."""
    mine = [each for each in network.branches if each.stream == branch.stream]
    others = {each.sum for each in network.branches if each.stream != branch.stream}
    inside = {name for each in mine for name in each.nodes}
    return any(others & _sources(name, network) for node in inside for name in network.graph.by_name[node].inputs)
