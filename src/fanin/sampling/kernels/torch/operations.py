"""Independent values by torch operations, on any device: slower than a kernel, and the same bits.

PyTorch has no unsigned 32- and 64-bit arithmetic to rely on, so such words live in int64, where sums and products
wrap around to the same bits. Its square roots on the CPU are off by one in the last place now and then (17 % of them in
float32), so that they are put right here.

Reference: Dekker 1971, A floating-point technique for extending the available precision, doi:10.1007/BF01397083.
"""

from typing import Any

import numpy as np
import torch

from fanin.sampling._dtypes import computed_in
from fanin.sampling.kernels._lanes import Lanes, on_lanes
from fanin.sampling.philox import Words
from fanin.sampling.transform import TRANSFORMS
from fanin.sampling.transform.rounding import ROUNDINGS

CHUNK = 2**20
"""Elements made at a time."""
_WORD = 2**32 - 1
_COPY = on_lanes()


class _Torch:
    """Kinds on torch: unsigned words in int64."""

    def scalar(self, number: Any, kind: str) -> Any:
        number = number.item() if isinstance(number, np.generic) else number
        return number - 2**64 if kind == "uint64" and number >= 2**63 else number

    def cast(self, x: Any, to: str) -> Any:
        return x.to(torch.int64) & (_WORD if to == "uint32" else 0xFFFF) if to in ("uint32", "uint16") else _to(x, to)

    def bits(self, x: Any, kind: str, to: str) -> Any:
        if to == "uint32":
            return x.view(torch.int32).to(torch.int64) & _WORD
        return (x.to(torch.int32) if kind == "uint32" else x).view(getattr(torch, to))

    def multiply(self, x: Any, y: Any, kind: str) -> Any:
        return x * y  # one operation is one kernel: nothing to fuse with

    def shift_right(self, x: Any, count: int, kind: str) -> Any:
        return x >> count & (2 ** (64 - count) - 1) if kind == "uint64" and count else x >> count

    def divide(self, x: Any, y: Any) -> Any:
        return x / y

    def sqrt(self, x: Any) -> Any:
        return _root(x) if x.dtype == torch.float64 else x.double().sqrt().float()

    def where(self, condition: Any, yes: Any, no: Any) -> Any:
        return torch.where(condition, yes, no)


def _root(x: torch.Tensor) -> torch.Tensor:
    """The nearest number to √x, by the exact sign of x - m², m the middle between the root s and its neighbour.

    In float32 nothing of this is needed: a root of such a number lies 2^-50 or more from the middle of two float32
    numbers, so that rounding a float64 root which is off by 2^-52 gives the same.
    """
    s = x.sqrt()
    rest = (x - s * s) - _lost(s)  # x - s², exact
    above, below = s.nextafter(s + 1), s.nextafter(torch.zeros_like(s))
    high = torch.where(rest > s * (above - s), above, s)
    return torch.where((rest <= s * (below - s)) & (s > 0), below, high)


def _lost(s: torch.Tensor) -> torch.Tensor:
    """What rounding takes from s·s, exactly: s² minus the rounded product, by halves of 26 bits (Dekker)."""
    turned = s * 134217729.0  # 2^27 + 1
    upper = turned - (turned - s)
    lower = s - upper
    return lower * lower - ((s * s - upper * upper) - upper * lower * 2)


def _to(x: Any, kind: str) -> Any:
    return x.to(torch.int64 if kind == "uint64" else getattr(torch, kind))


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
    """Set out[i, j, ...] = loc + scale · z(start + i·moves[0] + j·moves[1] + ...), a part at a time."""
    if out.numel() > CHUNK:
        axis = max(range(out.dim()), key=lambda axis: out.shape[axis])
        middle = out.shape[axis] // 2
        first, last = out.narrow(axis, 0, middle), out.narrow(axis, middle, out.shape[axis] - middle)
        fill(first, law, key, start, moves, loc, scale, arguments)
        fill(last, law, key, start + middle * moves[axis], moves, loc, scale, arguments)
        return
    name = str(out.dtype).removeprefix("torch.")
    four = _COPY(TRANSFORMS[law, computed_in(name)])
    index = _numbers(out, start, moves)
    place = index & 63
    block = (index >> 6 << 4) | (place & np.uint64(15))
    z = torch.stack([value.x for value in four(key, block, arguments)])
    z = z.gather(0, (place >> 4).x[None])[0]
    value = Lanes(block.library, z, computed_in(name)) * scale + loc
    if name in ROUNDINGS:
        out.copy_(_COPY(ROUNDINGS[name])(value).x.to(torch.int16).view(out.dtype))
    else:
        out.copy_(value.x)


def _numbers(out: torch.Tensor, start: int, moves: tuple[int, ...]) -> Lanes:
    """The canonical number of each element, modulo 2^64."""
    numbers = torch.full(out.shape, _signed(start), dtype=torch.int64, device=out.device)
    for axis, (size, move) in enumerate(zip(out.shape, moves, strict=True)):
        steps = torch.arange(size, device=out.device) * _signed(move)
        numbers += steps.reshape([-1 if other == axis else 1 for other in range(out.dim())])
    return Lanes(_Torch(), numbers, "uint64")


def _signed(number: int) -> int:
    return (number + 2**63) % 2**64 - 2**63
