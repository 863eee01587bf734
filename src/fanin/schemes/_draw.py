"""From a scheme and a parameter to numbers: its loc and scale here, its moments, its values."""

import math
import re
from typing import Any, overload

from numpy.typing import NDArray

from fanin import sampling
from fanin.errors import InputError
from fanin.sampling import Moments, Stream
from fanin.schemes.expression import parse
from fanin.values import Formula, Param, Scheme
from fanin.values.param import Axis

Array = NDArray[Any]
Index = tuple[slice | int, ...]


def resolve(scheme: Scheme, param: Param) -> tuple[float, float]:
    """The numbers (loc, scale) that the scheme's formulas give for this parameter.

    Raises:
        InputError: a formula needs a fan that the parameter lacks, or its value is not finite.
    """
    if re.search(r"\bfan_", f"{scheme.loc} {scheme.scale}"):
        _ = param.fans  # a vector without an owner says here, in its own words, that it has none
    loc, scale = Formula(scheme.loc)(**param.names), Formula(scheme.scale)(**param.names)
    if not (math.isfinite(loc) and math.isfinite(scale)):
        raise InputError(f"{scheme.name!r} gives loc {loc} and scale {scale} for {param.path!r}; both must be finite")
    return loc, scale


def moments(scheme: Scheme, param: Param) -> Moments:
    """Exact mean, second moment and support of an entry.

    With x = loc + scale·z: E x = loc + scale·E z, E x² = loc² + 2·loc·scale·E z + scale²·E z².
    """
    loc, scale = resolve(scheme, param)
    law = sampling.moments(scheme.law, param)
    ends = sorted((loc + scale * law.low, loc + scale * law.high)) if scale else [loc, loc]
    return Moments(
        mean=loc + scale * law.mean,
        second_moment=loc * loc + 2 * loc * scale * law.mean + scale * scale * law.second_moment,
        low=ends[0],
        high=ends[1],
    )


@overload
def sample(
    scheme: Scheme | str,
    shape: tuple[int, ...] | Param,
    *,
    seed: int = ...,
    path: str = ...,
    dtype: str | None = ...,
    index: Index | None = ...,
    out: Array | None = ...,
) -> Array: ...
@overload
def sample(
    scheme: Scheme | str,
    shape: tuple[int, ...] | Param,
    *,
    seed: int = ...,
    path: str = ...,
    dtype: str | None = ...,
    index: Index | None = ...,
    out: object,
) -> Any: ...
def sample(
    scheme: Scheme | str,
    shape: tuple[int, ...] | Param,
    *,
    seed: int = 0,
    path: str = "weight",
    dtype: str | None = None,
    index: Index | None = None,
    out: Any = None,
) -> Any:
    """Values of a parameter: each depends on (seed, path, index in canonical order) and on nothing else.

    Args:
        scheme: a Scheme, its name, or an expression as typed in NumPy.
        shape: (out,), (out, in) or (out, in, *kernel); or a Param, for any other meaning of the axes.
        seed: whole number >= 0.
        path: name of the tensor; distinct names give independent values.
        dtype: float32, float64, float16, or bfloat16 (with the extra of that name); 16 bits are float32 rounded once.
            By default that of `out`, else float32.
        index: slices of the storage shape: that part alone, equal to the same part of the whole.
        out: NumPy array or PyTorch tensor to fill in place; or a jax.ShapeDtypeStruct, for a jax.Array like it.

    Raises:
        FaninError: unknown scheme, no such shape, seed, dtype or slice.

    Example:
        >>> whole = sample("he_normal", (64, 32))
        >>> part = sample("he_normal", (64, 32), index=(slice(3, 5), slice(None)))
        >>> bool((whole[3:5] == part).all())
        True

    Reference:
        Salmon et al. 2011, Parallel random numbers: as easy as 1, 2, 3, doi:10.1145/2063384.2063405.
    """
    param = shape if isinstance(shape, Param) else param_of_shape(shape, path)
    scheme = parse(scheme) if isinstance(scheme, str) else scheme
    loc, scale = resolve(scheme, param)
    return sampling.draw(scheme.law, param, Stream(seed, path), loc=loc, scale=scale, dtype=dtype, index=index, out=out)


def param_of_shape(shape: tuple[int, ...], path: str = "weight") -> Param:
    """The parameter that a bare shape most likely is: vector, (out, in) matrix, (out, in, *kernel) convolution."""
    shape = tuple(shape)
    leading: tuple[Axis, ...] = ("out", "in")
    kernel: list[Axis] = ["kernel"] * (len(shape) - 2)
    return Param(path, shape, (*leading, *kernel)[: len(shape)], role="weight" if len(shape) > 1 else "bias")
