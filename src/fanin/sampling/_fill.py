"""Independent, identically distributed values of a region: cut it in blocks, and fill them in place on all cores."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fanin.sampling import kernels
from fanin.sampling._region import Region
from fanin.sampling._threads import cores, share
from fanin.sampling.kernels.numpy import TILE
from fanin.sampling.stream import Stream

Array = NDArray[Any]
Moves = tuple[int, ...]
"""Distance in canonical element numbers between neighbours along each axis."""
Block = tuple[Array, int]
"""A part of the destination, and the canonical number of its first element."""
DIRECT = 2**20
"""Elements filled at a time; and fewer than this per core are not worth a thread."""
CALL = 2**12
"""Fewer elements than this are not worth a call of the compiled kernel."""
LANES = 16
"""Columns that the compiled kernel fills side by side."""


def fill_region(
    out: Array, region: Region, stream: Stream, law: str, loc: Any, scale: Any, arguments: tuple[Any, ...] = ()
) -> None:
    """Fill `out`, the canonical view of the region, with loc + scale · z; z depends on the canonical index alone."""
    if not out.size:
        return
    module = kernels.module(out.size)
    in_place = module is not kernels.numpy or out.flags.c_contiguous
    values = out if in_place else np.empty(out.shape, out.dtype)  # NumPy's are few

    def fill_block(block: Block) -> None:
        part, start = block
        part, moves = _merged(part, region.moves)
        if not part.flags.c_contiguous:
            part, moves = _turned(part, moves)
        first_row = _first_row(part.shape, moves)
        pitch = moves[-2] if part.ndim > 1 else 0
        for place in np.ndindex(part.shape[:first_row]):
            first = start + sum(i * move for i, move in zip(place, moves, strict=False))
            module.fill(part[place], law, stream.key, first, moves[-1], loc, scale, arguments, pitch)

    share(fill_block, _blocks(values, region.start, region.moves), min(cores(), out.size // DIRECT))
    if not in_place:
        out[...] = values


def _blocks(out: Array, start: int, moves: Moves) -> Iterator[Block]:
    """Halve what is too large: contiguous memory along its first axis, any other along its longest."""
    if out.size <= DIRECT:
        yield out, start
        return
    axis = next(a for a, size in enumerate(out.shape) if size > 1) if out.flags.c_contiguous else _longest(out.shape)
    middle = out.shape[axis] // 2
    middle -= middle % TILE if middle > TILE else 0
    for first, last in ((0, middle), (middle, out.shape[axis])):
        part = out[(slice(None),) * axis + (slice(first, last),)]
        yield from _blocks(part, start + first * moves[axis], moves)


def _merged(out: Array, moves: Moves) -> tuple[Array, Moves]:
    """As few axes as have the same elements in the same order, in memory too."""
    axes = [axis for axis in zip(out.shape, moves, out.strides, strict=True) if axis[0] != 1] or [(1, 1, out.itemsize)]
    for place in range(len(axes) - 1, 0, -1):
        (outer, *far), (inner, *near) = axes[place - 1 : place + 1]
        if far == [inner * step for step in near]:
            axes[place - 1 : place + 1] = [(outer * inner, *near)]
    return out.reshape([size for size, _, _ in axes]), tuple(move for _, move, _ in axes)


def _turned(out: Array, moves: Moves) -> tuple[Array, Moves]:
    """The axis along which memory runs comes last, as columns; or the longest, if columns or calls were too small."""
    axes = range(out.ndim)
    for column in (min(axes, key=lambda axis: abs(out.strides[axis])), _longest(out.shape)):
        order = [*(axis for axis in axes if axis != column), column]
        turned, turned_moves = out.transpose(order), tuple(moves[axis] for axis in order)
        calls = math.prod(turned.shape[: _first_row(turned.shape, turned_moves)])
        if out.shape[column] >= LANES and out.size >= CALL * calls:
            break
    return turned, turned_moves


def _first_row(shape: tuple[int, ...], moves: Moves) -> int:
    """The first of the axes along which rows are counted; for each place along those before, the kernel is called."""
    first = max(len(shape) - 2, 0)
    while first and moves[first - 1] == moves[first] * shape[first]:
        first -= 1
    return first


def _longest(shape: tuple[int, ...]) -> int:
    return max(range(len(shape)), key=lambda axis: shape[axis])
