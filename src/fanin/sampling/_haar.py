"""Random orthogonal matrices by random reflectors: the text of the specification of `orthogonal`.

A Householder reflector is made of each of p rows of normal numbers, every row one shorter than the last. The product of
all, with the right signs, is distributed like the Q of a normal matrix's QR decomposition, without a decomposition. 64
reflectors at a time are W ← W + (W·Vᵀ)·U, where V has their vectors as rows and U = -L⁻¹·V, L the lower triangle of
V·Vᵀ with half its diagonal. So nearly all work is products of matrices, and the order of every sum is fixed: machines,
threads and kernels agree bit for bit.

Reference: Stewart 1980, The efficient generation of random orthogonal matrices, doi:10.1137/0717034; Mezzadri 2007,
arXiv:math-ph/0609050 (the signs); Puglisi 1992, Modification of the Householder method based on the compact WY
representation, doi:10.1137/0913042 (L).
"""

from itertools import pairwise
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fanin.sampling import kernels
from fanin.sampling._threads import cores, share
from fanin.sampling.stream import Stream

Array = NDArray[Any]
Block = tuple[Array, Array, Array]
"""Vᵀ, U, and the signs of the rows."""
BLOCK = 64
"""Reflectors that are applied together; the bits depend on it."""
STACK = 2**16
"""Elements of small matrices that are made together."""
VALUE = 2**5
"""Multiplications that take NumPy as long as one normal number."""


def fill_haar(out: Array, numbers: Array, stream: Stream, loc: Any, scale: Any) -> None:
    """Fill a stack of matrices, those of these numbers, with loc + scale · z, computed in the type of loc and scale.

    Number n is made of normal numbers n·p·m to (n + 1)·p·m - 1 of the stream, p the lesser and m the greater of rows
    and columns.
    """
    if not out.size:
        return
    if out.shape[1] > out.shape[2]:
        out = out.swapaxes(1, 2)
    count, short, long = out.shape
    module = kernels.module(count * short * short * long // VALUE)
    size = max(1, STACK // (short * long))
    stacks = [slice(n, n + size) for n in range(0, count, size)]
    threads = cores() if module is not kernels.numpy else 1
    within, across = (threads, 1) if short > BLOCK else (1, threads)

    def fill_stack(part: slice) -> None:
        _fill_stack(out[part], numbers[part], stream, (loc, scale), module, within)

    share(fill_stack, stacks, across)


def _fill_stack(
    out: Array, numbers: Array, stream: Stream, affine: tuple[Any, Any], module: ModuleType, threads: int
) -> None:
    """Rows of W begin as signs on the diagonal; 64 of them meet their own block of reflectors, then those before it."""
    _, short, long = out.shape
    loc, scale = affine
    dtype = np.asarray(scale).dtype
    places = [slice(first, min(first + BLOCK, short)) for first in range(0, short, BLOCK)]

    def make_block(place: slice) -> Block:
        normal = _normal(numbers, (short, long), place, stream, module)
        return _block(normal[:, :, place.start :], dtype, module)

    blocks = share(make_block, places, threads)

    def fill_rows(count: int) -> None:
        place, signs = places[count - 1], blocks[count - 1][2]
        w = np.zeros((*signs.shape, long), dtype)
        _diagonal(w[:, :, place.start :])[...] = signs
        for before, (columns, u, _) in zip(reversed(places[:count]), reversed(blocks[:count]), strict=True):
            part = w[:, :, before.start :]
            x = np.zeros((*signs.shape, u.shape[1]), dtype)
            module.add_product(x, part, columns)
            module.add_product(part, x, u)
        w *= scale
        w += loc
        out[:, place] = w

    share(fill_rows, range(len(places), 0, -1), threads)


def _normal(numbers: Array, size: tuple[int, int], place: slice, stream: Stream, module: ModuleType) -> Array:
    """The rows at this place of each matrix of float64 normals; whole matrices in a row are drawn at once."""
    short, long = size
    normal = np.empty((len(numbers), place.stop - place.start, long))
    is_whole = normal.shape[1] == short
    runs = np.flatnonzero(np.diff(numbers, prepend=numbers[0]) != 1) if is_whole else range(len(numbers))
    for first, last in pairwise((*runs, len(numbers))):
        start = (int(numbers[first]) * short + place.start) * long
        module.fill(normal[first:last].reshape(-1), "normal", stream.key, start, 1, 0.0, 1.0, ())
    return normal


def _block(normal: Array, dtype: Any, module: ModuleType) -> Block:
    """Row i of the normal numbers begins at column i; from it, x, is made the reflector of x + sign(x₀)·|x|·e₀."""
    v = np.triu(normal)
    pivot = _diagonal(v)
    signs = np.copysign(1.0, pivot)
    length = np.sqrt(np.add.accumulate(v * v, axis=2)[:, :, -1])  # a running sum: of all sums, this one has an order
    half_square = length * (length + abs(pivot))
    pivot += signs * length
    v = v.astype(dtype)
    columns = np.ascontiguousarray(v.swapaxes(1, 2))
    gram = np.zeros((*v.shape[:2], v.shape[1]), dtype)
    module.add_product(gram, v, columns)
    _diagonal(gram)[...] = half_square
    u = np.zeros_like(v)
    module.add_product(u, _minus_inverse(gram), v)
    return columns, u, -signs


def _minus_inverse(lower: Array) -> Array:
    """-L⁻¹, row by row: each subtracts those before it, in order."""
    inverse = np.zeros_like(lower)
    _diagonal(inverse)[...] = -1
    for j in range(lower.shape[1]):
        inverse[:, j] /= lower[:, j, j, None]
        inverse[:, j + 1 :] -= lower[:, j + 1 :, j, None] * inverse[:, j, None]
    return inverse


def _diagonal(stack: Array) -> Array:
    """A view of the first columns' diagonal in each matrix."""
    view: Array = np.einsum("nii->ni", stack[:, :, : stack.shape[1]])
    return view
