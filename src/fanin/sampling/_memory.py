"""Memory for what is drawn.

From 4 MiB on, NumPy asks the system for huge pages, and the threads that draw are the first to touch them: that is all
that helped. Addresses aligned to a huge page, pages filled by the system beforehand, and that by several threads, were
measured beside it and won nothing (benchmarks/README.md).
"""

import math
import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray


def empty(shape: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
    """A new array.

    Raises:
        MemoryError: there is too little.
    """
    if math.prod(shape) * dtype.itemsize > sys.maxsize:  # NumPy would call this a ValueError
        raise MemoryError("more than can be addressed")
    return np.empty(shape, dtype)
