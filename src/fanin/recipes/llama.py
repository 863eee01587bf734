"""Llama as it is trained from nothing: 0.02, and 0.02/sqrt(2(l + 1)) in block l for what writes to the stream.

All matrices are normal cut at 3 std or wider (nothing to speak of), drawn uncut here except the output layer: std
1/sqrt(d), cut at 3 std. Token table N(0, 1). Norms 1, biases 0. The second factor of the gated feed-forward (w3, which
has no activation) is scaled by depth as well.

Paper and code: Meta's papers do not say how Llama starts. This is torchtitan's rule with depth_init; there it cuts at
the absolute values ±2, which cuts nothing. OLMo and BEiT's fix_init scale by the block's own number too; GPT-2 by the
total.

Reference: torchtitan, models/llama3/model.py, init_weights; Touvron et al. 2023, arXiv:2302.13971 (the architecture).
"""

import math

from fanin.recipes._network import Network
from fanin.recipes._recipe import MATRICES, TABLES, Choice, usual
from fanin.values import Param
from fanin.values.formula import number

VERSION = 1


def choose(param: Param, network: Network) -> Choice | None:
    """0.02, by the number of the block where it matters."""
    if param.role in TABLES:
        return Choice("embedding_normal", "token table")
    if param.role not in MATRICES:
        return usual(param)
    if network.is_head(param):
        std = param.fans.fan_in**-0.5
        return Choice(f"truncated_normal(0, {std:.9g}, cut=3)", "output layer: 1/sqrt(d), cut at 3 std")
    branch = network.writes(param) or (network.branch(param) if _is_ungated(param, network) else None)
    if branch is None:
        return Choice("normal(0, 0.02)", "reads the stream")
    block = branch.number // 2
    return Choice(f"normal(0, {number(round(0.02 / math.sqrt(2 * (block + 1)), 12))})", f"depth_init of block {block}")


def _is_ungated(param: Param, network: Network) -> bool:
    """The factor of a gated product that has no activation of its own (w3)."""
    node = network.node(param)
    products = network.follows(node) if node is not None and node.activation == "linear" else ()
    return any(
        each.kind == "product" and each.op != "attention" and _is_gated(each.inputs, network) for each in products
    )


def _is_gated(inputs: tuple[str, ...], network: Network) -> bool:
    names = {network.graph.by_name[name].activation for name in inputs}
    return "linear" in names and len(names - {"softmax"}) == 2
