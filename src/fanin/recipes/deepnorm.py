"""DeepNorm: post-norm transformers of up to a thousand layers, LN(alpha·x + f(x)).

Glorot normal with gain beta for values, attention outputs and both feed-forward matrices, gain 1 for queries and keys.
A stack of N layers alone: alpha = (2N)^(1/4), beta = (8N)^(-1/4). An encoder of N with a decoder of M: encoder alpha
0.81·(N⁴M)^(1/16), beta 0.87·(N⁴M)^(-1/16); decoder alpha (3M)^(1/4), beta (12M)^(-1/4). The model must multiply x by
alpha itself: no weight can. Tables, biases and the output layer are the model's own affair: N(0, 1/d), 0, Glorot.

Paper and code: torchscale divides by 1/beta every parameter whose name contains fc1, fc2, out_proj or v_proj, biases
included (they are 0). A packed QKV matrix has one law for its three blocks: its queries and keys get beta too.

Reference: Wang, Ma, Dong, Huang, Zhang & Wei 2022, arXiv:2203.00555, §4, Fig. 2; microsoft/torchscale.
"""

from fanin.errors import InputError
from fanin.recipes._attention import blocks_of, is_query_or_key
from fanin.recipes._network import Branch, Network
from fanin.recipes._recipe import MATRICES, TABLES, Choice, usual
from fanin.values import Param

VERSION = 1


def choose(param: Param, network: Network) -> Choice | None:
    """Glorot, with the beta of its stack."""
    if not network.branches:
        raise InputError("recipe deepnorm is for transformers, and this network has no residual branch; take signal")
    if param.role in TABLES:
        return Choice("embedding_scaled", "not DeepNorm's; N(0, 1/d)")
    if param.role not in MATRICES:
        return usual(param)
    branch = network.branch(param)
    if branch is None or is_query_or_key(param, network):
        return Choice("glorot_normal", "queries and keys" if branch else "outside the branches")
    beta, alpha, words = _constants(branch, network)
    return Choice(f"glorot_normal(gain={beta:.9g})", f"{words}; multiply x by alpha = {alpha:.4g}")


def _constants(branch: Branch, network: Network) -> tuple[float, float, str]:
    """(beta, alpha, words) of the branch's stack."""
    layers, is_decoder = blocks_of(branch, network)
    others = [blocks_of(each, network) for each in network.branches]
    partner = next((count for count, decodes in others if decodes != is_decoder), 0)
    if is_decoder:
        return (12 * layers) ** -0.25, (3 * layers) ** 0.25, f"decoder of {layers} layers"
    if partner:
        both = (layers**4 * partner) ** (1 / 16)
        return 0.87 / both, 0.81 * both, f"encoder of {layers} layers, decoder of {partner}"
    return (8 * layers) ** -0.25, (2 * layers) ** 0.25, f"{layers} layers"
