"""Tests of values: all cells of the law, its tails, its moments to the fourth, and neighbours.

A cell is what the leading bits of a number say: sign, exponent and the first digits; of a type with 16 bits, the number
itself. So counting costs a shift, and rounding to 16 bits is a part of the law that is tested.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import ml_dtypes
import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy import stats
from words import chi_square

from fanin.sampling import Stream, draw
from fanin.values import Law, Param

LAGS = (1, 16, 64)
TAILS = (2.0, 3.0, 4.0, 5.0, 5.5)
NARROW = 2**-14
"""Cells around 0 of less width are counted as one: the specification promises float32 values to 5e-7 there."""


@dataclass(frozen=True)
class Case:
    """A law in a type, its distribution function by scipy, and its second moment."""

    law: Law
    dtype: str
    cdf: Callable[[Any], Any]


def _truncated(low: float, high: float) -> tuple[Law, Callable[[Any], Any]]:
    return Law("truncated_normal", (("low", low), ("high", high))), stats.truncnorm(low, high).cdf


def _grid(x: Any) -> Any:
    """P(X < x) of the uniform on the multiples of 2^-23; below 0 P(X <= x), since a cell there contains its end."""
    steps = np.asarray(x) * 2**23
    return np.clip(np.where(steps < 0, np.floor(steps) + 1, np.ceil(steps)) + 2**23, 0, 2**24) / 2**24


_NORMAL = (Law("normal"), stats.norm.cdf)
LAWS = {
    "normal, float32": Case(_NORMAL[0], "float32", _NORMAL[1]),
    "normal, float64": Case(_NORMAL[0], "float64", _NORMAL[1]),
    "normal, bfloat16": Case(_NORMAL[0], "bfloat16", _NORMAL[1]),
    "normal, float16": Case(_NORMAL[0], "float16", _NORMAL[1]),
    "uniform, float32": Case(Law("uniform"), "float32", _grid),
    "uniform, float64": Case(Law("uniform"), "float64", stats.uniform(-1, 2).cdf),
    **{f"truncated at ±{cut:g}, {kind}": Case(_truncated(-cut, cut)[0], kind, _truncated(-cut, cut)[1])
       for cut, kind in ((2.0, "float32"), (2.0, "bfloat16"), (3.0, "float32"))},
}  # fmt: skip


def judge(case: Case, count: int, chunk: int, stream: Stream) -> Iterator[tuple[str, float]]:
    """(test, P(as large or larger)) after so many draws."""
    whole = Param("battery", (count,), ("out",))
    size, shift = _cells(case.dtype)
    counts = np.zeros(size, np.int64)
    sums, lagged = np.zeros(4), np.zeros(2 * len(LAGS))
    for first in range(0, count, chunk):
        x = draw(case.law, whole, stream, dtype=case.dtype, index=(slice(first, first + chunk),))
        _count(x.view(f"u{x.itemsize}"), counts, np.uint64(shift))
        _sums(x.astype(np.float64), sums, lagged, np.array(LAGS))
    low, high = _edges(case.dtype)
    probabilities = np.clip(case.cdf(high) - case.cdf(low), 0, 1)
    with np.errstate(invalid="ignore"):  # cells beyond the largest number
        wide = high - low > NARROW
    yield "all cells", chi_square(*(np.append(each[wide], each[~wide].sum()) for each in (counts, probabilities)))
    for distance in TAILS:
        for side, beyond in (("above", low >= distance), ("below", high <= -distance)):
            if (p := float(probabilities[beyond].sum())) * count > 5:
                found = int(counts[beyond].sum())
                yield (
                    f"{side} {distance:g}",
                    (stats.binom.sf(found, count, p) + stats.binom.sf(found - 1, count, p)) / 2,
                )
    moment = _moments(case, low, high, probabilities)
    for k, total in enumerate(sums, start=1):
        yield f"moment {k}", _z(total, count, moment[k], moment[2 * k] - moment[k] ** 2)
    for lag, product, square in zip(LAGS, lagged[::2], lagged[1::2], strict=True):
        yield f"lag {lag}", _z(product, count, 0.0, moment[2] ** 2)
        yield f"squares, lag {lag}", _z(square, count, moment[2] ** 2, moment[4] ** 2 - moment[2] ** 4)


def _z(total: float, count: int, mean: float, variance: float) -> float:
    return float(stats.norm.sf((total - count * mean) / math.sqrt(count * variance)))


def _cells(dtype: str) -> tuple[int, int]:
    """How many cells, and how far the bits of a number are shifted to its cell."""
    return {"float32": (2**16, 16), "float64": (2**19, 45)}.get(dtype, (2**16, 0))


def _edges(dtype: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The interval of real numbers that each cell stands for; the sign is the leading bit."""
    size, shift = _cells(dtype)
    half = size // 2
    kind = np.dtype(ml_dtypes.bfloat16 if dtype == "bfloat16" else dtype)
    bits = np.arange(half, dtype=np.uint64) << np.uint64(shift)
    with np.errstate(invalid="ignore", over="ignore"):
        near = np.nan_to_num(bits.astype(f"u{kind.itemsize}").view(kind).astype(np.float64), nan=np.inf, posinf=np.inf)
    far = np.append(near[1:], np.inf)
    if shift == 0:  # what rounds to a number lies halfway to its neighbours
        with np.errstate(invalid="ignore"):
            middle = np.where(np.isinf(far), np.inf, (near + far) / 2)
        near, far = np.insert(middle[:-1], 0, 0.0), middle
    return np.concatenate([near, -far]), np.concatenate([far, -near])


def _moments(case: Case, low: Any, high: Any, probabilities: Any) -> list[float]:
    """E x^k for k = 0..8: of the law, or of its numbers for a type of 16 bits."""
    if case.dtype in {"float32", "float64"}:
        known = {"normal": stats.norm, "uniform": stats.uniform(-1, 2)}.get(case.law.name)
        return [
            (known or stats.truncnorm(*dict(case.law.arguments).values())).moment(k) if k else 1.0 for k in range(9)
        ]
    kind = np.dtype(ml_dtypes.bfloat16 if case.dtype == "bfloat16" else case.dtype)
    keep = probabilities > 0
    value = np.arange(2**16, dtype=np.uint16)[keep].view(kind).astype(np.float64)
    return [float((value**k) @ probabilities[keep]) for k in range(9)]


@njit
def _count(bits, counts, shift):  # type: ignore[no-untyped-def]
    for b in bits:
        counts[np.uint64(b) >> shift] += 1


@njit
def _sums(x, sums, lagged, lags):  # type: ignore[no-untyped-def]
    part = np.zeros(4)
    for v in x:
        part[0] += v
        part[1] += v * v
        part[2] += v * v * v
        part[3] += v * v * v * v
    sums += part
    for j in range(lags.size):
        product, square = 0.0, 0.0
        for i in range(x.size):  # around the end of the chunk, so that each chunk has as many pairs as values
            p = x[i] * x[i - lags[j]]
            product += p
            square += p * p
        lagged[2 * j] += product
        lagged[2 * j + 1] += square
