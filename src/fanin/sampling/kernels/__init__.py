"""Kernels that give the same bits: NumPy for small requests, numba for large ones; a framework's for its own arrays.

The file of a framework is named as its package, and has `deliver(out, request)`, which fills `out` and returns it, or
makes what `out` describes.
"""

import importlib
import pkgutil
from collections.abc import Callable
from functools import cache
from types import ModuleType

from fanin.sampling.kernels import numpy

Kernel = Callable[..., None]
"""(out, law, key, start, step, loc, scale, arguments, pitch=0), as `kernels.numpy.fill` says."""

LARGE = 2**19
"""From here on, importing numba and loading a kernel costs less than NumPy's slower work."""


def module(size: int) -> ModuleType:
    """The kernels, `fill` and `add_product`, that are done first with the work of so many values."""
    if size < LARGE:
        return numpy
    from fanin.sampling.kernels import numba  # takes half a second: only when it pays

    return numba


def kernel(size: int) -> Kernel:
    """The kernel that is done first with so many elements."""
    fill: Kernel = module(size).fill
    return fill


def framework(out: object) -> ModuleType | None:
    """The file of the framework that an object is of, which is loaded then; None if we have no file for it."""
    packages = {cls.__module__.partition(".")[0] for cls in type(out).__mro__}
    for name in _files():
        if name in packages:
            found = importlib.import_module(f"{__name__}.{name}")
            return found if hasattr(found, "deliver") else None
    return None


@cache
def _files() -> tuple[str, ...]:
    """Read once: reading the folder takes longer than filling a small tensor."""
    return tuple(file.name for file in pkgutil.iter_modules(__path__))
