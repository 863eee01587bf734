"""Three ways through memory for the compiled kernel. Each makes tiles, which are 64 values from sixteen blocks.

`line` is memory, `rows` where in it each row begins, `stride` the distance of columns; row i's column j is element
start + pitch·i + step·j. The functions made here are compiled by `kernels.numba`; `stamp` makes the sources of what
they call a part of the compiler's cache, since numba itself looks at one file alone.
"""
# mypy: disable-error-code="no-untyped-def, no-untyped-call, call-arg"

from collections.abc import Callable
from typing import Any

import numpy as np

from fanin.sampling.kernels._registers import whole_registers
from fanin.sampling.transform import Transform

Maker = Callable[[Transform, Callable[[Any], Any], Any], Any]


def choose(step: int, pitch: int, rows: int, columns: int) -> Maker:
    """The order in which the fewest values are made that nobody wants: of a single block, at least three of four."""
    distance = min(step % 2**64, -step % 2**64)
    if 1 <= distance <= 8 and distance * columns >= 32:
        return along_rows
    return along_columns if pitch == 1 and rows >= 32 else scattered


def along_rows(transform: Transform, rounding: Callable[[Any], Any], stamp: Any) -> Any:
    """Near neighbours in a row: tile by tile, in its place in memory if the row is one piece of it."""

    def run(line, rows, stride, columns, key, start, step, pitch, loc, scale, arguments):
        _ = stamp
        whole_registers()
        spare, move = np.empty(64, line.dtype), np.int64(step)
        for i in range(rows.size):
            j = 0
            while j < columns:
                index = start + pitch * np.uint64(i) + step * np.uint64(j)
                block = index >> np.uint64(6) << np.uint64(4)
                place = np.int64(index & np.uint64(63))
                count = min((63 - place) // move + 1 if move > 0 else place // -move + 1, columns - j)
                to = rows[i] + stride * j
                is_one_piece = count == 64 and stride == 1 and move == 1
                tile = line[to : to + 64] if is_one_piece else spare
                for lane in range(16):
                    z0, z1, z2, z3 = transform(key, block + np.uint64(lane), arguments)
                    tile[lane] = rounding(loc + scale * z0)
                    tile[lane + 16] = rounding(loc + scale * z1)
                    tile[lane + 32] = rounding(loc + scale * z2)
                    tile[lane + 48] = rounding(loc + scale * z3)
                if not is_one_piece:
                    for k in range(count):
                        line[to + stride * k] = spare[place + move * k]
                j += count

    return run


def along_columns(transform: Transform, rounding: Callable[[Any], Any], stamp: Any) -> Any:
    """Consecutive elements in a column: a tile of each of 64 columns, then 64 rows of all."""

    def run(line, rows, stride, columns, key, start, step, pitch, loc, scale, arguments):
        _ = stamp
        whole_registers()
        window, places = np.empty((64, 128), line.dtype), np.empty(64, np.int64)
        for j in range(0, columns, 64):
            count = min(64, columns - j)
            for c in range(count):
                places[c] = np.int64(start + step * np.uint64(j + c) & np.uint64(63))
            late = 64 if places[:count].max() > 0 else 0  # rows wait for the tiles that end them
            for first in range(0, rows.size + late, 64):
                for c in range(count):
                    block = (start + step * np.uint64(j + c) + np.uint64(first)) >> np.uint64(6) << np.uint64(4)
                    tile = window[c, late - places[c] :][:64]
                    for lane in range(16):
                        z0, z1, z2, z3 = transform(key, block + np.uint64(lane), arguments)
                        tile[lane] = rounding(loc + scale * z0)
                        tile[lane + 16] = rounding(loc + scale * z1)
                        tile[lane + 32] = rounding(loc + scale * z2)
                        tile[lane + 48] = rounding(loc + scale * z3)
                if first >= late:
                    for k in range(min(64, rows.size + late - first)):
                        to = rows[first - late + k] + stride * j
                        if stride == 1 and count == 64:
                            piece = line[to : to + 64]
                            for c in range(64):
                                piece[c] = window[c, k]
                        else:
                            for c in range(count):
                                line[to + stride * c] = window[c, k]
                for c in range(count if late else 0):
                    tile = window[c]
                    for k in range(64):
                        tile[k] = tile[k + 64]

    return run


def scattered(transform: Transform, rounding: Callable[[Any], Any], stamp: Any) -> Any:
    """Anything else: of sixteen blocks at a time one word each."""

    def run(line, rows, stride, columns, key, start, step, pitch, loc, scale, arguments):
        _ = stamp
        whole_registers()
        tile = np.empty(64, line.dtype)
        for i in range(rows.size):
            for j in range(0, columns, 16):
                first = start + pitch * np.uint64(i) + step * np.uint64(j)
                to = rows[i] + stride * j
                for lane in range(16):
                    index = first + step * np.uint64(lane)
                    block = (index >> np.uint64(6) << np.uint64(4)) + (index & np.uint64(15))
                    z0, z1, z2, z3 = transform(key, block, arguments)
                    tile[lane] = rounding(loc + scale * z0)
                    tile[lane + 16] = rounding(loc + scale * z1)
                    tile[lane + 32] = rounding(loc + scale * z2)
                    tile[lane + 48] = rounding(loc + scale * z3)
                for lane in range(min(16, columns - j)):
                    word = np.int64((first + step * np.uint64(lane)) >> np.uint64(4) & np.uint64(3))
                    line[to + stride * lane] = tile[16 * word + lane]

    return run
