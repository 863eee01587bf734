"""The node of a layer, and the use of each parameter that its weight and its bias are made of."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from fanin.adapters.torch import _names
from fanin.adapters.torch._record import Record
from fanin.adapters.torch._states import SUMMED, Call, Derived, Dims, Signal, State
from fanin.adapters.torch._use import Layout, Use, memory_of, repeated
from fanin.values.param import Axis, Role

Axes = tuple[Axis, ...]


def place(
    record: Record, call: Call, op: str, inputs: Sequence[Tensor], weight: Tensor, bias: Any, axes: Axes,
    facts: dict[str, Any] | None = None, role: Role = "weight",
) -> Signal:  # fmt: skip
    """The node of a layer."""
    vectors = [bias] if isinstance(bias, Tensor) and isinstance(record.state(bias), Derived) else []
    paths = tuple(dict.fromkeys(path for tensor in (weight, *vectors) for path in sources_of(record, tensor)))
    signal = record.add("layer", op, record.sources(inputs), call.results, name=_name(record, weight, paths[0]),
                        paths=paths)  # fmt: skip
    record.values[signal.node] = weight
    axis = 1 if op.startswith("conv") else -1
    z = call.results[0]
    if z.ndim and z.layout == torch.strided and not z.is_nested:
        record.layouts[signal.node] = Layout(memory_of(z), z.shape[axis], max(z.stride(axis), 1))
    use(record, signal.node, weight, axes, role, facts or {})
    for vector in vectors:
        use_bias(record, signal.node, vector, record.state(weight))
    return signal


def _name(record: Record, weight: Tensor, path: str) -> str:
    """By the weight, or by the module that runs, if it holds the weight too: a tied head bears its own name."""
    module = record.stack[-1] if record.stack else None
    is_tied = module is not None and getattr(module, "weight", None) is weight
    return record.path if is_tied and record.path else _names.node_name(path)


def sources_of(record: Record, weight: Tensor) -> tuple[str, ...]:
    """Of what a weight is made, the tensor with most entries first."""
    state = record.state(weight)
    paths = state.paths if isinstance(state, Derived) else ()
    return tuple(sorted(paths, key=lambda path: -record.parameters[path].numel()))


def use(record: Record, node: str, weight: Tensor, axes: Axes, role: Role, facts: dict[str, Any]) -> None:
    """Records the use of every parameter that a weight is made of."""
    state = record.state(weight)
    assert isinstance(state, Derived)
    for path, dims in zip(state.paths, state.dims, strict=True):
        source = record.parameters[path]
        named = _source_axes(source, dims, axes, is_smaller=source.numel() < weight.numel())
        own = role if "in" in named or "lookup" in named else "length"
        is_whole = source.numel() == weight.numel()
        record.use(path, Use(node, own, named, facts if is_whole else {}))


def use_bias(record: Record, node: str, bias: Tensor, weight: State, facts: dict[str, Any] | None = None) -> None:
    """The same of the bias of a weight."""
    state = record.state(bias)
    if isinstance(state, Derived) and isinstance(weight, Derived):
        for path in state.paths:
            axes: Axes = (*repeated("batch", record.parameters[path].ndim - 1), "out")[-record.parameters[path].ndim :]
            record.use(path, Use(node, "bias", axes, facts or {}, _largest(record, weight)))


def _largest(record: Record, state: Derived) -> str:
    return max(state.paths, key=lambda path: record.parameters[path].numel())


def _source_axes(source: Tensor, dims: Dims, axes: Axes, *, is_smaller: bool) -> Axes:
    """What the axes of a parameter mean, from where they went in the weight."""
    if dims is None or len(dims) != source.ndim or any(dim >= len(axes) for dim in dims):
        return ("out", "in", *repeated("kernel", source.ndim - 2))[: source.ndim]
    known = [axes[dim] if dim != SUMMED else None for dim in dims]
    inner: Axis = "in" if "out" in known else "out"
    if is_smaller and SUMMED not in dims and sum(size > 1 for size in source.shape) <= 1 < source.ndim:
        return tuple("out" if size > 1 else "kernel" for size in source.shape)  # the length of each row
    return tuple(inner if axis is None else axis for axis in known)
