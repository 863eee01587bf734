"""Independent values by a Triton kernel, for CUDA tensors: the transforms once more, in Triton's language.

Multiplications and additions are kept apart (`enable_fp_fusion=False`), quotients and roots are the correctly rounded
ones. What is proved without a GPU: Triton's interpreter gives the bits of NumPy, and the code compiled for a GPU has
no fused and no approximate instruction (tests/sampling/test_everywhere.py).
"""

import math
from typing import Any

import numpy as np
import torch
import triton
import triton.language as tl
from numpy.typing import NDArray
from triton.language.random import philox_impl

from fanin.sampling.philox import ROUNDS, Words
from fanin.sampling.transform import float32, float64

BLOCKS = 512
"""Blocks of four values that a program makes at a time; or single values, where memory is not in canonical order."""
AXES = 4
"""Axes that one launch takes; of a tensor that has more after merging, the first are a loop in Python."""
OPTIONS = {"enable_fp_fusion": False}
"""A fused product and sum is rounded once, and so gives other bits."""
LAYOUT = tl.constexpr(14)
"""Where a table has sizes, moves and strides: after the key, the first element, the size, loc, scale, 6 arguments."""
_ROUNDS = tl.constexpr(ROUNDS)
_LN2, _LN2_64 = tl.constexpr(float(float32._LN2)), tl.constexpr(float(float64._LN2))
_STEP_23, _STEP_31, _STEP_32 = (tl.constexpr(2.0**-n) for n in (23, 31, 32))
_STEP_52, _STEP_63, _STEP_64 = (tl.constexpr(2.0**-n) for n in (52, 63, 64))


def _table(coefficients: tuple[Any, ...]) -> Any:
    return tl.constexpr((*(float(c) for c in coefficients),))


_LOG, _SIN, _COS = (_table(t) for t in (float32.LOG, float32.SIN, float32.COS))
_CENTRE_P, _CENTRE_Q = _table(float32.CENTRE_P), _table(float32.CENTRE_Q)
_TAIL_P, _TAIL_Q = _table(float32.TAIL_P), _table(float32.TAIL_Q)
_LOG_64, _SIN_64, _COS_64 = (_table(t) for t in (float64.LOG, float64.SIN, float64.COS))
_CENTRE_P_64, _CENTRE_Q_64 = _table(float64.CENTRE_P), _table(float64.CENTRE_Q)
_NEAR_P_64, _NEAR_Q_64 = _table(float64.NEAR_P), _table(float64.NEAR_Q)
_FAR_P_64, _FAR_Q_64 = _table(float64.FAR_P), _table(float64.FAR_Q)


@triton.jit
def _polynomial(coefficients: tl.constexpr, size: tl.constexpr, x):
    y = tl.full(x.shape, coefficients[0], x.dtype)
    for k in tl.static_range(1, size):
        y = y * x + coefficients[k]
    return y


@triton.jit
def _log(u):
    bits = u.to(tl.int32, bitcast=True)
    e = (bits - 0x3F3504F3) >> 23
    f = (bits - (e << 23)).to(tl.float32, bitcast=True) - 1.0
    return e.to(tl.float32) * _LN2 + (f + f * f * (f * _polynomial(_LOG, 8, f) - 0.5))


@triton.jit
def _log_64(u):
    bits = u.to(tl.int64, bitcast=True)
    e = (bits - 0x3FE6A09E667F3BCD) >> 52
    f = (bits - (e << 52)).to(tl.float64, bitcast=True) - 1.0
    g = f / (f + 2.0)
    h = g * g
    return e.to(tl.float64) * _LN2_64 + (f - g * (f - h * _polynomial(_LOG_64, 7, h)))


@triton.jit
def _unit(w):
    if w.dtype == tl.uint64:
        u = ((w >> 1).to(tl.int64).to(tl.float64) + 0.5) * _STEP_63
    else:
        u = ((w >> 1).to(tl.int32).to(tl.float32) + 0.5) * _STEP_31
    return u


@triton.jit
def _uniform(w):
    if w.dtype == tl.uint64:
        z = (w >> 11).to(tl.int64).to(tl.float64) * _STEP_52 - 1.0
    else:
        z = (w >> 8).to(tl.int32).to(tl.float32) * _STEP_23 - 1.0
    return z


@triton.jit
def _box_muller(a, b):
    if a.dtype == tl.uint64:
        radius = tl.sqrt(_log_64(_unit(a)) * -2.0)
        x = (b << 2).to(tl.int64, bitcast=True).to(tl.float64) * _STEP_64
        y = x * x
        sin = x * _polynomial(_SIN_64, 7, y)
        cos = y * _polynomial(_COS_64, 7, y) + 1.0
        quadrant = (b + 0x2000000000000000) >> 62
    else:
        radius = tl.sqrt_rn(_log(_unit(a)) * -2.0)
        x = (b << 2).to(tl.int32, bitcast=True).to(tl.float32) * _STEP_32
        y = x * x
        sin = x * _polynomial(_SIN, 4, y)
        cos = y * _polynomial(_COS, 4, y) + 1.0
        quadrant = (b + 0x20000000) >> 30
    is_odd = (quadrant & 1) == 1
    even_cos, odd_sin = tl.where(is_odd, sin, cos), tl.where(is_odd, cos, sin)
    even_cos = tl.where(((quadrant + 1) & 2) == 2, -even_cos, even_cos)
    odd_sin = tl.where((quadrant & 2) == 2, -odd_sin, odd_sin)
    return radius * even_cos, radius * odd_sin


@triton.jit
def _number(table, place: tl.constexpr, kind: tl.constexpr):
    """A number of the table, in the type that is computed in."""
    number = tl.load(table + place).to(tl.float64, bitcast=True)
    return number if kind == "float64" else number.to(tl.float32)


@triton.jit
def _clamp(z, low, high):
    z = tl.where(z < low, low, z)
    return tl.where(z > high, high, z)


@triton.jit
def _central(w, table, kind: tl.constexpr):
    middle, width = _number(table, 8, kind), _number(table, 9, kind)
    low, high = _number(table, 10, kind), _number(table, 11, kind)
    if w.dtype == tl.uint64:
        x = middle + width * (((w ^ 0x8000000000000000).to(tl.int64, bitcast=True).to(tl.float64) + 0.5) * _STEP_64)
        t = 0.25 - x * x
        z = x * (_polynomial(_CENTRE_P_64, 10, t) / _polynomial(_CENTRE_Q_64, 10, t))
    else:
        x = middle + width * (((w ^ 0x80000000).to(tl.int32, bitcast=True).to(tl.float32) + 0.5) * _STEP_32)
        t = 0.25 - x * x
        z = x * tl.div_rn(_polynomial(_CENTRE_P, 5, t), _polynomial(_CENTRE_Q, 6, t))
    return _clamp(z, low, high)


@triton.jit
def _tail(w, table, kind: tl.constexpr):
    least_lower, least_upper = _number(table, 8, kind), _number(table, 9, kind)
    width, shift = _number(table, 10, kind), _number(table, 11, kind)
    low, high = _number(table, 12, kind), _number(table, 13, kind)
    lower, upper = least_lower + width * _unit(w), least_upper + width * _unit(~w)
    is_lower = lower <= upper
    v = tl.where(is_lower, lower, upper)
    if w.dtype == tl.uint64:
        s = tl.sqrt(shift - _log_64(v) * 2.0)
        near = _polynomial(_NEAR_P_64, 9, s) / _polynomial(_NEAR_Q_64, 9, s)
        z = s - tl.where(s < 6.8, near, _polynomial(_FAR_P_64, 8, s) / _polynomial(_FAR_Q_64, 8, s))
    else:
        s = tl.sqrt_rn(shift - _log(v) * 2.0)
        z = s - tl.div_rn(_polynomial(_TAIL_P, 5, s), _polynomial(_TAIL_Q, 6, s))
    return _clamp(tl.where(is_lower, -z, z), low, high)


@triton.jit
def _bits(table, block, kind: tl.constexpr):
    k0, k1 = tl.load(table).to(tl.uint32), tl.load(table + 1).to(tl.uint32)
    c2, c3 = tl.load(table + 2).to(tl.uint32), tl.load(table + 3).to(tl.uint32)
    c0, c1 = block.to(tl.uint32), (block >> 32).to(tl.uint32)
    zero = tl.zeros_like(c0)
    w0, w1, w2, w3 = philox_impl(c0, c1, zero + c2, zero + c3, k0, k1, _ROUNDS)
    if kind == "float64":  # the same block number + 2^63 continues each word
        v0, v1, v2, v3 = philox_impl(c0, c1 | 0x80000000, zero + c2, zero + c3, k0, k1, _ROUNDS)
        w0, w1 = w0.to(tl.uint64) << 32 | v0.to(tl.uint64), w1.to(tl.uint64) << 32 | v1.to(tl.uint64)
        w2, w3 = w2.to(tl.uint64) << 32 | v2.to(tl.uint64), w3.to(tl.uint64) << 32 | v3.to(tl.uint64)
    return w0, w1, w2, w3


@triton.jit
def _four(law: tl.constexpr, kind: tl.constexpr, table, block):
    """loc + scale · z of a block's four values, as they are stored."""
    w0, w1, w2, w3 = _bits(table, block, kind)
    if law == "normal":
        z0, z1 = _box_muller(w0, w1)
        z2, z3 = _box_muller(w2, w3)
    elif law == "uniform":
        z0, z1, z2, z3 = _uniform(w0), _uniform(w1), _uniform(w2), _uniform(w3)
    elif law == "central":
        z0, z1 = _central(w0, table, kind), _central(w1, table, kind)
        z2, z3 = _central(w2, table, kind), _central(w3, table, kind)
    else:
        z0, z1 = _tail(w0, table, kind), _tail(w1, table, kind)
        z2, z3 = _tail(w2, table, kind), _tail(w3, table, kind)
    loc, scale = _number(table, 6, kind), _number(table, 7, kind)
    return (
        _stored(loc + scale * z0, kind),
        _stored(loc + scale * z1, kind),
        _stored(loc + scale * z2, kind),
        _stored(loc + scale * z3, kind),
    )


@triton.jit
def _stored(x, kind: tl.constexpr):
    """Itself, or the bits of the 16-bit number nearest to it, as `transform.rounding` has them."""
    if kind == "bfloat16":
        bits = x.to(tl.uint32, bitcast=True)
        x = ((bits + ((bits >> 16) & 1) + 0x7FFF) >> 16).to(tl.uint16)
    elif kind == "float16":
        bits = x.to(tl.uint32, bitcast=True)
        size = bits & 0x7FFFFFFF
        normal = ((size + ((size >> 13) & 1) + 0xFFF) >> 13) - 0x1C000
        subnormal = (size.to(tl.float32, bitcast=True) + 0.5).to(tl.uint32, bitcast=True) - 0x3F000000
        finite = tl.where(size < 0x38800000, subnormal, normal)
        x = (tl.where(size >= 0x477FF000, 0x7C00, finite) | ((bits >> 16) & 0x8000)).to(tl.uint16)
    return x


@triton.jit
def _contiguous(out, table, law: tl.constexpr, kind: tl.constexpr, blocks: tl.constexpr):
    """Elements start, start + 1, ...: each block gives four, 16 apart. Places count from the program's own tile."""
    start, size = tl.load(table + 4).to(tl.uint64, bitcast=True), tl.load(table + 5)
    first = tl.program_id(0).to(tl.int64) * blocks
    lane = tl.arange(0, blocks)
    v0, v1, v2, v3 = _four(law, kind, table, ((start >> 6 << 4) + first.to(tl.uint64)) + lane.to(tl.uint64))
    tile = first * 4 - (start & 63).to(tl.int64)
    least, most = tl.maximum(-tile, 0).to(tl.int32), tl.minimum(size - tile, 4 * blocks).to(tl.int32)
    place = (lane >> 4) * 64 + (lane & 15)
    tl.store(out + tile + place, v0, mask=(place >= least) & (place < most))
    tl.store(out + tile + place + 16, v1, mask=(place + 16 >= least) & (place + 16 < most))
    tl.store(out + tile + place + 32, v2, mask=(place + 32 >= least) & (place + 32 < most))
    tl.store(out + tile + place + 48, v3, mask=(place + 48 >= least) & (place + 48 < most))


@triton.jit
def _scattered(out, table, law: tl.constexpr, kind: tl.constexpr, blocks: tl.constexpr, axes: tl.constexpr):
    """Elements start + sum of index · move, stored at the sum of index · stride; three of four values are not used."""
    start, size = tl.load(table + 4), tl.load(table + 5)
    number = tl.program_id(0).to(tl.int64) * blocks + tl.arange(0, blocks)
    element, place, rest = number * 0 + start, number * 0, number
    for axis in tl.static_range(axes):  # from the last
        length = tl.load(table + LAYOUT + 3 * axis)
        position = rest % length
        rest = rest // length
        element += position * tl.load(table + LAYOUT + 1 + 3 * axis)
        place += position * tl.load(table + LAYOUT + 2 + 3 * axis)
    element = element.to(tl.uint64, bitcast=True)
    v0, v1, v2, v3 = _four(law, kind, table, (element >> 6 << 4) | (element & 15))
    word = (element >> 4) & 3
    value = tl.where(word == 0, v0, tl.where(word == 1, v1, tl.where(word == 2, v2, v3)))
    tl.store(out + place, value, mask=number < size)


def fill(
    out: torch.Tensor,
    law: str,
    key: Words,
    start: int,
    moves: tuple[int, ...],
    loc: Any,
    scale: Any,
    arguments: tuple[Any, ...],
) -> None:
    """Set out[i, j, ...] = loc + scale · z(start + i·moves[0] + j·moves[1] + ...)."""
    affine = np.zeros(LAYOUT.value - 6)
    affine[: 2 + len(arguments)] = loc, scale, *arguments
    axes = _merged(out, moves)
    outer, inner = axes[:-AXES], axes[-AXES:]
    with torch.cuda.device_of(out):
        for place in np.ndindex(*(size for size, _, _ in outer)):
            first = start + sum(i * move for i, (_, move, _) in zip(place, outer, strict=True))
            offset = out.storage_offset() + sum(i * stride for i, (_, _, stride) in zip(place, outer, strict=True))
            _launch(out, offset, inner, (law, key, affine), first)


def _merged(out: torch.Tensor, moves: tuple[int, ...]) -> list[tuple[int, int, int]]:
    """(size, move, stride) of as few axes as have the same elements at the same places in the same order."""
    axes = [axis for axis in zip(out.shape, moves, out.stride(), strict=True) if axis[0] != 1] or [(1, 1, 1)]
    for place in range(len(axes) - 1, 0, -1):
        (outer, move, stride), (inner, step, pitch) = axes[place - 1 : place + 1]
        if move == inner * step and stride == inner * pitch:
            axes[place - 1 : place + 1] = [(outer * inner, step, pitch)]
    return axes


def _launch(
    out: torch.Tensor,
    offset: int,
    axes: list[tuple[int, int, int]],
    rule: tuple[str, Words, NDArray[np.float64]],
    start: int,
) -> None:
    """All numbers go by one table: as arguments of the kernel, some would have it compiled again."""
    (law, key, affine), count = rule, math.prod(size for size, _, _ in axes)
    layout = [_signed(number) for axis in reversed(axes) for number in axis]
    words = [*(int(word) for word in key), _signed(start), count, *affine.view(np.int64).tolist(), *layout]
    table = torch.tensor(words, pin_memory=out.is_cuda).to(out.device, non_blocking=True)
    plain = out.view(torch.uint16) if out.element_size() == 2 else out
    memory = plain.as_strided((1,), (1,), offset)
    options = {"law": law, "kind": str(out.dtype).removeprefix("torch."), "blocks": BLOCKS, **OPTIONS}
    if len(axes) == 1 and axes[0][1:] == (1, 1):
        programs = -(-(count + start % 64) // (4 * BLOCKS)) + 1  # the first and the last tile are cut
        _contiguous[(programs,)](memory, table, **options)
    else:
        _scattered[(-(-count // BLOCKS),)](memory, table, axes=len(axes), **options)


def _signed(number: int) -> int:
    return (number + 2**63) % 2**64 - 2**63
