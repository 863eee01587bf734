"""Where the bits come from: one stream, its far end, its long numbers, and many streams side by side."""

from collections.abc import Callable

import numpy as np
from numba import njit
from numpy.typing import NDArray

import fanin.sampling.kernels.numba  # makes philox compilable  # noqa: F401
from fanin.sampling import Stream
from fanin.sampling.philox import Words, philox

Array = NDArray[np.uint32]
SHORT = 1024
"""Elements taken of each stream, where there are many."""


def one_stream(seed: int, number: int, size: int) -> Array:
    """Elements in order from 0 on."""
    return _elements(Stream(seed, "weight").key, number * size, size)


def past_two_to_the_32(seed: int, number: int, size: int) -> Array:
    """Elements around 2^34, where the number of the block outgrows 32 bits."""
    return _elements(Stream(seed, "weight").key, 2**34 - 64 * size + number * size, size)


def long_numbers(seed: int, number: int, size: int) -> Array:
    """The two words of each float64 element, which are 2^63 blocks apart."""
    key, half = Stream(seed, "long").key, size // 2
    first = _elements(key, number * half, half)
    return np.stack([first, _elements(key, number * half + 2**65, half)], axis=1).ravel()


def many_paths(seed: int, number: int, size: int) -> Array:
    """The same element of neighbouring paths, side by side."""
    return _side_by_side(lambda i: Stream(seed, f"blocks.{i}.weight"), number, size)


def many_seeds(seed: int, number: int, size: int) -> Array:
    """The same element of neighbouring seeds, side by side."""
    return _side_by_side(lambda i: Stream(seed + i, "weight"), number, size)


SOURCES: dict[str, Callable[[int, int, int], Array]] = {
    "one stream": one_stream,
    "around block 2^32": past_two_to_the_32,
    "words of float64": long_numbers,
    "neighbouring paths": many_paths,
    "neighbouring seeds": many_seeds,
}


def _side_by_side(stream: Callable[[int], Stream], number: int, size: int) -> Array:
    streams = size // SHORT
    rows = np.stack([_elements(stream(number * streams + i).key, 0, SHORT) for i in range(streams)])
    return rows.T.ravel()


def _elements(key: Words, start: int, size: int) -> Array:
    """The words of whole tiles; `start` may pass 2^64, as the second words of float64 do."""
    out = np.empty(size, np.uint32)
    _fill(out, key, np.uint64(start // 4 % 2**64))
    return out


@njit
def _fill(out, key, block):  # type: ignore[no-untyped-def]
    for first in range(0, out.size, 64):
        for lane in range(16):
            four = philox(key, block + np.uint64(lane))
            for word in range(4):
                out[first + 16 * word + lane] = np.uint32(four[word])
        block += np.uint64(16)
