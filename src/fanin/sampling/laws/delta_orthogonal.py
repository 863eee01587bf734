"""Delta-orthogonal: an orthogonal (out, in) matrix at the centre tap of a kernel, 0 at all other taps.

With circular padding the convolution then keeps the length of every image, not only of every patch as the flattened
matrix of the law `orthogonal` does. Mean 0; the centre has second moment 1/max(out, in), the whole that over the
kernel's positions. Every batch index, group and fused block has its own matrix; without a kernel it is `orthogonal`,
value for value. The centre of an even kernel is k//2, or with early=1 (k-1)//2, as JAX has it.

Reference: Xiao, Bahri, Sohl-Dickstein, Schoenholz & Pennington 2018, arXiv:1806.05393, Algorithm 1.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fanin.errors import InputError
from fanin.sampling._haar import fill_haar
from fanin.sampling._matrix import coordinates, matrices
from fanin.sampling._moments import Moments
from fanin.sampling._region import Region
from fanin.sampling.laws import orthogonal
from fanin.sampling.stream import Stream
from fanin.values import Param

ARGUMENTS = ("early",)


def moments(param: Param, early: float = 0) -> Moments:
    """Mean 0, second moment 1/(max(rows, channels)·kernel)."""
    matrix = matrices(param)
    return Moments(0.0, 1 / max(max(matrix.rows, matrix.channels) * matrix.kernel, 1), -1.0, 1.0)


def draw(
    out: NDArray[Any], param: Param, region: Region, stream: Stream, loc: Any, scale: Any, early: float = 0
) -> None:
    """The orthogonal matrix at the centre, loc elsewhere."""
    tap, size = centre(param, early), matrices(param)
    if size.kernel == 1:
        orthogonal.draw(out, param, region, stream, loc, scale)
    elif out.size:
        copy, row, column = coordinates(param, region)
        numbers, position = np.unique(copy, return_inverse=True)
        values = np.empty((len(numbers), size.rows, size.channels), out.dtype)
        fill_haar(values, numbers, stream, loc, scale)
        drawn = values[position.reshape(copy.shape), row, column // size.kernel]
        out[...] = np.where(column % size.kernel == tap, drawn, loc.astype(out.dtype))


def centre(param: Param, early: float = 0) -> int:
    """The number of the centre tap among the kernel positions: along each axis (k - early)//2."""
    if early not in (0, 1):
        raise InputError(f"delta_orthogonal: early={early:g}, expected 0 (centre k//2) or 1 (centre (k-1)//2)")
    number = 0
    for size, name in zip(param.shape, param.axes, strict=True):
        if name == "kernel":
            number = number * size + (size - int(early)) // 2
    return number
