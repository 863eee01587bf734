"""What a tensor holds: moments and hash in one pass over blocks; and whether that is what its law promises."""

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fanin.sampling import Moments
from fanin.values import Param

Array = NDArray[Any]
_BLOCK = 2**20
"""Elements measured at a time."""
_SIGMAS, _TAIL = 6.4, 40.0
"""A mean so many standard errors off has probability 1e-10; the mean of squares has a longer tail, 40 σ²/n."""
_EPSILON = {"float64": 1e-12, "float32": 1e-6, "float16": 1e-3, "bfloat16": 1e-2}


@dataclass(frozen=True, slots=True)
class Measured:
    """Moments, extremes and the hash of type, shape and bytes in canonical order."""

    count: int
    mean: float
    second_moment: float
    fourth_moment: float
    low: float
    high: float
    sha256: str

    @property
    def std(self) -> float:
        """Standard deviation."""
        return math.sqrt(max(0.0, self.second_moment - self.mean**2))


def measure(values: Array, param: Param) -> Measured:
    """One pass, a block at a time, so that a tensor of any size needs no second one."""
    canonical = values.transpose(param.canonical_axes)
    digest = hashlib.sha256(f"{values.dtype.name}{canonical.shape}".encode())
    sums, low, high = np.zeros(3), math.inf, -math.inf
    for block in _blocks(canonical):
        digest.update(block.view(np.uint8).data)
        exact = block.astype(np.float64)
        square = exact * exact
        sums += exact.sum(), square.sum(), square @ square
        low, high = min(low, float(exact.min())), max(high, float(exact.max()))
    count = max(1, values.size)
    mean, second, fourth = (float(each) / count for each in sums)
    return Measured(values.size, mean, second, fourth, low, high, digest.hexdigest())


def _blocks(canonical: Array) -> Iterator[Array]:
    """Flat, contiguous runs in canonical order."""
    if canonical.flags.c_contiguous:
        flat = canonical.reshape(-1)
        for first in range(0, flat.size, _BLOCK):
            yield flat[first : first + _BLOCK]
    else:
        for part in canonical:
            yield from _blocks(np.ascontiguousarray(part))


def mismatch(found: Measured, law: Moments, copies: float, dtype: str) -> str:
    """In what the tensor differs from its law by more than chance and rounding allow; nothing if in nothing."""
    if not found.count:
        return ""
    draws = found.count / copies
    slack = _EPSILON[dtype] * max(abs(law.mean), law.std, abs(found.low), abs(found.high))
    spread = max(0.0, found.fourth_moment - found.second_moment**2, 2 * law.std**4)
    allowed = {
        "mean": _SIGMAS * law.std / math.sqrt(draws) + slack,
        "second moment": _SIGMAS * math.sqrt(spread / draws)
        + _TAIL * law.std**2 / draws
        + 2 * _SIGMAS * abs(law.mean) * law.std / math.sqrt(draws)
        + slack * (slack + 2 * math.sqrt(law.second_moment)),
    }
    for what, value, claimed in (
        ("mean", found.mean, law.mean),
        ("second moment", found.second_moment, law.second_moment),
    ):
        if not abs(value - claimed) <= allowed[what]:  # nan too
            return f"{what} {value:.6g}, claimed {claimed:.6g} to within {allowed[what]:.2g}"
    if not law.low - slack <= found.low <= found.high <= law.high + slack:
        return f"values from {found.low:.6g} to {found.high:.6g}, claimed from {law.low:.6g} to {law.high:.6g}"
    return ""
