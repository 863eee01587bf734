"""What a tensor of a running model is: a signal of a node, made of parameters, or neither."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

from fanin.adapters.torch._operations import ACTIVATIONS

SUMMED = -1
"""In `Derived.dims`: an axis that a product of matrices summed over."""

Dims = tuple[int, ...] | None


@dataclass(frozen=True, slots=True)
class Signal:
    """Comes from a node with nothing between but what passes a signal through.

    Attributes:
        node: its name.
        trail: nonlinear functions that it went through since.
        moment: 1 for a mean over some axes, 2 for a scale (a root mean square, a standard deviation).
        part: a slice along the features of the node's output.
        noise: mean square of the random numbers that it was multiplied by, 0 if by none.
    """

    node: str
    trail: tuple[str, ...] = ()
    moment: int = 0
    part: bool = False
    noise: float = 0.0


@dataclass(frozen=True, slots=True)
class Derived:
    """Made of parameters and constants alone: a transposed weight, W + B·A, a normalised weight.

    Attributes:
        paths: of the parameters, in order of appearance.
        dims: for each, where its axes went: the axis of this tensor, SUMMED, or None for all if that is lost.
        changes: functions that it went through which move its neutral value: `add` for 1 + w, exp.
    """

    paths: tuple[str, ...]
    dims: tuple[Dims, ...]
    changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Constant:
    """Neither.

    Attributes:
        data: integers or a mask that come with the input.
        noise: mean square of random numbers, 0 for what is none.
    """

    data: bool = False
    noise: float = 0.0


State = Signal | Derived | Constant


@dataclass(slots=True)
class Call:
    """One call of a torch function: its plain name, its arguments, its result, the tensors among them."""

    name: str
    args: Sequence[Any]
    kwargs: dict[str, Any]
    result: Any
    before: Tensor | None = None  # the first argument as it was, of a function that overwrites it
    tensors: list[Tensor] = field(default_factory=list)
    results: list[Tensor] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.tensors = list(tensors_in((self.args, self.kwargs)))
        self.results = list(tensors_in(self.result))


def tensors_in(value: Any) -> Iterator[Tensor]:
    """All tensors of nested lists, tuples and dictionaries, in order."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from tensors_in(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from tensors_in(item)


def derive(call: Call, result: Tensor, sources: Sequence[tuple[Tensor, Derived]]) -> Derived:
    """The state of a tensor made of others that are made of parameters."""
    found: dict[str, Dims] = {}
    changes = [change for _, state in sources for change in state.changes]
    for tensor, state in sources:
        moved = _moved(call, tensor, result)
        for path, dims in zip(state.paths, state.dims, strict=True):
            found.setdefault(path, _through(dims, moved))
    own = [call.name] if call.name in ACTIVATIONS or (call.name in ("add", "sub") and len(sources) == 1) else []
    return Derived(tuple(found), tuple(found.values()), (*changes, *own))


def _through(dims: Dims, moved: Dims) -> Dims:
    if dims is None or moved is None:
        return None
    return tuple(SUMMED if dim == SUMMED else moved[dim] for dim in dims)


def _moved(call: Call, source: Tensor, result: Tensor) -> Dims:
    """Where each axis of an argument stands in the result, or None."""
    if call.name == "matmul" and len(call.tensors) == 2 and source.ndim >= 2:
        if source is call.tensors[0]:
            return (*range(source.ndim - 1), SUMMED)
        return (*range(source.ndim - 2), SUMMED, result.ndim - 1)
    if source.numel() == result.numel() and source.data_ptr() == result.data_ptr() and source.shape != result.shape:
        return _by_stride(source, result)
    if source.shape == result.shape and source.stride() != result.stride() and call.name in _TURNS:
        return _by_stride(source, result)
    if source.ndim == result.ndim:
        return tuple(range(source.ndim))
    if source.ndim < result.ndim and call.name not in _TURNS:  # broadcast from the right
        return tuple(i + result.ndim - source.ndim for i in range(source.ndim))
    return _by_stride(source, result)


_TURNS = {"t", "T", "mT", "H", "transpose", "permute", "movedim", "swapaxes", "swapdims", "view", "reshape"} | {
    "unsqueeze",
    "squeeze",
    "flatten",
    "unflatten",
    "getitem",
    "select",
}


def _by_stride(source: Tensor, result: Tensor) -> Dims:
    """Axes of a view, told by their sizes and strides."""
    free = list(zip(result.shape, result.stride(), strict=True))
    found: list[int] = []
    for axis in zip(source.shape, source.stride(), strict=True):
        if axis in free:
            found.append(free.index(axis))
            free[found[-1]] = (-1, -1)
        elif axis[0] == 1:  # an axis without length may come and go
            found.append(SUMMED)
        else:
            return None
    return tuple(found)
