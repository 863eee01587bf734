"""The adding problem: two of many numbers are marked, and their sum is asked for at the end of the sequence.

Each step gives a number from U[0, 1) and a mark, 0 or 1. One mark is in the first half of the sequence and one in the
second, so that the first number must be kept for a quarter of its length at least half of the time. Who answers 1
always has a mean squared error of 1/6 = 0.167, the variance of the sum.

Reference: Hochreiter and Schmidhuber 1997, doi:10.1162/neco.1997.9.8.1735, experiment 4, in the form that is
common since Le, Jaitly and Hinton 2015, arXiv:1504.00941.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fanin.errors import InputError
from fanin.sampling import Stream
from fanin.study.datasets._examples import Examples

NAME = "adding"

_TRAIN, _TEST = 10_000, 1_000
_LONGEST = 10_000


def make(size: int = 50) -> Examples:
    """10,000 training and 1,000 test sequences of `size` steps; inputs (examples, steps, 2), targets (examples, 1).

    Raises:
        InputError: size is below 2, or above 10,000.
    """
    if not 2 <= size <= _LONGEST:
        raise InputError(f"adding({size}): expected 2 to {_LONGEST:,} steps")
    x, y = _sequences(_TRAIN + _TEST, size)
    parts = (x[:_TRAIN], y[:_TRAIN], x[_TRAIN:], y[_TRAIN:])
    return Examples(f"{NAME}({size})", *parts, source=f"made: the adding problem over {size} steps")


def _sequences(count: int, steps: int) -> tuple[NDArray[Any], NDArray[Any]]:
    half = steps // 2
    rows = np.arange(count)
    x = np.zeros((count, steps, 2), np.float32)
    x[..., 0] = Stream(0, f"{NAME}/numbers").bits(0, count * steps).reshape(count, steps) / 2**32
    for name, first, places in (("first", 0, half), ("second", half, steps - half)):
        x[rows, first + Stream(0, f"{NAME}/{name}").bits(0, count) % np.uint32(places), 1] = 1
    return x, (x[..., 0] * x[..., 1]).sum(axis=1, keepdims=True)
