"""From a law, a parameter and a stream to numbers."""

import inspect
import math
from functools import cache
from types import ModuleType
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from fanin import _discover
from fanin.errors import InputError, UnknownName
from fanin.sampling._dtypes import DTYPES, computed_in, storage
from fanin.sampling._memory import empty
from fanin.sampling._moments import Moments
from fanin.sampling._region import Index, Region, region
from fanin.sampling._request import Elementwise, Request
from fanin.sampling.kernels import framework
from fanin.sampling.stream import Stream
from fanin.values import Law, Param

LAST = 2**64
"""The stream has numbers for so many elements."""


def moments(law: Law, param: Param) -> Moments:
    """Mean, second moment and support of one entry of the standard law.

    Raises:
        FaninError: no such law, or arguments that it does not take.

    Example:
        >>> moments(Law("uniform"), Param("w", (3,), ("out",))).second_moment
        0.3333333333333333
    """
    found: Moments = _file(law).moments(param, **dict(law.arguments))
    return found


def page(law: Law) -> str:
    """The law's page, whose first sentence says what is drawn before it is scaled and shifted.

    Example:
        >>> page(Law("uniform")).splitlines()[0]
        'Uniform on [-1, 1).'
    """
    return inspect.getdoc(_file(law)) or ""


@overload
def draw(
    law: Law,
    param: Param,
    stream: Stream,
    *,
    loc: float = ...,
    scale: float = ...,
    dtype: str | None = ...,
    index: Index | None = ...,
    out: NDArray[Any] | None = ...,
) -> NDArray[Any]: ...
@overload
def draw(
    law: Law,
    param: Param,
    stream: Stream,
    *,
    loc: float = ...,
    scale: float = ...,
    dtype: str | None = ...,
    index: Index | None = ...,
    out: object,
) -> Any: ...
def draw(
    law: Law,
    param: Param,
    stream: Stream,
    *,
    loc: float = 0.0,
    scale: float = 1.0,
    dtype: str | None = None,
    index: Index | None = None,
    out: Any = None,
) -> Any:
    """Draw loc + scale · z, z from the standard law, in the parameter's storage order.

    A value depends on the stream and on its canonical index alone, so a slice equals that slice of the whole, and an
    (in, out) tensor is the transpose of the (out, in) tensor.

    Args:
        law: name and arguments of the standard law.
        param: shape and meaning of the axes.
        stream: seed and path.
        loc, scale: rounded to `dtype`, or to float32 for one of 16 bits, as are the product and the sum.
        dtype: float32, float64, float16 or bfloat16 (of the package ml_dtypes); by default that of `out`, else float32.
            The float64 draw continues the float32 one to more digits; those of 16 bits are the float32 one, rounded
            once more.
        index: ints and slices of the storage shape, as in NumPy; that part alone is drawn.
        out: NumPy array or PyTorch tensor to fill in place, of any strides, on any device; for one of 2^40 elements, a
            memory map, index by index. Or a jax.ShapeDtypeStruct, with a sharding or without: what to make.

    Returns:
        `out`, or the new array that it describes; by default a NumPy array of the shape that `index` gives.

    Raises:
        FaninError: no such law, argument, dtype or index; loc or scale is not finite; `out` does not fit; too little
            memory.

    Example:
        >>> param = Param("w", (4, 6), ("out", "in"))
        >>> whole = draw(Law("normal"), param, Stream(0))
        >>> part = draw(Law("normal"), param, Stream(0), index=(slice(None), 3))
        >>> bool((part == whole[:, 3]).all())
        True
    """
    kind = storage(_dtype_of(out) if dtype is None else dtype)
    try:
        return _deliver(out, _request(law, param, stream, (loc, scale), kind, index))
    except MemoryError as error:
        size = math.prod(region(param, index).shape) * kind.itemsize / 2**30
        raise InputError(f"too little memory to draw {size:.3g} GiB at once; give a smaller index ({error})") from None


def _request(
    law: Law, param: Param, stream: Stream, affine: tuple[float, float], kind: np.dtype[Any], index: Index | None
) -> Request:
    """All that is asked for, checked."""
    file, arguments = _file(law), dict(law.arguments)
    wanted = region(param, index)
    if math.prod(param.shape) > LAST:
        raise InputError(f"{param.path!r} of shape {param.shape} has more elements than a stream, 2^64")
    loc, scale = _rounded("loc", affine[0], kind), _rounded("scale", affine[1], kind)
    _check_range(moments(law, param), *affine, kind)

    def fill(array: NDArray[Any], part: Region) -> None:
        file.draw(part.canonical(array), param, part, stream, loc, scale, **arguments)

    elementwise = None
    if hasattr(file, "transform"):
        name, numbers = file.transform(kind.name, **arguments)
        elementwise = Elementwise(name, stream.key, loc, scale, numbers)
    return Request(wanted, kind, fill, elementwise)


@cache
def _laws() -> dict[str, ModuleType]:
    return {file.__name__.rpartition(".")[2]: file for file in _discover.modules("fanin.sampling.laws")}


def _file(law: Law) -> ModuleType:
    """The module of a law, its arguments checked."""
    if law.name not in _laws():
        raise UnknownName("law", law.name, _laws())
    file = _laws()[law.name]
    unknown = {name for name, _ in law.arguments} - set(file.ARGUMENTS)
    if unknown:
        known = ", ".join(file.ARGUMENTS) or "none"
        raise InputError(f"law {law.name} does not take {', '.join(sorted(unknown))}; its arguments: {known}")
    return file


def _deliver(out: Any, request: Request) -> Any:
    """In NumPy's memory here; anything else is the business of its framework's file."""
    shape, kind = request.region.shape, request.dtype
    if out is None:
        array = empty(shape, kind)
        request.fill(array, request.region)
        return array
    file = None if isinstance(out, np.ndarray) else framework(out)
    if file is None and not isinstance(out, np.ndarray):
        raise InputError(
            f"out is a {type(out).__name__}, expected a NumPy array, a torch tensor, a jax.ShapeDtypeStruct"
        )
    if tuple(out.shape) != shape or _name(out.dtype) != kind.name:
        raise InputError(f"out is {_name(out.dtype)} of shape {tuple(out.shape)}, expected {kind} of shape {shape}")
    if file:
        return file.deliver(out, request)
    if not out.flags.writeable:
        raise InputError("out is read-only; give an array that may be written")
    request.fill(out, request.region)
    return out


def _dtype_of(out: Any) -> str:
    """The type that `out` asks for."""
    name = _name(getattr(out, "dtype", "float32"))
    if name not in DTYPES:
        raise InputError(f"out is {name}, expected one of {', '.join(DTYPES)}")
    return name


def _name(dtype: Any) -> str:
    """NumPy's float32, PyTorch's torch.float32."""
    return str(dtype).rpartition(".")[2]


def _check_range(standard: Moments, loc: float, scale: float, kind: np.dtype[Any]) -> None:
    """No drawn value may overflow: a law without bounds reaches less than nine standard deviations."""
    reach = min(max(abs(standard.low), abs(standard.high)), 9.0)
    most = float(np.finfo(kind).max) if kind.kind == "f" else 3.38e38  # bfloat16 is no kind of NumPy's own
    if abs(loc) + abs(scale) * reach > most:
        raise InputError(f"loc {loc:g} and scale {scale:g} give values beyond {most:.3g}, the largest {kind.name}")


def _rounded(name: str, value: float, kind: np.dtype[Any]) -> Any:
    """As a number of the type that is computed in, if it is finite in the type that is stored."""
    with np.errstate(over="ignore"):
        number, stored = np.dtype(computed_in(kind.name)).type(value), float(kind.type(value))
    if not math.isfinite(stored):
        raise InputError(f"{name} is {value}, which is not a finite {kind}")
    return number
