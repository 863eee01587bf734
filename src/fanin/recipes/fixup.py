"""Fixup: residual networks without norms, that start as the identity.

With L residual branches of m weight layers each: He's rule everywhere, times L^(-1/(2m - 2)) inside the branches; the
last layer of each branch and the classifier 0; scalar biases 0, multipliers 1. A branch of a single layer is 0.

Paper and code: the paper's He rule has fan_in; the authors' code draws N(0, 2/fan_out) (k·k·out), which is done here;
for m = 2 its ResNet-110 has L^(-1/2), for bottlenecks L^(-1/4). The paper trains multipliers and biases at a tenth of
the learning rate; no recipe can do that for you.

Reference: Zhang, Dauphin & Ma 2019, arXiv:1901.09321, §3; hongyi-zhang/Fixup.
"""

from fanin.errors import InputError
from fanin.recipes._network import Network
from fanin.recipes._recipe import MATRICES, TABLES, Choice, usual
from fanin.values import Param
from fanin.values.formula import number

VERSION = 1


def choose(param: Param, network: Network) -> Choice | None:
    """He's rule, scaled or zero inside a branch."""
    if not network.branches:
        raise InputError("recipe fixup is for residual networks, and this one has no residual branch; take signal")
    if param.role == "scalar":
        return _scalar(param, network)
    if param.role in TABLES:
        return Choice("embedding_normal", "not Fixup's; rows of mean square 1")
    if param.role not in MATRICES:
        return usual(param)
    branch = network.branch(param)
    if network.is_head(param) or (branch is not None and network.writes(param) == branch):
        return Choice("zeros", "classifier" if branch is None else "last layer of its branch")
    if branch is None:
        return Choice("he_normal(mode='fan_out')", "outside the branches")
    power = -1 / (2 * len(branch.layers) - 2)
    factor = number(round(len(network.branches) ** power, 12))
    return Choice(
        f"he_normal(mode='fan_out')*{factor}",
        f"{len(network.branches)} branches of {len(branch.layers)} layers",
    )


def _scalar(param: Param, network: Network) -> Choice:
    node = network.node(param)
    is_multiplier = node is not None and node.kind == "scale"
    return Choice("ones", "multiplier") if is_multiplier else Choice("zeros", "scalar bias")
