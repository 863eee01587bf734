"""The contracts of a sampling kernel and of a law."""

import contextlib
import math
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fanin import sampling
from fanin.errors import MissingExtra
from fanin.sampling._dtypes import DTYPES, computed_in, storage
from fanin.sampling.kernels import Kernel
from fanin.sampling.kernels import numpy as reference
from fanin.sampling.transform import TRANSFORMS
from fanin.testing._contract import SIGMAS, accepts, require
from fanin.values import Law, Param, Scheme
from fanin.values.param import Axis


def check_kernel(fill: Kernel) -> None:
    """A sampling kernel gives the bits of the NumPy reference: every transform and type, any start, length and step.

    All stored types, of 16 bits too (bfloat16 where the package ml_dtypes is), lines and matrices.

    Raises:
        ContractError: naming the transform and the range that differs.

    Example:
        >>> from fanin.sampling.kernels import numpy
        >>> check_kernel(numpy.fill)
    """
    for law, computed in TRANSFORMS:
        for dtype in _stored_types(computed):
            for start, shape, step in (
                *((0, (128,), 1), (5, (300,), 1), (2**40 + 63, (70,), 1), (900, (90,), -7), (3, (0,), 1)),
                *((2**36 - 9, (4, 70), 1), (11, (70, 3), 5)),
            ):
                same = _same_bits(fill, law, np.dtype(computed).type, dtype, start, shape, step)
                where = f"{law} in {dtype.name} from {start}, {shape} elements by {step}"
                require(same, f"{where}: the bits of the reference")


def _same_bits(
    fill: Kernel, law: str, number: Any, dtype: np.dtype[Any], start: int, shape: tuple[int, ...], step: int
) -> bool:
    key = sampling.Stream(0, "check_kernel").key
    bounded = {"central": (0.0, 0.95, -2.0, 2.0), "tail": (0.001, 0.002, 0.997, 0.0, -3.0, 2.8)}
    arguments = tuple(number(x) for x in bounded.get(law, ()))
    pitch = (1000,) if len(shape) == 2 else ()
    found, expected = np.full(shape, np.nan, dtype), np.empty(shape, dtype)
    for out, kernel in ((found, fill), (expected, reference.fill)):
        kernel(out, law, key, start, step, number(0.3), number(-1.7), arguments, *pitch)
    return found.tobytes() == expected.tobytes()


def _stored_types(computed: str) -> Iterator[np.dtype[Any]]:
    """The types whose values are computed in this one, as far as they are installed."""
    for name in DTYPES:
        if computed_in(name) == computed:
            with contextlib.suppress(MissingExtra):
                yield storage(name)


def check_law(item: ModuleType, arguments: tuple[tuple[str, float], ...] = ()) -> None:
    """A file of `sampling/laws`: its page, its moments, and that a value depends on its canonical index alone.

    Raises:
        ContractError: naming the law, the parameter and what does not hold.

    Example:
        >>> from fanin.sampling.laws import uniform
        >>> check_law(uniform)
    """
    law = Law(item.__name__.rpartition(".")[2], arguments)
    require(bool(item.__doc__), f"law {law.name} has a page")
    conv: tuple[Axis, ...] = ("out", "in", "kernel", "kernel")
    dense = Param("dense", (96, 80), ("out", "in"), blocks=4)
    table = Param("table", (90, 32), ("lookup", "out"), blocks=4)
    plain = Param("one matrix", (64, 80), ("out", "in"))
    params = [param for param in (dense, Param("conv", (64, 16, 3, 3), conv, blocks=4), table, plain)
              if accepts(Scheme(law.name, law), param)]  # fmt: skip
    require(bool(params), f"{law.name} accepts a parameter of some kind")
    for param in params:
        whole = sampling.draw(law, param, sampling.Stream(0), dtype="float64")
        _check_law_moments(law, param, whole)
        index = (slice(40, 3, -5), 7)
        part = sampling.draw(law, param, sampling.Stream(0), dtype="float64", index=index)
        require(bool((part == whole[index]).all()), f"{law.name} on {param.path}: a slice equals that of the whole")
    turned = sampling.draw(law, Param("w", (80, 96), ("in", "out"), blocks=4), sampling.Stream(0))
    straight = sampling.draw(law, dense, sampling.Stream(0))
    require(bool((straight == turned.T).all()), f"{law.name}: an (in, out) tensor is the transpose of (out, in)")


def _check_law_moments(law: Law, param: Param, x: NDArray[np.float64]) -> None:
    known = sampling.moments(law, param)
    where = f"{law.name} on {param.path}"
    require(known.low <= x.min() and x.max() <= known.high, f"{where}: values within the support")
    for what, power, expected in (("mean", 1, known.mean), ("second moment", 2, known.second_moment)):
        powers = x**power
        allowed = SIGMAS * float(powers.std()) / math.sqrt(x.size) + 1e-9
        require(
            abs(float(powers.mean()) - expected) <= allowed,
            f"{where}: {what} {powers.mean():g}, expected {expected:g}",
        )
