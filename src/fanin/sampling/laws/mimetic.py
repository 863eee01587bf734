"""Mimetic: two matrices of an attention layer whose product is noise·Z + identity·1, as after training.

With Z normal of variance 1/d and the singular value decomposition M = noise·Z + identity·1 = U·S·Vᵀ, queries are
√S·Uᵀ and keys √S·Vᵀ, so that QᵀK = M, cut to the size of a head; every head has an M of its own. Values are √S·Uᵀ and
the output V·√S for one other M of all heads. Both tensors of a pair make the same M, from a stream of their common
parent: the path without its last two names, `attn` for `attn.q.weight` and `attn.k.weight`. Rows beyond d are 0.

Which sign a pair of singular vectors has is drawn from the same stream, relative to the sign of the left one's sum, so
that it does not depend on the library and entries have mean 0. Linear algebra libraries differ in the last digits, and
near-equal singular values magnify that: machines agree to about 1e-9, not bit for bit. The second moment is that of
wide matrices, by the cubic equation for the singular values of such a sum; at width d it is right to about 1/d.

Arguments: part 0 queries, 1 keys, 2 values, 3 output, 4 the first three fused in blocks; heads, if they are no axis.

Reference: Trockman & Kolter 2023, Mimetic initialization of self-attention layers, arXiv:2305.09828, §4; Dozier &
Silverstein 2007, doi:10.1016/j.jmva.2006.09.006 (singular values).
"""

import math
import re
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fanin.errors import InputError
from fanin.sampling._matrix import coordinates, matrices
from fanin.sampling._moments import Moments
from fanin.sampling._region import Region
from fanin.sampling.kernels import kernel
from fanin.sampling.stream import Stream
from fanin.values import Param

ARGUMENTS = ("part", "heads", "noise", "identity")
QUERY, KEY, VALUE, OUTPUT, FUSED = 0.0, 1.0, 2.0, 3.0, 4.0
STRENGTHS = {QUERY: (0.7, 0.7), KEY: (0.7, 0.7), VALUE: (0.4, -0.4), OUTPUT: (0.4, -0.4)}
"""(noise, identity) in the paper."""


def moments(param: Param, part: float = QUERY, heads: float = 1, noise: float = 0.7, identity: float = 0.7) -> Moments:
    """Mean 0; second moment: the largest singular values, on average, over their number."""
    _check(param, part, heads, noise)
    copies = matrices(param).copies
    if part == FUSED:
        parts = (_mean_square(param, copies // 3, each, heads, *STRENGTHS[each]) for each in (QUERY, KEY, VALUE))
        return Moments(0.0, sum(parts) / 3, -math.inf, math.inf)
    return Moments(0.0, _mean_square(param, copies, part, heads, noise, identity), -math.inf, math.inf)


def draw(
    out: NDArray[Any],
    param: Param,
    region: Region,
    stream: Stream,
    loc: Any,
    scale: Any,
    part: float = QUERY,
    heads: float = 1,
    noise: float = 0.7,
    identity: float = 0.7,
) -> None:
    """Each product that the region touches is made and decomposed whole."""
    _check(param, part, heads, noise)
    if not out.size:
        return
    size, (copy, row, column) = matrices(param), coordinates(param, region)
    kind = copy % param.blocks if part == FUSED else np.full((1,) * out.ndim, int(part))
    copy = copy // param.blocks if part == FUSED else copy
    inner, across = (column, row) if part == OUTPUT else (row, column)
    extent, width = (size.columns, size.rows) if part == OUTPUT else (size.rows, size.columns)
    rank = extent // int(heads)
    whole = kind >= VALUE  # values and output: one product of all heads
    head = np.where(whole, 0, copy * int(heads) + inner // rank)
    inner = np.where(whole, copy * extent + inner, inner % rank)
    label, inner, across = (np.broadcast_to(each, out.shape) for each in (4 * head + kind, inner, across))
    values = np.zeros(out.shape)
    for each in np.unique(label):
        number, which = divmod(int(each), 4)
        here = (label == each) & (inner < width)
        factor = _factor(stream, which, number, width, *(STRENGTHS[which] if part == FUSED else (noise, identity)))
        values[here] = factor[across[here], inner[here]]
    out[...] = float(loc) + float(scale) * values


def _factor(stream: Stream, part: int, head: int, width: int, noise: float, identity: float) -> NDArray[np.float64]:
    """U·√S for queries and values, V·√S for keys and output: column k belongs to the k-th largest singular value."""
    parent = Stream(stream.seed, "/".join(re.split(r"[./]", stream.path)[:-2]))
    pair = parent.child("mimetic values" if part >= VALUE else "mimetic queries")
    z, signs = np.empty(width * width), np.empty(width)
    kernel(z.size)(z, "normal", pair.key, head * z.size, 1, 0.0, 1.0, ())
    kernel(width)(signs, "uniform", pair.child("signs").key, head * width, 1, 0.0, 1.0, ())
    product = noise / math.sqrt(width) * z.reshape(width, width) + identity * np.eye(width)
    left, singular, right = np.linalg.svd(product)
    sign = np.copysign(1.0, left.sum(axis=0)) * np.copysign(1.0, signs)
    vectors = left if part in (QUERY, VALUE) else right.T
    return np.asarray(vectors * (sign * np.sqrt(singular)))


def _mean_square(param: Param, copies: int, part: float, heads: float, noise: float, identity: float) -> float:
    size = matrices(param)
    extent, width = (size.columns, size.rows) if part == OUTPUT else (size.rows, size.columns)
    rank = extent * copies if part in (VALUE, OUTPUT) else extent // int(heads)
    return _largest(noise, identity, min(1.0, rank / max(width, 1))) / max(rank, 1)


@lru_cache(maxsize=256)
def _largest(noise: float, identity: float, share: float) -> float:
    """The mean over all singular values of noise·Z + identity·1 of those that belong to the largest share.

    For wide matrices -1/m of the squares x solves n⁴x·m³ + 2n²x·m² + (x - i² + n²)·m + 1 = 0, and has density Im m/π.
    """
    top = 2 * noise + abs(identity)
    s = np.linspace(0, top, 4001)[1:] - top / 8000
    x, n2 = s**2, noise**2
    companion = np.zeros((s.size, 3, 3))
    companion[:, 1, 0] = companion[:, 2, 1] = 1
    companion[:, :, 2] = -np.stack([1 / (n2 * n2 * x), (x - identity**2 + n2) / (n2 * n2 * x), 2 / n2 + 0 * x], axis=1)
    mass = s * np.linalg.eigvals(companion).imag.max(axis=1)
    mass = (mass / mass.sum())[::-1]  # from the largest
    taken = np.clip(share - (np.cumsum(mass) - mass), 0, mass)
    return float(taken @ s[::-1])


def _check(param: Param, part: float, heads: float, noise: float) -> None:
    if part not in (*STRENGTHS, FUSED):
        raise InputError(f"mimetic: part={part:g}, expected 0 (queries), 1 (keys), 2 (values), 3 (output) or 4 (fused)")
    if part == FUSED and param.blocks != 3:
        raise InputError(
            f"{param.path!r} has {param.blocks} blocks; a fused mimetic tensor has 3: queries, keys, values"
        )
    if not {"in", "out"} <= set(param.axes) <= {"batch", "in", "out"}:
        raise InputError(f"{param.path!r} of shape {param.shape} is no matrix of an attention layer, (out, in)")
    size = matrices(param)
    if not (heads >= 1 and heads == int(heads)) or (size.columns if part == OUTPUT else size.rows) % heads:
        raise InputError(f"{param.path!r} of shape {param.shape} does not divide into heads={heads:g}")
    if not 0 < noise < math.inf:
        raise InputError(f"mimetic: noise={noise:g}, expected a number > 0: without it nothing is random")
