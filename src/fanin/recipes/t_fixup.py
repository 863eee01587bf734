"""T-Fixup: transformers without norms and without warm-up.

Glorot uniform, and on top of it a factor for values, attention outputs and both feed-forward matrices: 0.67·N^(-1/4)
in an encoder of N layers, (9M)^(-1/4) in a decoder of M, cross attention included. Tables N(0, 1/d), times the factor
of a decoder, (9N)^(-1/4). Queries, keys and the output layer stay Glorot. Biases 0.

Paper and code: the authors' fairseq code first undoes the 1/sqrt(2) that fairseq puts on q, k, v. The paper removes all
norms; with norms left in, the factors do no harm and nothing. A packed QKV matrix has one law for its three blocks:
its queries and keys get the factor too, so give them apart for the paper's law.

Reference: Huang, Pérez, Ba & Volkovs 2020, ICML, §3.2; layer6ai-labs/T-Fixup.
"""

from fanin.errors import InputError
from fanin.recipes._attention import blocks_of, is_query_or_key
from fanin.recipes._network import Network
from fanin.recipes._recipe import MATRICES, TABLES, Choice, usual
from fanin.values import Param

VERSION = 1


def choose(param: Param, network: Network) -> Choice | None:
    """Glorot, with the factor of its stack."""
    if not network.branches:
        raise InputError("recipe t_fixup is for transformers, and this network has no residual branch; take signal")
    if param.role in TABLES:
        layers = max(blocks_of(branch, network)[0] for branch in network.branches)
        return Choice(f"embedding_scaled*{(9 * layers) ** -0.25:.9g}", f"N(0, 1/d) times (9·{layers})^(-1/4)")
    if param.role not in MATRICES:
        return usual(param)
    branch = network.branch(param)
    if branch is None or is_query_or_key(param, network):
        return Choice("glorot_uniform", "queries and keys" if branch else "outside the branches")
    layers, is_decoder = blocks_of(branch, network)
    factor = (9 * layers) ** -0.25 if is_decoder else 0.67 * layers**-0.25
    stack = "decoder" if is_decoder else "encoder"
    return Choice(f"glorot_uniform(gain={factor:.9g})", f"{stack} of {layers} layers")
