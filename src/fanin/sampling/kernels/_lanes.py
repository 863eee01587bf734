"""The transforms on another library's arrays: the same functions, with that library where NumPy stands.

Nothing is written twice. The functions of `transform` are copied with other globals: `np` is a small room of casts, and
numbers are `Lanes`, which give every operator the meaning that it has in NumPy.
"""

from collections.abc import Callable
from types import FunctionType, SimpleNamespace
from typing import Any, Protocol

import numpy as np

from fanin.sampling import philox
from fanin.sampling.transform import arithmetic, float32, float64, rounding

_SOURCES = (philox, arithmetic, float32, float64, rounding)


class Library(Protocol):
    """What differs between libraries. A kind is a name of NumPy's: uint32, uint64, int32, int64, float32, float64."""

    def scalar(self, number: Any, kind: str) -> Any:
        """A NumPy scalar as an operand of that kind."""

    def cast(self, x: Any, to: str) -> Any:
        """By value; whole numbers modulo the size of their kind."""

    def bits(self, x: Any, kind: str, to: str) -> Any:
        """The same bits, read as another kind."""

    def multiply(self, x: Any, y: Any, kind: str) -> Any:
        """Rounded before anything else is done with it."""

    def shift_right(self, x: Any, count: int, kind: str) -> Any:
        """Zeros come in on the left of an unsigned number, the sign on that of a signed one."""

    def divide(self, x: Any, y: Any) -> Any:
        """Correctly rounded."""

    def sqrt(self, x: Any) -> Any:
        """Correctly rounded."""

    def where(self, condition: Any, yes: Any, no: Any) -> Any:
        """Element by element."""


class Lanes:
    """Numbers of one kind, many at a time."""

    __array_ufunc__ = None  # so that a NumPy scalar on the left leaves the operation to us

    def __init__(self, library: Library, x: Any, kind: str) -> None:
        self.library, self.x, self.kind = library, x, kind

    def __add__(self, other: Any) -> "Lanes":
        return self._new(self.x + self._operand(other))

    def __sub__(self, other: Any) -> "Lanes":
        return self._new(self.x - self._operand(other))

    def __rsub__(self, other: Any) -> "Lanes":
        return self._new(self._operand(other) - self.x)

    def __mul__(self, other: Any) -> "Lanes":
        return self._new(self.library.multiply(self.x, self._operand(other), self.kind))

    def __truediv__(self, other: Any) -> "Lanes":
        return self._new(self.library.divide(self.x, self._operand(other)))

    def __neg__(self) -> "Lanes":
        return self._new(-self.x)

    def __and__(self, other: Any) -> "Lanes":
        return self._new(self.x & self._operand(other))

    def __or__(self, other: Any) -> "Lanes":
        return self._new(self.x | self._operand(other))

    def __xor__(self, other: Any) -> "Lanes":
        return self._new(self.x ^ self._operand(other))

    def __lshift__(self, count: Any) -> "Lanes":
        return self._new(self.x << int(count))

    def __rshift__(self, count: Any) -> "Lanes":
        return self._new(self.library.shift_right(self.x, int(count), self.kind))

    def __lt__(self, other: Any) -> "Lanes":
        return self._new(self.x < self._operand(other), "bool")

    def __le__(self, other: Any) -> "Lanes":
        return self._new(self.x <= self._operand(other), "bool")

    def __gt__(self, other: Any) -> "Lanes":
        return self._new(self.x > self._operand(other), "bool")

    def __ge__(self, other: Any) -> "Lanes":
        return self._new(self.x >= self._operand(other), "bool")

    def __eq__(self, other: object) -> "Lanes":  # type: ignore[override]
        return self._new(self.x == self._operand(other), "bool")

    __hash__ = None  # type: ignore[assignment]
    __radd__, __rmul__, __rand__, __ror__, __rxor__ = __add__, __mul__, __and__, __or__, __xor__

    def view(self, cast: "_Cast") -> "Lanes":
        """The same bits as another kind."""
        return self._new(self.library.bits(self.x, self.kind, cast.kind), cast.kind)

    def _new(self, x: Any, kind: str = "") -> "Lanes":
        return Lanes(self.library, x, kind or self.kind)

    def _operand(self, other: Any) -> Any:
        return other.x if isinstance(other, Lanes) else self.library.scalar(other, self.kind)


class _Cast:
    """`np.float32` and its like, for lanes as well."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def __call__(self, x: Any) -> Any:
        if isinstance(x, Lanes):
            return Lanes(x.library, x.library.cast(x.x, self.kind), self.kind)
        return np.dtype(self.kind).type(x)


def _sqrt(x: Lanes) -> Lanes:
    return Lanes(x.library, x.library.sqrt(x.x), x.kind)


def _select(condition: Lanes, yes: Any, no: Any) -> Lanes:
    kind = yes.kind if isinstance(yes, Lanes) else no.kind
    operands = (side.x if isinstance(side, Lanes) else condition.library.scalar(side, kind) for side in (yes, no))
    return Lanes(condition.library, condition.library.where(condition.x, *operands), kind)


_KINDS = ("uint16", "uint32", "uint64", "int32", "int64", "float32", "float64")
_ROOM = SimpleNamespace(sqrt=_sqrt, **{kind: _Cast(kind) for kind in _KINDS})


def on_lanes(replaced: dict[Any, Any] | None = None) -> Callable[[Any], Any]:
    """A function that finds the copy of a transform or a rounding, made for lanes.

    `replaced`: other functions that a library needs in the place of some of ours.
    """
    copies: dict[Any, Any] = {arithmetic.select: _select} | (replaced or {})
    for module in _SOURCES:
        own = {name: value for name, value in vars(module).items() if isinstance(value, FunctionType)}
        scope = {name: value for name, value in vars(module).items() if name not in own} | {"np": _ROOM}
        for function in own.values():
            if function not in copies:
                copies[function] = FunctionType(function.__code__, scope, function.__name__)
        scope.update({name: copies[function] for name, function in own.items()})
    return lambda function: copies[function]
