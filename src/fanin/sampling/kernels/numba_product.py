"""The compiled product of matrices, in which every sum has one order: that of its terms.

A tile of the result, 4 rows by 64 columns where there are so many, stays in registers while all its terms are added one
after the other: a product and a sum each, never fused. So the bits depend on the numbers alone, not on tiles, threads
or the width of vectors. Compilers do not keep such a tile in registers by themselves; so its instructions are written
here, for vectors of 16 lanes, which LLVM splits where a machine has narrower ones.
"""
# mypy: disable-error-code="import-untyped, no-untyped-def, no-untyped-call, index, call-arg"

from functools import lru_cache
from typing import Any

from llvmlite import ir
from numba import float32, float64, njit, types, void
from numba.core import cgutils
from numba.extending import intrinsic
from numpy.typing import NDArray


def add_product(c: NDArray[Any], a: NDArray[Any], b: NDArray[Any]) -> None:
    """C += A·B for each matrix of three stacks; the same bits as `kernels.numpy.add_product`.

    The last axis of `b` and of `c` is contiguous.
    """
    _compiled(c.dtype.name)(c, a, b)


@intrinsic(prefer_literal=True)
def _tile(context, c, i, j, a, b, height, lanes, vectors):
    """c[i : i + height, j : j + lanes·vectors] += a[i : i + height] · b[:, j : j + lanes·vectors]."""
    size = height.literal_value, lanes.literal_value, vectors.literal_value

    def emit(context, builder, signature, values):
        c, a, b = (context.make_array(signature.args[n])(context, builder, values[n]) for n in (0, 3, 4))
        vector = ir.VectorType(context.get_data_type(signature.args[0].dtype), size[1])
        rows = [builder.add(values[1], ir.IntType(64)(n)) for n in range(size[0])]
        columns = [builder.add(values[2], ir.IntType(64)(n * size[1])) for n in range(size[2])]

        def at(array, row, column):
            steps = zip(cgutils.unpack_tuple(builder, array.strides), (row, column), strict=True)
            return cgutils.pointer_add(builder, array.data, builder.add(*(builder.mul(*step) for step in steps)))

        def vectors_at(array, row):
            return [builder.bitcast(at(array, row, column), vector.as_pointer()) for column in columns]

        places = [vectors_at(c, row) for row in rows]
        sums = [[cgutils.alloca_once_value(builder, builder.load(p, align=1)) for p in line] for line in places]
        with cgutils.for_range(builder, cgutils.unpack_tuple(builder, b.shape)[0]) as loop:
            factors = [builder.load(place, align=1) for place in vectors_at(b, loop.index)]
            for row, line in zip(rows, sums, strict=True):
                number = _spread(builder, builder.load(at(a, row, loop.index)), vector)
                for total, factor in zip(line, factors, strict=True):
                    builder.store(builder.fadd(builder.load(total), builder.fmul(number, factor)), total)
        for line, totals in zip(places, sums, strict=True):
            for place, total in zip(line, totals, strict=True):
                builder.store(builder.load(total), place, align=1)
        return context.get_dummy_value()

    return types.void(c, types.intp, types.intp, a, b, height, lanes, vectors), emit


def _spread(builder, number, vector):
    """A vector whose lanes all hold the number."""
    nothing, first = ir.Constant(vector, ir.Undefined), ir.IntType(32)(0)
    one = builder.insert_element(nothing, number, first)
    return builder.shuffle_vector(one, nothing, ir.Constant(ir.VectorType(first.type, vector.count), None))


@lru_cache
def _compiled(dtype: str) -> Any:
    stack = {"float32": float32, "float64": float64}[dtype][:, :, :]

    def run(c, a, b):
        height, width = c.shape[1], c.shape[2]
        tall, wide, middle = height - height % 4, width - width % 64, width - width % 4
        for n in range(c.shape[0]):
            for j in range(0, wide, 64):
                for i in range(0, tall, 4):
                    _tile(c[n], i, j, a[n], b[n], 4, 16, 4)
                for i in range(tall, height):
                    _tile(c[n], i, j, a[n], b[n], 1, 16, 4)
            for j in range(wide, middle, 4):
                for i in range(0, tall, 4):
                    _tile(c[n], i, j, a[n], b[n], 4, 4, 1)
                for i in range(tall, height):
                    _tile(c[n], i, j, a[n], b[n], 1, 4, 1)
            for j in range(middle, width):
                for i in range(height):
                    _tile(c[n], i, j, a[n], b[n], 1, 1, 1)

    try:
        return njit(void(stack, stack, stack), nogil=True, cache=True)(run)
    except RuntimeError:  # no folder where a cache could be written
        return njit(void(stack, stack, stack), nogil=True)(run)
