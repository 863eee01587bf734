"""Where an element stands in the matrices that a parameter is made of.

The matrix maps inputs to outputs: one row per output unit, one column per input and kernel position. A parameter holds
several when it has batch-like axes, groups or fused blocks. A table that is looked up is a matrix too: it multiplies
one-hot vectors, so its lookup axis is an input axis.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fanin.sampling._region import Region
from fanin.values import Param
from fanin.values.param import Axis

Positions = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Matrices:
    """How many matrices a parameter holds, and their size.

    Attributes:
        copies: number of matrices.
        rows: output units of each.
        channels: inputs of each.
        kernel: kernel positions; columns = channels · kernel.
    """

    copies: int
    rows: int
    channels: int
    kernel: int

    @property
    def columns(self) -> int:
        """Inputs times kernel positions."""
        return self.channels * self.kernel


def matrices(param: Param) -> Matrices:
    """The matrices of a parameter: per batch index, per group, per block."""
    splits_in = param.groups if param.transposed else 1
    splits_out = param.blocks * (1 if param.transposed else param.groups)
    return Matrices(
        copies=param.size("batch") * splits_out * splits_in,
        rows=param.size("out") // splits_out,
        channels=param.size("lookup") * (param.size("in") // splits_in),
        kernel=param.size("kernel"),
    )


def coordinates(param: Param, region: Region) -> tuple[Positions, Positions, Positions]:
    """(matrix, row, column) of each element of a region, as arrays that broadcast to its canonical shape."""
    batch, lookup, out, inp, kernel = (_along(param, region, name) for name in _AXES)
    splits_in = param.groups if param.transposed else 1
    splits_out = param.blocks * (1 if param.transposed else param.groups)
    rows, channels = param.size("out") // splits_out, param.size("in") // splits_in
    copy = batch * splits_out * splits_in  # which varies along few axes: arrays stay small
    if splits_out > 1:
        copy = copy + out // rows * splits_in
    if splits_in > 1:
        copy = copy + inp // channels
    column = (lookup * channels + inp % channels) * param.size("kernel") + kernel
    return copy, out % rows, column


_AXES: tuple[Axis, ...] = ("batch", "lookup", "out", "in", "kernel")


def _along(param: Param, region: Region, name: Axis) -> Any:
    """The position along all axes of one name, flattened."""
    axes = [axis for axis, storage in enumerate(region.order) if param.axes[storage] == name]
    position = np.zeros((1,) * len(region.sizes), dtype=np.int64)
    for axis in axes:
        values = region.first[axis] + region.step[axis] * np.arange(region.count[axis], dtype=np.int64)
        stride = math.prod(region.sizes[other] for other in axes if other > axis)
        position = position + stride * values.reshape([-1 if a == axis else 1 for a in range(len(region.sizes))])
    return position
