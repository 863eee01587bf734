"""GPT-2: N(0, 0.02²), and 0.02/sqrt(N) for the N matrices that write to the residual stream.

N counts the residual branches, two per block: attention and feed-forward. Biases 0, norms the identity.

Paper and code: the paper scales the weights of residual layers by 1/sqrt(N); the released code does not, and has 0.01
for the position table. nanoGPT, Megatron and Hugging Face (by the names c_proj.weight) do scale, and have 0.02 for both
tables: that is what is done here, by the graph and not by names. `scaled=0` leaves the depth out.

Reference: Radford et al. 2019 (GPT-2), §2.3; nanoGPT, model.py.
"""

from fanin.recipes._network import Network
from fanin.recipes._recipe import MATRICES, TABLES, Choice, usual
from fanin.values import Param
from fanin.values.formula import number

VERSION = 1


def choose(param: Param, network: Network, scaled: float = 1.0) -> Choice | None:
    """0.02, scaled where a branch ends."""
    branch = network.writes(param) if scaled else None
    if param.role == "weight" and branch is not None:
        reason = f"one of {branch.of} that write to the residual stream"
        return Choice(f"gpt2_residual(layers={number(branch.of / 2)})", reason)
    if param.role in (*MATRICES, *TABLES):
        return Choice("gpt2", "initializer_range")
    return usual(param)
