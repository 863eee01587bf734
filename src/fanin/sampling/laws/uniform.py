"""Uniform on [-1, 1).

Density 1/2. Mean 0, second moment 1/3, so std 1/√3 = 0.577: a uniform of half-width b has std b/√3, not b.
float32 draws are the multiples of 2^-23, float64 draws those of 2^-52; each is equally likely, so -1 occurs and 1 does
not, and the mean lies half a step below 0.
"""

from typing import Any

from numpy.typing import NDArray

from fanin.sampling._fill import fill_region
from fanin.sampling._moments import Moments
from fanin.sampling._region import Region
from fanin.sampling.stream import Stream
from fanin.values import Param

ARGUMENTS = ()


def moments(param: Param) -> Moments:
    """Mean 0, second moment 1/3."""
    return Moments(0.0, 1 / 3, -1.0, 1.0)


def transform(dtype: str) -> tuple[str, tuple[Any, ...]]:
    """Each value is made of its own bits: the name of the transform, and its arguments."""
    return "uniform", ()


def draw(out: NDArray[Any], param: Param, region: Region, stream: Stream, loc: Any, scale: Any) -> None:
    """Independent draws, by canonical index."""
    fill_region(out, region, stream, "uniform", loc, scale)
