"""An LSTM that remembers: the forget gate's bias is 1, or spread over the time scales of the data (chrono).

Input matrices and all layers that are not recurrent: Glorot uniform, each gate for itself. Recurrent matrices:
orthogonal, gate by gate. Forget gate's bias: `forget`; with `longest`, the longest dependency in steps, chrono: ln U(1,
longest - 1), and the input gate's its negative. Other biases 0, norms the identity.

A forget gate of bias b keeps a share of 1/(1 + e^-b) per step: with b = 0 a half, so that after 20 steps a millionth is
left, and as much of the gradient.

Paper and code: PyTorch adds two biases to each gate and draws both; here the second is 0. Gers et al. say that the
bias should be positive, Jozefowicz et al. that it should be 1 at least; Tallec and Ollivier draw one per unit.

Reference: Gers, Schmidhuber & Cummins 2000, doi:10.1162/089976600300015015; Jozefowicz, Zaremba & Sutskever 2015, §4;
Tallec & Ollivier 2018, arXiv:1804.11188, Eq. 16.
"""

from fanin.errors import InputError
from fanin.recipes._network import Network
from fanin.recipes._recipe import TABLES, Choice, usual
from fanin.values import Param
from fanin.values.formula import number

VERSION = 1


def choose(param: Param, network: Network, forget: float = 1.0, longest: float = 0.0) -> Choice | None:
    """By whether it belongs to a recurrent layer."""
    if longest and not longest > 2:
        raise InputError(f"recipe lstm: longest={longest:g}, expected the longest dependency, more than 2 steps")
    node = network.node(param)
    is_gates = node is not None and node.op == "recurrent" and param.blocks == 4
    match param.role:
        case "recurrent":
            return Choice("orthogonal", "reads the state: keeps its length, gate by gate")
        case "weight":
            return Choice("glorot_uniform", "reads the input, gate by gate" if is_gates else "no recurrent layer")
        case "bias" if is_gates and "_hh" not in param.path.rpartition(".")[2]:  # PyTorch adds two biases
            if longest:
                return Choice(f"chrono(longest={number(longest)})", "time scales up to the longest dependency")
            return Choice(f"forget_gate(value={number(forget)})", "forget gate")
    return Choice("embedding_normal", "table") if param.role in TABLES else usual(param)
