"""What is to be drawn, in the words that the kernels of frameworks need."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fanin.sampling._region import Region
from fanin.sampling.philox import Words


@dataclass(frozen=True, slots=True)
class Elementwise:
    """How each value is made of its own bits: the arguments of a kernel, as `kernels.numpy.fill` says."""

    law: str
    key: Words
    loc: Any
    scale: Any
    arguments: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Request:
    """A part of a parameter, to be drawn.

    Attributes:
        region: the elements.
        dtype: the stored type.
        fill: fills a NumPy array, of the shape of a region, with that region's values.
        elementwise: for laws of independent values; a device may then draw for itself.
    """

    region: Region
    dtype: np.dtype[Any]
    fill: Callable[[NDArray[Any], Region], None]
    elementwise: Elementwise | None
