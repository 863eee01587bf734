"""Orthogonal: a semi-orthogonal matrix, uniform in the sense of Haar.

The (out, in·kernel) matrix Q has Q·Qᵀ = 1 if it is wide, Qᵀ·Q = 1 if it is tall: its rows, or its columns, are of
length 1 and at right angles. Mean 0, second moment 1/max(out, in·kernel). Every batch index, group and fused block has
its own matrix.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fanin.sampling._haar import fill_haar
from fanin.sampling._matrix import coordinates, matrices
from fanin.sampling._moments import Moments
from fanin.sampling._region import Region
from fanin.sampling.stream import Stream
from fanin.values import Param

ARGUMENTS = ()


def moments(param: Param) -> Moments:
    """Mean 0, second moment 1/max(rows, columns)."""
    matrix = matrices(param)
    return Moments(0.0, 1 / max(matrix.rows, matrix.columns, 1), -1.0, 1.0)


def draw(out: NDArray[Any], param: Param, region: Region, stream: Stream, loc: Any, scale: Any) -> None:
    """The wanted part of the matrices that it touches."""
    size = matrices(param)
    shape = size.copies, size.rows, size.columns
    if region.count == region.sizes and param.size("lookup") == 1 and not (param.transposed and param.groups > 1):
        values = out.reshape(shape)  # canonical order is that of the matrices
        fill_haar(values, np.arange(size.copies), stream, loc, scale)
        if not np.may_share_memory(values, out):
            out[...] = values.reshape(out.shape)
    elif out.size:
        copy, row, column = coordinates(param, region)
        numbers, position = np.unique(copy, return_inverse=True)
        values = np.empty((len(numbers), *shape[1:]), out.dtype)
        fill_haar(values, numbers, stream, loc, scale)
        out[...] = values[position.reshape(copy.shape), row, column]
