"""Normal, N(0, 1).

Density exp(-z²/2)/√(2π). Mean 0, second moment 1, fourth 3. Drawn by Box-Muller: two words of one block give two
independent normals. A float32 draw stays within 6.66, a float64 draw within 9.42; the mass beyond is 3e-11 and 5e-21.

Reference: Box & Muller 1958, A note on the generation of random normal deviates, doi:10.1214/aoms/1177706645.
"""

import math
from typing import Any

from numpy.typing import NDArray

from fanin.sampling._fill import fill_region
from fanin.sampling._moments import Moments
from fanin.sampling._region import Region
from fanin.sampling.stream import Stream
from fanin.values import Param

ARGUMENTS = ()


def moments(param: Param) -> Moments:
    """Mean 0, second moment 1, unbounded."""
    return Moments(0.0, 1.0, -math.inf, math.inf)


def transform(dtype: str) -> tuple[str, tuple[Any, ...]]:
    """Each value is made of its own bits: the name of the transform, and its arguments."""
    return "normal", ()


def draw(out: NDArray[Any], param: Param, region: Region, stream: Stream, loc: Any, scale: Any) -> None:
    """Independent draws, by canonical index."""
    fill_region(out, region, stream, "normal", loc, scale)
