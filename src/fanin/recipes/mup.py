"""muP: weights whose best learning rate does not move with the width.

Input layers and hidden layers N(0, 1/fan_in); the output layer N(0, base/fan_in²), which equals 1/fan_in at the base
width and falls with 1/width above it; tables N(0, 1), biases 0, norms the identity. `base` is the width at which the
learning rate was tuned.

The initialization is a third of muP. With Adam, the learning rate of hidden and output matrices must be divided by
width/base; with SGD, that of input matrices and vectors multiplied by it; attention logits divided by d, not sqrt(d).
`fanin compare` trains with these rates (`rate` below); the logits are the model's own affair, and nothing is to be done
where wider means more heads and not larger ones.

Paper and code: this is Table 3 of the paper, which needs no multiplier in the forward pass. The mup package implements
Table 8: output weights of constant variance (times sqrt(width/base) when set_base_shapes is called) and a multiplier
base/width in MuReadout. Both start from the same function. The paper further advises to start the output layer and
the queries at 0 (Appendix D.2): override them with zeros for that.

Reference: Yang, Hu et al. 2022, arXiv:2203.03466, Tables 3 and 8; microsoft/mup.
"""

import math

from fanin.errors import InputError
from fanin.recipes._network import Network
from fanin.recipes._recipe import MATRICES, TABLES, Choice, usual
from fanin.values import Param
from fanin.values.formula import number

VERSION = 1


def choose(param: Param, network: Network, base: float = 64.0) -> Choice | None:
    """By whether its inputs and its outputs grow with the width."""
    if not base > 0:
        raise InputError(f"recipe mup: base={base:g}, expected the width at which the learning rate was tuned")
    if network.is_tied(param):
        return Choice("embedding_normal", "table that is also the output layer: divide the logits by the width")
    match param.role:
        case "weight" if network.is_head(param):
            return Choice(f"normal*sqrt({number(base)})/fan_in", f"output layer; base width {base:g}")
        case "weight" | "recurrent":
            words = "input layer" if network.is_first(param) else "hidden: Adam's rate times base/width"
            return Choice("lecun_normal", words)
        case "embedding" | "position" | "token":
            return Choice("embedding_normal", "input layer")
    return usual(param)


def rate(param: Param, network: Network, optimizer: str, base: float = 64.0) -> float:
    """The factor on the learning rate, Table 3: 1 at the base width."""
    is_deep = param.role in MATRICES and not network.is_first(param)
    if optimizer in ("adam", "adamw"):
        return base / param.fans.fan_in if is_deep else 1.0
    if network.is_head(param):
        return base / param.fans.fan_in if is_deep else 1.0
    return 1.0 if is_deep else _width(param) / base


def _width(param: Param) -> float:
    """Of what a vector, a table or an input layer gives."""
    return param.fans.fan_out if param.role in (*MATRICES, *TABLES) else float(math.prod(param.shape))
