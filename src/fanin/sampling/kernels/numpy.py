"""The reference kernel, and the text of the specification: where an element finds its bits.

Elements come in tiles of 64. A tile has 16 blocks (lanes) of 4 words; element 64·tile + 16·word + lane is made of that
word of block 16·tile + lane. So a range of elements needs a range of blocks, and sixteen lanes are worked on side by
side with contiguous stores.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fanin.sampling._dtypes import computed_in
from fanin.sampling.philox import Words
from fanin.sampling.transform import TRANSFORMS
from fanin.sampling.transform.rounding import ROUNDINGS

TILE, LANES = 64, 16
CHUNK = 2**15
"""Elements made at a time: small enough for the cache."""


def fill(
    out: NDArray[Any],
    law: str,
    key: Words,
    start: int,
    step: int,
    loc: Any,
    scale: Any,
    arguments: tuple[Any, ...],
    pitch: int = 0,
) -> None:
    """Set out[j] = loc + scale · z(start + step·j), z from the law: one product, one sum, each rounded.

    Args:
        out: one-dimensional, or a matrix whose row i begins at element start + pitch·i; contiguous. Types of 16 bits
            take the float32 value, rounded once more.
        law: name of the transform.
        key: of the stream.
        start, step, pitch: element indices modulo 2^64.
        loc, scale: numbers of the type of `out`, or float32 for those of 16 bits.
        arguments: what the transform needs besides bits.
    """
    if out.ndim == 2:
        for first, line in _lines(out, start, step, pitch):
            fill(line, law, key, first, step if len(out) <= out.shape[1] else pitch, loc, scale, arguments)
        return
    transform = TRANSFORMS[law, computed_in(out.dtype.name)]
    rounding = ROUNDINGS.get(out.dtype.name)
    for first in range(0, out.size, CHUNK):
        part = out[first : first + CHUNK]
        value = gather(lambda block: transform(key, block, arguments), start + step * first, step, part.size)
        value *= scale
        value += loc
        if rounding:
            part.view(np.uint16)[:] = rounding(value)
        else:
            part[:] = value


def _lines(out: NDArray[Any], start: int, step: int, pitch: int) -> list[tuple[int, NDArray[Any]]]:
    """The rows, or the columns if they are fewer, each with its first element."""
    if len(out) <= out.shape[1]:
        return [(start + pitch * i, row) for i, row in enumerate(out)]
    return [(start + step * j, column) for j, column in enumerate(out.T)]


def gather(four_of: Callable[[NDArray[np.uint64]], Words], start: int, step: int, count: int) -> NDArray[Any]:
    """The values of elements start, start + step, ...; `four_of` gives the four values of each block."""
    if step == 1:  # whole tiles, of which the first and the last are cut
        tiles = range(start // TILE, (start + count - 1) // TILE + 1)
        blocks = np.arange(LANES * tiles.start, LANES * tiles.stop, dtype=np.uint64)
        by_word = np.stack(four_of(blocks)).reshape(4, -1, LANES)
        return by_word.swapaxes(0, 1).reshape(-1)[start % TILE :][:count]
    index = np.arange(count, dtype=np.uint64) * np.uint64(step % 2**64) + np.uint64(start % 2**64)
    tile, word, lane = index // TILE, index % TILE // LANES, index % LANES
    four = np.stack(four_of(LANES * tile + lane))
    return four[word, np.arange(count)]  # type: ignore[no-any-return]


def add_product(c: NDArray[Any], a: NDArray[Any], b: NDArray[Any]) -> None:
    """C += A·B for each matrix of three stacks; to every element its terms are added in order, one by one."""
    for k in range(b.shape[1]):
        c += a[:, :, k, None] * b[:, k, None, :]
