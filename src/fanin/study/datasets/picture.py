"""A picture to be fitted as a function of its coordinates: a shaded ground, rings that grow finer, edges of shapes.

Inputs are the centres of the pixels on [-1, 1] x [-1, 1], targets the brightness on [-1, 1]. The test part is the same
pixels: what is asked is how well the network holds the picture. With a mean squared error of e the peak signal-to-noise
ratio is 10 log10(4/e) decibels.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fanin.errors import InputError
from fanin.study.datasets._examples import Examples

NAME = "picture"

_LARGEST = 2048


def make(size: int = 64) -> Examples:
    """All pixels of a picture of size x size; inputs (pixels, 2), targets (pixels, 1).

    Raises:
        InputError: size is below 8, or above 2048.
    """
    if not 8 <= size <= _LARGEST:
        raise InputError(f"picture({size}): expected 8 to {_LARGEST:,} pixels to a side")
    centres = (np.arange(size) + 0.5) * 2 / size - 1
    points = np.stack(np.meshgrid(centres, centres), axis=-1).reshape(-1, 2)
    x, y = points.astype(np.float32), _brightness(*points.T)[:, None].astype(np.float32)
    return Examples(f"{NAME}({size})", x, y, x, y, f"made: a picture of {size} x {size} pixels")


def _brightness(across: NDArray[Any], down: NDArray[Any]) -> NDArray[Any]:
    """On [-1, 1]; later shapes cover earlier ones."""
    ground = 0.4 * across - 0.3 * down
    rings = 0.6 * np.cos(14 * np.pi * ((across + 0.3) ** 2 + (down + 0.2) ** 2))
    disc = np.hypot(across - 0.45, down - 0.4) < 0.35
    bar = np.abs(across + down - 0.1) < 0.08
    found = np.where(np.hypot(across + 0.3, down + 0.2) < 0.6, rings, ground)
    return np.where(bar, -0.9, np.where(disc, 0.9 - 0.8 * (across - 0.1), found)).clip(-1, 1)
