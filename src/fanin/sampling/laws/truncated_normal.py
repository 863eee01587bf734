"""Truncated normal: N(0, 1) given low <= z <= high. Any bounds: one-sided, far in a tail, a tiny interval.

With mass Φ(high) - Φ(low) = P and density φ: E z = (φ(low) - φ(high))/P, E z² = 1 + (low·φ(low) - high·φ(high))/P.
The law is *not* scaled back to variance 1: cut at ±2 its std is 0.8796. Frameworks differ on whether bounds are
absolute or in units of std, and on whether the std is corrected.

Drawn by inverting the distribution function, one word per element; nothing is rejected. Where both bounds are within
2.01, a rational function of the probability from the centre; else of s = √(-2 ln p), p the probability of the nearer
tail, which keeps its digits however far the tail. Fit errors are below float32 rounding, and in float64 below 1e-15.
No value lies outside the bounds. An unbounded side is cut where the tail holds 2^-32 (float32) or 2^-64 of the mass.

Reference: Johnson, Kotz & Balakrishnan 1994, Continuous univariate distributions 1, §13.10.1; Wichura 1988, Algorithm
AS 241, doi:10.2307/2347330 (inversion by s in the tail).
"""

from decimal import Decimal, localcontext
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fanin.errors import InputError
from fanin.sampling._dtypes import computed_in, storage
from fanin.sampling._fill import fill_region
from fanin.sampling._gauss import EXACT, between, density, tail
from fanin.sampling._moments import Moments
from fanin.sampling._region import Region
from fanin.sampling.stream import Stream
from fanin.values import Param

ARGUMENTS = ("low", "high")
CENTRAL = 2.01
"""The largest bound of the formula for the centre."""
FARTHEST = 37.0
"""Bounds on one side of 0 may begin this far out: less than 1e-299 of the mass lies beyond."""


def moments(param: Param, low: float = -2.0, high: float = 2.0) -> Moments:
    """Exact mean and second moment."""
    _check(low, high)
    with localcontext(EXACT):
        mass = between(low, high)
        mean = (density(low) - density(high)) / mass
        second = 1 + (_moment(low) - _moment(high)) / mass
        return Moments(float(mean), float(second), low, high)


def transform(dtype: str, low: float = -2.0, high: float = 2.0) -> tuple[str, tuple[Any, ...]]:
    """Each value is made of its own bits: the name of the transform, and its arguments."""
    _check(low, high)
    return plan(float(low), float(high), dtype)


def draw(
    out: NDArray[Any],
    param: Param,
    region: Region,
    stream: Stream,
    loc: Any,
    scale: Any,
    low: float = -2.0,
    high: float = 2.0,
) -> None:
    """Independent draws, by canonical index."""
    name, arguments = transform(out.dtype.name, low, high)
    fill_region(out, region, stream, name, loc, scale, arguments)


@lru_cache(maxsize=1024)
def plan(low: float, high: float, dtype: str) -> tuple[str, tuple[Any, ...]]:
    """The transform for these bounds and its arguments, computed in decimals: equal on every machine.

    The bounds are those of the stored type, so that rounding to it goes no farther.
    """
    number = np.dtype(computed_in(dtype)).type
    bounds = (number(bound) for bound in _inward(low, high, storage(dtype).type))
    arguments: tuple[Decimal, ...]
    with localcontext(EXACT):
        mass = between(low, high)
        if max(-low, high) <= CENTRAL:
            name, arguments = "central", ((1 - tail(low) - tail(high)) / 2, mass)
        elif low < 0 < high:
            name, arguments = "tail", (tail(-low), tail(high), mass, Decimal(0))
        else:
            near, far = sorted((abs(low), abs(high)))
            least, never = tail(far) / tail(near), Decimal(2)
            sides = (least, never) if high <= 0 else (never, least)
            name, arguments = "tail", (*sides, mass / tail(near), -2 * tail(near).ln())
    with np.errstate(under="ignore"):
        return name, (*(number(x) for x in arguments), *bounds)


def _check(low: float, high: float) -> None:
    if not low < high:
        raise InputError(f"truncated_normal: low={low:g}, high={high:g}; expected low < high")
    if low > FARTHEST or high < -FARTHEST:
        raise InputError(
            f"truncated_normal: less than 1e-299 of the law lies between {low:g} and {high:g}; "
            f"give bounds of which one is within ±{FARTHEST:g}, in units of std"
        )


def _moment(x: float) -> Decimal:
    """x times the density at x, 0 at infinity."""
    return Decimal(x) * density(x) if density(x) else Decimal(0)


def _inward(low: float, high: float, number: Any) -> tuple[Any, Any]:
    """The bounds as numbers of a type, not outside of what they were."""
    with np.errstate(over="ignore"):
        first, last = number(low), number(high)
    if float(first) < low:
        first = np.nextafter(first, number(np.inf))
    if float(last) > high:
        last = np.nextafter(last, number(-np.inf))
    if first > last:
        raise InputError(f"truncated_normal: no {number.__name__} lies between low={low!r} and high={high!r}")
    return first, last
