"""ReZero: x + alpha·f(x), alpha a trained number that starts at 0; each block starts as the identity.

The scalars that multiply a branch are 0. All else starts as in PyTorch: with the branches off, their weights' scale
matters little in the first steps. A network without such scalars is refused: there is nothing to set to 0.

Paper and code: the paper writes one alpha per layer and has it shared by attention and feed-forward in its transformer;
the authors' RZTX does the same. They leave the weights at PyTorch's defaults.

Reference: Bachlechner, Majumder, Mao, Cottrell & McAuley 2020, arXiv:2003.04887, §3; majumderb/rezero.
"""

from fanin.errors import InputError
from fanin.recipes._network import Network
from fanin.recipes._recipe import Choice
from fanin.recipes.torch import choose as torch_default
from fanin.values import Param

VERSION = 1


def choose(param: Param, network: Network) -> Choice | None:
    """Zero for the scalars of branches, PyTorch's default for the rest."""
    if not any(_is_alpha(each, network) for each in network.params):
        raise InputError("recipe rezero needs a trained scalar on each residual branch, and this network has none")
    return Choice("zeros", "the branch starts at 0") if _is_alpha(param, network) else torch_default(param, network)


def _is_alpha(param: Param, network: Network) -> bool:
    node = network.node(param)
    return param.role == "scalar" and node is not None and node.kind == "scale" and network.writes(param) is not None
