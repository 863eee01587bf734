"""The compiled kernel: the transforms of the reference, applied by lanes, without the interpreter's lock.

The transforms are not written again: numba compiles the same functions that NumPy runs. Bits are equal because every
operation is rounded on its own: no fast-math, no fused multiply-add. All is inlined, so that sixteen lanes of a tile
become vector instructions.
"""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from types import FunctionType
from typing import Any

import numpy as np
from numba import njit
from numba.extending import overload, register_jitable
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from fanin.sampling import philox
from fanin.sampling._dtypes import computed_in
from fanin.sampling.kernels._orders import Maker, choose
from fanin.sampling.kernels.numba_product import add_product
from fanin.sampling.philox import Words
from fanin.sampling.transform import TRANSFORMS, Transform, arithmetic, float32, float64, rounding
from fanin.sampling.transform.rounding import ROUNDINGS

__all__ = ["add_product", "fill"]

_INLINE: Any = {"forceinline": True, "error_model": "numpy"}  # Python's error model would test each divisor
_SOURCES = (philox, arithmetic, float32, float64, rounding)
_STAMP = tuple(Path(str(module.__file__)).stat().st_mtime_ns for module in _SOURCES)


def fill(
    out: NDArray[Any],
    law: str,
    key: Words,
    start: int,
    step: int,
    loc: Any,
    scale: Any,
    arguments: tuple[Any, ...],
    pitch: int = 0,
) -> None:
    """Set out[..., j] = loc + scale · z(start + pitch·i + step·j), i the row; the same bits as `kernels.numpy.fill`.

    Here `out` may have any strides, and rows along several axes, counted in their order.
    """
    if not out.size:
        return
    if not out.flags.aligned or any(stride % out.itemsize for stride in out.strides):
        values = np.empty(out.shape, out.dtype)  # a field of records
        fill(values, law, key, start, step, loc, scale, arguments, pitch)
        out[...] = values
        return
    name = out.dtype.name
    number = np.dtype(computed_in(name)).type
    line, rows, *columns = _memory(out.view(np.uint16) if name in ROUNDINGS else out)
    order = choose(step, pitch, len(rows), out.shape[-1])
    run = _compiled(order, TRANSFORMS[law, computed_in(name)], ROUNDINGS.get(name, _keep))
    origin, move, jump = (np.uint64(count % 2**64) for count in (start, step, pitch))
    run(line, rows, *columns, key, origin, move, jump, number(loc), number(scale), arguments)


def _memory(out: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int64], int, int]:
    """The memory that an array lies in, as one line; where each row begins; the distance of columns, their count."""
    steps = [stride // out.itemsize for stride in out.strides]
    spans = [(size - 1) * step for size, step in zip(out.shape, steps, strict=True)]
    corner = out[tuple(slice(-1, None) if span < 0 else slice(1) for span in spans)]  # the lowest address
    line = as_strided(corner, (sum(map(abs, spans)) + 1,), (out.itemsize,))
    rows = np.full(out.shape[:-1], -sum(span for span in spans if span < 0), np.int64)
    for places, step in zip(np.ogrid[tuple(map(slice, out.shape[:-1]))], steps, strict=False):
        rows += places * step
    return line, rows.reshape(-1), steps[-1], out.shape[-1]


def _keep(x: Any) -> Any:
    return x


register_jitable(**_INLINE)(_keep)
for _module in _SOURCES:
    for _function in vars(_module).values():
        is_own = isinstance(_function, FunctionType) and _function.__module__ == _module.__name__
        if is_own and _function is not arithmetic.select:
            register_jitable(**_INLINE)(_function)


@overload(arithmetic.select, jit_options=_INLINE)
def _select(condition, yes, no):  # type: ignore[no-untyped-def]  # numba compares this signature with the lambda's
    return lambda condition, yes, no: yes if condition else no


@lru_cache
def _compiled(order: Maker, transform: Transform, rounding: Callable[[Any], Any]) -> Any:
    run = order(transform, rounding, _STAMP)
    try:
        return njit(nogil=True, error_model="numpy", cache=True)(run)
    except RuntimeError:  # no folder where a cache could be written
        return njit(nogil=True, error_model="numpy")(run)
