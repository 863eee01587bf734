"""Mimetic: attention that starts as it looks after training: each token attends to itself, and a little to all others.

In trained vision transformers the product of query and key matrices is near a positive multiple of the identity, and
that of value and output matrices near a negative one. Starting there trains small vision transformers from scratch
better. The products are noise·Z + identity·1, Z normal of variance 1/d, and are split between their two matrices by
their singular values. So the two tensors of a pair belong together: give them paths that differ in their last two
names alone, `attn.q.weight` and `attn.k.weight`, and the same seed, number of heads and strengths.

Meant for (d_head·heads, d) queries, keys and values and a (d, d_head·heads) output, and for position embeddings of
sine and cosine; for language models others change the signs. Elsewhere it is a low-rank start without merit.

Reference: Trockman & Kolter 2023, Mimetic initialization of self-attention layers, arXiv:2305.09828, §4.
"""

from fanin.errors import InputError
from fanin.sampling.laws import mimetic
from fanin.schemes._variant import variant
from fanin.values import Claims, Law, Scheme


@variant("mimetic_query")
def mimetic_query(heads: float = 1.0, noise: float = 0.7, identity: float = 0.7) -> Scheme:
    """√S·Uᵀ of noise·Z + identity·1 = U·S·Vᵀ, a Z for each head; with mimetic_key the product QᵀK is that sum."""
    return _mimetic("mimetic_query", mimetic.QUERY, heads, noise, identity)


@variant("mimetic_key")
def mimetic_key(heads: float = 1.0, noise: float = 0.7, identity: float = 0.7) -> Scheme:
    """√S·Vᵀ of the decomposition that mimetic_query has."""
    return _mimetic("mimetic_key", mimetic.KEY, heads, noise, identity)


@variant("mimetic_value")
def mimetic_value(noise: float = 0.4, identity: float = -0.4) -> Scheme:
    """√S·Uᵀ of noise·Z + identity·1 = U·S·Vᵀ, one Z for all heads; with mimetic_output VᵀPᵀ is that sum."""
    return _mimetic("mimetic_value", mimetic.VALUE, 1.0, noise, identity)


@variant("mimetic_output")
def mimetic_output(noise: float = 0.4, identity: float = -0.4) -> Scheme:
    """V·√S of the decomposition that mimetic_value has."""
    return _mimetic("mimetic_output", mimetic.OUTPUT, 1.0, noise, identity)


@variant("mimetic_qkv")
def mimetic_qkv(heads: float = 1.0) -> Scheme:
    """mimetic_query, mimetic_key and mimetic_value in the three blocks of one matrix; its fellow: mimetic_output."""
    return _mimetic("mimetic_qkv", mimetic.FUSED, heads)


def _mimetic(name: str, part: float, heads: float, *strengths: float) -> Scheme:
    if heads < 1 or heads != int(heads):
        raise InputError(f"{name}: heads={heads:g}, expected a whole number >= 1")
    if strengths and not 0 < strengths[0] < float("inf"):
        raise InputError(f"{name}: noise={strengths[0]:g}, expected a number > 0")
    given = dict(zip(mimetic.ARGUMENTS, (part, heads, *strengths), strict=False))
    claims = Claims("0", "")  # the second moment is a sum of singular values: no formula in the four operations
    reference = "Trockman & Kolter 2023, arXiv:2305.09828, §4"
    return Scheme(name, Law("mimetic", tuple(given.items())), "1", "0", claims, reference, status="recent")
