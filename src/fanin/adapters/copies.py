"""Which rows of a matrix are copies of each other."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

_TOLERANCE = 1e-6
_COLUMNS = 64  # what differs in some columns differs


def distinct(rows: Array, tolerance: float = _TOLERANCE) -> float:
    """Number of distinct rows over the number of rows; entries within the tolerance of the largest entry are equal.

    >>> distinct(np.array([[1.0, 2.0], [3.0, 4.0], [1.0, 2.0], [1.0, 2.0]]))
    0.5
    """
    rows = scaled(rows)
    some = _distinct(rows[:, :: max(1, rows.shape[1] // _COLUMNS)], tolerance)
    return some if some == 1 else _distinct(rows, tolerance)


def scaled(rows: Array) -> Array:
    """The same rows with the largest entry 1, unless they are all 0."""
    largest = np.max(np.abs(rows))
    return np.asarray(rows / largest) if 0 < largest < math.inf else rows


def _distinct(rows: Array, tolerance: float) -> float:
    """Equal rows have equal projections on any direction, so that only neighbours in that order need comparing."""
    direction = np.cos(np.arange(1.0, rows.shape[1] + 1) ** 2)
    ordered = rows[np.argsort(rows @ direction)]
    differs = np.any(np.abs(np.diff(ordered, axis=0)) > tolerance, axis=1)
    return (1 + int(differs.sum())) / len(rows)
